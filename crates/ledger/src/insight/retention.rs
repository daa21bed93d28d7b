//! Retention: how many members stayed.

use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use guestlist_model::{GuildId, InviteCode, Timestamp, UserId};

use super::{
    JoinFact, each,
    sheet::{LabelsByCode, labels},
};
use crate::{Bucket, GapRow, Label, LedgerError, Reports, Scope};

/// How joins are grouped into cohorts.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum CohortBy {
    /// One cohort of all joins.
    #[default]
    Everyone,
    /// By the invite's code.
    Invite,
    /// By the code's label.
    Label,
    /// By the user who created the invite.
    Inviter,
    /// By how the member joined.
    Origin,
}

/// A cohort, not counting the week. A join counts for an invite, a label, an inviter or an
/// origin only if that is confirmed or deduced.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cohort {
    /// All joins.
    Everyone,
    /// Joins through one code of a guild.
    Invite(GuildId, InviteCode),
    /// Joins through codes with one label.
    Label(Label),
    /// Joins through invites of one user.
    Inviter(UserId),
    /// Joins with one origin, as [`Origin::label`](guestlist_tracker::Origin::label).
    Origin(String),
    /// Joins in no other cohort.
    Rest,
}

/// A query about retention.
///
/// ```no_run
/// # async fn example(reports: &dyn guestlist_ledger::Reports, now: guestlist_model::Timestamp) -> Result<(), guestlist_ledger::LedgerError> {
/// use guestlist_ledger::{CohortBy, RetentionQuestion, Scope};
///
/// let question = RetentionQuestion::new(now).by(CohortBy::Label).days([7]);
/// for row in reports.retention(&Scope::new(), &question).await? {
///     println!("{:?}: {:?} of the members stayed for a week", row.cohort, row.kept[0].share());
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RetentionQuestion {
    /// How joins are grouped into cohorts.
    pub by: CohortBy,
    /// Whether joins of different weeks (from Monday, UTC) are in different cohorts.
    pub weekly: bool,
    /// The numbers of days for which to count members who stayed: one [`Kept`] for each.
    pub days: Vec<u32>,
    /// The current time. Members who joined less than the given number of days before it
    /// were not observed long enough.
    pub now: Timestamp,
}

impl RetentionQuestion {
    /// Creates a query with defaults: members who stayed for 1, 7 and 30 days, all joins
    /// in one cohort.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self {
            by: CohortBy::Everyone,
            weekly: false,
            days: vec![1, 7, 30],
            now,
        }
    }

    /// Sets how joins are grouped.
    #[must_use]
    pub const fn by(mut self, by: CohortBy) -> Self {
        self.by = by;
        self
    }

    /// Groups joins by week, too.
    #[must_use]
    pub const fn weekly(mut self) -> Self {
        self.weekly = true;
        self
    }

    /// Sets the numbers of days.
    #[must_use]
    pub fn days(mut self, days: impl Into<Vec<u32>>) -> Self {
        self.days = days.into();
        self
    }
}

/// A cohort, and how many of its members stayed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RetentionRow {
    /// The cohort.
    pub cohort: Cohort,
    /// The latest known name of the inviter.
    pub inviter_name: Option<String>,
    /// The label of the invite.
    pub label: Option<Label>,
    /// The start of the week, if joins are grouped by week.
    pub week: Option<Timestamp>,
    /// The number of joins.
    pub joined: u64,
    /// How many of them are of current members.
    pub here: u64,
    /// How many members stayed, for each number of days.
    pub kept: Vec<Kept>,
}

