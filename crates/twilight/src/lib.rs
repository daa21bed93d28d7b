//! Which invite each new member used, in a bot that uses [twilight](https://twilight.rs).
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use guestlist_twilight::Guestlist;
//! use twilight_gateway::{EventTypeFlags, Shard, StreamExt as _};
//! use twilight_http::Client;
//!
//! # async fn example(http: Arc<Client>, shard: Shard) -> Result<(), Box<dyn std::error::Error>> {
//! let guests = Guestlist::start(Arc::clone(&http), "guestlist.db").await?;
//! let mut answers = guests.attributions();
//! tokio::spawn(async move {
//!     while let Some(Ok(answer)) = answers.next().await {
//!         println!("{answer}");
//!     }
//! });
//!
//! // The rest of the bot is unchanged.
//! let mut shard = guests.watch(shard);
//! while let Some(event) = shard.next_event(EventTypeFlags::all()).await {
//!     // …
//! }
//! # Ok(()) }
//! ```
//!
//! [`Guestlist::watch`] wraps a [`Shard`]. The bot receives the same messages as before,
//! and guestlist reads each frame once, as Discord sent it, and decodes only what concerns
//! joins and invites. If another library owns the shards, pass twilight's events
//! ([`Guestlist::event`]) or frames ([`Guestlist::frame`]) instead.
//!
//! Requests go through the bot's own HTTP client and share its rate limits. Results are
//! stored in the SQLite database. After a restart, guestlist searches for members who
//! joined in the meantime.
//!
//! # What the bot needs
//!
//! The intents `GUILDS`, `GUILD_MEMBERS`, `GUILD_INVITES` and `GUILD_MODERATION`
//! ([`INTENTS`]), and in each server the permissions Manage Server, Manage Channels and View
//! Audit Log. With fewer permissions, answers say what was missing.
//!
//! # Limits
//!
//! A connection can be dead for up to a minute before twilight notices. An answer that is
//! *deduced* in that time can be wrong. By default, nearly every answer is *confirmed* later,
//! which does not depend on the connection. See the guide, `docs/guide/embedding.md`.

