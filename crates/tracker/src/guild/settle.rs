//! When what was seen is final: all events that belong to it have surely come.

use std::time::Duration;

use guestlist_model::Timestamp;

use super::{Guild, Now, Out};
use crate::time::after;

/// After this time without an answer another barrier is asked for.
const BARRIER_AGAIN: Duration = Duration::from_secs(5);

/// What is known of events that are on their way.
#[derive(Debug, Default)]
pub(super) struct Settling {
    /// All events have come that were on their way at this moment.
    passed: Option<Timestamp>,
    /// When a barrier was wanted last.
    wanted: Option<Timestamp>,
}

impl Guild {
    /// All events have come that were on their way at this moment.
    pub(crate) fn barrier_passed(&mut self, at: Timestamp) {
        self.settling.passed = self.settling.passed.max(Some(at));
    }

    /// Marks as final of which all joins have surely come.
    pub(super) fn settle(&mut self, now: Now<'_>, out: &mut Out<'_>) {
        if !self.presence.is_live() {
            return;
        }
        let Some(first) = self.next_settled() else {
            return;
        };
        // Until when all events are known to have come.
        let heard = if now.config().barriers {
            self.settling.passed.map(|at| at.min(now.at()))
        } else {
            // If nobody looked at the clock in time, then nobody read events either: they
            // may be waiting behind this very call.
            let slack = (now.config().settle / 2).max(Duration::from_millis(250));
            if now.at() > after(first, slack) {
                self.postpone_settling(now);
            }
            Some(now.at())
        };
        self.counts.settle(heard);
        self.ends.settle(heard, now.at());
        match self.next_settled() {
            Some(next) if next > now.at() => self.wake_at(next),
            Some(_) => self.want_barrier(now, out),
            None => {}
        }
    }

    /// When the next answer is final, or the next invite closed.
    fn next_settled(&self) -> Option<Timestamp> {
        let next = [self.counts.next_final(), self.ends.next_closed()];
        next.into_iter().flatten().min()
    }

    fn want_barrier(&mut self, now: Now<'_>, out: &mut Out<'_>) {
        let again = self.settling.wanted.map(|at| after(at, BARRIER_AGAIN));
        if again.is_none_or(|again| again <= now.at()) {
            self.settling.wanted = Some(now.at());
            out.want_barrier();
        }
        let wanted = self.settling.wanted.unwrap_or(now.at());
        self.wake_at(after(wanted, BARRIER_AGAIN));
    }

    /// Gives events that are late another chance before anything is final.
    pub(super) fn postpone_settling(&mut self, now: Now<'_>) {
        let until = now.after(now.config().settle);
        self.counts.postpone(until);
        self.ends.postpone(until);
    }

    pub(crate) fn set_live(&mut self, now: Now<'_>) {
        if self.presence.set_live(now.at()) {
            // What was missed is being handed over only now.
            self.postpone_settling(now);
        }
    }

    /// The session was resumed: all that was kept back is handed over.
    pub(crate) fn resumed(&mut self, now: Now<'_>) {
        self.set_live(now);
        self.gap.nothing_missed();
    }

    /// A new session began: what happened since the old one was missed, until the guild is
    /// announced.
    pub(crate) fn begin_session(&mut self, now: Now<'_>) {
        self.stop_hearing(now.at(), now.config().count_lag);
        self.presence.begin_session();
    }

    /// The time that is passed in may have stood still while Discord's went on.
    pub(crate) fn clock_stopped(&mut self) {
        self.presence.clock_stopped();
    }

    pub(crate) fn set_down(&mut self, now: Now<'_>) {
        self.stop_hearing(now.at(), now.config().count_lag);
        self.presence.set_down();
    }
}
