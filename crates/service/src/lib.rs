//! Drives the attribution engine.
//!
//! [`Service`] connects the other crates: events from an [`EventSource`] go into the
//! [`Tracker`](guestlist_tracker::Tracker), its requests go to a [`Requester`], and its
//! records go into a [`Ledger`](guestlist_ledger::Ledger), in one transaction with the
//! tracker's state and the position in the stream of events. For Discord, the source is
//! [`Discord`] and the requester is a [`Client`](guestlist_client::Client). You can
//! implement your own, for example to read events from a queue.
//!
//! [`Service::discord`] sets all of this up in one call. [`Feed`] receives events from a
//! bot that has its own gateway connection.
//!
//! ```no_run
//! use guestlist_service::Service;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let token = std::env::var("DISCORD_TOKEN")?;
//! let running = Service::discord(token, "guestlist.db").start().await?;
//! let mut answers = running.attributions();
//! while let Some(answer) = answers.next().await {
//!     println!("{}", answer?);
//! }
//! # Ok(()) }
//! ```

mod attributed;
mod clock;
mod commit;
mod discord;
pub mod doctor;
mod driver;
mod error;
mod feed;
mod frames;
mod limits;
mod progress;
mod requester;
mod requests;
mod running;
mod service;
mod session;
mod source;
mod spans;
mod start;
mod status;
mod subscription;
mod trouble;
mod wait;

pub use crate::{
    attributed::{Attributed, Attributions},
    discord::{Discord, DiscordEvents},
    error::ServiceError,
    feed::{Fed, Feed},
    frames::{Frames, Heard},
    requester::Requester,
    running::{Outcome, Running},
    service::{Service, ServiceBuilder},
    session::GatewaySession,
    source::{Connect, EventSource, Signal, SignalKind},
    start::{DiscordBuilder, StartError},
    status::{Report, ShardState, ShardStatus, Status},
    subscription::Subscription,
    wait::{Seen, WaitError},
};
