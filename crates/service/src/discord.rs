//! Discord's gateway as a source of events.

use guestlist_client::{
    Client, Gateway, GatewayConfig, GatewayError, GatewayItem, Item, SavedSession,
};
use guestlist_ledger::GatewaySession;

use crate::{Connect, EventSource, Signal, SignalKind};

/// Connects to Discord's gateway.
#[derive(Clone, Debug)]
pub struct Discord {
    client: Client,
    config: GatewayConfig,
}

impl Discord {
    /// Connects as configured; `client` asks where the gateway is. Sessions to
    /// resume come from the ledger.
    #[must_use]
    pub const fn new(client: Client, config: GatewayConfig) -> Self {
        Self { client, config }
    }
}

impl Connect for Discord {
    type Source = Gateway;
    type Error = GatewayError;

    async fn connect(self, resume: Vec<GatewaySession>) -> Result<Gateway, GatewayError> {
        let sessions = resume.into_iter().map(|session| {
            SavedSession::new(
                session.shard,
                session.shards,
                session.session_id,
                session.resume_url,
                session.sequence,
            )
        });
        Gateway::connect(&self.client, self.config.resume(sessions)).await
    }
}

impl EventSource for Gateway {
    type Error = GatewayError;

    async fn next(&mut self) -> Option<Signal<GatewayError>> {
        loop {
            let GatewayItem { shard, item, .. } = Self::next(self).await?;
            let kind = match item {
                Item::Event { sequence, event } => SignalKind::Event { sequence, event },
                Item::Session(session) => SignalKind::Session {
                    session_id: session.session_id,
                    resume_url: session.resume_url,
                },
                Item::SessionLost => SignalKind::SessionLost,
                Item::Reconnecting { reason } => SignalKind::Reconnecting { reason },
                Item::Undecodable {
                    event_name,
                    sequence,
                    error,
                    ..
                } => SignalKind::Undecodable {
                    sequence,
                    name: event_name,
                    error: error.to_string(),
                },
                Item::Fatal(error) => SignalKind::Fatal(error),
                other => {
                    tracing::debug!(?other, "the gateway tells something that is of no use here");
                    continue;
                }
            };
            return Some(Signal::new([shard, self.shards().total()], kind));
        }
    }

    fn close(&mut self) {
        Self::close(self);
    }
}
