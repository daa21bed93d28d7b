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
//!
//! # Tracing and metrics
//!
//! The service logs with `tracing`. With the target `guestlist::join` and the level `debug`,
//! each join has a span from its frame until its final answer is stored.
//!
//! With the feature `metrics`, the service reports these metrics through the
//! [`metrics`](https://docs.rs/metrics) facade. Without the feature, nothing is measured.
//!
//! | name | kind | labels | what it measures |
//! |---|---|---|---|
//! | `guestlist_joins_total` | counter | | joins |
//! | `guestlist_answers_total` | counter | `certainty` | answers, including revisions |
//! | `guestlist_answer_seconds` | histogram | `certainty` | time from a join until its first final answer is stored |
//! | `guestlist_contradictions_total` | counter | | deduced answers that Discord contradicted |
//! | `guestlist_requests_total` | counter | `request`, `outcome` | requests to Discord |
//! | `guestlist_request_seconds` | histogram | `request` | duration of requests to Discord |
//! | `guestlist_events_total` | counter | | gateway events |
//! | `guestlist_undecodable_events_total` | counter | | gateway events that could not be decoded |
//! | `guestlist_commits_total` | counter | | transactions of the ledger |
//! | `guestlist_pending_joins` | gauge | | joins without a final answer |
//! | `guestlist_connected_shards` | gauge | | connected shards |
//! | `guestlist_guilds` | gauge | | available servers |
//! | `guestlist_uncommitted_records` | gauge | | records that are not stored yet |
//!
//! Install a recorder, such as the one of `metrics-exporter-prometheus`, before you start the
//! service.
#![cfg_attr(docsrs, feature(doc_cfg))]

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
mod members;
mod meters;
mod open;
mod progress;
mod requester;
mod requests;
mod running;
mod service;
mod session;
mod source;
mod spans;
mod start;
mod starting;
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
    starting::Starting,
    status::{Report, ShardState, ShardStatus, Status},
    subscription::Subscription,
    trouble::{Affected, Trouble},
    wait::{Seen, WaitError},
};
