//! From counts to answers.

use std::collections::BTreeMap;
use std::time::Duration;

use guestlist_model::{InviteCode, Timestamp};

use crate::config::{Config, ConfirmPolicy, PhantomUses};
use crate::endpoint::Refusal;
use crate::evidence::Evidence;
use crate::guild::{Context, Guild, Live};
use crate::record::{Candidate, Certainty, Origin, Reason};
use crate::solve::{Answer, Joiner, Slot, Solution, solve};
use crate::time::{SKEW, after, before};
use crate::window::{Deduced, Move, MoveKind, Step, Waiting, Way};

/// For how long counts prove nothing after one rose for nobody.
const PHANTOMS_FOR: Duration = Duration::from_secs(7 * 24 * 3600);
/// Candidates that are told of one join.
const MAX_CANDIDATES: usize = 25;
/// Weights below this are not worth telling.
const LEAST_WEIGHT: f64 = 0.001;

/// The open questions of a guild in the solver's terms.
struct Problem<'a> {
    slots: Vec<Slot>,
    /// Where each slot comes from.
    moves: Vec<(&'a Step, &'a Move)>,
    ways: Vec<&'a Way>,
    joiners: Vec<Joiner>,
    /// Which of the guild's joins each joiner is.
    index: Vec<usize>,
}

impl Guild {
    /// Deduces what final answers leave only one possibility for.
    pub(crate) fn solve(&mut self, ctx: &mut Context<'_>) {
        // A contradiction takes another round, without what it rests on.
        for _ in 0..3 {
            if !self.unsolved {
                return;
            }
            self.unsolved = false;
            let moved = |step: &Step| step.is_final && !step.moves.is_empty();
            if !self.steps.iter().any(moved) {
                return;
            }
            let problem = self.problem(ctx, false);
            let solution = solve(&problem.slots, &problem.joiners);
            if !solution.consistent {
                let unused = self.unused_ends(&problem);
                if !unused.is_empty() {
                    self.doubt(&unused);
                    self.unsolved = true;
                    continue;
                }
                self.distrust_final();
                self.phantoms_until = Some(after(ctx.now, PHANTOMS_FOR));
                self.unsolved = true;
                continue;
            }
            let mut deduced = Vec::new();
            for ((answer, joiner), index) in solution
                .answers
                .iter()
                .zip(&problem.joiners)
                .zip(&problem.index)
            {
                let undecided = self.joins.get(*index).is_some_and(|join| !join.decided());
                if let Answer::Unique(way) = answer
                    && undecided
                    && let Some(way) = problem.ways.get(*way)
                {
                    deduced.push((*index, way.origin(), self.grounds(&problem, joiner, way)));
                }
            }
            for (index, origin, evidence) in deduced {
                if let Some(join) = self.joins.get_mut(index) {
                    join.matched = true;
                    join.deduced = Some(Deduced { origin, evidence });
                }
            }
        }
    }

    /// Tells what is deduced, unless a confirmation is on its way.
    pub(crate) fn tell_deduced(&mut self, ctx: &mut Context<'_>) {
        for index in 0..self.joins.len() {
            let Some(join) = self.joins.get(index) else {
                continue;
            };
            if join.deduced.is_none() {
                continue;
            }
            let until = after(join.waits_from(), ctx.config.deduce_hold);
            if self.will_search(ctx.config, ctx.now, join) && ctx.now < until {
                self.wake_at(until);
                continue;
            }
            self.give_up(ctx, index, Reason::NoEvidence);
        }
    }

    /// Invites that are said to be used up though too few came who could have done it.
    fn unused_ends(&self, problem: &Problem<'_>) -> Vec<InviteCode> {
        let slots = problem.slots.iter().zip(&problem.moves).enumerate();
        slots
            .filter(|(number, (slot, (_, moved)))| {
                let fitting = problem
                    .joiners
                    .iter()
                    .filter(|joiner| joiner.fits.contains(number))
                    .count();
                self.is_exhausted(moved) && u64::try_from(fitting).is_ok_and(|few| few < slot.low)
            })
            .filter_map(|(_, (_, (_, moved)))| moved.way.key().cloned())
            .collect()
    }

