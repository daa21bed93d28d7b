//! Members who join and leave.

use super::delay::{Micros, SECOND, discord};
use super::member::{Counted, Row, TrueJoin, Way};
use super::payload;
use super::switch::Switch;
use super::world::{Coming, World};
use crate::Random;

impl World<'_> {
    pub(super) fn join_somehow(&mut self, guild: usize, random: &mut Random) {
        let way = self.some_way(guild, random);
        let user = 9_000_000 + self.guilds[guild].number();
        self.join(guild, user, way, random);
    }

    pub(super) fn burst(&mut self, guild: usize, size: u64, same: bool, random: &mut Random) {
        let mut way = None;
        for _ in 0..size {
            let fresh = self.some_way(guild, random);
            let mut next = if same { way.unwrap_or(fresh) } else { fresh };
            if let Way::Invite { code, .. } = &next
                && !self.guilds[guild].open(self.now).contains(code)
            {
                next = Way::Discovery;
            }
            way = Some(next.clone());
            let user = 9_000_000 + self.guilds[guild].number();
            self.join(guild, user, next, random);
        }
    }

    pub(super) fn join_by(&mut self, guild: usize, code: &str, seed: u64) {
        let mut random = Random::new(seed);
        let now = self.now;
        let Some(invite) = self.guilds[guild].invite(code) else {
            return;
        };
        if !invite.is_open(now) || !self.guilds[guild].available {
            return;
        }
        let way = Way::Invite {
            code: code.to_owned(),
            inviter: invite.inviter,
            channel: invite.channel,
        };
        let user = 9_000_000 + self.guilds[guild].number();
        self.join(guild, user, way, &mut random);
    }

    fn some_way(&self, guild: usize, random: &mut Random) -> Way {
        let state = &self.guilds[guild];
        let open = state.open(self.now);
        let vanity = state.vanity.shown(self.now).map(|(code, ..)| code);
        match (random.below(100), vanity) {
            (0..12, Some(code)) => Way::Vanity {
                code: code.to_owned(),
            },
            (12..24, _) => Way::Discovery,
            (24..29, _) => Way::Integration,
            (29..31, _) => Way::Hub,
            (31..32, _) => Way::LinkedLobby,
            (32..34, _) => Way::ByBot {
                bot: 5_000_000 + random.below(9),
            },
            (34..40, _) if self.switches.has(Switch::Verified) => match random.pick(&open) {
                Some(code) if state.invite(&code).is_some_and(|it| it.max_uses == 0) => {
                    let counted = random.chance(500);
                    Way::Manual { code, counted }
                }
                _ => Way::Discovery,
            },
            _ => random.pick(&open).map_or(Way::Discovery, |code| {
                let invite = state.invite(&code).unwrap();
                Way::Invite {
                    inviter: invite.inviter,
                    channel: invite.channel,
                    code,
                }
            }),
        }
    }

    /// A member joins: the use is counted, the event sent, the member indexed.
    pub(super) fn join(&mut self, guild: usize, user: u64, way: Way, random: &mut Random) {
        let now = self.now;
        let (mut event, count) = self.weather.join(random);
        let mut before = self.guilds[guild].joins.iter().rev();
        let before = before.find(|join| join.user == user);
        let rejoined = before.is_some();
        if let Some(gone) = before.map(|join| join.told_left) {
            // A member's next join is not sent before the leave.
            event = event.max(gone + 1 - now);
        }
        let number = self.guilds[guild].number();
        let skew = self.weather.skew(random);
        // No two members join in the same microsecond here.
        let joined_at = discord(now) + skew + Micros::try_from(number % 1000).unwrap();
        let mut shown = now + count;
        let told = now + event;
        let code = match &way {
            Way::Invite { code, .. }
            | Way::Manual {
                code,
                counted: true,
            } => Some(code.clone()),
            Way::Integration
                if self.switches.has(Switch::IntegrationUses) && random.chance(500) =>
            {
                // Its count moves, but it is not the way in.
                let code = random.pick(&self.guilds[guild].open(now));
                if let Some(code) = code {
                    self.count_use(guild, &code, count, random);
                }
                None
            }
            _ => None,
        };
        let mut counted = None;
        if let Some(code) = code {
            if let Some(invite) = self.guilds[guild].invite_mut(&code) {
                invite.told_until = invite.told_until.max(told);
            }
            shown = self.count_use(guild, &code, count, random);
            counted = Some(Counted::Invite(code));
        } else if let Way::Vanity { .. } = &way {
            let life = self.guilds[guild].vanity.use_once(shown);
            counted = life.map(|(life, _)| Counted::Vanity(life));
        }
        let join = TrueJoin {
            user,
            joined_at,
            at: now,
            pending: random.chance(200),
            rejoined,
            way,
            counted,
            shown,
            left: None,
            handed: None,
            told,
            told_left: 0,
        };
        self.note(|_| join.tell());
        let body = payload::member_add(self.guilds[guild].id, &join);
        let index = self.guilds[guild].joins.len();
        self.guilds[guild].joins.push(join);
        self.guilds[guild].present.insert(user, index);
        self.index(guild, index, random);
        self.emit(guild, event, "GUILD_MEMBER_ADD", body, Some(index), random);
    }

    /// What the members search will return for a join.
    fn index(&mut self, guild: usize, index: usize, random: &mut Random) {
        let join = &self.guilds[guild].joins[index];
        let mut source = join.way.source();
        let mut inviter = None;
        let mut code = None;
        match &join.way {
            Way::Invite {
                code: by,
                inviter: from,
                ..
            } => {
                code = Some(by.clone());
                inviter = from.filter(|_| !random.chance(100));
            }
            Way::Manual { code: by, .. } => code = Some(by.clone()),
            Way::Vanity { code: by } => {
                code = Some(by.clone());
                if self.switches.has(Switch::VanitySources) {
                    match random.below(3) {
                        0 => source = 5,
                        1 => code = None,
                        _ => {}
                    }
                }
                // Without the code, a vanity link cannot be distinguished from an invite.
                let known = self.guilds[guild].lists == super::guild::Lists::Full;
                if self.switches.has(Switch::VanityUnknown) && !known {
                    source = 5;
                    code = Some(by.clone());
                }
            }
            Way::ByBot { bot } => inviter = Some(*bot),
            Way::Bot { added_by } => inviter = Some(*added_by),
            _ => {}
        }
        let joined_at = if self.switches.has(Switch::Milliseconds) {
            join.joined_at.div_euclid(1000) * 1000
        } else {
            join.joined_at
        };
        let user = join.user;
        let mut from = self.now + self.weather.index(random);
        let row = |from, until, source, code, inviter| Row {
            join: index,
            joined_at,
            source,
            code,
            inviter,
            from,
            until,
        };
        let state = &mut self.guilds[guild];
        let earlier = state
            .rows
            .iter()
            .rev()
            .find(|row| state.joins[row.join].user == user)
            .cloned();
        if let Some(earlier) = earlier
            && self.switches.has(Switch::StaleRows)
            && random.chance(500)
        {
            let until = from + random.between(0, 60 * SECOND);
            let Row {
                source,
                code,
                inviter,
                ..
            } = earlier;
            state.rows.push(row(from, until, source, code, inviter));
            from = until;
        } else if self.switches.has(Switch::LateIndex) && random.chance(150) {
            let until = from + random.between(0, 30 * SECOND);
            state.rows.push(row(from, until, 0, None, None));
            from = until;
        }
        state
            .rows
            .push(row(from, Micros::MAX, source, code, inviter));
    }

    pub(super) fn leave(&mut self, guild: usize, user: u64, random: &mut Random) {
        let now = self.now;
        let Some(index) = self.guilds[guild].present.remove(&user) else {
            return;
        };
        self.note(|_| format!("{user} leaves"));
        self.guilds[guild].joins[index].left = Some(now);
        // A member's leave is not sent before the join.
        let told = self.guilds[guild].joins[index].told - now;
        let event = self.weather.event(random).max(told + 1);
        self.guilds[guild].joins[index].told_left = now + event;
        let gone = now + self.weather.index(random);
        for row in self.guilds[guild].rows.iter_mut() {
            if row.join == index {
                row.until = row.until.min(gone);
            }
        }
        let body = payload::member_remove(self.guilds[guild].id, user);
        self.emit(guild, event, "GUILD_MEMBER_REMOVE", body, None, random);
    }

    pub(super) fn some_member(&self, guild: usize, random: &mut Random) -> Option<u64> {
        self.some(guild, random, false)
    }

    pub(super) fn some_bot(&self, guild: usize, random: &mut Random) -> Option<u64> {
        self.some(guild, random, true)
    }

    fn some(&self, guild: usize, random: &mut Random, bot: bool) -> Option<u64> {
        let state = &self.guilds[guild];
        let users: Vec<u64> = state
            .present
            .iter()
            .filter(|(_, join)| matches!(state.joins[**join].way, Way::Bot { .. }) == bot)
            .map(|(user, _)| *user)
            .collect();
        random.pick(&users)
    }

    pub(super) fn add_bot(&mut self, guild: usize, user: u64, random: &mut Random) {
        let added_by = Self::moderator(random);
        self.join(guild, user, Way::Bot { added_by }, random);
        let entry = self.enter(guild, 28, added_by, Some(user), None, 0, random);
        if let Some(entry) = entry {
            self.tell_entry(guild, entry, random);
        }
    }

    pub(super) fn add_bot_again(&mut self, guild: usize, random: &mut Random) {
        let kicked = random.pick(&self.guilds[guild].kicked);
        let bot = match self.some_bot(guild, random) {
            Some(bot) => {
                self.leave(guild, bot, random);
                bot
            }
            None => match kicked {
                Some(bot) => bot,
                None => return,
            },
        };
        self.return_later(guild, bot, true, 50 * SECOND, random);
    }

    pub(super) fn return_later(
        &mut self,
        guild: usize,
        user: u64,
        bot: bool,
        most: Micros,
        random: &mut Random,
    ) {
        let delay = random.between(SECOND / 2, most);
        let seed = random.bits();
        self.later(
            delay,
            Coming::Returns {
                guild,
                user,
                bot,
                seed,
            },
        );
    }

    pub(super) fn returns(&mut self, guild: usize, user: u64, bot: bool, seed: u64) {
        let state = &self.guilds[guild];
        if state.present.contains_key(&user) || !state.available {
            return;
        }
        let mut random = Random::new(seed);
        if bot {
            self.add_bot(guild, user, &mut random);
        } else {
            let way = self.some_way(guild, &mut random);
            self.join(guild, user, way, &mut random);
        }
    }
}
