//! Dashboards over ledgers, by HTTP.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "in a test, a panic is the message"
)]

mod address;
mod api;
mod discord;
mod hostile;
mod labels;
mod ledger;
mod live;
mod manage;
mod pages;
mod people;
mod personal;
mod security;
mod serving;
