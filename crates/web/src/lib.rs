//! The dashboard of a ledger: who joined, through which invite, and how certain that is.
//!
//! [`Dashboard`] serves server-rendered pages from any
//! [`Reports`](guestlist_ledger::Reports). The pages work without scripts. With scripts,
//! new joins appear automatically: they arrive as server-sent events, numbered by the
//! ledger's feed, so a browser that reconnects misses nothing.
//!
//! By default, a dashboard listens on the loopback interface only. On other interfaces it
//! requires a [`WebToken`] or a [`DiscordLogin`].
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use guestlist_ledger::SqliteLedger;
//! use guestlist_web::Dashboard;
//! use tokio_util::sync::CancellationToken;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let ledger = Arc::new(SqliteLedger::open_read_only("guestlist.db").await?);
//! let bound = Dashboard::new(ledger).bind(Dashboard::DEFAULT_ADDRESS).await?;
//! println!("{}", bound.url());
//! bound.serve(CancellationToken::new()).await?;
//! # Ok(()) }
//! ```

mod access;
mod api;
mod app;
mod asset;
mod dashboard;
mod fault;
mod keeping;
mod kept;
mod live;
mod pace;
mod pages;
mod parts;
mod personal;
mod query;
mod router;
mod seen;
mod sources;
mod usual;

pub use crate::{
    access::{DiscordLogin, NotAnAddress, WebToken, WebTokenError},
    dashboard::{Bound, Dashboard, WebError},
};
