//! Joins weighed against counts.

use std::collections::BTreeMap;
use std::time::Duration;

use guestlist_model::{InviteCode, Timestamp};

use super::likelihood::seconds;
use super::{Guild, Now};
use crate::counts::{Move, Step, Way, WayKey};
use crate::delays::Delays;
use crate::ends::Ended;
use crate::evidence::Evidence;
use crate::joins::{Deduced, JoinNumber, Waiting};
use crate::record::Origin;
use crate::solve::{Joiner, Slot, Solution, Verdict, solve};
use crate::time::{SKEW, after, before};

/// What takes no longer is weighed at each event.
const NO_PAUSE: Duration = Duration::from_millis(10);
/// How often much is weighed, and how seldom at the most.
const WEIGH_EVERY: Duration = Duration::from_secs(1);
const WEIGH_AT_LEAST: Duration = Duration::from_secs(5);

/// How likely a use was nobody's whose join is known, compared with a use of somebody who
/// is: because a member used the invite, or because an event was missed.
const UNKNOWN_USER: f64 = 0.1;
/// How long a count is watched, in seconds, for that to be so; less if it is shorter.
const WATCHED: f64 = 2.0;
/// The same where an event may still come.
const COMING: f64 = 0.05;
/// How many uses ways stand for that were not used of late.
const OTHER_WAYS: f64 = 4.0;
/// Joins are weighed again, by what they teach of delays together, if no more movements fit
/// them, each join counted for itself.
const MAX_REFINED: usize = 400;

/// What has been weighed.
#[derive(Debug, Default)]
pub(super) struct Weighing {
    /// When everything was weighed last.
    at: Option<Timestamp>,
    /// How many pairs of a join and a movement there are.
    work: usize,
    /// The revision of the evidence that has been deduced from.
    solved: Option<u64>,
    /// The revision of the evidence that joins have been explained by.
    explained: Option<u64>,
}

/// Whom a movement may count, as far as times and Discord's word tell.
struct Countable<'a> {
    /// The number of its step.
    step: u64,
    way: &'a Way,
    /// Only joins whose event came in this time.
    arrived_from: Timestamp,
    arrived_until: Option<Timestamp>,
    /// Only members who joined in this time.
    joined_from: Option<Timestamp>,
    joined_until: Option<Timestamp>,
}

impl Weighing {
    pub(super) const fn work(&self) -> usize {
        self.work
    }
}

/// The open questions of a guild in the solver's terms.
pub(super) struct Problem<'a> {
    slots: Vec<Slot>,
    /// Where each slot comes from.
    moves: Vec<(u64, &'a Step, &'a Move)>,
    ways: Vec<&'a Way>,
    /// Of all uses that were counted of late, the share of each way.
    popularity: Vec<f64>,
    joiners: Vec<Joiner>,
    /// Which of the guild's joins each joiner is.
    numbers: Vec<JoinNumber>,
}

impl<'a> Problem<'a> {
    /// Which ways are left for whom.
    fn solve(&self) -> Solution {
        solve(&self.slots, &self.joiners, false)
    }

    /// The same, with how likely each way is.
    pub(super) fn weigh(&self, guild: &Guild) -> Solution {
        let solution = self.weigh_by(guild, &guild.delays);
        let fitting: usize = self.joiners.iter().map(|joiner| joiner.fits().len()).sum();
        let is_open = |verdict: &&Verdict| matches!(verdict, Verdict::Several(_));
        let open = solution.verdicts().iter().filter(is_open).count();
        // One alone has nobody to learn from.
        if fitting > MAX_REFINED || open < 2 {
            return solution;
        }
        self.weigh_by(guild, &guild.refined(self, &solution))
    }

    /// The same, if counts have these delays.
    fn weigh_by(&self, guild: &Guild, delays: &Delays) -> Solution {
        let joiners = self.numbers.iter().zip(&self.joiners);
        let timed = joiners.map(|(number, joiner)| match guild.joins.get(*number) {
            Some(join) => {
                let chances = guild.chances(delays, self.fitting(joiner), join);
                let none = guild.chance_of_none(delays, join);
                joiner.clone().timed(chances, none)
            }
            None => joiner.clone(),
        });
        let timed: Vec<Joiner> = timed.collect();
        solve(&self.slots, &timed, true)
    }

    /// The same as it is so far: other joins may turn up for what is not final.
    pub(super) fn so_far(mut self) -> Self {
        let slots = self.slots.into_iter().zip(&self.moves);
        let slots = slots.map(|(slot, (_, step, _))| {
            if step.is_final() {
                slot
            } else {
                slot.maybe_nobodys(COMING)
            }
        });
        self.slots = slots.collect();
        self
    }

