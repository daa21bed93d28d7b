//! Discord's gateway as a source of events.

use std::collections::VecDeque;

use guestlist_client::{
    Client, Gateway, GatewayConfig, GatewayError, GatewayItem, Item, SavedSession,
};
use guestlist_model::ShardId;
use guestlist_tracker::BarrierId;

use crate::{Connect, EventSource, GatewaySession, Signal, SignalKind};

/// Connects to Discord's gateway.
#[derive(Clone, Debug)]
pub struct Discord {
    client: Client,
    config: GatewayConfig,
}

impl Discord {
    /// Creates a source with this configuration. `client` requests the gateway URL.
    /// Sessions to resume come from the ledger.
    #[must_use]
    pub const fn new(client: Client, config: GatewayConfig) -> Self {
        Self { client, config }
    }
}

/// The connection to Discord's gateway, opened by [`Discord`].
#[derive(Debug)]
pub struct DiscordEvents {
    gateway: Gateway,
    /// Whose sessions these are: the bot, and the API it talks to.
    owner: String,
    /// Shards whose stored session is somebody else's, still to be told.
    foreign: VecDeque<ShardId>,
}

impl Connect for Discord {
    type Source = DiscordEvents;
    type Error = GatewayError;

    fn barriers(&self) -> bool {
        true
    }

    async fn connect(self, resume: Vec<GatewaySession>) -> Result<DiscordEvents, GatewayError> {
        let application = self.client.get_current_application().await;
        let bot = application.map_err(GatewayError::Application)?.id;
        let api = self.client.base().map(ToString::to_string);
        let owner = format!("{bot} at {}", api.as_deref().unwrap_or("an API of its own"));
        // The token goes to wherever a session is resumed.
        let (own, foreign): (Vec<_>, Vec<_>) = resume
            .into_iter()
            .partition(|session| session.owner.as_deref() == Some(&owner));
        if !foreign.is_empty() {
            tracing::warn!(
                sessions = foreign.len(),
                "the stored sessions are of another bot or another API; beginning new ones"
            );
        }
        let sessions = own.into_iter().filter_map(|session| {
            let shard = ShardId::new(session.shard, session.shards).ok()?;
            Some(SavedSession::new(
                shard,
                session.session_id,
                session.resume_url,
                session.sequence,
            ))
        });
        let gateway = Gateway::connect(&self.client, self.config.resume(sessions)).await?;
        let foreign = foreign
            .iter()
            .filter_map(|session| ShardId::new(session.shard, session.shards).ok())
            .collect();
        Ok(DiscordEvents {
            gateway,
            owner,
            foreign,
        })
    }
}

impl EventSource for DiscordEvents {
    type Error = GatewayError;

    async fn next(&mut self) -> Option<Signal<GatewayError>> {
        if let Some(shard) = self.foreign.pop_front() {
            return Some(Signal::new(shard, SignalKind::SessionLost));
        }
        loop {
            let GatewayItem { shard, item, .. } = self.gateway.next().await?;
            let kind = match item {
                Item::Frame(frame) => SignalKind::Frame(frame),
                Item::Session(session) => SignalKind::Session {
                    session_id: session.session_id,
                    resume_url: session.resume_url,
                    owner: Some(self.owner.clone()),
                },
                Item::SessionLost => SignalKind::SessionLost,
                Item::Barrier(number) => SignalKind::Barrier(BarrierId::new(number)),
                Item::Reconnecting { reason } => SignalKind::Reconnecting { reason },
                Item::Fatal(error) => SignalKind::Fatal(error),
                other => {
                    tracing::debug!(?other, "the gateway tells something that is of no use here");
                    continue;
                }
            };
            return Some(Signal::new(shard, kind));
        }
    }

    fn barrier(&mut self, shard: ShardId, barrier: BarrierId) {
        self.gateway.barrier(shard, barrier.get());
    }

    fn close(&mut self) {
        self.gateway.close();
    }
}
