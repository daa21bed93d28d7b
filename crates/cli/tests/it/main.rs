//! The program as its users meet it: arguments in, exit code and both streams
//! out.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "in a test, a panic is the message"
)]

mod harness;
mod scripted;
mod server;

mod bad_input;
mod bulk;
mod demo;
mod doctor;
mod forget;
mod help;
mod inspect;
mod invite;
mod killed;
mod ledger;
mod odd_api;
mod packaging;
mod reports;
mod sandbox;
mod track;
mod web;
