//! Code that the tests of several crates share. It is only used as a dev-dependency.
//!
//! - [`Random`]: numbers from a seed, so that a failure can be reproduced.
//! - `Log` (feature `log`): keeps what is logged.
//! - `until` (feature `tokio`): waits for a condition, with a deadline.
//! - `offline` (feature `offline`): the sandbox's world without sockets.
//! - `http` (feature `http`): requests over a plain socket.
//! - `harsh` (feature `world`): an independent simulated Discord that does everything that
//!   is allowed, and more, and a judge that checks all statements of a tracker.
//! - `world` (feature `world`): a virtual Discord of one guild with a hidden truth, and
//!   a tracker that watches it, without a clock or a socket.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on stops"
)]
#![expect(missing_debug_implementations, reason = "worlds contain closures")]

#[cfg(feature = "world")]
pub mod harsh;
#[cfg(feature = "world")]
mod here;
#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "log")]
mod log;
#[cfg(feature = "offline")]
pub mod offline;
mod random;
#[cfg(feature = "tokio")]
mod until;
#[cfg(feature = "world")]
pub mod world;

#[cfg(feature = "log")]
pub use log::Log;
pub use random::{Random, number, seed};
#[cfg(feature = "tokio")]
pub use until::until;