    /// The joins, each with the verdict on it.
    pub(super) fn verdicts<'b>(
        &'b self,
        solution: &'b Solution,
    ) -> impl Iterator<Item = (JoinNumber, &'b Joiner, &'b Verdict)> {
        let joins = self.numbers.iter().zip(&self.joiners);
        joins
            .zip(solution.verdicts())
            .map(|((number, joiner), verdict)| (*number, joiner, verdict))
    }

    pub(super) fn way(&self, way: usize) -> Option<&'a Way> {
        self.ways.get(way).copied()
    }

    /// Of all uses that were counted of late, the share of this way; some are left for ways
    /// that were not used of late.
    pub(super) fn popularity(&self, way: usize) -> f64 {
        self.popularity.get(way).copied().unwrap_or(0.0)
    }

    /// The movements that a join fits.
    pub(super) fn fitting(&self, joiner: &Joiner) -> impl Iterator<Item = (&'a Step, &'a Move)> {
        let slots = joiner.fits().iter();
        slots
            .filter_map(|slot| self.moves.get(*slot))
            .map(|(_, step, moved)| (*step, *moved))
    }

    /// The last step that is weighed.
    fn last_step(&self) -> u64 {
        self.moves.last().map_or(0, |(number, ..)| *number)
    }

    /// The joins that are known to be counted, of which it is plain by now in which step: too
    /// few others fit what moved there.
    fn matched(&self, guild: &Guild) -> Vec<(JoinNumber, u64)> {
        let mut fitting = vec![0_u64; self.slots.len()];
        for slot in self.joiners.iter().flat_map(Joiner::fits) {
            if let Some(fitting) = fitting.get_mut(*slot) {
                *fitting += 1;
            }
        }
        let is_plain = |slot: &&usize| {
            let low = self.slots.get(**slot).map(Slot::low);
            low.is_some_and(|low| low > 0 && fitting.get(**slot) <= Some(&low))
        };
        let joins = self.numbers.iter().zip(&self.joiners);
        let matched = joins.filter_map(|(number, joiner)| {
            let join = guild.joins.get(*number)?;
            if !join.is_counted() || join.is_matched() {
                return None;
            }
            let slot = joiner.fits().iter().find(is_plain)?;
            Some((*number, self.moves.get(*slot)?.0))
        });
        matched.collect()
    }

    /// What a deduction rests on.
    fn grounds(&self, guild: &Guild, joiner: &Joiner, way: &Way) -> Vec<Evidence> {
        let is_own = |slot: &usize| {
            self.moves
                .get(*slot)
                .is_some_and(|(_, _, moved)| moved.way().key() == way.key())
        };
        let mut evidence: Vec<Evidence> = self
            .fitting(joiner)
            .filter(|(_, moved)| moved.way().key() == way.key())
            .map(|(step, moved)| moved.evidence(step.received(), guild.is_exhausted(moved)))
            .collect();
        let shares = |other: &&Joiner| {
            let mut fits = other.fits().iter();
            fits.any(|slot| joiner.fits().contains(slot) && is_own(slot))
        };
        let sharing = self.joiners.iter().filter(shares).count();
        evidence.push(Evidence::Shared {
            joins: u64::try_from(sharing).unwrap_or(u64::MAX),
        });
        evidence
    }

    /// Invites that are said to be used up though too few came who could have done it.
    fn unused_ends(&self, guild: &Guild) -> Vec<InviteCode> {
        let slots = self.slots.iter().zip(&self.moves).enumerate();
        slots
            .filter(|(number, (slot, (_, _, moved)))| {
                let fits = |joiner: &&Joiner| joiner.fits().contains(number);
                let fitting = self.joiners.iter().filter(fits).count();
                guild.is_exhausted(moved)
                    && u64::try_from(fitting).is_ok_and(|few| few < slot.low())
            })
            .filter_map(|(_, (_, (_, _, moved)))| moved.way().invite().cloned())
            .collect()
    }
}

impl Guild {
    /// Whether to weigh joins against counts now. In a raid, or if there is much to weigh in
    /// many guilds, there are too many of both to do so at each event.
    pub(super) fn is_time_to_weigh(&mut self, now: Now<'_>) -> bool {
        let pairs = self.joins.len().saturating_mul(self.counts.moves());
        self.weighing.work = pairs;
        if let Some(weighed) = self.weighing.at {
            let next = after(weighed, pause(pairs, now));
            if now.at() < next {
                self.wake_at(next);
                return false;
            }
        }
        self.weighing.at = Some(now.at());
        true
    }

