//! Making, revoking and restricting invites.

use std::sync::Arc;

use super::{
    Effect, EndedInvite, Ending, EventKind, INVITE_CREATE, INVITE_DELETE, Invite, Refusal,
    TargetUsers, World,
    audit::{AuditDraft, invite_changes},
    time,
};

/// At most so many invites a guild.
pub(super) const MOST_INVITES: usize = 1000;

/// Of a guild, so many ended invites are remembered; then the oldest tenth is forgotten.
const MOST_ENDED: usize = 100_000;

/// An invite to create.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct NewInvite {
    /// The channel; the first text channel if absent.
    pub channel_id: Option<u64>,
    /// The user who creates it; nobody for an invite of the widget.
    pub inviter_id: Option<u64>,
    /// For how many seconds it is valid; 0 means forever. A day if absent.
    pub max_age: Option<u32>,
    /// How often it can be used; 0 means without limit.
    pub max_uses: u32,
    /// How often it was used before.
    pub uses: u32,
    /// Whether it grants only temporary membership.
    pub temporary: bool,
    /// Whether a new invite is created even if a similar one exists.
    pub unique: bool,
    /// The flags, such as [`INVITE_IS_GUEST`](super::INVITE_IS_GUEST).
    pub flags: u64,
    /// The roles that it grants.
    pub role_ids: Vec<u64>,
    /// The kind of target: 1 stream, 2 embedded application.
    pub target_type: Option<u8>,
    /// The user whose stream is the target.
    pub target_user_id: Option<u64>,
    /// The application that is the target.
    pub target_application_id: Option<u64>,
    /// The users who can use it, and the error of the file that contains them.
    pub target_users: Option<(Vec<u64>, Option<String>)>,
    /// The code; random if absent.
    pub code: Option<String>,
    /// The reason in the audit log.
    pub reason: Option<String>,
}

impl NewInvite {
    /// Sets who creates it.
    #[must_use]
    pub const fn by(mut self, inviter: u64) -> Self {
        self.inviter_id = Some(inviter);
        self
    }

    /// Sets the channel.
    #[must_use]
    pub const fn to(mut self, channel: u64) -> Self {
        self.channel_id = Some(channel);
        self
    }

    /// Sets for how many seconds it is valid; 0 means forever.
    #[must_use]
    pub const fn max_age(mut self, seconds: u32) -> Self {
        self.max_age = Some(seconds);
        self
    }

    /// Sets how often it can be used; 0 means without limit.
    #[must_use]
    pub const fn max_uses(mut self, uses: u32) -> Self {
        self.max_uses = uses;
        self
    }

    /// Sets how often it was used before.
    #[must_use]
    pub const fn uses(mut self, uses: u32) -> Self {
        self.uses = uses;
        self
    }

    /// Sets the roles that it grants.
    #[must_use]
    pub fn roles(mut self, roles: Vec<u64>) -> Self {
        self.role_ids = roles;
        self
    }

    /// Sets the flags.
    #[must_use]
    pub const fn flags(mut self, flags: u64) -> Self {
        self.flags = flags;
        self
    }

    /// Makes the membership that it grants temporary.
    #[must_use]
    pub const fn temporary(mut self) -> Self {
        self.temporary = true;
        self
    }
}

/// An invite that was created, or existed already.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MadeInvite {
    /// The code.
    pub code: String,
    /// Whether an equal invite existed and was returned.
    pub reused: bool,
    /// The events.
    pub effects: Vec<Effect>,
}