/// How many members stayed for a number of days.
///
/// The time of a leave is the time when it was observed. guestlist does not see leaves
/// while it is not connected: such a member counts as present until they join again. The
/// members for whom this matters are counted in `unsure` and `over_gap`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Kept {
    /// The number of days.
    pub days: u32,
    /// The number of joins that are at least this old.
    pub observed: u64,
    /// How many of the observed members were still in the server after this number of
    /// days.
    pub stayed: u64,
    /// How many of the observed members left unseen and joined again later, so that it is
    /// unknown whether they stayed that long. They are not included in `stayed`.
    pub unsure: u64,
    /// How many of `stayed` may have left unseen, because there was a gap in the
    /// observation within these days.
    pub over_gap: u64,
}

impl Kept {
    /// Creates an empty count.
    #[must_use]
    pub const fn new(days: u32) -> Self {
        Self {
            days,
            observed: 0,
            stayed: 0,
            unsure: 0,
            over_gap: 0,
        }
    }

    /// The share of members who stayed, out of those for whom it is known; `None` if
    /// there are none.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        crate::share(self.stayed, self.known())
    }

    /// For how many members it is known whether they stayed.
    #[must_use]
    pub const fn known(&self) -> u64 {
        self.observed.saturating_sub(self.unsure)
    }

    /// Counts a join.
    pub(crate) fn add(&mut self, fact: &JoinFact, now: Timestamp, gaps: &Gaps) {
        let span = Duration::from_secs(u64::from(self.days) * 86_400);
        if fact.stay(now) < span {
            return;
        }
        self.observed += 1;
        match (fact.left_at, fact.next_at) {
            (Some(left), _) if fact.stay(left) < span => {}
            // Left at some time between two, before or after these days.
            (Some(_), _) if fact.left_after.is_some_and(|least| fact.stay(least) < span) => {
                self.unsure += 1;
            }
            (Some(_), _) => self.stayed += 1,
            // Left and back within these days.
            (None, Some(next)) if fact.stay(next) <= span => {}
            (None, Some(_)) => self.unsure += 1,
            (None, None) => {
                self.stayed += 1;
                let until = fact.key.joined_at.saturating_add(span);
                let seen = fact.observed_at.max(fact.key.joined_at);
                self.over_gap += u64::from(gaps.within(fact.key.guild, seen, until));
            }
        }
    }
}

/// The times of each guild in which nobody watched, apart from each other and in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gaps(BTreeMap<GuildId, Vec<(Timestamp, Timestamp)>>);

impl Gaps {
    pub(crate) fn of(rows: &[GapRow]) -> Self {
        let mut gaps = Self::default();
        // Who left in the others was found.
        for row in rows.iter().filter(|row| !row.gap.compared) {
            // Until it was noticed. From then on leaves are told, while joins are searched.
            let end = row.gap.observed_at;
            let begin = row.gap.last_known.unwrap_or(end).min(end);
            gaps.0.entry(row.gap.guild).or_default().push((begin, end));
        }
        for spans in gaps.0.values_mut() {
            spans.sort_unstable();
            let mut apart: Vec<(Timestamp, Timestamp)> = Vec::new();
            for (begin, end) in spans.drain(..) {
                match apart.last_mut() {
                    Some(last) if begin <= last.1 => last.1 = last.1.max(end),
                    _ => apart.push((begin, end)),
                }
            }
            *spans = apart;
        }
        gaps
    }

    /// Whether nobody watched at some moment between two.
    fn within(&self, guild: GuildId, from: Timestamp, until: Timestamp) -> bool {
        let Some(spans) = self.0.get(&guild) else {
            return false;
        };
        let first = spans.partition_point(|(_, end)| *end <= from);
        spans.get(first).is_some_and(|(begin, _)| *begin < until)
    }
}

/// The gaps of a scope's guild.
pub(super) async fn gaps(
    reports: &(impl Reports + ?Sized),
    scope: &Scope,
) -> Result<Gaps, LedgerError> {
    let mut all = Scope::new();
    all.guild = scope.guild;
    Ok(Gaps::of(&reports.gaps(&all).await?))
}