    /// Deduces what final answers leave only one possibility for.
    pub(super) fn solve(&mut self, now: Now<'_>) {
        // A contradiction takes another round, without what it rests on.
        for _ in 0..3 {
            let revision = Some(self.revision().deductions());
            if self.weighing.solved == revision {
                return;
            }
            self.weighing.solved = revision;
            if !self.counts.has_moved_for_sure() {
                return;
            }
            let problem = self.problem(now, false);
            let solution = problem.solve();
            if !solution.is_consistent() {
                let unused = problem.unused_ends(self);
                if unused.is_empty() {
                    self.counts.contradicted(now.at());
                } else {
                    self.ends.doubt(&unused);
                }
                continue;
            }
            let last_step = problem.last_step();
            let matched = problem.matched(self);
            let mut deduced = Vec::new();
            for (number, joiner, verdict) in problem.verdicts(&solution) {
                if let Verdict::Unique(way) = verdict
                    && let Some(join) = self.joins.get(number)
                    && !join.is_decided()
                    && let Some(way) = problem.way(*way)
                {
                    let evidence = problem.grounds(self, joiner, way);
                    deduced.push((number, Deduced::new(way.origin(), evidence)));
                }
            }
            for (number, deduced) in deduced {
                if let Some(join) = self.joins.edit(number) {
                    join.deduce(deduced, last_step);
                }
                self.learn_delay(now, number);
                self.shares.learn(true);
            }
            for (number, step) in matched {
                if let Some(join) = self.joins.edit(number) {
                    join.matched(Some(step));
                }
            }
        }
    }

    /// Works out which joins the counts would explain if nobody else turned up. Returns
    /// whether there is anything new to go by.
    pub(super) fn explain(&mut self, now: Now<'_>) -> bool {
        let revision = Some(self.revision().outlook());
        if self.weighing.explained == revision {
            return false;
        }
        self.weighing.explained = revision;
        let mut explained = Vec::new();
        if self.counts.has_moved() {
            let problem = self.problem(now, true);
            let solution = problem.solve();
            if solution.is_consistent() {
                explained = problem
                    .verdicts(&solution)
                    .filter(|(_, _, verdict)| matches!(verdict, Verdict::Unique(_)))
                    .map(|(number, _, _)| number)
                    .collect();
            }
        }
        self.joins.explain(explained.into_iter());
        true
    }

    /// Whether the invite of a movement is proven to have been used up.
    pub(super) fn is_exhausted(&self, moved: &Move) -> bool {
        moved.is_end()
            && moved
                .way()
                .invite()
                .is_some_and(|code| self.ends.was_used_up(code) && !self.ends.was_updated(code))
    }

