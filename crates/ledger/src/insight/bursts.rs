//! Bursts: unusual numbers of joins.

use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, time::Duration};

use guestlist_model::{GuildId, InviteCode, Timestamp};

use super::{JoinFact, each};
use crate::{LedgerError, Reports, Scope};

/// What counts as a burst.
///
/// ```no_run
/// # async fn example(reports: &dyn guestlist_ledger::Reports, now: guestlist_model::Timestamp) -> Result<(), guestlist_ledger::LedgerError> {
/// use guestlist_ledger::{BurstLimits, Scope};
///
/// let mut limits = BurstLimits::new(now);
/// limits.least = 50;
/// for burst in reports.bursts(&Scope::new(), &limits).await? {
///     println!("{} joins since {}: {:?}", burst.joins, burst.from, burst.kind);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BurstLimits {
    /// The length of the time window.
    pub window: Duration,
    /// The minimum number of joins through one invite.
    pub least: u32,
    /// The minimum number of joins of young accounts.
    pub least_young: u32,
    /// The minimum ratio to the usual number, which is the mean over the rest of the
    /// queried time.
    pub times: f64,
    /// An account is young if it was younger than this when the member joined.
    pub young: Duration,
    /// The current time, at which the queried time ends unless the scope says otherwise.
    pub now: Timestamp,
}

impl BurstLimits {
    /// Creates limits with defaults: within ten minutes, ten joins through one invite or five of
    /// accounts younger than a week, and five times as many as usual.
    #[must_use]
    pub const fn new(now: Timestamp) -> Self {
        Self {
            window: Duration::from_secs(600),
            least: 10,
            least_young: 5,
            times: 5.0,
            young: Duration::from_secs(7 * 86_400),
            now,
        }
    }
}

/// What is unusual about a [`Burst`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BurstKind {
    /// Joins through one code.
    Invite(InviteCode),
    /// Joins of young accounts, of any origin.
    YoungAccounts,
}

/// A burst: an unusual number of joins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Burst {
    /// The guild.
    pub guild: GuildId,
    /// What is unusual.
    pub kind: BurstKind,
    /// The time of the first join.
    pub from: Timestamp,
    /// The time of the last join.
    pub until: Timestamp,
    /// The number of joins.
    pub joins: u64,
    /// The usual number of joins within [`BurstLimits::window`], over the rest of the
    /// time.
    pub usual: f64,
    /// How many of `joins` are of young accounts.
    pub young: u64,
    /// How many of `joins` are of current members.
    pub here: u64,
}

/// A join, as far as bursts go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Arrival {
    at: Timestamp,
    young: bool,
    here: bool,
}

pub(crate) async fn bursts(
    reports: &(impl Reports + ?Sized),
    scope: &Scope,
    limits: &BurstLimits,
) -> Result<Vec<Burst>, LedgerError> {
    let mut counting = Counting::new(limits);
    each(reports, scope, |fact| counting.add(&fact)).await?;
    Ok(counting.finish(scope.since, scope.until))
}

pub(super) struct Counting<'l> {
    limits: &'l BurstLimits,
    arrivals: BTreeMap<(GuildId, BurstKind), Vec<Arrival>>,
}

impl<'l> Counting<'l> {
    pub(super) const fn new(limits: &'l BurstLimits) -> Self {
        Self {
            limits,
            arrivals: BTreeMap::new(),
        }
    }

    pub(super) fn add(&mut self, fact: &JoinFact) {
        let arrival = Arrival {
            at: fact.key.joined_at,
            young: fact.is_young(self.limits.young),
            here: fact.here,
        };
        let guild = fact.key.guild;
        if arrival.young {
            let of = self.arrivals.entry((guild, BurstKind::YoungAccounts));
            of.or_default().push(arrival);
        }
        if let Some(code) = fact.code.clone() {
            let of = self.arrivals.entry((guild, BurstKind::Invite(code)));
            of.or_default().push(arrival);
        }
    }