pub(crate) async fn retention(
    reports: &(impl Reports + ?Sized),
    scope: &Scope,
    question: &RetentionQuestion,
) -> Result<Vec<RetentionRow>, LedgerError> {
    let labels = labels(reports, scope).await?;
    let gaps = gaps(reports, scope).await?;
    let mut counting = Counting::new(question, &labels, &gaps);
    each(reports, scope, |fact| counting.add(&fact)).await?;
    let mut rows = counting.finish();
    if question.by == CohortBy::Inviter {
        let inviters = rows.iter().filter_map(|row| match row.cohort {
            Cohort::Inviter(user) => Some(user),
            _ => None,
        });
        // Each of them once, in however many weeks.
        let inviters: BTreeSet<UserId> = inviters.collect();
        let inviters: Vec<UserId> = inviters.into_iter().collect();
        let names = reports.names(&inviters).await?;
        for row in &mut rows {
            if let Cohort::Inviter(user) = row.cohort {
                row.inviter_name = names.get(&user).cloned();
            }
        }
    }
    Ok(rows)
}

pub(super) struct Counting<'q> {
    question: &'q RetentionQuestion,
    labels: &'q LabelsByCode,
    gaps: &'q Gaps,
    rows: BTreeMap<(Cohort, Option<Timestamp>), RetentionRow>,
}

impl<'q> Counting<'q> {
    pub(super) const fn new(
        question: &'q RetentionQuestion,
        labels: &'q LabelsByCode,
        gaps: &'q Gaps,
    ) -> Self {
        Self {
            question,
            labels,
            gaps,
            rows: BTreeMap::new(),
        }
    }

    /// The latest week first, then the most joins; the rest of a week last.
    pub(super) fn finish(self) -> Vec<RetentionRow> {
        let mut rows: Vec<RetentionRow> = self.rows.into_values().collect();
        rows.sort_by(|a, b| {
            let weeks = b.week.cmp(&a.week);
            let rest = |row: &RetentionRow| row.cohort == Cohort::Rest;
            weeks
                .then(rest(a).cmp(&rest(b)))
                .then(b.joined.cmp(&a.joined))
                .then_with(|| a.cohort.cmp(&b.cohort))
        });
        rows
    }

    fn cohort(&self, fact: &JoinFact) -> Cohort {
        let code = fact.code.clone().map(|code| (fact.key.guild, code));
        let cohort = match self.question.by {
            CohortBy::Everyone => Some(Cohort::Everyone),
            CohortBy::Invite => code.map(|(guild, code)| Cohort::Invite(guild, code)),
            CohortBy::Label => code
                .and_then(|code| self.labels.get(&code))
                .map(|label| Cohort::Label(label.clone())),
            CohortBy::Inviter => fact.invited_by().map(Cohort::Inviter),
            CohortBy::Origin => fact
                .origin
                .clone()
                .map(|origin| Cohort::Origin(origin.into_owned())),
        };
        cohort.unwrap_or(Cohort::Rest)
    }

    pub(super) fn add(&mut self, fact: &JoinFact) {
        let week = (self.question.weekly).then(|| Bucket::WEEK.start(fact.key.joined_at));
        let cohort = self.cohort(fact);
        let label = match &cohort {
            Cohort::Invite(guild, code) => self.labels.get(&(*guild, code.clone())).cloned(),
            _ => None,
        };
        let days = &self.question.days;
        let row = self
            .rows
            .entry((cohort.clone(), week))
            .or_insert_with(|| RetentionRow {
                cohort,
                inviter_name: None,
                label,
                week,
                joined: 0,
                here: 0,
                kept: days.iter().map(|days| Kept::new(*days)).collect(),
            });
        row.joined += 1;
        row.here += u64::from(fact.here);
        for kept in &mut row.kept {
            kept.add(fact, self.question.now, self.gaps);
        }
    }
}

#[cfg(test)]
mod tests {
    use guestlist_model::Id;
    use guestlist_tracker::{Gap, JoinKey};

