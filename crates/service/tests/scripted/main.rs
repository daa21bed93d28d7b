//! The driver over scripted parts: a Discord played in memory, and ledgers that
//! fail when told to.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test's helpers may panic"
)]

mod crash;
mod fake;
mod frames;
mod metrics;
mod refusals;
mod serde;
mod spans;
mod stories;
mod support;
