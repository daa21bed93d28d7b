//! Stories over real sockets: bytes, frames, and a client from elsewhere.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests say what they need"
)]

mod bot;
mod bots;
mod bounds;
mod conformance;
mod faults;
mod gateway;
mod http;
mod oauth;
mod payloads;
mod people;
#[path = "../spec/mod.rs"]
mod spec;
mod stories;
mod support;
mod time;
mod twilight;
mod voice;
mod watching;
