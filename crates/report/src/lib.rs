//! A report on one server: how many members joined and left, by way, invite, label and
//! inviter, how many stayed, and what was unusual, compared with the previous time span.
//!
//! [`Report::read`] queries the ledger once and computes the numbers. All output formats
//! show the same numbers: [`Report::tables`] for a terminal, [`markdown`], [`html`], and
//! serde for JSON.
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
