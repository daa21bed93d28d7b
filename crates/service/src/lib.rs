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
//! use guestlist_ledger::SqliteLedger;
//! use guestlist_service::{Discord, News, Service};
//! use tokio_util::sync::CancellationToken;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let token = Token::new("…")?;
//! let client = Client::builder(token.clone()).build()?;
//! let gateway = Discord::new(client.clone(), GatewayConfig::new(token));
//! let ledger = SqliteLedger::open("guestlist.db").await?;
//! let service = Service::builder(client, gateway, ledger).build();
//! let mut news = service.subscribe();
//! let stop = CancellationToken::new();
//! let running = tokio::spawn(service.run(stop.clone()));
//! while let Some(News::Record(record)) = news.next().await {
//!     println!("{record:?}");
//! }
//! stop.cancel();
//! running.await??;
//! # Ok(()) }
//! ```

mod clock;
mod commit;
mod discord;
mod driver;
mod error;
mod limits;
mod progress;
mod requester;
mod service;
mod session;
mod source;
mod status;
mod subscription;
mod trouble;

pub use crate::{
    discord::{Discord, DiscordEvents},
    error::ServiceError,
    requester::Requester,
    service::{Service, ServiceBuilder},
    session::GatewaySession,
    source::{Connect, EventSource, Signal, SignalKind},
    status::{Report, ShardState, ShardStatus, Status},
    subscription::{News, Subscription},
};
