//! The accuracy of answers that Discord later confirmed or corrected.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use guestlist_model::{GuildId, Timestamp};
use guestlist_tracker::{Attribution, Candidate, Certainty, Origin};

use crate::{CertaintyKind, JoinRow, LedgerError, Page, Reports, Scope};

/// Joins that are read at once.
const PAGE: u32 = 1000;

/// Answers that were stated before a confirmation, compared with the confirmation.
///
/// ```no_run
/// # async fn example(reports: &dyn guestlist_ledger::Reports) -> Result<(), guestlist_ledger::LedgerError> {
/// use guestlist_ledger::Scope;
///
/// let accuracy = reports.accuracy(&Scope::new()).await?;
/// for row in accuracy.months {
///     println!("{}: {} of {} deduced answers were correct", row.month, row.deduced_right, row.deduced);
/// }
/// for row in accuracy.weights {
///     println!("{} to {} %: {:?} were correct", row.from, row.from + 10, row.share());
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Accuracy {
    /// One row per server and month of the join, in this order.
    pub months: Vec<AccuracyRow>,
    /// One row per range of weights that occurred.
    pub weights: Vec<WeightRow>,
}

/// The confirmed joins of a month in a server, and the earlier answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AccuracyRow {
    /// The server.
    pub guild: GuildId,
    /// Its name, if known.
    pub guild_name: Option<String>,
    /// The month of the joins in UTC, such as `2026-03`.
    pub month: String,
    /// Confirmed joins.
    pub confirmed: u64,
    /// How many of them had been deduced.
    pub deduced: u64,
    /// How many of the deduced ones were correct. Any other is a bug.
    pub deduced_right: u64,
    /// How many of them had been ambiguous.
    pub ambiguous: u64,
    /// For how many of the ambiguous ones the most likely candidate was correct.
    pub ambiguous_right: u64,
    /// How many of them had a provisional answer.
    pub provisional: u64,
    /// For how many of them the most likely candidate of the first provisional answer was
    /// correct.
    pub provisional_right: u64,
}

/// Candidates with about the same weight.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WeightRow {
    /// Whether the answers were ambiguous or provisional.
    pub certainty: CertaintyKind,
    /// The lower end of the range in percent. A range covers ten percent.
    pub from: u8,
    /// The number of candidates.
    pub candidates: u64,
    /// The mean weight, from 0 to 1.
    pub given: f64,
    /// How many of them were correct.
    pub right: u64,
}

impl WeightRow {
    /// The share of correct candidates.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        crate::share(self.right, self.candidates)
    }
}

/// Reads the history of all confirmed joins in a scope, whose certainty does not matter.
pub(crate) async fn compare(
    ledger: &(impl Reports + ?Sized),
    scope: &Scope,
) -> Result<Accuracy, LedgerError> {
    let scope = scope.clone().certainty(CertaintyKind::Confirmed);
    let mut counting = Counting::default();
    let mut page = Page::first(PAGE);
    loop {
        let rows = ledger.joins(&scope, page).await?;
        for row in &rows {
            let history = ledger.attribution_history(&row.join.key).await?;
            counting.add(row, &history);
        }
        match rows.last() {
            Some(last) if rows.len() == PAGE as usize => {
                page = Page::first(PAGE).after(last.join.key);
            }
            _ => return Ok(counting.finish()),
        }
    }
}

/// Takes in joins, with what was said of each.
#[derive(Default)]
struct Counting {
    months: BTreeMap<(GuildId, String), AccuracyRow>,
    weights: BTreeMap<(CertaintyKind, u8), Weighed>,
}

/// Candidates with about the same weight.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Weighed {
    pub(crate) candidates: u64,
    /// The sum of their weights in billionths, so that it does not depend on their order.
    pub(crate) given: u64,
    pub(crate) right: u64,
}

impl Weighed {
    pub(crate) fn row(self, certainty: CertaintyKind, from: u8) -> WeightRow {
        #[expect(
            clippy::cast_precision_loss,
            reason = "as precise as a share has to be"
        )]
        let given = self.given as f64 / 1e9 / self.candidates.max(1) as f64;
        WeightRow {
            certainty,
            from,
            candidates: self.candidates,
            given,
            right: self.right,
        }
    }
}