impl World {
    /// Creates an invite. The reasons for which Discord would refuse a *bot*
    /// (permissions, form) are checked in the API, not here.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownGuild`], [`Refusal::UnknownChannel`],
    /// [`Refusal::UnknownUser`], [`Refusal::UnknownRole`],
    /// [`Refusal::CodeTaken`], [`Refusal::InviteLimit`].
    pub fn create_invite(&mut self, guild_id: u64, new: NewInvite) -> Result<MadeInvite, Refusal> {
        let guild = self
            .guild(guild_id)
            .ok_or(Refusal::UnknownGuild(guild_id))?;
        let channel_id = match new.channel_id {
            Some(id) if guild.channels.contains_key(&id) => id,
            Some(id) => return Err(Refusal::UnknownChannel(id)),
            None => {
                guild
                    .first_text_channel()
                    .ok_or(Refusal::UnknownChannel(0))?
                    .id
            }
        };
        if let Some(role) = new
            .role_ids
            .iter()
            .find(|role| !guild.roles.contains_key(role))
        {
            return Err(Refusal::UnknownRole(*role));
        }
        let find = |id: Option<u64>| match id {
            Some(id) => self
                .user(id)
                .cloned()
                .map(Some)
                .ok_or(Refusal::UnknownUser(id)),
            None => Ok(None),
        };
        let inviter = find(new.inviter_id)?;
        let target_user = find(new.target_user_id)?;
        let max_age = new.max_age.unwrap_or(86_400);
        if !new.unique
            && new.code.is_none()
            && new.uses == 0
            && let Some(code) = self.equal_invite(guild_id, channel_id, max_age, &new)
        {
            return Ok(MadeInvite {
                code,
                reused: true,
                effects: Vec::new(),
            });
        }
        if guild.invites.len() >= MOST_INVITES {
            return Err(Refusal::InviteLimit);
        }
        let code = match new.code {
            Some(code) if self.code_guild.contains_key(&code) || self.vanity(&code).is_some() => {
                return Err(Refusal::CodeTaken(code));
            }
            Some(code) => code,
            None => self.new_code(),
        };
        let now = self.now();
        let job = self.quirks.target_users_job;
        let expires_at = (max_age != 0).then(|| {
            (now + i64::from(max_age) * time::SECOND).div_euclid(time::SECOND) * time::SECOND
        });
        let invite = Invite {
            code: code.clone(),
            channel_id,
            inviter,
            created_at: now,
            max_age,
            expires_at,
            max_uses: new.max_uses,
            uses: new.uses,
            unseen_uses: Vec::new(),
            temporary: new.temporary,
            flags: new.flags,
            role_ids: new.role_ids,
            target_type: new.target_type,
            target_user,
            target_application: new.target_application_id,
            target_users: new.target_users.map(|(users, failure)| TargetUsers {
                users,
                created_at: now,
                done_at: now + job,
                failure,
            }),
        };
        let mut effects = Vec::new();
        let changes = invite_changes(&invite, true);
        let inviter = invite.inviter.as_ref().map(|user| user.id);
        self.code_guild.insert(code.clone(), guild_id);
        self.expiries
            .extend(expires_at.map(|at| (at, guild_id, code.clone())));
        if let Some(guild) = self.guild_mut(guild_id) {
            guild.invites.insert(code.clone(), invite.clone());
        }
        self.emit(
            guild_id,
            EventKind::InviteCreate(Box::new(invite)),
            &mut effects,
        );
        let draft = AuditDraft {
            action: INVITE_CREATE,
            user_id: inviter,
            changes,
            reason: new.reason,
            ..AuditDraft::default()
        };
        self.audit(guild_id, draft, &mut effects);
        Ok(MadeInvite {
            code,
            reused: false,
            effects,
        })
    }

    /// Without `unique`, Discord gives back an invite like the wanted one.
    fn equal_invite(
        &self,
        guild_id: u64,
        channel_id: u64,
        max_age: u32,
        new: &NewInvite,
    ) -> Option<String> {
        let guild = self.guild(guild_id)?;
        let plain = new.target_users.is_none() && new.role_ids.is_empty() && new.flags == 0;
        let same = |invite: &&Invite| {
            invite.channel_id == channel_id
                && invite.inviter.as_ref().map(|user| user.id) == new.inviter_id
                && invite.max_age == max_age
                && invite.max_uses == new.max_uses
                && invite.temporary == new.temporary
                && invite.target_type == new.target_type
                && invite.target_user.as_ref().map(|user| user.id) == new.target_user_id
                && invite.target_application == new.target_application_id
                && invite.target_users.is_none()
                && invite.role_ids.is_empty()
                && invite.flags == 0
                && !invite.is_expired(self.now())
        };
        let found = guild.invites.values().find(same)?;
        let by_bot = new.inviter_id.is_some_and(|id| self.bot_with(id).is_some());
        (plain && by_bot).then(|| found.code.clone())
    }

