//! Stories over real sockets: bytes, frames, and a client from elsewhere.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests say what they need"
)]

mod gateway;
mod http;
mod oauth;
mod support;
mod twilight;
