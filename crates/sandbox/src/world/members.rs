//! Coming in: by invite, by vanity link, and in other ways.

use std::sync::Arc;

use rand::Rng;

use super::{
    BOT_ADD, Effect, Ending, EventKind, INVITE_IS_GUEST, Invite, JoinSource, MEMBER_DID_REJOIN,
    MEMBER_IS_GUEST, Member, Micros, NewUser, Refusal, TrueJoin, User, Via, World,
    audit::AuditDraft, permissions, time,
};

/// A join without an invite.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Entry {
    /// How the user joins.
    pub via: Via,
    /// The user; a new one if absent.
    pub user_id: Option<u64>,
    /// The user who adds the bot; the owner if absent.
    pub actor_id: Option<u64>,
    /// The permissions of a bot that has a token; [`permissions::BOT`] if absent.
    pub permissions: Option<u64>,
}

impl Entry {
    /// Creates a join of a new user.
    #[must_use]
    pub const fn new(via: Via) -> Self {
        Self {
            via,
            user_id: None,
            actor_id: None,
            permissions: None,
        }
    }

    /// Sets the user.
    #[must_use]
    pub const fn user(mut self, id: u64) -> Self {
        self.user_id = Some(id);
        self
    }

    /// Sets the permissions of the bot that is added.
    #[must_use]
    pub const fn permissions(mut self, permissions: u64) -> Self {
        self.permissions = Some(permissions);
        self
    }

    /// Sets who adds the bot.
    #[must_use]
    pub const fn by(mut self, id: u64) -> Self {
        self.actor_id = Some(id);
        self
    }
}

/// The result of a join.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Joined {
    /// The guild.
    pub guild_id: u64,
    /// The user.
    pub user_id: u64,
    /// When the user joined: now, or earlier if they were a member already.
    pub joined_at: Micros,
    /// How the user joins.
    pub via: Via,
    /// The code of the invite or the vanity link.
    pub code: Option<String>,
    /// The user who created the invite or added the bot.
    pub inviter_id: Option<u64>,
    /// Whether the user is a new member.
    pub new_member: bool,
    /// The events.
    pub effects: Vec<Effect>,
}

struct Arrival {
    user: Arc<User>,
    via: Via,
    code: Option<String>,
    inviter: Option<u64>,
    roles: Vec<u64>,
    temporary: bool,
    /// For a guest, the only channel to enter.
    guest_of: Option<u64>,
}

impl World {
    /// Lets somebody accept an invite or a vanity code: this user, or a new one.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownInvite`], [`Refusal::UnknownUser`],
    /// [`Refusal::BotsUseOAuth`], [`Refusal::Banned`],
    /// [`Refusal::InvitesPaused`], [`Refusal::NotTargeted`].
    pub fn accept_invite(&mut self, code: &str, user: Option<u64>) -> Result<Joined, Refusal> {
        if let Some(guild) = self.vanity(code).map(|guild| guild.id) {
            return self.join(
                guild,
                Entry {
                    user_id: user,
                    ..Entry::new(Via::Vanity)
                },
            );
        }
        let (guild, invite) = self
            .invite(code)
            .ok_or_else(|| Refusal::UnknownInvite(String::from(code)))?;
        let guild_id = guild.id;
        let invite = invite.clone();
        if guild.invites_paused(self.now()) {
            return Err(Refusal::InvitesPaused);
        }
        if let Some(user) = user {
            if self.known_user(user)?.bot {
                return Err(Refusal::BotsUseOAuth(user));
            }
            if guild.bans.contains_key(&user) {
                return Err(Refusal::Banned(user));
            }
            if let Some(member) = guild.members.get(&user) {
                let joined_at = member.joined_at;
                return Ok(self.accept_again(guild_id, &invite, user, joined_at));
            }
        }
        if let Some(targets) = &invite.target_users
            && targets.failure.is_none()
            && user.is_none_or(|user| !targets.users.contains(&user))
        {
            return Err(Refusal::NotTargeted(user.unwrap_or(0)));
        }
        let user = match user {
            Some(id) => id,
            None => self.newcomer(),
        };
        let arrival = Arrival {
            user: self.known_user(user)?,
            via: Via::Invite,
            code: Some(invite.code.clone()),
            inviter: invite.inviter.as_ref().map(|user| user.id),
            roles: invite.role_ids.clone(),
            temporary: invite.temporary,
            guest_of: (invite.flags & INVITE_IS_GUEST != 0).then_some(invite.channel_id),
        };
        let inviter_id = arrival.inviter;
        let mut gone = Vec::new();
        self.count_use(guild_id, &invite.code, &mut gone);
        let mut came = self.admit(guild_id, arrival);
        let delete_first = match self.quirks.delete_before_add {
            Some(first) => first,
            None => self.rng().random(),
        };
        let effects = if delete_first {
            gone.append(&mut came);
            gone
        } else {
            came.append(&mut gone);
            came
        };
        Ok(Joined {
            guild_id,
            user_id: user,
            joined_at: self.now(),
            via: Via::Invite,
            code: Some(invite.code),
            inviter_id,
            new_member: true,
            effects,
        })
    }

