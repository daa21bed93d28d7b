//! Bots that embed the tracker, in a simulated Discord.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod bot;
mod connection;
mod gaps;
mod refusals;