    /// The latest first.
    pub(super) fn finish(self, since: Option<Timestamp>, until: Option<Timestamp>) -> Vec<Burst> {
        let limits = self.limits;
        let mut found = Vec::new();
        for ((guild, kind), mut arrivals) in self.arrivals {
            arrivals.sort_unstable();
            let least = match kind {
                BurstKind::Invite(_) => limits.least,
                BurstKind::YoungAccounts => limits.least_young,
            };
            let since = since.or(arrivals.first().map(|first| first.at));
            let span = (since.unwrap_or(limits.now), until.unwrap_or(limits.now));
            let outliers = outliers(&arrivals, span, least, limits);
            found.extend(outliers.into_iter().filter_map(|(burst, usual)| {
                Some(Burst {
                    guild,
                    kind: kind.clone(),
                    from: burst.first()?.at,
                    until: burst.last()?.at,
                    joins: burst.len() as u64,
                    usual,
                    young: burst.iter().filter(|it| it.young).count() as u64,
                    here: burst.iter().filter(|it| it.here).count() as u64,
                })
            }));
        }
        found.sort_by(|a, b| {
            let times = b.from.cmp(&a.from);
            times.then_with(|| (a.guild, &a.kind).cmp(&(b.guild, &b.kind)))
        });
        found
    }
}

/// The runs of arrivals, which are in order of time, that came unusually close together;
/// with how many usually come.
#[expect(clippy::cast_precision_loss, reason = "no guild has that many joins")]
fn outliers<'a>(
    arrivals: &'a [Arrival],
    (since, until): (Timestamp, Timestamp),
    least: u32,
    limits: &BurstLimits,
) -> Vec<(&'a [Arrival], f64)> {
    let window = limits.window.as_secs_f64();
    let span = until.as_micros().saturating_sub(since.as_micros()) as f64 / 1e6;
    // Over how many windows the rest is spread; at least one.
    let others = ((span - window) / window).max(1.0);
    let mut runs: Vec<(usize, usize)> = Vec::new();
    let mut end = 0;
    for (start, first) in arrivals.iter().enumerate() {
        let over = first.at.saturating_add(limits.window);
        while arrivals.get(end).is_some_and(|next| next.at < over) {
            end += 1;
        }
        let count = end - start;
        let usual = (arrivals.len() - count) as f64 / others;
        if count < least.max(1) as usize || (count as f64) < usual * limits.times {
            continue;
        }
        match runs.last_mut() {
            Some(last) if start < last.1 => last.1 = last.1.max(end),
            _ => runs.push((start, end)),
        }
    }
    let run = |(start, end): (usize, usize)| {
        let run = arrivals.get(start..end)?;
        Some((run, (arrivals.len() - run.len()) as f64 / others))
    };
    runs.into_iter().filter_map(run).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrivals(seconds: impl IntoIterator<Item = i64>) -> Vec<Arrival> {
        let arrival = |seconds| Arrival {
            at: Timestamp::from_secs(seconds),
            young: false,
            here: true,
        };
        seconds.into_iter().map(arrival).collect()
    }

    /// Bursts within a day, as the first and last second and the number.
    fn found(arrivals: &[Arrival]) -> Vec<(i64, i64, usize)> {
        let day = (Timestamp::from_secs(0), Timestamp::from_secs(86_400));
        let limits = BurstLimits::new(day.1);
        outliers(arrivals, day, limits.least, &limits)
            .iter()
            .map(|(run, _)| {
                let (first, last) = (run.first().unwrap(), run.last().unwrap());
                (first.at.as_secs(), last.at.as_secs(), run.len())
            })
            .collect()
    }

    #[test]
    fn many_at_once_are_a_burst() {
        assert_eq!(found(&[]), []);
        assert_eq!(found(&arrivals((0..9).map(|n| n * 60))), [], "too few");
        assert_eq!(
            found(&arrivals((0..10).map(|n| 1_000 + n * 60))),
            [(1_000, 1_540, 10)]
        );
        assert_eq!(
            found(&arrivals((0..10).map(|n| n * 70))),
            [],
            "the tenth is too late"
        );
    }

    #[test]
    fn a_long_burst_is_one_and_two_are_two() {
        let long = found(&arrivals((0..40).map(|n| n * 30)));
        assert_eq!(long, [(0, 1_170, 40)]);
        let (first, second) = ((0..12).map(|n| n * 10), (0..12).map(|n| 40_000 + n * 10));
        let two = found(&arrivals(first.chain(second)));
        assert_eq!(two, [(0, 110, 12), (40_000, 40_110, 12)]);
    }

    #[test]
    fn what_is_many_depends_on_what_is_usual() {
        // Twelve in ten minutes all day long.
        assert_eq!(found(&arrivals((0..1_728).map(|n| n * 50))), []);
        // And sixty more in one minute.
        let mut busy = arrivals((0..1_728).map(|n| n * 50));
        busy.extend(arrivals((0..60).map(|n| 43_200 + n)));
        busy.sort_unstable();
        let found = found(&busy);
        assert_eq!(found.len(), 1);
        assert!(found[0].2 >= 60);
    }
}