use std::{
    convert::Infallible,
    ops::{Deref, DerefMut},
    path::Path,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use futures_util::Stream;
use guestlist::{
    Client, Config, LedgerError, Running, Service, SqliteLedger,
    service::{Feed, Outcome},
};
use twilight_gateway::{
    Event, Intents, Message, Shard, ShardId, ShardState,
    error::{ReceiveMessageError, ReceiveMessageErrorType},
    queue::{InMemoryQueue, Queue},
};

pub use guestlist;

/// The intents that attribution needs. Add those that your bot needs.
pub const INTENTS: Intents = Intents::GUILDS
    .union(Intents::GUILD_MEMBERS)
    .union(Intents::GUILD_INVITES)
    .union(Intents::GUILD_MODERATION);

/// Attribution in a twilight bot.
///
/// Clones share the same attribution; it stops when the last clone is dropped. A
/// `Guestlist` [dereferences](Deref) to [`Running`], which has the answers, the ledger
/// and the status.
#[derive(Clone, Debug)]
pub struct Guestlist {
    feed: Feed,
    running: Running<SqliteLedger, Infallible>,
}

impl Guestlist {
    /// Starts attribution in the background. Requests go through `http`. Results are stored
    /// in the SQLite database at `ledger`, which is created if it does not exist.
    ///
    /// # Errors
    ///
    /// [`LedgerError`] if the database cannot be opened.
    pub async fn start(
        http: Arc<twilight_http::Client>,
        ledger: impl AsRef<Path>,
    ) -> Result<Self, LedgerError> {
        Self::start_with(http, ledger, Config::default()).await
    }

    /// Starts attribution with other settings, for example [`Config::for_tests`].
    ///
    /// # Errors
    ///
    /// [`LedgerError`] if the database cannot be opened.
    pub async fn start_with(
        http: Arc<twilight_http::Client>,
        ledger: impl AsRef<Path>,
        config: Config,
    ) -> Result<Self, LedgerError> {
        let ledger = SqliteLedger::open(ledger).await?;
        let (feed, source) = Feed::new();
        let running = Service::builder(Client::from_twilight(http), source, ledger)
            .config(config)
            .build()
            .start()
            .await?;
        Ok(Self { feed, running })
    }

    /// Watches a shard. Use the returned value in place of the shard.
    pub fn watch<Q>(&self, shard: Shard<Q>) -> Watched<Q> {
        Watched {
            shard,
            feed: self.feed.clone(),
            connected: false,
        }
    }

    /// Handles a gateway frame. Not needed for shards that are [watched](Self::watch).
    ///
    /// Pass every frame of a shard, in order and without delay.
    pub fn frame(&self, shard: ShardId, json: &str) {
        if let Some(shard) = id(shard) {
            self.feed.frame(shard, json.as_bytes());
        }
    }

    /// Handles an event of twilight's. Not needed for shards that are
    /// [watched](Self::watch).
    ///
    /// Pass every event of a shard, in order and without delay, including `READY`, `RESUMED`,
    /// and the events about the connection itself (such as `GATEWAY_CLOSE`). Request
    /// `EventTypeFlags::all()` from twilight, or at least these and the events of
    /// [`INTENTS`].
    ///
    /// Keys that twilight's types do not have are lost, for example the roles that an
    /// invite grants. guestlist reads them from the list of invites instead.
    pub fn event(&self, shard: ShardId, event: &Event) {
        let data = match event {
            Event::GatewayClose(_) => return self.disconnected(shard, "the connection was closed"),
            Event::GatewayReconnect => {
                return self.disconnected(shard, "Discord requested a reconnect");
            }
            Event::GatewayInvalidateSession(_) => {
                return self.disconnected(shard, "the session is invalid");
            }
            Event::GatewayHello(_) => {
                return self.disconnected(shard, "a new connection began");
            }
            Event::Ready(event) => serde_json::to_vec(event),
            Event::Resumed => Ok(b"{}".to_vec()),
            Event::GuildCreate(event) => serde_json::to_vec(event),
            Event::GuildUpdate(event) => serde_json::to_vec(event),
            Event::GuildDelete(event) => serde_json::to_vec(event),
            Event::MemberAdd(event) => serde_json::to_vec(event),
            Event::MemberUpdate(event) => serde_json::to_vec(event),
            Event::MemberRemove(event) => serde_json::to_vec(event),
            Event::InviteCreate(event) => serde_json::to_vec(event),
            Event::InviteDelete(event) => serde_json::to_vec(event),
            Event::GuildAuditLogEntryCreate(event) => serde_json::to_vec(event),
            _ => return,
        };
        if let (Some(shard), Some(name)) = (id(shard), event.kind().name()) {
            // twilight's structs always become JSON. If one did not, the event would count
            // as one that is not understood, and its guild as one that missed something.
            self.feed.event(shard, name, &data.unwrap_or_default());
        }
    }

    /// Reports that the connection of a shard is lost. Not needed for shards that are
    /// [watched](Self::watch).
    ///
    /// Nothing is deduced until `RESUMED` or `GUILD_CREATE` arrives on that shard.
    pub fn disconnected(&self, shard: ShardId, reason: &str) {
        if let Some(shard) = id(shard) {
            self.feed.disconnected(shard, reason);
        }
    }

    /// Stops attribution and waits until it has stopped: requests in progress are
    /// finished and their results stored. Dropping the last clone stops it, too.
    ///
    /// # Errors
    ///
    /// The error if attribution failed.
    pub async fn stop(self) -> Outcome<Infallible> {
        self.running.stop().await
    }
}

impl Deref for Guestlist {
    type Target = Running<SqliteLedger, Infallible>;

    fn deref(&self) -> &Self::Target {
        &self.running
    }
}

/// twilight's shard ids are always valid.
fn id(shard: ShardId) -> Option<guestlist::ShardId> {
    guestlist::ShardId::new(shard.number(), shard.total()).ok()
}

/// A [`Shard`] that guestlist watches; see [`Guestlist::watch`].
///
/// It is a stream of the same messages, so
/// [`next_event`](twilight_gateway::StreamExt::next_event) works as before, and it
/// [dereferences](Deref) to the shard. Do not poll the shard itself, because guestlist
/// would miss those messages.
#[derive(Debug)]
pub struct Watched<Q = InMemoryQueue> {
    shard: Shard<Q>,
    feed: Feed,
    connected: bool,
}

impl<Q: Queue + Unpin> Stream for Watched<Q> {
    type Item = Result<Message, ReceiveMessageError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = Pin::new(&mut self.shard).poll_next(context);
        let Some(shard) = id(self.shard.id()) else {
            return polled;
        };
        match &polled {
            Poll::Ready(Some(Ok(Message::Text(json)))) => self.feed.frame(shard, json.as_bytes()),
            Poll::Ready(Some(Err(error))) => {
                // The bot does not get this frame, and it may be one that matters.
                if let ReceiveMessageErrorType::Deserializing { event } = error.kind() {
                    self.feed.frame(shard, event.as_bytes());
                }
            }
            _ => {}
        }
        // twilight has no message for a connection that breaks off without a close frame.
        let gone = matches!(
            self.shard.state(),
            ShardState::Disconnected { .. } | ShardState::FatallyClosed
        );
        if std::mem::replace(&mut self.connected, !gone) && gone {
            self.feed.disconnected(shard, "the connection is closed");
        }
        polled
    }
}

impl<Q> Deref for Watched<Q> {
    type Target = Shard<Q>;

    fn deref(&self) -> &Shard<Q> {
        &self.shard
    }
}

impl<Q> DerefMut for Watched<Q> {
    fn deref_mut(&mut self) -> &mut Shard<Q> {
        &mut self.shard
    }
}