    fn distrust_final(&mut self) {
        for step in self.steps.iter_mut().filter(|step| step.is_final) {
            step.distrusted = true;
        }
    }

    /// What a deduction rests on.
    fn grounds(&self, problem: &Problem<'_>, joiner: &Joiner, way: &Way) -> Vec<Evidence> {
        let own = |slot: &usize| {
            problem
                .moves
                .get(*slot)
                .is_some_and(|(_, moved)| moved.way.key() == way.key())
        };
        let mut evidence: Vec<Evidence> = joiner
            .fits
            .iter()
            .filter(|slot| own(slot))
            .filter_map(|slot| problem.moves.get(*slot))
            .map(|(step, moved)| moved.evidence(step.received, self.is_exhausted(moved)))
            .collect();
        let sharing = problem
            .joiners
            .iter()
            .filter(|other| {
                other
                    .fits
                    .iter()
                    .any(|slot| joiner.fits.contains(slot) && own(slot))
            })
            .count();
        evidence.push(Evidence::Shared {
            joins: u64::try_from(sharing).unwrap_or(u64::MAX),
        });
        evidence
    }

    /// Whether the invite of a movement is proven to have been used up.
    fn is_exhausted(&self, moved: &Move) -> bool {
        matches!(moved.kind, MoveKind::Vanished { .. })
            && moved
                .way
                .key()
                .is_some_and(|code| self.was_used_up(code) && !self.audit.updated(code))
    }

