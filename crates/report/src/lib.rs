//! A report on one server: how many came and left, by which ways, invites, labels and
//! inviters, who stayed, and what was unusual; each beside the span of time before.
//!
//! [`Report::read`] asks the ledger once and works out the numbers. What shows them reads
//! them off: [`Report::tables`] for a terminal, [`markdown`], [`html`], and serde for JSON.
//! So all of them say the same.
//!
//! ```
//! use guestlist_ledger::SqliteLedger;
//! use guestlist_model::{Id, Timestamp};
//! use guestlist_report::{Report, Wanted, markdown};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let ledger = SqliteLedger::in_memory().await?;
//! let now = Timestamp::parse("2026-03-08T00:00:00Z")?;
//! let wanted = Wanted::new(Id::new_checked(1).ok_or("zero")?, now);
//! let report = Report::read(&ledger, &wanted).await?;
//! assert!(markdown(&report).starts_with("# Server 1"));
//! # Ok(())
//! # }
//! ```

mod html;
mod line;
mod markdown;
mod numbers;
mod report;
mod table;

pub use crate::{
    html::html,
    line::{Day, Line, Stay},
    markdown::markdown,
    numbers::{Amount, Figure},
    report::{Report, Wanted},
    table::Table,
};
