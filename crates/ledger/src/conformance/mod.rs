//! What every ledger must do, as stories.
//!
//! A backend's test opens stores by name and hands them over:
//!
//! ```no_run
//! # use guestlist_ledger::{conformance, SqliteLedger};
//! # async fn test() {
//! let directory = std::env::temp_dir();
//! conformance::run(|store| {
//!     let path = directory.join(store);
//!     async move { SqliteLedger::open(path).await.expect("a new ledger opens") }
//! })
//! .await;
//! # }
//! ```
//!
//! Each story uses names of its own; opening a name again after the ledger was
//! dropped must give the same store.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "this is a test suite: a failed expectation is a failed test"
)]

mod claims;
mod facts;
mod forgetting;
mod random;
mod reports;
mod rules;

use std::future::Future;

pub use self::random::{Seeds, shuffled_records};
use crate::{
    Batch, Committed, InviteFilter, InviteRow, InviterFilter, InviterRow, JoinFilter, JoinRow,
    Ledger, LedgerError, Partition, Totals,
};

/// Runs every story. `open` opens the store of this name, new or as it was left.
///
/// # Panics
///
/// When the ledger breaks a rule.
pub async fn run<L, F, O>(open: F)
where
    L: Ledger + 'static,
    F: Fn(String) -> O,
    O: Future<Output = L>,
{
    rules::survives_being_dropped(&open).await;
    rules::an_interrupted_commit_is_whole_or_absent(&open).await;
    run_volatile(open).await;
}

/// Runs the stories that a ledger without a memory (an in-memory one) can pass.
///
/// # Panics
///
/// When the ledger breaks a rule.
pub async fn run_volatile<L, F, O>(open: F)
where
    L: Ledger + 'static,
    F: Fn(String) -> O,
    O: Future<Output = L>,
{
    rules::stores_a_batch_once(&open).await;
    rules::overlapping_batches_store_each_record_once(&open).await;
    rules::attributions_are_refined_and_never_taken_back(&open).await;
    rules::leaves_end_the_right_join(&open).await;
    rules::ended_invites_stay_ended(&open).await;
    rules::a_code_may_live_twice(&open).await;
    claims::positions_come_back(&open).await;
    claims::a_later_claim_fences_out_the_earlier(&open).await;
    claims::overlapping_claims_of_other_divisions_fence_too(&open).await;
    claims::nothing_outside_the_partition_is_stored(&open).await;
    claims::positions_of_others_stay(&open).await;
    rules::readers_see_whole_batches(&open).await;
    reports::joins_by_every_filter(&open).await;
    reports::joins_in_pages(&open).await;
    reports::inviters_add_up(&open).await;
    reports::invites_count_their_own_life(&open).await;
    forgetting::the_person_is_gone_and_the_counts_are_not(&open).await;
    forgetting::late_records_do_not_bring_them_back(&open).await;
    random::order_splits_and_repeats_do_not_matter(&open).await;
}

/// Commits under a claim of every guild, made anew each time.
trait Write {
    async fn store(&self, batch: &Batch) -> Result<Committed, LedgerError>;
}

impl<L: Ledger> Write for L {
    async fn store(&self, batch: &Batch) -> Result<Committed, LedgerError> {
        let claim = self.claim(Partition::ALL, "a story").await?;
        self.commit(claim, batch).await
    }
}

/// Everything that can be asked, to compare two ledgers.
#[derive(Debug, PartialEq)]
struct Dump {
    totals: Totals,
    joins: Vec<JoinRow>,
    inviters: Vec<InviterRow>,
    invites: Vec<InviteRow>,
    histories: Vec<Vec<guestlist_tracker::Attribution>>,
}

async fn dump(ledger: &impl Ledger) -> Dump {
    let joins = ledger
        .joins(&JoinFilter::new())
        .await
        .expect("joins are read");
    let mut histories = Vec::new();
    for row in &joins {
        histories.push(
            ledger
                .attribution_history(&row.join.key)
                .await
                .expect("the history is read"),
        );
    }
    Dump {
        totals: ledger.totals().await.expect("totals are read"),
        joins,
        inviters: ledger
            .inviters(&InviterFilter::new())
            .await
            .expect("inviters are read"),
        invites: ledger
            .invites(&InviteFilter::new())
            .await
            .expect("invites are read"),
        histories,
    }
}
