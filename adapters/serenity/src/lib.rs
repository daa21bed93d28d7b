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
//! Requests go through the bot's own HTTP client, and so share its rate limits. What was
//! found out is stored in the SQLite database. After a restart, guestlist searches for who
//! joined meanwhile.
//!
//! # What the bot needs
//!
//! The intents `GUILDS`, `GUILD_MEMBERS`, `GUILD_INVITES` and `GUILD_MODERATION`
//! ([`INTENTS`]), and in each server the permissions Manage Server, Manage Channels and View
//! Audit Log. With fewer, answers say what was missing.
//!
//! # What serenity does not tell
//!
//! - serenity has no frames for its users, only its own types. guestlist reads those. What
//!   they have no place for is lost, the roles that an invite grants for instance. guestlist
//!   learns of them from the list of invites, so that some answers take one request more.
//! - serenity does not say that a connection is lost, only that the session was resumed or
//!   that another began. An answer that is *deduced* in between can be wrong. By default,
//!   nearly every answer is *confirmed* in the end, which does not depend on the connection.
//!   See the guide, `docs/guide/embedding.md`.

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

/// Attribution in a serenity bot: give it, or a clone of it, to
/// [`ClientBuilder::raw_event_handler`](serenity::client::ClientBuilder::raw_event_handler).
/// The bot's own handlers work beside it.
///
/// Clones are the same; when the last is dropped, attribution stops. It
/// [dereferences](Deref) to [`Running`], which has the answers, the ledger and the state.
#[derive(Clone, Debug)]
pub struct Guestlist {
    events: Arc<Events>,
    asking: Asking,
    running: Running<SqliteLedger, Infallible>,
}

impl Guestlist {
    /// Starts attribution in the background. What is found out is stored in the SQLite
    /// database at `ledger`, which is created if it does not exist.
    ///
    /// # Errors
    ///
    /// When the database cannot be opened.
    pub async fn start(ledger: impl AsRef<Path>) -> Result<Self, LedgerError> {
        Self::start_with(ledger, Config::default()).await
    }

    /// The same with other settings, [`Config::for_tests`] for instance.
    ///
    /// # Errors
    ///
    /// When the database cannot be opened.
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

    /// Hands over an event of serenity's. Not needed where this is the raw event handler.
    ///
    /// Hand over every event of a shard, in order and at once. Mind that serenity calls its
    /// handlers in tasks, so that they may see events in another order. The HTTP client for
    /// requests has to be given to [`http`](Self::http) once.
    pub fn event(&self, shard: ShardId, event: &Event) {
        self.events.hand_over(shard, event);
    }

    /// Sends requests through this HTTP client. Not needed where this is the raw event
    /// handler, which uses the one of the first event.
    pub fn http(&self, http: &Arc<serenity::http::Http>) {
        self.asking.through(http);
    }

    /// Stops attribution, and waits until it has: it finishes the requests under way and
    /// stores what came of them. Dropping the last clone stops it as well.
    ///
    /// # Errors
    ///
    /// When attribution failed.
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
