//! Dashboards over ledgers, by HTTP.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "in a test, a panic is the message"
)]

mod address;
mod hostile;
mod ledger;
mod live;
mod pages;
mod serving;
