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
//! [`Embedded`] works with twilight, serenity or any other library: gateway
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
//! Two complete bots, on twilight and on serenity, are in the repository's
//! folder `examples`. `docs/guide/embedding.md` explains what a bot has to
//! report to the tracker, and why. The engine underneath is
//! [`tracker::Tracker`]; use it directly if you have decoded events already.
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
use guestlist::client::GatewayConfig;
use guestlist::ledger::News;
use guestlist::service::Discord;
use guestlist::{Client, Service, SqliteLedger, Token};
use tokio_util::sync::CancellationToken;

# async fn example() -> Result<(), Box<dyn std::error::Error>> {
let token = Token::new("…")?;
let client = Client::builder(token.clone()).build()?;
let gateway = Discord::new(client.clone(), GatewayConfig::new(token));
let ledger = SqliteLedger::open("guestlist.db").await?;
let service = Service::builder(client, gateway, ledger).build();

let mut answers = service.attributions().await?;
let stop = CancellationToken::new();
let running = tokio::spawn(service.run(stop.clone()));
// Cancel `stop` from elsewhere, on Ctrl-C say. Then this loop ends as well.
while let Some(change) = answers.next().await? {
    if let News::Attribution(row) = change.news {
        println!("{:?}: {:?}", row.join.name, row.attribution);
    }
}
running.await??;
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
pub use guestlist_client::{ApiError, Client, Gateway, Token};
#[cfg(feature = "ledger")]
pub use guestlist_ledger::{Ledger, SqliteLedger};
pub use guestlist_model::{
    DecodeError, Event, Expiry, Invite, InviteCode, InviteLink, InviteList, Remaining, ShardId,
    Timestamp, decode_invites, find_invites,
};
#[cfg(feature = "service")]
pub use guestlist_service::Service;
pub use guestlist_tracker::{Attribution, Certainty, Config, Method, Origin, Record, Tracker};

/// Compiles the code in the documents that are about the whole, if they have any.
#[cfg(doctest)]
mod documents {
    #[doc = include_str!("../../../README.md")]
    struct Readme;
    #[doc = include_str!("../../../docs/guide/attribution.md")]
    struct Attribution;
    #[doc = include_str!("../../../docs/guide/embedding.md")]
    struct Embedding;
    #[cfg(feature = "ledger")]
    #[doc = include_str!("../../../docs/guide/ledger.md")]
    struct Ledger;
    #[doc = include_str!("../../../docs/guide/naff.md")]
    struct Naff;
    #[doc = include_str!("../../../docs/guide/sandbox.md")]
    struct Sandbox;
}
