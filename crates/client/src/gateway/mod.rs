//! The gateway: shards, events and sessions.

mod cause;
mod config;
mod connection;
mod error;
mod guarded;
mod heart;
mod inflate;
mod pauses;
mod queue;
mod shard;
mod trust;

pub use cause::{Cause, CauseKind};
pub use config::{GatewayConfig, SavedSession, ShardRange, Shards};
pub use error::GatewayError;
pub use twilight_model::gateway::Intents;

use crate::{Client, Repeated, TransportError};
use futures_util::{FutureExt as _, Stream};
use guestlist_model::{RawFrame, ShardId};
use queue::Receiver;
use std::{
    collections::BTreeMap,
    fmt,
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
};
use tokio_websockets::Connector;
use twilight_gateway_queue::InMemoryQueue;

/// Connections to the gateway, one per shard.
///
/// Read it with [`next`](Self::next) or as a `Stream`. The items of each shard arrive in
/// the order in which Discord sent them. To resume after a crash, store each
/// [`Item::Session`] together with the sequence number of the last event whose outcome is
/// stored, and pass both to [`GatewayConfig::resume`].
///
/// While the server rejects a shard, the delay between connections grows to one minute.
/// Each reason is logged once as a warning, with the close code and the server's message,
/// and then counted (see [`Repeated`]). A stable session resets the delay.
///
/// The token is sent only to addresses that belong to the API: Discord's own, the same
/// host, or a host of the same domain; over TLS if the API uses TLS. What a server sends
/// is limited: a frame has at most 8 MB as it is sent and 16 MB decompressed, and the
/// frames that wait for the reader have at most 32 MB.
///
/// The handshake has a User-Agent header, and IDENTIFY names this library.
///
/// ```no_run
/// use guestlist_client::{Client, Gateway, GatewayConfig, Item, Token};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let token = Token::new("…")?;
/// let client = Client::builder(token.clone()).build()?;
/// let mut gateway = Gateway::connect(&client, GatewayConfig::new(token)).await?;
/// while let Some(item) = gateway.next().await {
///     match item.item {
///         Item::Frame(frame) => println!("{:?}: {:?}", frame.sequence, frame.name),
///         Item::Fatal(error) => return Err(error.into()),
///         _ => {}
///     }
/// }
/// # Ok(()) }
/// ```
pub struct Gateway {
    items: Receiver,
    stop: watch::Sender<bool>,
    /// The channel of each shard for requested barriers.
    barriers: BTreeMap<ShardId, mpsc::UnboundedSender<u64>>,
    shards: ShardRange,
    /// Ends the tasks when the gateway is dropped.
    _tasks: JoinSet<()>,
}

/// An item from a shard.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GatewayItem {
    /// The shard.
    pub shard: ShardId,
    /// The item.
    pub item: Item,
}

/// What a shard reports.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Item {
    /// A frame with an event, as it was received. A frame that cannot be decoded is
    /// returned too, because it counts as received.
    Frame(RawFrame),
    /// A new session started. From now on, sequence numbers belong to this session. This
    /// item comes before the session's `READY`.
    Session(SavedSession),
    /// The session cannot be resumed, so events were missed. A new session follows.
    SessionLost,
    /// The connection was lost. The shard reconnects automatically.
    Reconnecting {
        /// The reason.
        reason: Cause,
    },
    /// All events that Discord had sent on this shard when [`barrier`](Gateway::barrier)
    /// was called with this number have been returned.
    Barrier(u64),
    /// The shard cannot continue. This is its last item.
    Fatal(GatewayError),
}

impl Gateway {
    /// Connects the shards. If the configuration does not set the gateway URL and the
    /// shards, requests them from the API first.
    ///
    /// # Errors
    ///
    /// [`GatewayError`] if the request to the API fails, or no tokio runtime is running.
    /// Later events of a connection are reported as an [`Item`].
    pub async fn connect(client: &Client, config: GatewayConfig) -> Result<Self, GatewayError> {
        crate::runtime_and_crypto()?;
        let resolved = config.resolve(client).await?;
        let (sender, items) = queue::queue();
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        let mut barriers = BTreeMap::new();
        let limit = resolved.start_limit;
        let queue = InMemoryQueue::new(
            limit.max_concurrency,
            limit.remaining.min(limit.total.max(1)),
            limit.reset_after,
            limit.total.max(1),
        );
        let tls =
            Connector::new().map_err(|error| GatewayError::Tls(TransportError::new(&error)))?;
        let shared = shard::Shared {
            token: config.token,
            intents: config.intents,
            url: resolved.url,
            queue,
            tls: Arc::new(tls),
            trust: Arc::new(resolved.trust),
            timeout: config.timeout,
            said: Arc::new(Repeated::new()),
            oddities: Arc::new(Repeated::new()),
        };
        for shard in resolved.shards.iter() {
            let (ask, asked) = mpsc::unbounded_channel();
            barriers.insert(shard, ask);
            // One of another number of shards is of no use, and its loss is news.
            let saved = config
                .resume
                .iter()
                .filter(|session| session.shard.number() == shard.number())
                .max_by_key(|session| session.shard == shard);
            let task = shard::Task::new(
                shard,
                shared.clone(),
                saved,
                sender.clone(),
                stopped.clone(),
                asked,
            );
            let sender = sender.clone();
            tasks.spawn(async move {
                // The other shards must not care, and the reader must know.
                if AssertUnwindSafe(task.run()).catch_unwind().await.is_err() {
                    let item = Item::Fatal(GatewayError::Panicked);
                    sender.send(GatewayItem { shard, item }).await;
                }
            });
        }
        Ok(Self {
            items,
            stop,
            barriers,
            shards: resolved.shards,
            _tasks: tasks,
        })
    }

    /// Returns the next item, or `None` when all shards have ended.
    ///
    /// This method is cancel safe: no item is lost.
    pub async fn next(&mut self) -> Option<GatewayItem> {
        self.items.next().await
    }

    /// Closes the connections so that the sessions can be resumed.
    ///
    /// Items that arrived before remain readable. Call [`next`](Self::next) until it
    /// returns `None`, which takes at most two seconds.
    pub fn close(&self) {
        self.stop.send_replace(true);
    }

    /// Requests a barrier: once the shard has returned every event that Discord had sent
    /// at the time of this call, it returns an [`Item::Barrier`] with this number. If the
    /// connection is down, that happens after it was resumed.
    ///
    /// A barrier costs a heartbeat. There is at most one heartbeat per second, and
    /// barriers requested in between share the next one.
    pub fn barrier(&self, shard: ShardId, number: u64) {
        if let Some(ask) = self.barriers.get(&shard) {
            // An error means that the shard has ended.
            let _ = ask.send(number);
        }
    }

    /// The connected shards.
    #[must_use]
    pub const fn shards(&self) -> ShardRange {
        self.shards
    }
}

impl Stream for Gateway {
    type Item = GatewayItem;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<GatewayItem>> {
        self.items.poll_next(cx)
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway")
            .field("shards", &self.shards)
            .finish_non_exhaustive()
    }
}
