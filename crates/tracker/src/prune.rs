//! Forgetting what is no longer needed, without losing what it still means.

use std::time::Duration;

use guestlist_model::Timestamp;

use crate::guild::{Context, Guild};
use crate::record::{Origin, Reason};
use crate::time::after;
use crate::window::{Dropped, Waiting};

/// Joins no longer kept whose counts may still move.
const MAX_DROPPED: usize = 256;
/// A join that needs nothing more is kept no longer than this.
const KEEP: Duration = Duration::from_secs(600);

impl Guild {
    /// Forgets what is no longer needed.
    pub(crate) fn prune(&mut self, ctx: &mut Context<'_>) {
        let active = self
            .joins
            .iter()
            .filter(|join| !join.bot && !self.is_done(ctx.config, ctx.now, join))
            .map(|join| join.first_step)
            .min()
            .unwrap_or(u64::MAX);
        self.steps
            .retain(|step| !step.is_final || step.number >= active);
        let covered = self.covered;
        let mut kept = Vec::with_capacity(self.joins.len());
        let mut gone = Vec::new();
        for join in std::mem::take(&mut self.joins) {
            if self.is_done(ctx.config, ctx.now, &join)
                && (join.bot || self.is_idle(ctx, &join, covered))
            {
                gone.push(join);
            } else {
                kept.push(join);
            }
        }
        self.joins = kept;
        for join in gone {
            self.drop_join(ctx, &join);
        }
        self.forget_dropped(ctx);
    }

    /// Whether a join that is done helps no other to be told.
    fn is_idle(&self, ctx: &Context<'_>, join: &Waiting, covered: Option<Timestamp>) -> bool {
        let counted = self.steps.iter().any(|step| {
            step.number >= join.first_step
                && (!step.is_final
                    || step
                        .moves
                        .iter()
                        .any(|moved| self.may_count(ctx, step, moved, join)))
        });
        let late = after(join.arrived, ctx.config.count_lag);
        let uncountable = join.matched
            || Some(late) <= covered
            || join
                .confirmed()
                .is_some_and(|origin| !origin.is_counted() && join.named.is_none());
        let old = ctx.now >= after(join.arrived, KEEP);
        (!counted && uncountable) || old
    }

    fn drop_join(&mut self, ctx: &mut Context<'_>, join: &Waiting) {
        if join.bot {
            return;
        }
        let named = join.named.clone().map(|code| {
            if self.is_vanity(&code) {
                Origin::Vanity { code: Some(code) }
            } else {
                Origin::invite(code)
            }
        });
        let origin = named.or(join.origin().cloned());
        if origin.as_ref().is_some_and(|origin| !origin.is_counted()) {
            return;
        }
        self.dropped.push_back(Dropped {
            arrived: join.arrived,
            first_step: join.first_step,
            last_step: join.matched.then(|| self.next_step.saturating_sub(1)),
            origin,
        });
        if self.dropped.len() > MAX_DROPPED
            && let Some(oldest) = self.dropped.pop_front()
        {
            let reach = after(oldest.arrived, ctx.config.count_lag);
            self.distrust = self
                .distrust
                .max(Some(after(reach, Duration::from_micros(1))));
        }
    }

    fn forget_dropped(&mut self, ctx: &Context<'_>) {
        if self.dropped.is_empty() {
            return;
        }
        let vanity = self.vanity.as_ref().map(|vanity| vanity.sent);
        let floor = [self.baseline.earliest(), vanity]
            .into_iter()
            .flatten()
            .min();
        let first = self.steps.iter().map(|step| step.number).min();
        let next = self.next_step;
        self.dropped.retain(|dropped| {
            let in_steps =
                first.is_some() && dropped.last_step.is_none_or(|last| Some(last) >= first);
            let later = dropped.last_step.is_none_or(|last| last >= next)
                && floor.is_some_and(|floor| after(dropped.arrived, ctx.config.count_lag) >= floor);
            in_steps || later
        });
    }

    /// Keeps the number of joins in bounds.
    pub(crate) fn make_room(&mut self, ctx: &mut Context<'_>) {
        while self.joins.len() > ctx.config.max_joins.max(1) {
            let oldest = self
                .joins
                .iter()
                .position(|join| self.is_done(ctx.config, ctx.now, join))
                .unwrap_or(0);
            if self
                .joins
                .get(oldest)
                .is_some_and(|join| join.said.is_none())
            {
                self.give_up(ctx, oldest, Reason::TooMany);
            }
            let join = self.joins.remove(oldest);
            self.drop_join(ctx, &join);
        }
    }
}
