//! The durable record of who joined, how, and with what certainty.
//!
//! The tracker produces [`Record`](guestlist_tracker::Record)s; a [`Ledger`] stores them.
//! [`SqliteLedger`] is one file that the `guestlist` program writes and other programs
//! may read. Its schema is in `crates/ledger/migrations`; with `sqlite3`, start with the
//! view `attributed_joins`.
//!
//! Everything is written in [`Batch`]es: the tracker's records, its state afterwards, and
//! the position in the stream of events, in one transaction. A crash loses nothing that
//! was acknowledged, and events that Discord replays afterwards change nothing that was
//! stored.
//!
//! ```
//! use guestlist_ledger::{Batch, Page, Partition, Reports, Scope, SqliteLedger, Store};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), guestlist_ledger::LedgerError> {
//! let ledger = SqliteLedger::in_memory().await?;
//! let claim = ledger.claim(Partition::ALL, "an example").await?;
//! ledger.commit(claim, &Batch::new()).await?;
//! assert!(ledger.joins(&Scope::new(), Page::first(10)).await?.is_empty());
//! # Ok(())
//! # }
//! ```
#![cfg_attr(docsrs, feature(doc_cfg))]

mod accuracy;
mod batch;
#[cfg(feature = "conformance")]
pub mod conformance;
mod error;
mod feed;
mod insight;
mod label;
mod ledger;
mod merge;
mod partition;
mod row;
mod scope;
mod sqlite;
mod through;

use guestlist_model::UserId;

pub use crate::{
    accuracy::{Accuracy, AccuracyRow, WeightRow},
    batch::{Batch, Committed, GuildInfo, Position, ResumePoint},
    error::LedgerError,
    feed::{Change, ChangeFilter, ChangeKind, Changes, Cursor, News},
    insight::{
        Burst, BurstKind, BurstLimits, Cohort, CohortBy, FactSheet, InviterProfile, JoinFact, Kept,
        ProfileLimits, RetentionQuestion, RetentionRow, TreeCursor, TreeNode, TreePage,
        TreeQuestion,
    },
    label::{Label, LabelRow, NotALabel},
    ledger::{Answer, Labels, Ledger, Privacy, Reports, Resume, Store},
    partition::{Claim, Epoch, Partition},
    row::{Forgotten, GapRow, GuildRow, InviteRow, InviterRow, JoinRow, SeriesRow, Totals, share},
    scope::{Bucket, CertaintyKind, InviteStatus, NotACertainty, ORIGINS, Page, Scope},
    sqlite::SqliteLedger,
};

/// What [`hand_through`] has to name of other crates.
#[doc(hidden)]
pub mod told {
    pub use guestlist_model::{GuildId, UserId};
    pub use guestlist_tracker::{Attribution, JoinKey};
}

/// Whether an id is a stand-in for a person whose data was deleted on request (see
/// [`Privacy::forget_user`]). Stand-ins have the top bit set, which Discord's ids do not
/// have before the year 2084.
#[must_use]
pub const fn is_forgotten(user: UserId) -> bool {
    user.get() >> 63 == 1
}