    /// Deletes an invite, with INVITE_DELETE and an audit entry that names who did it.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownInvite`].
    pub fn revoke_invite(
        &mut self,
        code: &str,
        actor: Option<u64>,
        reason: Option<String>,
    ) -> Result<(Invite, Vec<Effect>), Refusal> {
        let unknown = || Refusal::UnknownInvite(String::from(code));
        let guild_id = self.invite(code).ok_or_else(unknown)?.0.id;
        let mut effects = Vec::new();
        let invite = self
            .end_invite(guild_id, code, Ending::Revoked, actor, &mut effects)
            .ok_or_else(unknown)?;
        let draft = AuditDraft {
            action: INVITE_DELETE,
            user_id: actor,
            changes: invite_changes(&invite, false),
            reason,
            ..AuditDraft::default()
        };
        self.audit(guild_id, draft, &mut effects);
        Ok((invite, effects))
    }

    /// Takes an invite away, with its INVITE_DELETE.
    pub(crate) fn end_invite(
        &mut self,
        guild_id: u64,
        code: &str,
        ending: Ending,
        by: Option<u64>,
        effects: &mut Vec<Effect>,
    ) -> Option<Invite> {
        let invite = self.take_invite(guild_id, code, ending, self.now(), by)?;
        let channel_id = invite.channel_id;
        let code = String::from(code);
        self.emit(
            guild_id,
            EventKind::InviteDelete { channel_id, code },
            effects,
        );
        Some(invite)
    }

    /// Takes an invite away, in silence.
    pub(super) fn take_invite(
        &mut self,
        guild_id: u64,
        code: &str,
        ending: Ending,
        at: time::Micros,
        by: Option<u64>,
    ) -> Option<Invite> {
        let guild = self.guilds.get_mut(&guild_id)?;
        let invite = guild.invites.remove(code)?;
        self.code_guild.remove(code);
        if guild.ended.len() >= MOST_ENDED {
            guild.ended.drain(..MOST_ENDED / 10);
        }
        guild.ended.push(EndedInvite {
            invite: invite.clone(),
            ending,
            at,
            by,
        });
        Some(invite)
    }

    /// Restricts an invite to other users. The job takes some time.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownInvite`].
    pub fn set_target_users(
        &mut self,
        code: &str,
        users: Vec<u64>,
        failure: Option<String>,
    ) -> Result<(), Refusal> {
        let unknown = || Refusal::UnknownInvite(String::from(code));
        let guild_id = self.invite(code).ok_or_else(unknown)?.0.id;
        let created_at = self.now();
        let done_at = created_at + self.quirks.target_users_job;
        let guild = self.guild_mut(guild_id).ok_or_else(unknown)?;
        let invite = guild.invites.get_mut(code).ok_or_else(unknown)?;
        invite.target_users = Some(TargetUsers {
            users,
            created_at,
            done_at,
            failure,
        });
        Ok(())
    }

    /// Pauses invites until a moment, or ends the pause.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownGuild`].
    pub fn pause_invites(
        &mut self,
        guild_id: u64,
        until: Option<time::Micros>,
    ) -> Result<Vec<Effect>, Refusal> {
        let guild = self
            .guild_mut(guild_id)
            .ok_or(Refusal::UnknownGuild(guild_id))?;
        guild.invites_disabled_until = until;
        let mut effects = Vec::new();
        self.emit(guild_id, EventKind::GuildUpdate, &mut effects);
        Ok(effects)
    }

    /// A user by id, cloned.
    pub(crate) fn known_user(&self, id: u64) -> Result<Arc<super::User>, Refusal> {
        self.user(id).cloned().ok_or(Refusal::UnknownUser(id))
    }
}
