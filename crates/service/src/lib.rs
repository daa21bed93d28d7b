//! Drives the attribution engine.
//!
//! [`Service`] connects the other crates: events from an
//! [`EventSource`] go into the [`Tracker`](guestlist_tracker::Tracker), its
//! requests go to a [`Requester`], and its records go into a
//! [`Ledger`](guestlist_ledger::Ledger), in one transaction with its state and
//! with how far the events were read. For Discord, the source is [`Discord`] and
//! the requester a [`Client`](guestlist_client::Client); tests have scripted
//! ones, and a worker that is fed by a queue can have its own.
//!
//! ```no_run
//! use guestlist_client::{Client, GatewayConfig, Token};
//! use guestlist_ledger::{News, SqliteLedger};
//! use guestlist_service::{Discord, Service};
//! use tokio_util::sync::CancellationToken;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let token = Token::new("…")?;
//! let client = Client::builder(token.clone()).build()?;
//! let gateway = Discord::new(client.clone(), GatewayConfig::new(token));
//! let ledger = SqliteLedger::open("guestlist.db").await?;
//! let service = Service::builder(client, gateway, ledger).build();
//! let mut answers = service.attributions().await?;
//! let stop = CancellationToken::new();
//! let running = tokio::spawn(service.run(stop.clone()));
//! // Cancel `stop` from elsewhere, on Ctrl-C say. Then this loop ends as well.
//! while let Some(change) = answers.next().await? {
//!     if let News::Attribution(row) = change.news {
//!         println!("{:?}: {:?}", row.join.name, row.attribution);
//!     }
//! }
//! running.await??;
//! # Ok(()) }
//! ```

mod clock;
mod commit;
mod discord;
pub mod doctor;
mod driver;
mod error;
mod frames;
mod limits;
mod progress;
mod requester;
mod requests;
mod service;
mod session;
mod source;
mod status;
mod subscription;
mod trouble;

pub use crate::{
    discord::{Discord, DiscordEvents},
    error::ServiceError,
    frames::{Frames, Heard},
    requester::Requester,
    service::{Service, ServiceBuilder},
    session::GatewaySession,
    source::{Connect, EventSource, Signal, SignalKind},
    status::{Report, ShardState, ShardStatus, Status},
    subscription::Subscription,
};
