//! Mixed traffic from a seed: what happens in a lively server, all kinds of
//! joins and the things that make them hard to tell apart.
//!
//! ```
//! use guestlist_sandbox::world::{World, WorldOptions, scenario::{Scenario, ScenarioOptions}};
//!
//! let mut world = World::new(&WorldOptions::seeded(7));
//! let mut scenario = Scenario::new(&world, ScenarioOptions::new(50).seed(7));
//! while let Some(step) = scenario.step(&mut world) {
//!     // `step.effects` is what the gateway would send.
//! }
//! assert_eq!(world.true_joins().len(), 50);
//! ```

mod incident;

use std::collections::{BTreeMap, BTreeSet};

use rand::{Rng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;

use super::{
    Effect, Entry, Micros, NewInvite, Refusal, Via, World,
    time::{MILLISECOND, SECOND},
};

/// The options of a scenario.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ScenarioOptions {
    /// The exact number of joins.
    pub joins: usize,
    /// The seed of everything random.
    pub seed: u64,
    /// The average number of joins per second of the world's time.
    pub per_second: f64,
    /// The guilds; all guilds with a bot if empty.
    pub guilds: Vec<u64>,
}

impl ScenarioOptions {
    /// Creates options for a number of joins, two per second.
    #[must_use]
    pub const fn new(joins: usize) -> Self {
        Self {
            joins,
            seed: 0,
            per_second: 2.0,
            guilds: Vec::new(),
        }
    }

    /// Sets the seed.
    #[must_use]
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sets the average number of joins per second.
    #[must_use]
    pub const fn per_second(mut self, joins: f64) -> Self {
        self.per_second = joins;
        self
    }
}

/// The progress of a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// The number of joins in total.
    pub joins: usize,
    /// The number of joins so far.
    pub done: usize,
    /// Whether it is finished.
    pub finished: bool,
}

/// One step of a scenario.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Step {
    /// When it happened.
    pub at: Micros,
    /// What happened, in a word or two.
    pub what: &'static str,
    /// The events.
    pub effects: Vec<Effect>,
}

#[derive(Clone, Debug)]
enum Way {
    /// Whichever standing invite.
    Standing,
    /// The invite made under this number.
    Made(u64),
    /// Another way.
    Other(Via),
}

#[derive(Clone, Debug)]
enum Act {
    Plan,
    Join {
        guild: u64,
        way: Way,
        again: bool,
    },
    Create {
        guild: u64,
        invite: Box<NewInvite>,
        number: u64,
        role: bool,
    },
    Revoke {
        guild: u64,
        number: Option<u64>,
    },
    Leave {
        guild: u64,
    },
    AcceptAgain {
        guild: u64,
    },
    Disconnect {
        guild: u64,
    },
}

/// Traffic, one step at a time. See the [module](self).
#[derive(Debug)]
pub struct Scenario {
    rng: ChaCha8Rng,
    options: ScenarioOptions,
    guilds: Vec<u64>,
    agenda: BTreeMap<(Micros, u64), Act>,
    serial: u64,
    planned: usize,
    done: usize,
    made: BTreeMap<u64, String>,
    /// Codes kept for a planned use: nobody else takes them meanwhile.
    reserved: BTreeSet<String>,
    leavers: Vec<(u64, u64)>,
    /// Whether a [`Act::Plan`] is on the agenda.
    planning: bool,
}

