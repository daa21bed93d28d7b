//! The events of a world, drawn from its seed before it begins, so that a part of them
//! can be removed when a failure is reduced.

use std::fmt;

use super::delay::{MILLI, Micros, SECOND};
use super::switch::{Switch, Switches};
use crate::Random;

/// An event of the plan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum What {
    Join,
    /// This many joins at once, all in the same way or each in its own.
    Burst(u64, bool),
    Create,
    CreateAndUse,
    Revoke,
    DeleteChannel,
    MemberUse,
    NobodyUse,
    ChangeVanity,
    AddBot,
    KickBot,
    /// Kicked and immediately added again.
    AddBotAgain,
    Leave,
    Rejoin,
    GrantRoles,
    ChangeExpiry,
    ChangePermissions,
    ChangeSearch,
    /// The connection is lost; the session too, if true.
    Outage(bool),
    Restart,
    StepClock,
    Unavailable,
    Remove,
}

/// An event of the plan, with its time and place. Its random choices come from a seed
/// of its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Planned {
    pub(super) at: Micros,
    pub(super) guild: usize,
    pub(super) seed: u64,
    pub(super) what: What,
}

/// A world before it begins.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The seed.
    pub seed: u64,
    /// The switches of the world.
    pub switches: Switches,
    pub(super) guilds: usize,
    pub(super) shards: u32,
    /// Whether heartbeats prove that events have arrived.
    pub(super) barriers: bool,
    pub(super) planned: Vec<Planned>,
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "seed {}, switches {}: {} guilds, {} shards, {} barriers, {} happenings",
            self.seed,
            self.switches,
            self.guilds,
            self.shards,
            if self.barriers { "with" } else { "without" },
            self.planned.len()
        )
    }
}

impl Plan {
    /// Draws a plan from a seed with these switches.
    #[must_use]
    pub fn new(seed: u64, switches: Switches) -> Self {
        let mut random = Random::new(seed ^ 0x9A75);
        let several = switches.has(Switch::Shards) && random.chance(300);
        let guilds = if several { 2 } else { 1 };
        let shards = if several { 2 } else { 1 };
        let barriers = random.chance(500);
        let events = 6 + random.below(24);
        let pace = random.below(5);
        let flood = switches.has(Switch::Floods) && random.chance(30);
        let weights = weights(switches);
        let total: u64 = weights.iter().map(|(weight, _)| weight).sum();
        let mut at = random.between(0, 15 * SECOND);
        let mut planned = Vec::new();
        for _ in 0..events {
            at += pause(&mut random, pace);
            let mut drawn = random.below(total);
            let mut what = What::Join;
            for (weight, which) in &weights {
                if drawn < *weight {
                    what = *which;
                    break;
                }
                drawn -= weight;
            }
            let what = match what {
                What::Burst(..) if flood => {
                    What::Burst(100 + random.below(250), random.chance(500))
                }
                What::Burst(..) => What::Burst(2 + random.below(7), random.chance(500)),
                What::Outage(_) => What::Outage(
                    switches.has(Switch::LostSessions)
                        && (!switches.has(Switch::Outages) || random.chance(500)),
                ),
                what => what,
            };
            planned.push(Planned {
                at,
                guild: usize::try_from(random.below(guilds)).unwrap(),
                seed: random.bits(),
                what,
            });
        }
        Self {
            seed,
            switches,
            guilds: usize::try_from(guilds).unwrap(),
            shards,
            barriers,
            planned,
        }
    }

    /// How many joins the tracker may keep in memory.
    #[must_use]
    pub fn max_joins(&self) -> Option<usize> {
        let few = self.switches.has(Switch::Floods) && self.seed.is_multiple_of(5);
        few.then_some(3)
    }

    /// Whether heartbeats prove to the tracker that events have arrived.
    #[must_use]
    pub const fn has_barriers(&self) -> bool {
        self.barriers
    }
}

fn pause(random: &mut Random, pace: u64) -> Micros {
    if random.chance(20) {
        return random.between(600, 6 * 3600) * SECOND;
    }
    match pace {
        0 => random.between(0, 300 * MILLI),
        1 => random.between(0, 5 * SECOND),
        2 => random.between(SECOND, 30 * SECOND),
        3 => random.between(10 * SECOND, 120 * SECOND),
        _ => match random.below(3) {
            0 => random.between(0, SECOND),
            1 => random.between(0, 10 * SECOND),
            _ => random.between(0, 60 * SECOND),
        },
    }
}

fn weights(switches: Switches) -> Vec<(u64, What)> {
    let mut weights = vec![
        (45, What::Join),
        (10, What::Burst(0, false)),
        (4, What::Create),
        (6, What::CreateAndUse),
        (5, What::Revoke),
        (4, What::Leave),
    ];
    let mut add = |switch: Switch, weight: u64, what: What| {
        if switches.has(switch) {
            weights.push((weight, what));
        }
    };
    add(Switch::Channels, 2, What::DeleteChannel);
    add(Switch::MemberUses, 5, What::MemberUse);
    add(Switch::NobodyUses, 3, What::NobodyUse);
    add(Switch::VanityChanges, 3, What::ChangeVanity);
    add(Switch::Bots, 4, What::AddBot);
    add(Switch::Bots, 2, What::KickBot);
    add(Switch::BotsAgain, 3, What::AddBotAgain);
    add(Switch::Rejoins, 4, What::Rejoin);
    add(Switch::MemberUses, 3, What::GrantRoles);
    add(Switch::ExpiryChanges, 3, What::ChangeExpiry);
    add(Switch::Permissions, 3, What::ChangePermissions);
    add(Switch::SearchRefused, 3, What::ChangeSearch);
    add(Switch::Outages, 3, What::Outage(false));
    add(Switch::LostSessions, 3, What::Outage(true));
    add(Switch::Restarts, 3, What::Restart);
    add(Switch::ClockSteps, 3, What::StepClock);
    add(Switch::Removals, 1, What::Unavailable);
    add(Switch::Removals, 1, What::Remove);
    weights
}