    /// Lets somebody join in another way.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownGuild`], [`Refusal::UnknownUser`],
    /// [`Refusal::AlreadyAMember`], [`Refusal::Banned`],
    /// [`Refusal::NoVanity`], [`Refusal::NotDiscoverable`],
    /// [`Refusal::NotABot`], [`Refusal::BotsUseOAuth`],
    /// [`Refusal::InvitesPaused`]; [`Refusal::Invalid`] for
    /// [`Via::Invite`], which needs a code.
    pub fn join(&mut self, guild_id: u64, entry: Entry) -> Result<Joined, Refusal> {
        let guild = self
            .guild(guild_id)
            .ok_or(Refusal::UnknownGuild(guild_id))?;
        if let Some(id) = entry.user_id {
            let user = self.known_user(id)?;
            match entry.via {
                Via::Bot if !user.bot => return Err(Refusal::NotABot(id)),
                Via::Bot => {}
                _ if user.bot => return Err(Refusal::BotsUseOAuth(id)),
                _ => {}
            }
            if guild.bans.contains_key(&id) {
                return Err(Refusal::Banned(id));
            }
            if guild.members.contains_key(&id) {
                return Err(Refusal::AlreadyAMember(id));
            }
        }
        let mut code = None;
        match entry.via {
            Via::Invite => {
                let problem = "an invite is joined by its code";
                return Err(Refusal::Invalid {
                    field: "code",
                    problem,
                });
            }
            Via::Vanity if guild.vanity_code.is_none() => return Err(Refusal::NoVanity),
            Via::Vanity if guild.invites_paused(self.now()) => {
                return Err(Refusal::InvitesPaused);
            }
            Via::Vanity => code.clone_from(&guild.vanity_code),
            Via::Discovery if !guild.features.contains("DISCOVERABLE") => {
                return Err(Refusal::NotDiscoverable);
            }
            _ => {}
        }
        let actor = match (entry.via, entry.actor_id) {
            (Via::Bot | Via::GuildsJoin, Some(actor)) => Some(self.known_user(actor)?.id),
            (Via::Bot, None) => Some(guild.owner_id),
            _ => None,
        };
        let user_id = match entry.user_id {
            Some(id) => id,
            None if entry.via == Via::Bot => self.create_user(NewUser::bot()).id,
            None => self.newcomer(),
        };
        if entry.via == Via::Vanity
            && let Some(guild) = self.guild_mut(guild_id)
        {
            guild.vanity_uses = guild.vanity_uses.saturating_add(1);
        }
        let arrival = Arrival {
            user: self.known_user(user_id)?,
            via: entry.via,
            code: code.clone(),
            inviter: actor,
            roles: Vec::new(),
            temporary: false,
            guest_of: None,
        };
        let mut effects = if self.bot_with(user_id).is_some() {
            let permissions = entry.permissions.unwrap_or(permissions::BOT);
            self.admit_bot(guild_id, arrival, permissions)?
        } else {
            self.admit(guild_id, arrival)
        };
        if entry.via == Via::Bot {
            let draft = AuditDraft {
                action: BOT_ADD,
                user_id: actor,
                target_id: Some(user_id),
                ..AuditDraft::default()
            };
            self.audit(guild_id, draft, &mut effects);
        }
        Ok(Joined {
            guild_id,
            user_id,
            joined_at: self.now(),
            via: entry.via,
            code,
            inviter_id: actor,
            new_member: true,
            effects,
        })
    }

    fn accept_again(
        &mut self,
        guild_id: u64,
        invite: &Invite,
        user_id: u64,
        joined_at: Micros,
    ) -> Joined {
        let mut effects = Vec::new();
        // Only such an invite gives an existing member anything to accept.
        if self.reaccept_counts && !invite.role_ids.is_empty() {
            self.count_use(guild_id, &invite.code, &mut effects);
        }
        let roles = invite.role_ids.clone();
        if let Some(member) = self.grant_roles(guild_id, user_id, &roles) {
            self.emit(
                guild_id,
                EventKind::MemberUpdate(Box::new(member)),
                &mut effects,
            );
        }
        Joined {
            guild_id,
            user_id,
            joined_at,
            via: Via::Invite,
            code: Some(invite.code.clone()),
            inviter_id: invite.inviter.as_ref().map(|user| user.id),
            new_member: false,
            effects,
        }
    }

