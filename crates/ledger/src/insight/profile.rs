//! Detailed statistics of each inviter.

use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, time::Duration};

use guestlist_model::{Timestamp, UserId};

use super::{JoinFact, Kept, each, retention::Gaps, retention::gaps};
use crate::{LedgerError, Reports, Scope};

/// The limits for what is notable about a join.
///
/// ```no_run
/// # async fn example(reports: &dyn guestlist_ledger::Reports, now: guestlist_model::Timestamp) -> Result<(), guestlist_ledger::LedgerError> {
/// use guestlist_ledger::{ProfileLimits, Scope};
///
/// for inviter in reports.inviter_profiles(&Scope::new(), &ProfileLimits::new(now)).await? {
///     println!("{}: {} joined, {} left quickly", inviter.inviter, inviter.joined, inviter.quick);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ProfileLimits {
    /// An account is young if it was younger than this when the member joined.
    pub young: Duration,
    /// A leave is quick if it came within this time after the join.
    pub quick: Duration,
    /// The number of days for [`InviterProfile::kept`].
    pub days: u32,
    /// The current time.
    pub now: Timestamp,
}

impl ProfileLimits {
    /// Creates limits with defaults: accounts younger than a week, leaves within an hour,
    /// stays of a week.
    #[must_use]
    pub const fn new(now: Timestamp) -> Self {
        Self {
            young: Duration::from_secs(7 * 86_400),
            quick: Duration::from_secs(3_600),
            days: 7,
            now,
        }
    }
}

/// The statistics of an inviter. Only joins whose inviter is confirmed or deduced count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct InviterProfile {
    /// The inviter.
    pub inviter: UserId,
    /// The inviter's latest known name.
    pub name: Option<String>,
    /// The number of joins.
    pub joined: u64,
    /// How many of them are of current members.
    pub here: u64,
    /// How many of them are of members who left.
    pub left: u64,
    /// How many of them are of members who had joined before.
    pub rejoined: u64,
    /// How many of them are of young accounts.
    pub young: u64,
    /// How many of them are of the inviter, through their own invite.
    pub own: u64,
    /// How many of them ended with a quick leave.
    pub quick: u64,
    /// How many members stayed.
    pub kept: Kept,
    /// The latest join.
    pub last_join: Timestamp,
}

impl InviterProfile {
    fn new(inviter: UserId, days: u32) -> Self {
        Self {
            inviter,
            name: None,
            joined: 0,
            here: 0,
            left: 0,
            rejoined: 0,
            young: 0,
            own: 0,
            quick: 0,
            kept: Kept::new(days),
            last_join: Timestamp::from_micros(i64::MIN),
        }
    }

    fn add(&mut self, fact: &JoinFact, limits: &ProfileLimits, gaps: &Gaps) {
        self.joined += 1;
        self.here += u64::from(fact.here);
        self.left += u64::from(!fact.here);
        self.rejoined += u64::from(fact.rejoined);
        self.young += u64::from(fact.is_young(limits.young));
        self.own += u64::from(fact.key.user == self.inviter);
        self.quick += u64::from(fact.left_within(limits.quick));
        self.kept.add(fact, limits.now, gaps);
        self.last_join = self.last_join.max(fact.key.joined_at);
    }
}

pub(crate) async fn profiles(
    reports: &(impl Reports + ?Sized),
    scope: &Scope,
    limits: &ProfileLimits,
) -> Result<Vec<InviterProfile>, LedgerError> {
    let gaps = gaps(reports, scope).await?;
    let mut counting = Counting::new(limits, &gaps);
    each(reports, scope, |fact| counting.add(&fact)).await?;
    let mut rows = counting.finish();
    let inviters: Vec<UserId> = rows.iter().map(|row| row.inviter).collect();
    let names = reports.names(&inviters).await?;
    for row in &mut rows {
        row.name = names.get(&row.inviter).cloned();
    }
    Ok(rows)
}

pub(super) struct Counting<'l> {
    limits: &'l ProfileLimits,
    gaps: &'l Gaps,
    rows: BTreeMap<UserId, InviterProfile>,
}

impl<'l> Counting<'l> {
    pub(super) const fn new(limits: &'l ProfileLimits, gaps: &'l Gaps) -> Self {
        Self {
            limits,
            gaps,
            rows: BTreeMap::new(),
        }
    }

    pub(super) fn add(&mut self, fact: &JoinFact) {
        if let Some(inviter) = fact.invited_by() {
            let row = self.rows.entry(inviter);
            let row = row.or_insert_with(|| InviterProfile::new(inviter, self.limits.days));
            row.add(fact, self.limits, self.gaps);
        }
    }

    /// Most joins first.
    pub(super) fn finish(self) -> Vec<InviterProfile> {
        let mut rows: Vec<InviterProfile> = self.rows.into_values().collect();
        rows.sort_by_key(|row| (std::cmp::Reverse(row.joined), row.inviter));
        rows
    }
}

#[cfg(test)]
mod tests {
    use guestlist_model::Id;
    use guestlist_tracker::JoinKey;

    use super::*;

    #[test]
    fn what_is_remarkable_is_counted() {
        let at = Timestamp::from_secs;
        let now = 1_700_000_000;
        let made = |seconds: i64| {
            let millis = u64::try_from(seconds * 1_000 - 1_420_070_400_000).unwrap();
            Id::new_checked(millis << 22).unwrap()
        };
        let guild = Id::new_checked(1).unwrap();
        let inviter = made(now - 400 * 86_400);
        let limits = ProfileLimits::new(at(now));
        let mut profile = InviterProfile::new(inviter, limits.days);
        let mut add = |user, change: fn(&mut JoinFact)| {
            let mut fact = JoinFact::new(JoinKey::new(guild, user, at(now - 8 * 86_400)));
            change(&mut fact);
            profile.add(&fact, &limits, &Gaps::default());
        };
        add(made(now - 14 * 86_400), |_| {});
        add(made(now - 16 * 86_400), |fact| fact.rejoined = true);
        add(inviter, |fact| {
            fact.here = false;
            fact.left_at = Some(Timestamp::from_secs(fact.key.joined_at.as_secs() + 3_599));
        });
        assert_eq!(
            (profile.joined, profile.here, profile.left, profile.rejoined),
            (3, 2, 1, 1)
        );
        assert_eq!((profile.young, profile.own, profile.quick), (1, 1, 1));
        assert_eq!((profile.kept.observed, profile.kept.stayed), (3, 2));
    }
}
