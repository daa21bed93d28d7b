//! Which invite each new member used, in a bot that uses
//! [serenity](https://docs.rs/serenity) or [poise](https://docs.rs/poise).
//!
//! ```no_run
//! use guestlist_serenity::{Guestlist, INTENTS};
//! use serenity::Client;
//!
//! # async fn example(token: &str) -> Result<(), Box<dyn std::error::Error>> {
//! let guests = Guestlist::start("guestlist.db").await?;
//! let mut answers = guests.attributions();
//! tokio::spawn(async move {
//!     while let Some(Ok(answer)) = answers.next().await {
//!         println!("{answer}");
//!     }
//! });
//!
//! let mut client = Client::builder(token, INTENTS)
//!     .raw_event_handler(guests)
//!     // .event_handler(…) and .framework(…) stay as they were.
//!     .await?;
//! client.start_autosharded().await?;
//! # Ok(()) }
//! ```
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
//! - serenity does not expose frames, only its own types, which guestlist reads. Keys that
//!   these types do not have are lost, for example the roles that an invite grants.
//!   guestlist reads them from the list of invites instead, so some answers take one more
//!   request.
//! - serenity does not report that a connection is lost, only that the session was resumed
//!   or another one started. An answer that is *deduced* in between can be wrong. By
//!   default, nearly every answer is *confirmed* later, which does not depend on the
//!   connection. See the guide, `docs/guide/embedding.md`.

mod events;
mod requester;

use std::{convert::Infallible, ops::Deref, path::Path, sync::Arc};

use guestlist::{
    Config, LedgerError, Running, Service, ShardId, SqliteLedger,
    service::{Feed, Outcome},
};
use serenity::{
    all::{Context, Event, GatewayIntents, RawEventHandler},
    async_trait,
};

use crate::{events::Events, requester::Asking};

pub use guestlist;

/// The intents that attribution needs. Add those that your bot needs.
pub const INTENTS: GatewayIntents = GatewayIntents::GUILDS
    .union(GatewayIntents::GUILD_MEMBERS)
    .union(GatewayIntents::GUILD_INVITES)
    .union(GatewayIntents::GUILD_MODERATION);

/// Attribution in a serenity bot. Pass it, or a clone of it, to
/// [`ClientBuilder::raw_event_handler`](serenity::client::ClientBuilder::raw_event_handler).
/// The bot's own handlers work as before.
///
/// Clones share the same attribution; it stops when the last clone is dropped. A
/// `Guestlist` [dereferences](Deref) to [`Running`], which has the answers, the ledger
/// and the status.
#[derive(Clone, Debug)]
pub struct Guestlist {
    events: Arc<Events>,
    asking: Asking,
    running: Running<SqliteLedger, Infallible>,
}

impl Guestlist {
    /// Starts attribution in the background. Results are stored in the SQLite database at
    /// `ledger`, which is created if it does not exist.
    ///
    /// # Errors
    ///
    /// [`LedgerError`] if the database cannot be opened.
    pub async fn start(ledger: impl AsRef<Path>) -> Result<Self, LedgerError> {
        Self::start_with(ledger, Config::default()).await
    }

    /// Starts attribution with other settings, for example [`Config::for_tests`].
    ///
    /// # Errors
    ///
    /// [`LedgerError`] if the database cannot be opened.
    pub async fn start_with(ledger: impl AsRef<Path>, config: Config) -> Result<Self, LedgerError> {
        let ledger = SqliteLedger::open(ledger).await?;
        let (feed, source) = Feed::new();
        let asking = Asking::default();
        let running = Service::builder(asking.clone(), source, ledger)
            .config(config)
            .build()
            .start()
            .await?;
        Ok(Self {
            events: Arc::new(Events::new(feed)),
            asking,
            running,
        })
    }

    /// Handles an event of serenity's. Not needed if this is the raw event handler.
    ///
    /// Pass every event of a shard, in order and without delay. Note that serenity calls
    /// its handlers in tasks, which may see events in another order. Pass the HTTP client
    /// to [`http`](Self::http) once.
    pub fn event(&self, shard: ShardId, event: &Event) {
        self.events.hand_over(shard, event);
    }

    /// Sets the HTTP client for requests. Not needed if this is the raw event handler,
    /// which uses the client of the first event.
    pub fn http(&self, http: &Arc<serenity::http::Http>) {
        self.asking.through(http);
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

#[async_trait]
impl RawEventHandler for Guestlist {
    async fn raw_event(&self, context: Context, event: Event) {
        self.asking.through(&context.http);
        self.events.raw(&context, &event);
    }
}

impl Deref for Guestlist {
    type Target = Running<SqliteLedger, Infallible>;

    fn deref(&self) -> &Self::Target {
        &self.running
    }
}