    use super::*;

    const DAY: i64 = 86_400;

    fn at(days: i64) -> Timestamp {
        Timestamp::from_secs(1_700_000_000 + days * DAY)
    }

    fn fact() -> JoinFact {
        let (guild, user) = (Id::new_checked(1).unwrap(), Id::new_checked(2).unwrap());
        JoinFact::new(JoinKey::new(guild, user, at(0)))
    }

    fn kept(fact: &JoinFact, now: i64, gaps: &[(i64, i64)]) -> (u64, u64, u64, u64) {
        let gap = |(from, until): &(i64, i64)| {
            let mut gap = Gap::new(fact.key.guild, at(*until), at(*until));
            gap.last_known = Some(at(*from));
            GapRow {
                gap,
                guild_name: None,
            }
        };
        let gaps = Gaps::of(&gaps.iter().map(gap).collect::<Vec<_>>());
        let mut kept = Kept::new(7);
        kept.add(fact, at(now), &gaps);
        (kept.observed, kept.stayed, kept.unsure, kept.over_gap)
    }

    #[test]
    fn a_join_counts_once_it_is_old_enough() {
        let stays = fact();
        assert_eq!(kept(&stays, 6, &[]), (0, 0, 0, 0));
        assert_eq!(kept(&stays, 7, &[]), (1, 1, 0, 0));
        let mut leaves = fact();
        leaves.here = false;
        leaves.left_at = Some(at(6));
        assert_eq!(
            kept(&leaves, 6, &[]),
            (0, 0, 0, 0),
            "else all would have left"
        );
        assert_eq!(kept(&leaves, 7, &[]), (1, 0, 0, 0));
        leaves.left_at = Some(at(7));
        assert_eq!(kept(&leaves, 8, &[]), (1, 1, 0, 0));
    }

    #[test]
    fn whoever_came_back_without_a_leave_left_some_time_before() {
        let mut again = fact();
        again.here = false;
        again.next_at = Some(at(5));
        assert_eq!(kept(&again, 20, &[]), (1, 0, 0, 0));
        again.next_at = Some(at(9));
        assert_eq!(kept(&again, 20, &[]), (1, 0, 1, 0));
        assert_eq!(Kept::new(7).share(), None);
    }

    #[test]
    fn whoever_left_unseen_stayed_for_as_long_as_is_known() {
        let mut leaves = fact();
        leaves.here = false;
        leaves.left_at = Some(at(9));
        for (least, (stayed, unsure)) in [(3, (0, 1)), (6, (0, 1)), (7, (1, 0)), (8, (1, 0))] {
            leaves.left_after = Some(at(least));
            assert_eq!(kept(&leaves, 20, &[]), (1, stayed, unsure, 0), "{least}");
        }
        leaves.left_at = Some(at(6));
        leaves.left_after = Some(at(2));
        assert_eq!(kept(&leaves, 20, &[]), (1, 0, 0, 0));
    }

    #[test]
    fn a_gap_makes_a_stay_uncertain_unless_the_member_was_seen_later() {
        let mut stays = fact();
        assert_eq!(kept(&stays, 20, &[(3, 4)]), (1, 1, 0, 1));
        assert_eq!(kept(&stays, 20, &[(8, 9)]), (1, 1, 0, 0), "after the days");
        assert_eq!(kept(&stays, 20, &[(-2, -1), (-1, 0)]), (1, 1, 0, 0));
        // Found by the search after the gap.
        stays.observed_at = at(4);
        assert_eq!(kept(&stays, 20, &[(-1, 4)]), (1, 1, 0, 0));
        assert_eq!(kept(&stays, 20, &[(-1, 3), (5, 6)]), (1, 1, 0, 1));
        stays.left_at = Some(at(10));
        assert_eq!(kept(&stays, 20, &[(5, 6)]), (1, 1, 0, 0), "seen to leave");
    }
}
