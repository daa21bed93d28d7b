//! The gateway: shards, their events and their sessions.

mod config;
mod connection;
mod error;
mod heart;
mod inflate;
mod pauses;
mod shard;

pub use config::{GatewayConfig, SavedSession, ShardRange, Shards};
pub use error::GatewayError;
pub use twilight_model::gateway::Intents;

use crate::{Client, TransportError};
use futures_util::{FutureExt as _, Stream};
use guestlist_model::{RawFrame, ShardId};
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

/// How many items wait for the reader. When there are more, the sockets are
/// not read, and Discord keeps the events (for some minutes).
const WAITING: usize = 16_384;

/// Connections to the gateway, one for each shard.
///
/// Read it with [`next`](Self::next) or as a `Stream`; each shard's items come
/// in the order in which Discord sent them. To be able to resume after a
/// crash, store each [`Item::Session`], and with it the sequence of the last
/// event whose outcome is stored; give both back with
/// [`GatewayConfig::resume`].
///
/// While the server refuses a shard, the pauses between connections grow to a minute, and
/// each reason is logged once as a warning, with the close code and the server's words. A
/// session that lasts ends this.
///
/// The handshake carries a User-Agent, and the bot names itself in IDENTIFY.
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
    items: mpsc::Receiver<GatewayItem>,
    stop: watch::Sender<bool>,
    /// Where each shard is asked for barriers.
    barriers: BTreeMap<ShardId, mpsc::UnboundedSender<u64>>,
    shards: ShardRange,
    /// Ends the tasks when the gateway is dropped.
    _tasks: JoinSet<()>,
}

/// Something that a shard has to tell.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GatewayItem {
    /// Which shard.
    pub shard: ShardId,
    /// What.
    pub item: Item,
}

/// What a shard has to tell.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Item {
    /// A frame with an event, as it came. One that is not understood is handed out as
    /// well: it counts as received.
    Frame(RawFrame),
    /// A new session began; sequences are of this session from now on. Comes
    /// before the `READY` event that began it.
    Session(SavedSession),
    /// The session cannot be resumed: events were missed. A new session
    /// follows.
    SessionLost,
    /// The connection is gone; the shard connects again by itself.
    Reconnecting {
        /// Why.
        reason: String,
    },
    /// Everything that Discord sent on this shard before
    /// [`barrier`](Gateway::barrier) was called with this number has been given out.
    Barrier(u64),
    /// The shard cannot go on, and is the last word of it.
    Fatal(GatewayError),
}

impl Gateway {
    /// Connects the shards, after asking the API where the gateway is and how
    /// many shards there should be, where the configuration does not say.
    ///
    /// # Errors
    ///
    /// The API did not answer the question, or there is no tokio runtime.
    /// What happens to a connection later comes as an [`Item`].
    pub async fn connect(client: &Client, config: GatewayConfig) -> Result<Self, GatewayError> {
        crate::runtime_and_crypto()?;
        let resolved = config.resolve(client).await?;
        let (sender, items) = mpsc::channel(WAITING);
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        let mut barriers = BTreeMap::new();
        let limit = resolved.start_limit;
        let queue = InMemoryQueue::new(
            limit.max_concurrency,
            limit.remaining.min(limit.total),
            limit.reset_after,
            limit.total,
        );
        let tls =
            Connector::new().map_err(|error| GatewayError::Tls(TransportError::new(&error)))?;
        let shared = shard::Shared {
            token: config.token,
            intents: config.intents,
            url: resolved.url,
            queue,
            tls: Arc::new(tls),
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
                    let _ = sender.send(GatewayItem { shard, item }).await;
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

    /// The next item, or `None` when all shards have ended.
    ///
    /// Cancel safe: an item is never lost.
    pub async fn next(&mut self) -> Option<GatewayItem> {
        self.items.recv().await
    }

    /// Closes the connections so that the sessions can be resumed.
    ///
    /// What came before is still to be read: go on until [`next`](Self::next)
    /// gives `None`, which takes two seconds at most once it is read.
    pub fn close(&self) {
        self.stop.send_replace(true);
    }

    /// Asks a shard for the proof that nothing is on its way: once it has delivered all
    /// that Discord had sent by now, [`Item::Barrier`] comes with this number. Where the
    /// connection is down, that is after it was resumed.
    ///
    /// It costs a heartbeat, of which there is at most one a second; what is asked for
    /// meanwhile shares the next.
    pub fn barrier(&self, shard: ShardId, number: u64) {
        if let Some(ask) = self.barriers.get(&shard) {
            // An error means that the shard has ended.
            let _ = ask.send(number);
        }
    }

    /// Which shards these are.
    #[must_use]
    pub const fn shards(&self) -> ShardRange {
        self.shards
    }
}

impl Stream for Gateway {
    type Item = GatewayItem;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<GatewayItem>> {
        self.items.poll_recv(cx)
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway")
            .field("shards", &self.shards)
            .finish_non_exhaustive()
    }
}
