//! Discord invites, solved: model them, manage them, and know who joined through which one.
//!
//! Discord does not say which invite a new member used, but it leaves evidence: counters,
//! the audit log, the members search. guestlist evaluates this evidence and says for every
//! join which invite was used, and how certain that is.
//!
//! # Look at an invite
//!
//! [`Invite`] holds every invite that Discord sends: from REST and the gateway, with and
//! without metadata, in the format of any year. It loses no field, documented or not.
//!
//! ```
//! use guestlist::{Expiry, Invite, InviteLink, Remaining};
//!
//! let invite = Invite::from_slice(br#"{
//!     "code": "hB6mWNqr", "type": 0, "uses": 3, "max_uses": 10, "max_age": 0,
//!     "guild": {"id": "613425648685547541", "name": "Rust"},
//!     "something_new": [1, 2, 3]
//! }"#)?;
//! assert_eq!(invite.to_string(), "https://discord.gg/hB6mWNqr");
//! assert_eq!(invite.remaining_uses(), Remaining::Left(7));
//! assert_eq!(invite.expiry(), Expiry::Never);
//! assert_eq!(invite.extra("something_new"), Some("[1, 2, 3]"));
//!
//! // Parse what people paste.
//! let link: InviteLink = "<https://discord.com/invite/hB6mWNqr>".parse()?;
//! assert_eq!(link.code(), invite.code());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Attribute joins in an existing bot
//!
//! For twilight, serenity and poise, the crates `guestlist-twilight` and
//! `guestlist-serenity` add attribution in three lines and store the results in SQLite.
//! The folder `examples` of the repository has complete bots.
//!
//! For any other library, use [`Embedded`]: gateway JSON goes in, HTTP calls come out, their
//! responses go in, and [`Record`]s come out. It performs no I/O and reads no clock, so it
//! works with any runtime.
//!
//! ```
//! use guestlist::{Embedded, Record, ShardId, Timestamp};
//!
//! let mut tracker = Embedded::new(guestlist::Config::default());
//! let now = Timestamp::parse("2026-03-01T12:00:00Z")?;
//!
//! // Pass every frame that your gateway connection receives.
//! let frame = r#"{"op": 0, "s": 2, "t": "GUILD_CREATE", "d": {
//!     "id": "613425648685547541", "name": "Rust", "features": [],
//!     "member_count": 3, "channels": [], "members": []
//! }}"#;
//! // This bot is not sharded.
//! tracker.frame(now, ShardId::ONE, frame.as_bytes())?;
//!
//! // Send the requests with your HTTP client.
//! while let Some(call) = tracker.next_call() {
//!     println!("{} https://discord.com/api/v10/{}", call.method, call.path);
//!     // … send it, with `call.body` if there is one. Then:
//!     tracker.answer(now, call.id, 200, b"[]");
//! }
//!
//! // Read the results.
//! while let Some(record) = tracker.next_record() {
//!     if let Record::Attribution(attribution) = record {
//!         println!("{}: {}", attribution.key.user, attribution.certainty);
//!     }
//! }
//! // Call `wake` at `wake_at`, even if nothing else happens.
//! let _ = tracker.wake_at();
//!
//! // Report a lost connection immediately.
//! tracker.disconnected(now, ShardId::ONE);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! `docs/guide/embedding.md` explains what a bot must report to the tracker, and why. The
//! engine underneath is [`tracker::Tracker`]; use it directly if you already have decoded
//! events.
//!
//! # Or run it as a service
//!
//! With the feature `service`, guestlist connects to the gateway, tracks joins, and writes to
//! SQLite, so that a restart or a power failure loses nothing and counts nothing twice. The
//! `guestlist` program does the same.
//!
//! ```toml
//! [dependencies]
//! guestlist = { version = "0.1", features = ["service"] }
//! tokio = { version = "1", features = ["macros", "rt-multi-thread"] }
//! ```
#![cfg_attr(
    feature = "service",
    doc = r#"