impl Counting {
    fn add(&mut self, row: &JoinRow, history: &[Attribution]) {
        let standing = row.attribution.as_ref();
        let Some(truth) = standing.and_then(|standing| standing.certainty.origin()) else {
            return;
        };
        let key = row.join.key;
        let counts = month(
            &mut self.months,
            key.guild,
            row.guild_name.as_ref(),
            key.joined_at,
        );
        counts.confirmed += 1;
        let earlier = || history.iter().map(|said| &said.certainty);
        let mut deduced = earlier().filter_map(|certainty| match certainty {
            Certainty::Deduced(origin) => Some(origin),
            _ => None,
        });
        if let Some(first) = deduced.next() {
            let all_right = first.same_way(truth) && deduced.all(|other| other.same_way(truth));
            counts.deduced += 1;
            counts.deduced_right += u64::from(all_right);
        }
        let is_ambiguous = |certainty: &&Certainty| matches!(certainty, Certainty::Ambiguous(_));
        let is_provisional = |certainty: &&Certainty| !certainty.is_final();
        let last = earlier().rfind(is_ambiguous);
        let first = earlier().find(is_provisional);
        for (said, kind) in [
            (last, CertaintyKind::Ambiguous),
            (first, CertaintyKind::Provisional),
        ] {
            let candidates = said.map_or(&[][..], Certainty::candidates);
            let Some(heaviest) = candidates.first() else {
                continue;
            };
            let right = u64::from(is_true(heaviest, candidates, truth));
            let (all, good) = match kind {
                CertaintyKind::Ambiguous => (&mut counts.ambiguous, &mut counts.ambiguous_right),
                _ => (&mut counts.provisional, &mut counts.provisional_right),
            };
            *all += 1;
            *good += right;
            for candidate in candidates {
                let from = candidate.percent() / 10 * 10;
                let bin = self.weights.entry((kind, from)).or_default();
                bin.candidates += 1;
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a weight is from 0 to 1"
                )]
                let given = (candidate.weight * 1e9).round() as u64;
                bin.given += given;
                bin.right += u64::from(is_true(candidate, candidates, truth));
            }
        }
    }

    fn finish(self) -> Accuracy {
        let row = |((kind, from), weighed): ((_, _), Weighed)| weighed.row(kind, from);
        Accuracy {
            months: self.months.into_values().collect(),
            weights: self.weights.into_iter().map(row).collect(),
        }
    }
}

/// The counts of a guild and the month of a moment.
fn month<'m>(
    months: &'m mut BTreeMap<(GuildId, String), AccuracyRow>,
    guild: GuildId,
    guild_name: Option<&String>,
    at: Timestamp,
) -> &'m mut AccuracyRow {
    let mut month = at.to_string();
    month.truncate("2026-03".len());
    months
        .entry((guild, month.clone()))
        .or_insert_with(|| AccuracyRow {
            guild,
            guild_name: guild_name.cloned(),
            month,
            confirmed: 0,
            deduced: 0,
            deduced_right: 0,
            ambiguous: 0,
            ambiguous_right: 0,
            provisional: 0,
            provisional_right: 0,
        })
}

/// Whether a candidate is the true way in. "A way that moves no count" is whatever is not
/// among the others.
fn is_true(candidate: &Candidate, all: &[Candidate], truth: &Origin) -> bool {
    match candidate.origin {
        Origin::Unseen => !all.iter().any(|other| other.origin.same_way(truth)),
        _ => candidate.origin.same_way(truth),
    }
}

#[cfg(all(test, feature = "conformance"))]
mod tests {
    use guestlist_testkit::Random;

    use super::*;
    use crate::{
        Batch, Partition, SqliteLedger, Store as _, conformance::stories::shuffled_records,
    };

    /// What SQLite summarizes is what each join tells.
    #[tokio::test]
    async fn a_summary_says_what_joins_say() {
        let mut compared = 0;
        for seed in 0..12 {
            println!("seed {seed}");
            let ledger = SqliteLedger::in_memory().await.unwrap();
            let claim = ledger.claim(Partition::ALL, "a test").await.unwrap();
            let records = shuffled_records(&mut Random::new(seed), 200);
            ledger.commit(claim, &Batch::of(records)).await.unwrap();
            let later = Timestamp::from_secs(1_700_000_200);
            for scope in [Scope::new(), Scope::new().since(later)] {
                let (one, other) = (
                    ledger.accuracy(&scope).await.unwrap(),
                    compare(&ledger, &scope).await.unwrap(),
                );
                assert_eq!(one, other);
                compared += one
                    .months
                    .iter()
                    .map(|row| row.deduced + row.ambiguous)
                    .sum::<u64>();
            }
        }
        assert!(compared > 20, "{compared}");
    }
}