    fn grant_roles(&mut self, guild_id: u64, user_id: u64, roles: &[u64]) -> Option<Member> {
        let member = self.guild_mut(guild_id)?.members.get_mut(&user_id)?;
        let missing: Vec<u64> = roles
            .iter()
            .filter(|role| !member.roles.contains(role))
            .copied()
            .collect();
        if missing.is_empty() {
            return None;
        }
        member.roles.extend(missing);
        Some(member.clone())
    }

    /// One more use; the last one ends the invite.
    fn count_use(&mut self, guild_id: u64, code: &str, effects: &mut Vec<Effect>) {
        let visible_at = self.now().saturating_add(self.quirks.uses_lag);
        let now = self.now();
        let Some(invite) = self
            .guild_mut(guild_id)
            .and_then(|it| it.invites.get_mut(code))
        else {
            return;
        };
        invite.uses = invite.uses.saturating_add(1);
        invite.unseen_uses.retain(|at| *at > now);
        if visible_at > now {
            invite.unseen_uses.push(visible_at);
        }
        if invite.max_uses != 0 && invite.uses >= invite.max_uses {
            self.end_invite(guild_id, code, Ending::Exhausted, None, effects);
        }
    }

    /// A bot that has a token comes in, with the role that belongs to it.
    fn admit_bot(
        &mut self,
        guild_id: u64,
        mut arrival: Arrival,
        permissions: u64,
    ) -> Result<Vec<Effect>, Refusal> {
        let (bot, name) = (arrival.user.id, arrival.user.username.clone());
        let (role, mut effects) = self.create_role_of(guild_id, name, permissions, Some(bot))?;
        arrival.roles.push(role);
        effects.extend(self.admit(guild_id, arrival));
        Ok(effects)
    }

    fn admit(&mut self, guild_id: u64, arrival: Arrival) -> Vec<Effect> {
        let now = self.now();
        let user_id = arrival.user.id;
        let disguised = arrival.via == Via::Vanity && {
            let probability = self.quirks.vanity_as_invite;
            self.chance(probability)
        };
        let repeated = {
            let probability = self.quirks.repeat_member_add;
            self.chance(probability)
        };
        let on_arrival = self.quirks.roles_on_arrival || arrival.user.bot;
        let indexed_at = now.saturating_add(self.quirks.search_lag);
        let source = JoinSource {
            kind: if disguised {
                5
            } else {
                arrival.via.join_source_type()
            },
            code: arrival.code.clone(),
            inviter: arrival.inviter.filter(|_| arrival.via != Via::Bot),
        };
        let mut effects = Vec::new();
        let Some(guild) = self.guild_mut(guild_id) else {
            return effects;
        };
        let mut flags = 0;
        if guild.former.contains(&user_id) {
            flags |= MEMBER_DID_REJOIN;
        }
        if arrival.guest_of.is_some() {
            flags |= MEMBER_IS_GUEST;
        }
        let member = Member {
            roles: if on_arrival {
                arrival.roles.clone()
            } else {
                Vec::new()
            },
            nick: None,
            joined_at: now,
            flags,
            // Guests, who are no members, have nothing to pass.
            pending: guild.screening && !arrival.user.bot && arrival.guest_of.is_none(),
            temporary: arrival.temporary,
            guest_of: arrival.guest_of,
            source,
            indexed_at,
            user: arrival.user,
        };
        let bot = member.user.bot;
        guild.members.insert(user_id, member.clone());
        let entry = TrueJoin {
            guild_id,
            user_id,
            joined_at: now,
            via: arrival.via,
            code: arrival.code,
            inviter_id: arrival.inviter,
            bot,
            guest: arrival.guest_of.is_some(),
            left_at: None,
        };
        self.arrivals.insert((guild_id, user_id), self.truth.len());
        self.truth.push(entry);
        let added = EventKind::MemberAdd(Box::new(member));
        if self.bot_with(user_id).is_some() {
            // It learns of the guild, and the others learn of it.
            self.emit_to(
                guild_id,
                EventKind::GuildCreate,
                vec![user_id],
                &mut effects,
            );
            self.emit(guild_id, added, &mut effects);
            if let Some(effect) = effects.last_mut() {
                effect.viewers.retain(|bot| *bot != user_id);
            }
            return effects;
        }
        self.emit(guild_id, added.clone(), &mut effects);
        if repeated {
            let mut again = Vec::new();
            self.emit(guild_id, added, &mut again);
            let at = now + 40 * time::MILLISECOND;
            for effect in again {
                self.emit_later(at, effect);
            }
        }
        if !on_arrival && let Some(member) = self.grant_roles(guild_id, user_id, &arrival.roles) {
            self.emit(
                guild_id,
                EventKind::MemberUpdate(Box::new(member)),
                &mut effects,
            );
        }
        effects
    }
}
