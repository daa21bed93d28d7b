//! When what was seen is final: all events that belong to it have surely come.

use std::time::Duration;

use guestlist_model::Timestamp;

use crate::guild::{Context, Guild, Live};
use crate::time::after;

/// After this time without an answer another barrier is asked for.
const BARRIER_AGAIN: Duration = Duration::from_secs(5);

impl Guild {
    /// Marks the answers as final of which all joins have surely been told.
    pub(crate) fn settle(&mut self, ctx: &mut Context<'_>) {
        if self.live != Live::Yes {
            return;
        }
        let Some(first) = self.next_settled() else {
            return;
        };
        // Until when all events are known to have come.
        let heard = if ctx.config.barriers {
            self.barrier_passed.map(|at| at.min(ctx.now))
        } else {
            // If nobody looked at the clock in time, then nobody read events either: they
            // may be waiting behind this very call.
            let slack = (ctx.config.settle / 2).max(Duration::from_millis(250));
            if ctx.now > after(first, slack) {
                self.postpone_settling(ctx);
            }
            Some(ctx.now)
        };
        for step in &mut self.steps {
            if !step.is_final && Some(step.final_at) <= heard {
                step.is_final = true;
                let covered = if step.list {
                    &mut self.covered
                } else {
                    &mut self.vanity_covered
                };
                *covered = (*covered).max(Some(step.sent));
                self.unsolved = true;
                self.unexplained = true;
            }
        }
        for ended in self.ended.values_mut() {
            if ended.closes_at.is_some_and(|at| Some(at) <= heard) {
                ended.closes_at = None;
                ended.closed = Some(ctx.now);
                self.unsolved = true;
                self.unexplained = true;
            }
        }
        match self.next_settled() {
            Some(next) if next > ctx.now => self.wake_at(next),
            Some(_) => self.want_barrier(ctx),
            None => {}
        }
    }

    /// When the next answer is final, or the next invite closed.
    fn next_settled(&self) -> Option<Timestamp> {
        let steps = self.steps.iter().filter(|step| !step.is_final);
        let ends = self.ended.values().filter_map(|ended| ended.closes_at);
        steps.map(|step| step.final_at).chain(ends).min()
    }

    fn want_barrier(&mut self, ctx: &mut Context<'_>) {
        let again = self.barrier_wanted.map(|at| after(at, BARRIER_AGAIN));
        if again.is_none_or(|again| again <= ctx.now) {
            self.barrier_wanted = Some(ctx.now);
            *ctx.barrier = true;
        }
        self.wake_at(after(self.barrier_wanted.unwrap_or(ctx.now), BARRIER_AGAIN));
    }

    /// Gives events that are late another chance before anything is final.
    pub(crate) fn postpone_settling(&mut self, ctx: &Context<'_>) {
        let until = after(ctx.now, ctx.config.settle);
        for step in self.steps.iter_mut().filter(|step| !step.is_final) {
            step.final_at = step.final_at.max(until);
        }
        for at in self
            .ended
            .values_mut()
            .filter_map(|ended| ended.closes_at.as_mut())
        {
            *at = until.max(*at);
        }
    }
}
