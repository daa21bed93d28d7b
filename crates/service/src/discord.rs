//! Discord's gateway as a source of events.

use std::{collections::VecDeque, time::Duration};

use guestlist_client::{
    ApiError, Cause, Client, Gateway, GatewayConfig, GatewayError, GatewayItem, Item, Repeated,
    SavedSession,
};
use guestlist_model::ShardId;
use guestlist_tracker::BarrierId;

use tokio::time::sleep;

use crate::{Connect, EventSource, GatewaySession, Signal, SignalKind, Starting};

/// Connects to Discord's gateway.
///
/// ```no_run
/// # async fn example(token: guestlist_client::Token) -> Result<(), Box<dyn std::error::Error>> {
/// use guestlist_client::{Client, GatewayConfig};
/// use guestlist_ledger::SqliteLedger;
/// use guestlist_service::{Discord, Service};
///
/// // The parts that `Service::discord` puts together.
/// let client = Client::builder(token.clone()).build()?;
/// let source = Discord::new(client.clone(), GatewayConfig::new(token));
/// let ledger = SqliteLedger::open("guestlist.db").await?;
/// let running = Service::builder(client, source, ledger).build().start().await?;
/// # running.stop().await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Discord {
    client: Client,
    config: GatewayConfig,
    starting: Option<Starting>,
}

/// The first pause between two attempts to connect. Each further one is twice as long, up to
/// [`LONGEST`].
const SHORTEST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(60);

impl Discord {
    /// Creates a source with this configuration. `client` requests the gateway URL.
    /// Sessions to resume come from the ledger.
    #[must_use]
    pub const fn new(client: Client, config: GatewayConfig) -> Self {
        Self {
            client,
            config,
            starting: None,
        }
    }
}

/// The connection to Discord's gateway, opened by [`Discord`].
#[derive(Debug)]
pub struct DiscordEvents {
    gateway: Gateway,
    /// The owner of the sessions: the bot and the API.
    owner: String,
    /// Shards whose stored session has another owner and has not been reported yet.
    foreign: VecDeque<ShardId>,
}

impl Connect for Discord {
    type Source = DiscordEvents;
    type Error = GatewayError;

    fn barriers(&self) -> bool {
        true
    }

    fn report_to(&mut self, starting: Starting) {
        self.starting = Some(starting);
    }

    /// Tries again, with growing pauses, while Discord cannot be reached or sends invalid
    /// responses. Fails if Discord does not accept the token.
    async fn connect(self, resume: Vec<GatewaySession>) -> Result<DiscordEvents, GatewayError> {
        let said = Repeated::new();
        let mut pause = SHORTEST;
        loop {
            let error = match self.open(&resume).await {
                Ok(events) => {
                    if let Some(starting) = &self.starting {
                        starting.succeeded();
                    }
                    return Ok(events);
                }
                Err(error) => error,
            };
            let Some(told) = retry_after(&error) else {
                return Err(error);
            };
            let cause = Cause::from(&error);
            if let Some(times) = said.note(cause.clone()) {
                tracing::warn!(
                    reason = %cause,
                    "cannot connect to Discord; retrying with increasing delays{times}"
                );
            }
            if let Some(starting) = &self.starting {
                starting.failed(cause);
            }
            // Half of it is left to chance, so that many clients do not come back at once.
            sleep(told.max(pause.mul_f64(0.5 + fastrand::f64() / 2.0))).await;
            pause = (pause * 2).min(LONGEST);
        }
    }
}

/// The minimum pause before the next attempt; `None` if another attempt cannot succeed.
fn retry_after(error: &GatewayError) -> Option<Duration> {
    match error {
        GatewayError::Api(error) | GatewayError::Application(error) => {
            let is_worth_it = error.is_transient() || matches!(error, ApiError::Decode(_));
            is_worth_it.then(|| error.retry_after().unwrap_or_default())
        }
        // The API is broken, and may be mended.
        GatewayError::Untrusted(_) | GatewayError::TooManyShards { .. } => Some(Duration::ZERO),
        _ => None,
    }
}

impl Discord {
    async fn open(&self, resume: &[GatewaySession]) -> Result<DiscordEvents, GatewayError> {
        let application = self.client.get_current_application().await;
        let bot = application.map_err(GatewayError::Application)?.id;
        let api = self.client.base().map(ToString::to_string);
        let owner = format!("{bot} at {}", api.as_deref().unwrap_or("an API of its own"));
        // The token goes to wherever a session is resumed.
        let (own, foreign): (Vec<_>, Vec<_>) = resume
            .iter()
            .partition(|session| session.owner.as_deref() == Some(&owner));
        let sessions = own.into_iter().filter_map(|session| {
            let shard = ShardId::new(session.shard, session.shards).ok()?;
            Some(SavedSession::new(
                shard,
                session.session_id.clone(),
                session.resume_url.clone(),
                session.sequence,
            ))
        });
        let config = self.config.clone().resume(sessions);
        let gateway = Gateway::connect(&self.client, config).await?;
        if !foreign.is_empty() {
            tracing::warn!(
                sessions = foreign.len(),
                "the stored sessions are of another bot or another API; beginning new ones"
            );
        }
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
