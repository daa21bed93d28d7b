//! How fast and how reliable one world is: drawn once from its seed.

use super::delay::{Delay, MILLI, Micros, SECOND};
use super::limits::{AUDIT_AFTER_EVENT, COUNT_AFTER_EVENT, EVENT_AFTER_COUNT, MARGIN, SKEW};
use super::switch::{Switch, Switches};
use crate::Random;

#[derive(Clone, Debug)]
pub(super) struct Weather {
    switches: Switches,
    /// Whether heartbeats prove that events have arrived.
    pub(super) barriers: bool,
    /// The delay from an event to its place in the session.
    event: Delay,
    /// The delay from there to the bot.
    net: Delay,
    net_most: Micros,
    count: Delay,
    latency: Delay,
    index: Delay,
    audit: Delay,
    /// The maximum age of the copy from which lists are read.
    stale: Micros,
}

impl Weather {
    pub(super) fn draw(random: &mut Random, switches: Switches, barriers: bool) -> Self {
        let heavy = switches.has(Switch::HeavyTails);
        let pick = |random: &mut Random, from: &[Micros]| {
            random.pick(from).map_or(50 * MILLI, |at| at * MILLI)
        };
        let delay = |random: &mut Random, from: &[Micros], calm: Micros| {
            if heavy {
                Delay::heavy(pick(random, from), 1.0, 60)
            } else {
                Delay::steady(calm * MILLI)
            }
        };
        let late_index = switches.has(Switch::LateIndex);
        Self {
            switches,
            barriers,
            event: delay(random, &[30, 100, 400, 1500, 4000], 60),
            net: delay(random, &[5, 20, 60], 20),
            net_most: if barriers { 3 * SECOND } else { 200 * MILLI },
            count: delay(random, &[1, 50, 300, 1500, 5000], 80),
            latency: delay(random, &[30, 80, 250, 900], 60),
            index: if late_index {
                Delay::heavy(pick(random, &[500, 4000, 15_000, 45_000]), 1.0, 100)
            } else {
                Delay::steady(SECOND)
            },
            audit: if switches.has(Switch::LateAudit) {
                Delay::heavy(pick(random, &[200, 1500, 6000]), 1.0, 50)
            } else {
                Delay::steady(100 * MILLI)
            },
            stale: if switches.has(Switch::StaleLists) {
                pick(random, &[0, 400, 1600, 3000, 4800])
            } else {
                0
            },
        }
    }

    /// How long an event takes until it enters the session.
    pub(super) fn event(&self, random: &mut Random) -> Micros {
        self.event.draw(random, 0, 7 * SECOND)
    }

    /// How long it takes from there to the bot.
    pub(super) fn net(&self, random: &mut Random) -> Micros {
        self.net.draw(random, MILLI, self.net_most)
    }

    /// When a join's event enters the session, and when its use is visible, after the join.
    pub(super) fn join(&self, random: &mut Random) -> (Micros, Micros) {
        let mut event = self.event.draw(random, 0, 7 * SECOND);
        let mut count = self.count.draw(random, 0, 11 * SECOND);
        if self.switches.has(Switch::EventsBeyond) && random.chance(50) {
            event += random.between(0, 60 * SECOND);
        } else {
            let way = if self.barriers { 0 } else { self.net_most };
            event = event.min((count + EVENT_AFTER_COUNT - way - MARGIN).max(0));
        }
        if self.switches.has(Switch::CountsBeyond) && random.chance(50) {
            count += random.between(0, 60 * SECOND);
        } else {
            count = count.min((event + COUNT_AFTER_EVENT - self.stale - MARGIN).max(0));
        }
        (event, count)
    }

    /// How long it takes until lists show that an invite was created or deleted.
    pub(super) fn listing(&self, random: &mut Random) -> Micros {
        let most = (COUNT_AFTER_EVENT - self.stale - MARGIN).max(0);
        self.count.draw(random, 0, most)
    }

    /// How long INVITE_DELETE takes for an invite that was used up, if the events of those
    /// who used it come within this time.
    pub(super) fn used_up(&self, random: &mut Random, told_within: Micros) -> Micros {
        let least = told_within + self.net_most - EVENT_AFTER_COUNT + MARGIN;
        self.event(random).max(least)
    }

    /// The age of the copy that is read.
    pub(super) fn staleness(&self, random: &mut Random) -> Micros {
        match random.below(3) {
            0 => 0,
            1 => random.between(0, self.stale),
            _ => random.between(self.stale * 9 / 10, self.stale),
        }
    }

    /// How long a request takes one way.
    pub(super) fn latency(&self, random: &mut Random) -> Micros {
        self.latency.draw(random, MILLI, 20 * SECOND)
    }

    /// When the members search knows a new member.
    pub(super) fn index(&self, random: &mut Random) -> Micros {
        self.index.draw(random, 0, 600 * SECOND)
    }

    /// When the audit log shows an entry whose event has this delay.
    pub(super) fn audit(&self, random: &mut Random, event: Micros) -> Micros {
        if self.switches.has(Switch::AuditBeyond) && random.chance(100) {
            return random.between(0, 180 * SECOND);
        }
        let most = event + AUDIT_AFTER_EVENT - MARGIN;
        self.audit.draw(random, 0, most)
    }

    /// The error of one of Discord's timestamps.
    pub(super) fn skew(&self, random: &mut Random) -> Micros {
        if self.switches.has(Switch::SkewBeyond) && random.chance(100) {
            return random.between(-10 * SECOND, 10 * SECOND);
        }
        if self.switches.has(Switch::Skew) {
            let most = SKEW - MARGIN;
            random.between(-most, most)
        } else {
            0
        }
    }
}