impl Scenario {
    /// Creates a scenario that starts now.
    #[must_use]
    pub fn new(world: &World, options: ScenarioOptions) -> Self {
        let has_bot = |guild: &u64| {
            let guild = world.guild(*guild);
            guild.is_some_and(|it| world.bots().any(|bot| it.members.contains_key(&bot.id())))
        };
        let mut known = world.guild_ids();
        known.retain(has_bot);
        let guilds = if options.guilds.is_empty() {
            known
        } else {
            options
                .guilds
                .iter()
                .filter(|guild| known.contains(guild))
                .copied()
                .collect()
        };
        let mut scenario = Self {
            rng: super::rng(options.seed ^ 0x5ce0_a210),
            options,
            guilds,
            agenda: BTreeMap::new(),
            serial: 0,
            planned: 0,
            done: 0,
            made: BTreeMap::new(),
            reserved: BTreeSet::new(),
            leavers: Vec::new(),
            planning: true,
        };
        if scenario.options.joins > 0 && !scenario.guilds.is_empty() {
            scenario.put(world.now() + 200 * MILLISECOND, Act::Plan);
        }
        scenario
    }

    /// The progress.
    #[must_use]
    pub fn progress(&self) -> Progress {
        Progress {
            joins: self.options.joins,
            done: self.done,
            finished: self.agenda.is_empty(),
        }
    }

    /// When the next step is due; `None` at the end.
    #[must_use]
    pub fn next_at(&self) -> Option<Micros> {
        self.agenda.keys().next().map(|(at, _)| *at)
    }

    /// Moves the world's clock to the next step and does it; `None` at the
    /// end. Events that became due on the way come first among the effects.
    pub fn step(&mut self, world: &mut World) -> Option<Step> {
        let ((at, _), act) = self.agenda.pop_first()?;
        let mut effects = world.advance_to(at);
        let now = world.now();
        let what = self.perform(world, now, act, &mut effects);
        Some(Step {
            at: now,
            what,
            effects,
        })
    }

    fn put(&mut self, at: Micros, act: Act) {
        self.serial += 1;
        self.agenda.insert((at, self.serial), act);
    }

    fn millis(&mut self, from: i64, to: i64) -> Micros {
        self.rng.random_range(from..=to) * MILLISECOND
    }