    /// The joins and counts of this guild, with answers that are not final if `early`.
    pub(super) fn problem(&self, now: Now<'_>, early: bool) -> Problem<'_> {
        let mut ways: Vec<&Way> = Vec::new();
        let mut indices: BTreeMap<WayKey<'_>, usize> = BTreeMap::new();
        let mut slots = Vec::new();
        let mut moves = Vec::new();
        let steps = self.counts.steps();
        for (number, step) in steps.filter(|(_, step)| step.is_final() || early) {
            for moved in step.moves() {
                let way = *indices.entry(moved.way().key()).or_insert_with(|| {
                    ways.push(moved.way());
                    ways.len() - 1
                });
                slots.push(self.slot(now, number, step, moved, way));
                moves.push((number, step, moved));
            }
        }
        let countable: Vec<Countable<'_>> = (moves.iter())
            .map(|(number, _, moved)| self.countable(now, *number, moved))
            .collect();
        let humans = self.joins.iter().filter(|(_, join)| !join.is_bot());
        let (joiners, numbers) = humans
            .map(|(number, join)| {
                // Moves are in the order of their steps.
                let first = countable.partition_point(|it| it.step < join.first_step());
                let fits: Vec<usize> = countable
                    .iter()
                    .enumerate()
                    .skip(first)
                    .filter(|(_, countable)| self.fits(countable, join))
                    .map(|(slot, _)| slot)
                    .collect();
                (Joiner::new(fits, self.must_be_counted(now, join)), number)
            })
            .unzip();
        Problem {
            popularity: popularity(ways.len(), &slots, &moves),
            slots,
            moves,
            ways,
            joiners,
            numbers,
        }
    }

    /// Whether one of the counts that were looked at has moved for this join.
    fn must_be_counted(&self, now: Now<'_>, join: &Waiting) -> bool {
        // Who was found after a gap may be in the counts that all are compared with.
        join.is_counted() && !join.is_found_later() && self.is_covered(now, join)
    }

    fn slot(&self, now: Now<'_>, number: u64, step: &Step, moved: &Move, way: usize) -> Slot {
        let (sure, high) = moved.bounds(self.is_exhausted(moved));
        let is_phantom =
            moved.is_phantom() || !now.config().trusts_counts() || self.counts.is_haunted(now.at());
        let low = if is_phantom || self.counts.is_distrusted(step, moved) {
            0
        } else {
            let count_lag = now.config().count_lag;
            sure.saturating_sub(self.joins.dropped_into(number, moved, count_lag))
        };
        let as_float = |count: u64| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        let likely = match high {
            Some(high) if moved.is_end() && low < high => 0.5 * as_float(high.min(4)),
            None if moved.is_end() => 0.5,
            high => as_float(high.unwrap_or(1)),
        };
        let slot = Slot::new(way, low, high.unwrap_or(u64::MAX), likely);
        if moved.is_end() {
            return slot;
        }
        // In a short time that seldom happens.
        let watched = seconds(moved.since(), step.received()) / WATCHED;
        slot.nobodys(UNKNOWN_USER * watched.clamp(0.01, 1.0))
    }

    /// Whether a movement in the step of this number may count a join, as far as times and
    /// Discord's word tell.
    pub(super) fn may_count(
        &self,
        now: Now<'_>,
        number: u64,
        moved: &Move,
        join: &Waiting,
    ) -> bool {
        number >= join.first_step() && self.fits(&self.countable(now, number, moved), join)
    }

    /// Whom a movement in the step of this number may count.
    fn countable<'a>(&self, now: Now<'_>, step: u64, moved: &'a Move) -> Countable<'a> {
        let ending = moved.way().invite().filter(|_| moved.is_end());
        let deleted = ending
            .and_then(|code| self.ends.deletion(code))
            .map(|(_, at)| at);
        let ended = moved.expires_at().into_iter().chain(deleted).min();
        Countable {
            step,
            way: moved.way(),
            arrived_from: before(moved.since(), now.config().count_lag),
            arrived_until: ending
                .and_then(|code| self.ends.get(code))
                .and_then(Ended::closed),
            joined_from: moved.created_at().map(|created| before(created, SKEW)),
            joined_until: ended.map(|ended| after(ended, SKEW)),
        }
    }

    fn fits(&self, countable: &Countable<'_>, join: &Waiting) -> bool {
        if countable.step < join.first_step()
            || join.last_step().is_some_and(|last| last < countable.step)
            || join.arrived() < countable.arrived_from
        {
            return false;
        }
        if let Some(origin) = join.answer().confirmed() {
            let is_named = |code| self.is_way(countable.way, code);
            return countable.way.is(origin) || join.named().is_some_and(is_named);
        }
        // Who came long after the deletion came too late for the invite.
        let closed = countable.arrived_until;
        if !join.is_found_later() && closed.is_some_and(|closed| join.arrived() > closed) {
            return false;
        }
        let (from, until) = (countable.joined_from, countable.joined_until);
        from.is_none_or(|from| join.joined_at() >= from)
            && until.is_none_or(|until| join.joined_at() <= until)
    }

    /// Whether a code leads to a way.
    fn is_way(&self, way: &Way, code: &InviteCode) -> bool {
        match way.key() {
            WayKey::Invite(key) => key == code,
            WayKey::Vanity(Some(key)) => key.eq_ignore_case(code),
            WayKey::Vanity(None) => self.vanity.is(code),
        }
    }
}

/// How long to wait before everything is weighed again. The more there is, in this guild and
/// in all, the less often it is weighed: that bounds the share of the time that it takes. A
/// guild with little waits no longer than one with much.
fn pause(pairs: usize, now: Now<'_>) -> Duration {
    let (light, all) = (now.config().light_work, now.work().max(pairs));
    if pairs > light {
        let pause = Duration::from_micros(u64::try_from(all).unwrap_or(u64::MAX));
        return pause.clamp(WEIGH_EVERY, WEIGH_AT_LEAST);
    }
    let float = |work: usize| f64::from(u32::try_from(work).unwrap_or(u32::MAX));
    let pause = |work: usize| WEIGH_EVERY.mul_f64(float(work) / float(light.max(1)));
    if pause(pairs) <= NO_PAUSE {
        return Duration::ZERO;
    }
    pause(all).min(WEIGH_EVERY)
}

/// Of all uses that were counted of late, the share of each way.
fn popularity(ways: usize, slots: &[Slot], moves: &[(u64, &Step, &Move)]) -> Vec<f64> {
    let mut shares = vec![0.0; ways];
    let mut all = 0.0;
    for (slot, (_, _, moved)) in slots.iter().zip(moves) {
        let (_, most) = moved.bounds(false);
        let uses = u32::try_from(most.unwrap_or(1).min(1000)).map_or(0.0, f64::from);
        if let Some(share) = shares.get_mut(slot.way()) {
            *share += uses;
        }
        all += uses;
    }
    for share in &mut shares {
        *share /= all + OTHER_WAYS;
    }
    shares
}

/// The origin of a way, or the one that moves no count.
pub(super) fn origin_of(way: Option<&Way>) -> Origin {
    way.map_or(Origin::Unseen, Way::origin)
}
