//! Discord invites, solved: model them, manage them, and know who came in
//! through which one.
//!
//! Discord does not say which invite a new member used. It leaves traces:
//! counters, the audit log, the members search. guestlist reads them and says
//! for every join which invite was used, and how certain that is.
//!
//! # Look at an invite
//!
//! [`Invite`] holds every invite that Discord sends – from REST and the
//! gateway, with and without metadata, in the format of any year – and loses
//! no field of it, whether documented or not.
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
//! // Whatever people paste.
//! let link: InviteLink = "<https://discord.com/invite/hB6mWNqr>".parse()?;
//! assert_eq!(link.code(), invite.code());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Follow joins in an existing bot
//!
//! [`Embedded`] works with any library: gateway
//! JSON goes in, HTTP calls come out, their responses go in, and [`Record`]s
//! come out. It does no I/O and reads no clock, so it fits any runtime.
//!
//! ```
//! use guestlist::{Embedded, Record, ShardId, Timestamp};
//!
//! let mut tracker = Embedded::new(guestlist::Config::default());
//! let now = Timestamp::parse("2026-03-01T12:00:00Z")?;
//!
//! // Every frame that your gateway connection receives:
//! let frame = r#"{"op": 0, "s": 2, "t": "GUILD_CREATE", "d": {
//!     "id": "613425648685547541", "name": "Rust", "features": [],
//!     "member_count": 3, "channels": [], "members": []
//! }}"#;
//! // The bot is not sharded.
//! tracker.frame(now, ShardId::ONE, frame.as_bytes())?;
//!
//! // Requests to Discord, for your HTTP client:
//! while let Some(call) = tracker.next_call() {
//!     println!("{} https://discord.com/api/v10/{}", call.method, call.path);
//!     // … send it, with `call.body` if there is one. Then:
//!     tracker.answer(now, call.id, 200, b"[]");
//! }
//!
//! // What it found out:
//! while let Some(record) = tracker.next_record() {
//!     if let Record::Attribution(attribution) = record {
//!         println!("{}: {}", attribution.key.user, attribution.certainty);
//!     }
//! }
//! // Call `wake` at `wake_at`, even if nothing else happens.
//! let _ = tracker.wake_at();
//!
//! // When the connection is lost, say so at once:
//! tracker.disconnected(now, ShardId::ONE);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! For twilight, serenity and poise, the crates `guestlist-twilight` and
//! `guestlist-serenity` do all of this in three lines, and store what they find in
//! SQLite; the repository's folder `examples` has complete bots.
//! `docs/guide/embedding.md` explains what a bot has to report to the tracker, and
//! why. The engine underneath is [`tracker::Tracker`]; use it directly if you have
//! decoded events already.
//!
//! # Or run it on its own
//!
//! With the feature `service`, guestlist connects to the gateway, tracks, and
//! writes to SQLite, so that a restart – or a power cut – loses nothing and
//! counts nothing twice. The `guestlist` program does the same.
#![cfg_attr(
    feature = "service",
    doc = r#"
```no_run
use guestlist::Service;

# async fn example() -> Result<(), Box<dyn std::error::Error>> {
let token = std::env::var("DISCORD_TOKEN")?;
let running = Service::discord(token, "guestlist.db").start().await?;
let mut answers = running.attributions();
while let Some(answer) = answers.next().await {
    // ferris joined Rust: confirmed: invite hB6mWNqr, by nelly
    println!("{}", answer?);
}
# Ok(()) }
```
"#
)]
//!
//! # Features
//!
//! | feature | it adds |
//! |---|---|
//! | (none) | [`model`] and [`tracker`]: no I/O, few dependencies |
//! | `client` | `client`: REST and gateway over twilight |
//! | `ledger` | `ledger`: the record of joins, in SQLite |
//! | `service` | `service`: the driver that connects them all; enables `client` and `ledger` |
//! | `view` | `view`: joins, invites and inviters as rows, JSON and CSV; enables `ledger` |
//! | `full` | everything |

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