```no_run
use guestlist::Service;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let token = std::env::var("DISCORD_TOKEN")?;
    let running = Service::discord(token, "guestlist.db").start().await?;
    let mut answers = running.attributions();
    while let Some(answer) = answers.next().await {
        // ferris joined Rust: confirmed: invite hB6mWNqr, by nelly
        println!("{}", answer?);
    }
    Ok(())
}
```
"#
)]
//!
//! # Compared with other libraries
//!
//! What a library keeps of an invite that Discord sends:
//!
//! | | guestlist | twilight-model 0.18 | serenity 0.12 | discord.py 2.7 |
//! |---|---|---|---|---|
//! | fields lost, of 95 in a list of invites | 0 | 47 | 60 | 29 |
//! | fields lost, of 61 in INVITE_CREATE | 0 | 36 | 12 | 15 |
//! | among them | | roles, scheduled event, flags, target application, `guild_id`; of INVITE_CREATE also `expires_at`, `role_ids` | of lists `expires_at` and all targets | parts of the guild, event, application and user; undocumented keys |
//!
//! None of the other libraries says which invite a member used. `docs/performance.md`
//! compares their speed and memory, and `docs/accuracy.md` compares guestlist with other
//! invite trackers.
//!
//! # Features
//!
//! Without features, the crate contains [`model`] and [`tracker`], which perform no I/O and
//! have few dependencies. No feature is enabled by default.
//!
//! | feature | adds |
//! |---|---|
//! | `client` | `client`: REST and gateway, over twilight |
//! | `ledger` | `ledger`: the record of joins, in SQLite |
//! | `service` | `service`: the driver that connects them all; enables `client` and `ledger` |
//! | `view` | `view`: joins, invites and inviters as rows, JSON and CSV; enables `ledger` |
//! | `metrics` | metrics through the `metrics` facade; enables `service` |
//! | `full` | all of these |
//!
//! # Limits
//!
//! - **Not tested on Discord itself.** guestlist was built and tested with a simulated
//!   Discord (`guestlist-sandbox`), recorded payloads and Discord's OpenAPI specification. It
//!   has never run with a real bot token: neither the REST client, nor the gateway, nor the
//!   log-in of the dashboard.
//! - A **confirmed** answer rests on Discord's members search, which is undocumented. A
//!   **deduced** answer rests on assumptions about Discord's delays, which are settings
//!   ([`Config`]) and are listed in `docs/guide/attribution.md`.
//! - Counting invites needs Manage Server. With fewer permissions, more answers are ambiguous
//!   or unknown, and say what was missing.
//! - Discord is the only platform. User accounts, joining servers and rewards for inviting
//!   are out of scope.
//!
//! # Minimum supported Rust version
//!
//! Rust 1.88 without features, 1.89 with `client` (which twilight requires), and 1.94 with any
//! other feature (which sqlx requires). A minor release may raise it.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod call;
mod embedded;

#[cfg(feature = "client")]
pub use guestlist_client as client;
#[cfg(feature = "ledger")]
pub use guestlist_ledger as ledger;
pub use guestlist_model as model;
#[cfg(feature = "service")]
pub use guestlist_service as service;
pub use guestlist_tracker as tracker;
#[cfg(feature = "view")]
pub use guestlist_view as view;

pub use call::Call;
pub use embedded::Embedded;
#[cfg(feature = "client")]
pub use guestlist_client::{
    ApiBase, ApiError, BuildError, Client, Gateway, GatewayError, Shards, Token, TokenError,
};
#[cfg(feature = "ledger")]
pub use guestlist_ledger::{Ledger, LedgerError, SqliteLedger};
pub use guestlist_model::{
    DecodeError, Event, Expiry, GuildId, Invite, InviteCode, InviteLink, InviteList, Remaining,
    ShardId, Timestamp, UserId, decode_invites, find_invites,
};
#[cfg(feature = "service")]
pub use guestlist_service::{
    Attributed, Attributions, DiscordBuilder, Report, Running, Service, ServiceError, StartError,
    Status, WaitError,
};
pub use guestlist_tracker::{
    Attribution, Certainty, Config, Evidence, Join, Method, Origin, Reason, Record, Tracker,
};

/// Compiles the code in the documents that are about the whole, if they have any.
#[cfg(doctest)]
mod documents {
    #[cfg(feature = "service")]
    #[doc = include_str!("../../../README.md")]
    struct Readme;
    #[doc = include_str!("../../../docs/guide/attribution.md")]
    struct Attribution;
    #[cfg(all(feature = "client", feature = "ledger"))]
    #[doc = include_str!("../../../docs/guide/cookbook.md")]
    struct Cookbook;
    #[cfg(feature = "service")]
    #[doc = include_str!("../../../docs/guide/embedding.md")]
    struct Embedding;
    #[cfg(feature = "ledger")]
    #[doc = include_str!("../../../docs/guide/ledger.md")]
    struct Ledger;
    #[doc = include_str!("../../../docs/guide/naff.md")]
    struct Naff;
    #[doc = include_str!("../../../docs/guide/sandbox.md")]
    struct Sandbox;
    #[cfg(feature = "service")]
    #[doc = include_str!("../../../docs/guide/testing.md")]
    struct Testing;
}
