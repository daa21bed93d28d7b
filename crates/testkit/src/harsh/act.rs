//! What happens in a guild.

use super::delay::{MILLI, Micros, SECOND, discord};
use super::gateway::Frame;
use super::guild::{Lists, Search};
use super::invite::{End, History, Invite};
use super::payload;
use super::plan::{Planned, What};
use super::switch::Switch;
use super::world::{Coming, World};
use crate::Random;

impl World<'_> {
    /// The guilds at the start of the world.
    pub(super) fn furnish(&mut self) {
        let mut random = Random::new(self.plan.seed ^ 0xF0);
        for number in 0..self.plan.guilds {
            // Each guild has its own shard, if there are several.
            let id = (100_000 + number as u64) << 22;
            self.guilds.push(super::guild::Guild::new(id));
            for _ in 0..1 + random.below(6) {
                let invite = self.new_invite(number, &mut random);
                self.guilds[number].add(invite);
            }
            // Uses from before the start are visible immediately.
            for invite in &mut self.guilds[number].invites {
                invite.made = -3600 * SECOND;
                invite.created_at = discord(invite.made);
                invite.shown_from = invite.made;
                if invite.max_uses == 0 {
                    invite.base = random.below(50);
                }
            }
            if random.chance(400) {
                let base = random.below(100);
                let vanity = &mut self.guilds[number].vanity;
                vanity.set(-SECOND, Some(String::from("vain")), base);
            }
            if self.switches.has(Switch::Permissions) && random.chance(250) {
                self.change_permissions(number, &mut random);
            }
            if self.switches.has(Switch::SearchRefused) && random.chance(250) {
                self.change_search(number, &mut random);
            }
        }
    }

    pub(super) fn happens(&mut self, planned: Planned) {
        let guild = planned.guild;
        if !self.guilds[guild].available {
            return;
        }
        let mut random = Random::new(planned.seed);
        let random = &mut random;
        match planned.what {
            What::Join => self.join_somehow(guild, random),
            What::Burst(size, same) => self.burst(guild, size, same, random),
            What::Create => {
                self.create(guild, random);
            }
            What::CreateAndUse => {
                let code = self.create(guild, random);
                for _ in 0..1 + random.below(2) {
                    let code = code.clone();
                    let seed = random.bits();
                    let delay = random.between(0, 3 * SECOND);
                    self.later(delay, Coming::JoinBy { guild, code, seed });
                }
            }
            What::Revoke => self.revoke(guild, random),
            What::DeleteChannel => self.delete_channel(guild, random),
            What::MemberUse => self.use_without_join(guild, true, random),
            What::NobodyUse => self.use_without_join(guild, false, random),
            What::ChangeVanity => self.change_vanity(guild, random),
            What::AddBot => {
                let user = 5_000_000 + self.guilds[guild].number();
                self.add_bot(guild, user, random);
            }
            What::KickBot => {
                if let Some(bot) = self.some_bot(guild, random) {
                    self.leave(guild, bot, random);
                    self.guilds[guild].kicked.push(bot);
                }
            }
            What::AddBotAgain => self.add_bot_again(guild, random),
            What::Leave => {
                if let Some(user) = self.some_member(guild, random) {
                    self.leave(guild, user, random);
                }
            }
            What::Rejoin => {
                if let Some(user) = self.some_member(guild, random) {
                    self.leave(guild, user, random);
                    self.return_later(guild, user, false, 12 * SECOND, random);
                }
            }
            What::GrantRoles => {
                if let Some(code) = random.pick(&self.guilds[guild].open(self.now)) {
                    self.set_roles(guild, &code, true);
                    self.entry_of_invite(guild, 41, &code, 0, random);
                    if self.switches.has(Switch::RoleChanges) && random.chance(500) {
                        let delay = random.between(SECOND, 20 * SECOND);
                        self.later(delay, Coming::RolesEnd(guild, code));
                    }
                }
            }
            What::ChangeExpiry => self.change_expiry(guild, random),
            What::ChangePermissions => self.change_permissions(guild, random),
            What::ChangeSearch => self.change_search(guild, random),
            What::Outage(lost) => {
                let shard = self.shard_of(guild);
                let proven = self.weather.barriers || self.switches.has(Switch::BlindNotice);
                let noticed = if self.switches.has(Switch::LateNotice) && proven {
                    random.between(0, 12 * SECOND)
                } else {
                    0
                };
                let back = random.between(100 * MILLI, 40 * SECOND);
                self.outage(shard, noticed, back, lost);
            }
            What::Restart => {
                let lost = self.switches.has(Switch::LostSessions) && random.chance(400);
                let most = random.pick(&[100 * MILLI, 10 * SECOND, 400 * SECOND]);
                let pause = random.between(0, most.unwrap_or(0));
                self.restart(pause, lost);
            }
            What::StepClock => {
                let steps = [-600, -30, -5, 5, 30, 600];
                let step = random.pick(&steps).unwrap_or(5) * SECOND;
                self.note(|_| format!("our clock is set by {} s", step / SECOND));
                let from = self.local();
                self.step += step;
                let to = self.local();
                self.watcher.clock_stepped(from, to);
            }
            What::Unavailable => self.goes(guild, true, random),
            What::Remove => self.goes(guild, false, random),
        }
    }

    /// Sends an event of a guild.
    pub(super) fn emit(
        &mut self,
        guild: usize,
        delay: Micros,
        name: &'static str,
        body: String,
        join: Option<usize>,
        random: &mut Random,
    ) {
        if self.switches.has(Switch::SilentLosses) && random.chance(20) {
            self.note(|_| format!("is never sent: {name} {body}"));
            return;
        }
        let shard = self.shard_of(guild);
        let frame = if self.switches.has(Switch::Garbled) && random.chance(30) {
            // Either its envelope can be read, or nothing.
            let id = self.guilds[guild].id;
            let frame = match random.chance(500) {
                true => format!(r#"{{"op":0,"s":1,"t":"{name}","d":{{"guild_id":"{id}"}}}}"#),
                false => String::from(r#"{"op":0,"s":1,"t":"#),
            };
            Frame::Garbled { guild, frame }
        } else {
            Frame::Event {
                name,
                body,
                guild: Some(guild),
                join,
            }
        };
        let repeats = match name {
            "GUILD_MEMBER_ADD" => self.switches.has(Switch::Duplicates),
            _ => self.switches.has(Switch::AnyTwice),
        };
        if repeats && random.chance(80) {
            let again = delay + random.between(0, 60 * SECOND);
            self.later(again, Coming::Placed(shard, frame.clone()));
        }
        self.later(delay, Coming::Placed(shard, frame));
    }

    fn new_invite(&mut self, guild: usize, random: &mut Random) -> Invite {
        let number = self.guilds[guild].number();
        let channels: Vec<u64> = self.guilds[guild]
            .channels
            .iter()
            .filter(|channel| !channel.deleted)
            .map(|channel| channel.id)
            .collect();
        let with_roles = self.switches.has(Switch::MemberUses);
        let expires = self.switches.has(Switch::Expiry) && random.chance(250);
        let expires = expires.then(|| self.now + random.between(20, 900) * SECOND);
        let limited = random.chance(450);
        let listing = self.weather.listing(random);
        Invite {
            code: format!("c{number}g{guild}"),
            channel: random.pick(&channels).unwrap(),
            inviter: (!random.chance(100)).then(|| 300 + random.below(5)),
            max_uses: if limited { 1 + random.below(3) } else { 0 },
            temporary: random.chance(100),
            made: self.now,
            created_at: discord(self.now) + self.weather.skew(random),
            expires: History::new(expires),
            expires_skew: self.weather.skew(random),
            roles: History::new(with_roles && random.chance(150)),
            guest: with_roles && random.chance(50),
            terse: random.chance(300),
            base: 0,
            uses: Vec::new(),
            accepted: 0,
            shown_from: self.now + listing,
            hidden_from: None,
            ended: None,
            told_until: 0,
        }
    }

    fn create(&mut self, guild: usize, random: &mut Random) -> String {
        let invite = self.new_invite(guild, random);
        let code = invite.code.clone();
        self.note(|_| invite.tell());
        let id = self.guilds[guild].id;
        let body = payload::invite_create(id, &invite, self.now);
        let event = self.weather.event(random);
        let seen = self.guilds[guild].sees(invite.channel);
        if let Some(at) = *invite.expires.last()
            && self.switches.has(Switch::ExpiryEvents)
        {
            let seed = random.bits();
            self.at(at, Coming::Expires(guild, code.clone(), seed));
        }
        self.guilds[guild].add(invite);
        if seen {
            self.emit(guild, event, "INVITE_CREATE", body, None, random);
        }
        code
    }

    fn revoke(&mut self, guild: usize, random: &mut Random) {
        let Some(code) = random.pick(&self.guilds[guild].open(self.now)) else {
            return;
        };
        let by = Self::moderator(random);
        self.note(|_| format!("{code} is revoked by {by}"));
        let event = self.end(guild, &code, End::Revoked(by), random);
        let entry = self.entry_of_invite(guild, 42, &code, event, random);
        if let Some(entry) = entry {
            self.guilds[guild].audit[entry].by = by;
            self.tell_entry(guild, entry, random);
        }
    }

    /// Ends an invite, and sends INVITE_DELETE if the bot may know. Returns how long this
    /// takes.
    pub(super) fn end(
        &mut self,
        guild: usize,
        code: &str,
        end: End,
        random: &mut Random,
    ) -> Micros {
        let (now, id) = (self.now, self.guilds[guild].id);
        let listing = self.weather.listing(random);
        let Some(invite) = self.guilds[guild].invite_mut(code) else {
            return 0;
        };
        let event = match end {
            End::UsedUp => self.weather.used_up(random, invite.told_until - now),
            _ => {
                invite.hidden_from = Some(now + listing);
                self.weather.event(random)
            }
        };
        invite.ended = Some((now, end));
        let channel = invite.channel;
        if self.guilds[guild].sees(channel) {
            let body = payload::invite_delete(id, channel, code);
            self.emit(guild, event, "INVITE_DELETE", body, None, random);
        }
        event
    }

    fn delete_channel(&mut self, guild: usize, random: &mut Random) {
        let open: Vec<usize> = (0..self.guilds[guild].channels.len())
            .filter(|index| !self.guilds[guild].channels[*index].deleted)
            .collect();
        let Some(index) = random.pick(&open).filter(|_| open.len() > 1) else {
            return;
        };
        let channel = self.guilds[guild].channels[index].id;
        self.note(|_| format!("channel {channel} is deleted"));
        self.guilds[guild].channels[index].deleted = true;
        let told = random.chance(500);
        let codes: Vec<String> = self.guilds[guild]
            .open(self.now)
            .into_iter()
            .filter(|code| {
                let invite = self.guilds[guild].invite(code);
                invite.is_some_and(|invite| invite.channel == channel)
            })
            .collect();
        let visible = self.guilds[guild].channels[index].visible;
        self.guilds[guild].channels[index].visible &= told;
        let mut event = Micros::MAX;
        for code in codes {
            event = event.min(self.end(guild, &code, End::Channel, random));
        }
        self.guilds[guild].channels[index].visible = visible;
        let event = if event == Micros::MAX { 0 } else { event };
        let by = Self::moderator(random);
        self.enter(guild, 12, by, Some(channel), None, event, random);
    }

    fn use_without_join(&mut self, guild: usize, by_member: bool, random: &mut Random) {
        let now = self.now;
        let codes: Vec<String> = self.guilds[guild]
            .open(now)
            .into_iter()
            .filter(|code| {
                let invite = self.guilds[guild].invite(code);
                !by_member || invite.is_some_and(|invite| invite.is_phantom(now))
            })
            .collect();
        let Some(code) = random.pick(&codes) else {
            return;
        };
        self.note(|_| format!("{code} is used, and nobody joins"));
        let (_, count) = self.weather.join(random);
        self.count_use(guild, &code, count, random);
    }

    /// A use of an invite is counted, and ends it if it was the last. Returns from when on
    /// it shows.
    pub(super) fn count_use(
        &mut self,
        guild: usize,
        code: &str,
        count: Micros,
        random: &mut Random,
    ) -> Micros {
        let now = self.now;
        let invite = self.guilds[guild].invite_mut(code).unwrap();
        let shown = (now + count).max(invite.shown_from);
        invite.use_once(now, shown);
        if invite.ended.is_some() {
            self.end(guild, code, End::UsedUp, random);
        }
        shown
    }

    fn change_vanity(&mut self, guild: usize, random: &mut Random) {
        let code = (!random.chance(200)).then(|| {
            let number = random.below(4);
            format!("vain{number}")
        });
        self.note(|_| format!("the vanity code is {code:?} now"));
        let base = if random.chance(800) {
            0
        } else {
            random.below(9)
        };
        let now = self.now;
        let state = &mut self.guilds[guild];
        state.vanity.set(now, code.clone(), base);
        let members = state.present.len() as u64;
        let body = payload::guild(state.id, code.as_deref(), members, state.bot_since);
        // Updates of a guild arrive in order.
        let told = (now + self.weather.event(random)).max(self.guilds[guild].updated + 1);
        self.guilds[guild].updated = told;
        self.emit(guild, told - now, "GUILD_UPDATE", body, None, random);
    }

    pub(super) fn set_roles(&mut self, guild: usize, code: &str, roles: bool) {
        self.note(|_| format!("{code} grants roles: {roles}"));
        let now = self.now;
        if let Some(invite) = self.guilds[guild].invite_mut(code) {
            invite.roles.set(now, roles);
        }
    }

    fn change_expiry(&mut self, guild: usize, random: &mut Random) {
        let Some(code) = random.pick(&self.guilds[guild].open(self.now)) else {
            return;
        };
        let expires = random
            .chance(500)
            .then(|| self.now + random.between(5, 600) * SECOND);
        self.note(|_| format!("{code} expires at {expires:?} now"));
        let now = self.now;
        if let Some(invite) = self.guilds[guild].invite_mut(&code) {
            invite.expires.set(now, expires);
        }
        if random.chance(700) {
            self.entry_of_invite(guild, 41, &code, 0, random);
        }
        if let Some(at) = expires
            && self.switches.has(Switch::ExpiryEvents)
        {
            let seed = random.bits();
            self.at(at, Coming::Expires(guild, code, seed));
        }
    }

    pub(super) fn expires(&mut self, guild: usize, code: &str, seed: u64) {
        let mut random = Random::new(seed);
        let (now, id) = (self.now, self.guilds[guild].id);
        let Some(invite) = self.guilds[guild].invite(code) else {
            return;
        };
        let channel = invite.channel;
        if invite.is_expired(now) && self.guilds[guild].sees(channel) {
            let body = payload::invite_delete(id, channel, code);
            let event = self.weather.event(&mut random);
            self.emit(guild, event, "INVITE_DELETE", body, None, &mut random);
        }
    }

    fn change_permissions(&mut self, guild: usize, random: &mut Random) {
        let kinds = [
            Lists::Full,
            Lists::Full,
            Lists::WithoutUses,
            Lists::Forbidden,
        ];
        let state = &mut self.guilds[guild];
        state.lists = random.pick(&kinds).unwrap();
        state.audit_allowed = random.chance(700);
        for channel in &mut state.channels {
            channel.visible = random.chance(700);
        }
        self.note(|world| {
            let state = &world.guilds[guild];
            format!(
                "permissions: lists {:?}, audit log {}, channels {:?}",
                state.lists, state.audit_allowed, state.channels
            )
        });
    }

    fn change_search(&mut self, guild: usize, random: &mut Random) {
        let kinds = [
            Search::Works,
            Search::Works,
            Search::Forbidden,
            Search::Absent,
            Search::NotIndexed,
        ];
        let search = random.pick(&kinds).unwrap();
        self.note(|_| format!("the members search: {search:?}"));
        self.guilds[guild].search = search;
        self.guilds[guild].members_allowed = random.chance(700);
    }

    /// Makes the guild unavailable, or removes the bot, for a time.
    fn goes(&mut self, guild: usize, unavailable: bool, random: &mut Random) {
        let state = &mut self.guilds[guild];
        if !state.bot_is_in || !state.available {
            return;
        }
        if unavailable {
            state.available = false;
        } else {
            state.bot_is_in = false;
        }
        let body = payload::guild_gone(state.id, unavailable);
        self.note(|_| format!("the guild goes, unavailable: {unavailable}"));
        let shard = self.shard_of(guild);
        self.shards[shard].announced.remove(&guild);
        self.judge.goes(guild, self.now, unavailable);
        let frame = Frame::Event {
            name: "GUILD_DELETE",
            body,
            guild: Some(guild),
            join: None,
        };
        self.later(0, Coming::Placed(shard, frame));
        let back = random.between(5, 200) * SECOND;
        self.later(back, Coming::BackIn(guild));
    }
}
