//! The service over real sockets: a sandbox, the client, a database on disk.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test's helpers may panic"
)]

mod killed;
mod setup;
mod started;
mod stories;