    /// The joins and counts of this guild, with answers that are not final if `early`.
    fn problem(&self, ctx: &Context<'_>, early: bool) -> Problem<'_> {
        let mut ways: Vec<&Way> = Vec::new();
        let mut numbers: BTreeMap<Option<&InviteCode>, usize> = BTreeMap::new();
        let mut slots = Vec::new();
        let mut moves = Vec::new();
        for step in self.steps.iter().filter(|step| step.is_final || early) {
            for moved in &step.moves {
                let way = *numbers.entry(moved.way.key()).or_insert_with(|| {
                    ways.push(&moved.way);
                    ways.len() - 1
                });
                slots.push(self.slot(ctx, step, moved, way));
                moves.push((step, moved));
            }
        }
        let humans = self.joins.iter().enumerate().filter(|(_, join)| !join.bot);
        let (joiners, index) = humans
            .map(|(index, join)| {
                let fits: Vec<usize> = moves
                    .iter()
                    .enumerate()
                    .filter(|(_, (step, moved))| self.may_count(ctx, step, moved, join))
                    .map(|(slot, _)| slot)
                    .collect();
                let must = join.confirmed().is_some_and(Origin::is_counted);
                (Joiner { fits, must }, index)
            })
            .unzip();
        Problem {
            slots,
            moves,
            ways,
            joiners,
            index,
        }
    }

    fn slot(&self, ctx: &Context<'_>, step: &Step, moved: &Move, way: usize) -> Slot {
        let (sure, high) = moved.bounds(self.is_exhausted(moved));
        let phantom = moved.phantom
            || ctx.config.phantom_uses == PhantomUses::Anywhere
            || Some(ctx.now) < self.phantoms_until;
        let distrusted = step.distrusted || Some(moved.since) < self.distrust;
        let low = if phantom || distrusted {
            0
        } else {
            sure.saturating_sub(self.dropped_into(ctx, step, moved))
        };
        let as_float = |count: u64| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        let likely = match (moved.kind.clone(), high) {
            (MoveKind::Vanished { .. }, Some(high)) if low < high => 0.5 * as_float(high.min(4)),
            (MoveKind::Vanished { .. }, None) => 0.5,
            (_, high) => as_float(high.unwrap_or(1)),
        };
        Slot {
            way,
            low,
            high: high.unwrap_or(u64::MAX),
            likely,
        }
    }

    /// How many joins that are no longer kept a movement may count.
    fn dropped_into(&self, ctx: &Context<'_>, step: &Step, moved: &Move) -> u64 {
        let dropped = self.dropped.iter().filter(|dropped| {
            dropped.first_step <= step.number
                && dropped.last_step.is_none_or(|last| step.number <= last)
                && after(dropped.arrived, ctx.config.count_lag) >= moved.since
                && dropped
                    .origin
                    .as_ref()
                    .is_none_or(|origin| moved.way.is(origin))
        });
        u64::try_from(dropped.count()).unwrap_or(u64::MAX)
    }

    /// Whether a movement may count a join, as far as times and Discord's word tell.
    pub(crate) fn may_count(
        &self,
        ctx: &Context<'_>,
        step: &Step,
        moved: &Move,
        join: &Waiting,
    ) -> bool {
        if step.number < join.first_step || after(join.arrived, ctx.config.count_lag) < moved.since
        {
            return false;
        }
        if let Some(origin) = join.confirmed() {
            let named = join.named.as_ref();
            return moved.way.is(origin) || named.is_some_and(|code| self.is_way(&moved.way, code));
        }
        let ending = moved.way.key().filter(|_| moved.is_end());
        // Who was told long after the deletion came too late for the invite.
        let closed = ending
            .and_then(|code| self.ended.get(code))
            .and_then(|ended| ended.closed);
        if !join.caught_up && closed.is_some_and(|closed| join.arrived > closed) {
            return false;
        }
        let too_early = moved
            .created_at
            .is_some_and(|created| join.joined_at < before(created, SKEW));
        let ended = moved.expires_at.into_iter().chain(
            ending
                .and_then(|code| self.audit.deletion(code))
                .map(|(_, at)| at),
        );
        !too_early
            && ended
                .min()
                .is_none_or(|ended| join.joined_at <= after(ended, SKEW))
    }

    /// Whether a code leads to a way.
    fn is_way(&self, way: &Way, code: &InviteCode) -> bool {
        match way.key() {
            Some(key) => key == code,
            None => self.is_vanity(code),
        }
    }

    /// Works out which joins the counts would explain if nobody else turned up.
    pub(crate) fn explain(&mut self, ctx: &Context<'_>) {
        if !self.unexplained {
            return;
        }
        self.unexplained = false;
        let moved = self.steps.iter().any(|step| !step.moves.is_empty());
        let mut explained = Vec::new();
        if moved {
            let problem = self.problem(ctx, true);
            let Solution {
                consistent,
                answers,
            } = solve(&problem.slots, &problem.joiners);
            explained = problem
                .index
                .into_iter()
                .zip(answers)
                .filter(|(_, answer)| consistent && matches!(answer, Answer::Unique(_)))
                .map(|(index, _)| index)
                .collect();
        }
        for (index, join) in self.joins.iter_mut().enumerate() {
            join.explained = join.decided() || explained.binary_search(&index).is_ok();
        }
    }

    /// Whether counts can tell no more about a join.
    fn counts_are_over(&self, ctx: &Context<'_>, join: &Waiting) -> bool {
        let seen = Some(after(join.arrived, ctx.config.count_lag));
        let listed = seen <= self.covered || self.list_end.refused(ctx.now).is_some();
        let vanity = self.vanity_code.is_none()
            || seen <= self.vanity_covered
            || self.vanity_end.refused(ctx.now).is_some();
        (listed && vanity && !self.awaits_audit(ctx.now))
            || ctx.now >= after(join.waits_from(), ctx.config.patience)
    }

    /// Whether a member will still be searched for.
    pub(crate) fn will_search(&self, config: &Config, now: Timestamp, join: &Waiting) -> bool {
        let wanted = match config.confirm {
            ConfirmPolicy::Always => true,
            ConfirmPolicy::WhenAmbiguous => !join.decided(),
            ConfirmPolicy::Never => false,
        };
        (wanted || (join.caught_up && !join.decided()))
            && !join.bot
            && !join.left
            && !join.asked_out
            && join.confirmed().is_none()
            && self.search_end.refused(now).is_none()
            && now < unanswered_at(config, join)
    }

    /// Answers the joins about which no more can be found out.
    pub(crate) fn conclude(&mut self, ctx: &mut Context<'_>) {
        let mut over = Vec::new();
        for index in 0..self.joins.len() {
            let Some(join) = self.joins.get(index) else {
                continue;
            };
            if join.bot || join.said.is_some() || join.deduced.is_some() {
                continue;
            }
            let at = if !self.counts_are_over(ctx, join) {
                after(join.waits_from(), ctx.config.patience)
            } else if self.will_search(ctx.config, ctx.now, join) {
                unanswered_at(ctx.config, join)
            } else {
                over.push(index);
                continue;
            };
            self.wake_at(at);
        }
        if over.is_empty() {
            return;
        }
        let problem = self.problem(ctx, false);
        let solution = solve(&problem.slots, &problem.joiners);
        let mut answers = Vec::new();
        for ((answer, joiner), index) in solution
            .answers
            .iter()
            .zip(&problem.joiners)
            .zip(&problem.index)
        {
            if over.binary_search(index).is_err() {
                continue;
            }
            let Some(join) = self.joins.get(*index) else {
                continue;
            };
            let mut candidates = candidates(&problem, answer);
            let more = candidates.len().saturating_sub(MAX_CANDIDATES);
            candidates.truncate(MAX_CANDIDATES);
            share_out(&mut candidates);
            let named = candidates
                .iter()
                .any(|candidate| candidate.origin != Origin::Unseen);
            if named {
                let moves = joiner
                    .fits
                    .iter()
                    .filter_map(|slot| problem.moves.get(*slot));
                let mut evidence: Vec<Evidence> = moves
                    .map(|(step, moved)| moved.evidence(step.received, self.is_exhausted(moved)))
                    .take(20)
                    .collect();
                if let Ok(ways @ 1..) = u64::try_from(more) {
                    evidence.push(Evidence::MoreWays { ways });
                }
                answers.push((*index, Certainty::Ambiguous(candidates), evidence));
            } else {
                let reason = self.why_unknown(ctx, join);
                answers.push((*index, Certainty::Unknown(reason), Vec::new()));
            }
        }
        for (index, certainty, evidence) in answers {
            self.say(ctx, index, certainty, evidence);
        }
    }

    fn why_unknown(&self, ctx: &Context<'_>, join: &Waiting) -> Reason {
        let covered = Some(join.arrived) <= self.covered;
        let missed = self.live != Live::Yes || self.distrust.is_some_and(|at| at >= join.arrived);
        match self.list_end.refused(ctx.now) {
            Some(Refusal::Forbidden) if !covered => return Reason::MissingPermission,
            Some(Refusal::Absent) if !covered => return Reason::Unreachable,
            _ => {}
        }
        if join.caught_up || missed {
            Reason::Offline
        } else if self.uses_hidden {
            Reason::UsesHidden
        } else if join.blind {
            Reason::NoBaseline
        } else if !covered {
            Reason::Unreachable
        } else if self.steps.iter().any(|step| step.distrusted) {
            Reason::Contradiction
        } else {
            Reason::NoCountMoved
        }
    }

    /// Whether nothing more will be found out about a join.
    pub(crate) fn is_done(&self, config: &Config, now: Timestamp, join: &Waiting) -> bool {
        if join.bot {
            return join.confirmed().is_some()
                || join.asked_out
                || now >= unanswered_at(config, join);
        }
        join.said.is_some() && !self.will_search(config, now, join)
    }
}

/// When asking about a member is over even if no answer ever came.
pub(crate) fn unanswered_at(config: &Config, join: &Waiting) -> Timestamp {
    after(join.waits_from(), config.confirm_limit.saturating_mul(2))
}

fn candidates(problem: &Problem<'_>, answer: &Answer) -> Vec<Candidate> {
    let ways = match answer {
        Answer::Unique(way) => vec![(Some(*way), 1.0)],
        Answer::Several(ways) => ways.clone(),
        Answer::Nothing => Vec::new(),
    };
    ways.into_iter()
        .map(|(way, weight)| {
            let way = way.and_then(|way| problem.ways.get(way));
            Candidate::new(way.map_or(Origin::Unseen, |way| way.origin()), weight)
        })
        .filter(|candidate| candidate.weight >= LEAST_WEIGHT)
        .collect()
}

/// Makes the weights add up to 1.
fn share_out(candidates: &mut [Candidate]) {
    let total: f64 = candidates.iter().map(|candidate| candidate.weight).sum();
    for candidate in candidates {
        candidate.weight /= total.max(f64::MIN_POSITIVE);
    }
}
