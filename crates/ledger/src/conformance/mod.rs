//! What every ledger must do, as stories: one test each, by
//! [`conformance_suite!`](crate::conformance_suite).
//!
//! A backend's test gives something that opens stores by name:
//!
//! ```
//! use guestlist_ledger::{SqliteLedger, conformance, conformance_suite};
//!
//! /// The ledgers of one test, gone when it ends.
//! #[derive(Default)]
//! struct Memory;
//!
//! impl conformance::Stores for Memory {
//!     type Ledger = SqliteLedger;
//!
//!     async fn open(&self, _name: &str) -> SqliteLedger {
//!         SqliteLedger::in_memory().await.expect("a ledger in memory opens")
//!     }
//! }
//!
//! conformance_suite!(Memory, volatile);
//! # fn main() {}
//! ```
//!
//! Opening a name again after the ledger was dropped must give the same store; a
//! backend that cannot do that runs the stories that need no memory, with
//! `conformance_suite!(Stores, volatile)`.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::panic,
    reason = "this is a test suite: a failed expectation is a failed test"
)]
#![expect(missing_docs, reason = "the name of a story says what it is about")]

mod claims;
mod departures;
mod facts;
mod feed;
mod filters;
mod forgetting;
mod identity;
mod insight;
mod labels;
mod provisional;
mod random;
mod reports;
mod rules;
mod times;

use std::future::Future;

use self::random::{seeds, shuffled_records};
use crate::{
    Batch, ChangeFilter, Committed, Cursor, InviteRow, InviteStatus, InviterRow, JoinRow, Ledger,
    LedgerError, News, Page, Partition, Reports, Scope, Totals,
};

/// Where the stories get their ledgers from; one for each test.
pub trait Stores: Default + Sync {
    /// The backend.
    type Ledger: Ledger + 'static;

    /// Opens the store of this name, new or as it was left.
    fn open(&self, name: &str) -> impl Future<Output = Self::Ledger> + Send;
}

/// Makes a `#[tokio::test]` of every story, for a type that implements
/// [`Stores`](crate::conformance::Stores). With `volatile` behind it, leaves out those
/// that open a store again.
#[macro_export]
macro_rules! conformance_suite {
    ($stores:ty) => {
        $crate::conformance_suite!($stores, volatile);
        $crate::conformance_suite! { @each $stores:
            survives_being_dropped
            an_interrupted_commit_is_whole_or_absent
            the_feed_survives_being_dropped
        }
    };
    ($stores:ty, volatile) => {
        $crate::conformance_suite! { @each $stores:
            stores_a_batch_once
            overlapping_batches_store_each_record_once
            attributions_are_refined_and_never_taken_back
            an_attribution_may_come_before_its_join
            leaves_end_the_right_join
            ended_invites_stay_ended
            a_code_may_live_twice
            whoever_is_here_can_be_listed
            a_leave_that_no_event_told_of_has_two_times
            readers_see_whole_batches
            positions_come_back
            states_come_back_part_by_part
            a_later_claim_fences_out_the_earlier
            overlapping_claims_of_other_divisions_fence_too
            nothing_outside_the_partition_is_stored
            positions_of_others_stay
            a_join_is_one_by_milliseconds
            joins_by_every_filter
            joins_in_pages
            filters_agree_with_a_recount
            accounts_are_as_old_as_their_ids_say
            names_are_found_in_whatever_case
            facts_say_what_joins_say
            insights_are_of_the_scope
            labels_group_codes
            labels_outlive_whoever_is_forgotten
            inviters_add_up
            invites_count_their_own_life
            reports_agree_with_a_recount
            reports_work_behind_dyn
            guilds_are_counted_each
            series_put_joins_and_leaves_into_buckets
            gaps_can_be_read
            the_feed_tells_everything_new_once
            the_feed_tells_each_revision_as_it_was_stated
            the_feed_can_be_narrowed_and_read_in_pages
            the_feed_keeps_its_numbers_when_somebody_is_forgotten
            the_person_is_gone_and_the_counts_are_not
            late_records_do_not_bring_them_back
            names_do_not_come_back
            what_they_do_afterwards_is_new
            who_was_idle_is_found_and_forgotten
            order_splits_and_repeats_do_not_matter
            a_provisional_answer_is_told_and_counted_nowhere
        }
    };
    (@each $stores:ty: $($story:ident)+) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $story() {
                let stores = <$stores>::default();
                $crate::conformance::stories::$story(&stores).await;
            }
        )+
    };
}

/// The stories, by name, for the macro.
#[doc(hidden)]
pub mod stories {
    pub use super::{
        claims::*, departures::*, feed::*, filters::*, forgetting::*, identity::*, insight::*,
        labels::*, provisional::*, random::*, reports::*, rules::*, times::*,
    };
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

async fn dump(ledger: &impl Reports) -> Dump {
    let joins = joins(ledger, &Scope::new()).await;
    let mut histories = Vec::new();
    for row in &joins {
        let history = ledger.attribution_history(&row.join.key).await;
        histories.push(history.expect("the history is read"));
    }
    let everything = Scope::new();
    let invites = ledger.invites(&everything, InviteStatus::Any, None).await;
    Dump {
        totals: ledger.totals(&everything).await.expect("totals are read"),
        inviters: (ledger.inviters(&everything, None).await).expect("inviters are read"),
        invites: invites.expect("invites are read"),
        joins,
        histories,
    }
}

async fn joins(ledger: &impl Reports, scope: &Scope) -> Vec<JoinRow> {
    let rows = ledger.joins(scope, Page::ALL).await;
    rows.expect("joins are read")
}

/// The whole feed.
async fn news(ledger: &impl Reports) -> Vec<News> {
    let everything = ChangeFilter::new();
    let changes = ledger.changes(Cursor::START, &everything, u32::MAX).await;
    let entries = changes.expect("the feed is read").entries;
    entries.into_iter().map(|change| change.news).collect()
}