    fn perform(
        &mut self,
        world: &mut World,
        now: Micros,
        act: Act,
        effects: &mut Vec<Effect>,
    ) -> &'static str {
        match act {
            Act::Plan => {
                self.plan(world, now);
                "plan"
            }
            Act::Join { guild, way, again } => self.join(world, guild, &way, again, effects),
            Act::Create {
                guild,
                mut invite,
                number,
                role,
            } => {
                invite.inviter_id = invite.inviter_id.or_else(|| self.somebody(world, guild));
                if role && let Some(role) = granted_role(world, guild, effects) {
                    invite.role_ids = vec![role];
                }
                let Ok(made) = world.create_invite(guild, *invite) else {
                    return "create refused";
                };
                effects.extend(made.effects);
                self.reserved.insert(made.code.clone());
                self.made.insert(number, made.code);
                "create"
            }
            Act::Revoke { guild, number } => {
                let code = match number {
                    Some(number) => self.made.get(&number).cloned(),
                    None => self.standing(world, guild),
                };
                let actor = world.guild(guild).map(|guild| guild.owner_id);
                if let Some(code) = code
                    && let Ok((_, more)) = world.revoke_invite(&code, actor, None)
                {
                    effects.extend(more);
                }
                "revoke"
            }
            Act::Leave { guild } => {
                if let Some(user) = self.member(world, guild)
                    && let Ok(more) = world.leave(guild, user)
                {
                    effects.extend(more);
                    self.leavers.push((guild, user));
                }
                "leave"
            }
            Act::AcceptAgain { guild } => {
                let user = self.member(world, guild);
                if let (Some(user), Some(code)) = (user, self.standing(world, guild))
                    && let Ok(joined) = world.accept_invite(&code, Some(user))
                {
                    effects.extend(joined.effects);
                }
                "accept again"
            }
            Act::Disconnect { guild } => {
                let temporary = world.guild(guild).and_then(|guild| {
                    guild
                        .members
                        .values()
                        .find(|it| it.temporary)
                        .map(|it| it.user.id)
                });
                if let Some(user) = temporary
                    && let Ok(more) = world.disconnect(guild, user)
                {
                    effects.extend(more);
                }
                "disconnect"
            }
        }
    }

    /// A join that was planned happens, if need be another way.
    fn join(
        &mut self,
        world: &mut World,
        guild: u64,
        way: &Way,
        again: bool,
        effects: &mut Vec<Effect>,
    ) -> &'static str {
        let user = if again {
            self.returner(world, guild)
        } else {
            None
        };
        let first = match way {
            Way::Made(number) => match self.made.get(number).cloned() {
                Some(code) => world.accept_invite(&code, user),
                None => Err(Refusal::UnknownInvite(String::new())),
            },
            Way::Other(via) => {
                let entry = Entry {
                    user_id: user.filter(|_| *via != Via::Bot),
                    ..Entry::new(*via)
                };
                world.join(guild, entry)
            }
            Way::Standing => Err(Refusal::UnknownInvite(String::new())),
        };
        let joined = first.or_else(|_| {
            let code = match self.standing(world, guild) {
                Some(code) => code,
                None => {
                    let new = NewInvite {
                        unique: true,
                        ..NewInvite::default().max_age(0)
                    };
                    let inviter_id = self.somebody(world, guild);
                    let made = world.create_invite(guild, NewInvite { inviter_id, ..new })?;
                    effects.extend(made.effects);
                    made.code
                }
            };
            world.accept_invite(&code, user)
        });
        match joined {
            Ok(joined) if joined.new_member => {
                effects.extend(joined.effects);
                self.done += 1;
                "join"
            }
            _ => {
                // It did not come off; another one makes up for it.
                self.planned = self.planned.saturating_sub(1);
                if !self.planning {
                    self.planning = true;
                    self.put(world.now() + SECOND, Act::Plan);
                }
                "join refused"
            }
        }
    }

    /// A person of the guild.
    fn somebody(&mut self, world: &World, guild: u64) -> Option<u64> {
        let people: Vec<u64> = world
            .guild(guild)?
            .members
            .values()
            .filter(|member| !member.user.bot)
            .map(|member| member.user.id)
            .take(20)
            .collect();
        people.choose(&mut self.rng).copied()
    }

    /// A person of the guild who may leave.
    fn member(&mut self, world: &World, guild: u64) -> Option<u64> {
        let guild = world.guild(guild)?;
        let people: Vec<u64> = guild
            .members
            .values()
            .filter(|member| !member.user.bot && member.user.id != guild.owner_id)
            .map(|member| member.user.id)
            .collect();
        people.choose(&mut self.rng).copied()
    }

    /// Somebody who was here and left.
    fn returner(&mut self, world: &World, guild: u64) -> Option<u64> {
        let index = self.leavers.iter().position(|(its_guild, user)| {
            *its_guild == guild
                && world
                    .guild(guild)
                    .is_some_and(|guild| !guild.members.contains_key(user))
        })?;
        Some(self.leavers.remove(index).1)
    }

    /// An invite without limits that is there for everybody.
    fn standing(&mut self, world: &World, guild: u64) -> Option<String> {
        let now = world.now();
        let codes: Vec<&String> = world
            .guild(guild)?
            .invites
            .values()
            .filter(|it| it.max_uses == 0 && !it.temporary && it.target_users.is_none())
            .filter(|it| it.expires_at.is_none_or(|at| at > now + 60 * SECOND))
            .filter(|it| !self.reserved.contains(&it.code))
            .map(|it| &it.code)
            .collect();
        codes.choose(&mut self.rng).map(|code| String::from(*code))
    }
}

/// The role that role-granting invites of a guild give, made when needed.
fn granted_role(world: &mut World, guild: u64, effects: &mut Vec<Effect>) -> Option<u64> {
    let found = world
        .guild(guild)?
        .roles
        .values()
        .find(|role| role.name == "invited");
    if let Some(role) = found {
        return Some(role.id);
    }
    let (role, more) = world.create_role(guild, "invited", 0).ok()?;
    effects.extend(more);
    Some(role)
}
