//! Leaving, being made to leave, and passing screening.

use super::{Effect, EventKind, MEMBER_IS_GUEST, MEMBER_KICK, Refusal, World, audit::AuditDraft};

impl World {
    /// Lets a member leave.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownGuild`], [`Refusal::NotAMember`], [`Refusal::Owner`].
    pub fn leave(&mut self, guild_id: u64, user_id: u64) -> Result<Vec<Effect>, Refusal> {
        let now = self.now();
        let guild = self
            .guild(guild_id)
            .ok_or(Refusal::UnknownGuild(guild_id))?;
        if guild.owner_id == user_id {
            return Err(Refusal::Owner);
        }
        let mut effects = Vec::new();
        self.hang_up(guild_id, user_id, &mut effects);
        let guild = self
            .guild_mut(guild_id)
            .ok_or(Refusal::UnknownGuild(guild_id))?;
        let member = guild
            .members
            .remove(&user_id)
            .ok_or(Refusal::NotAMember(user_id))?;
        guild.former.insert(user_id);
        if let Some(join) = self
            .arrivals
            .remove(&(guild_id, user_id))
            .and_then(|index| self.truth.get_mut(index))
        {
            join.left_at = Some(now);
        }
        // What was to be repeated about this member is not true any more.
        self.later.retain(|_, effect| {
            effect.guild_id != guild_id
                || !matches!(&effect.kind, EventKind::MemberAdd(it) if it.user.id == user_id)
        });
        if self.bot_with(user_id).is_some() {
            let gone = EventKind::GuildDelete { unavailable: false };
            self.emit_to(guild_id, gone, vec![user_id], &mut effects);
            self.take_bot_roles(guild_id, user_id, &mut effects);
        }
        let removed = EventKind::MemberRemove(member.user);
        self.emit(guild_id, removed, &mut effects);
        Ok(effects)
    }

    /// Kicks a member.
    ///
    /// # Errors
    ///
    /// Those of [`World::leave`].
    pub fn kick(
        &mut self,
        guild_id: u64,
        user_id: u64,
        actor: u64,
        reason: Option<String>,
    ) -> Result<Vec<Effect>, Refusal> {
        let mut effects = self.leave(guild_id, user_id)?;
        let draft = AuditDraft::new(MEMBER_KICK, actor, user_id, reason);
        self.audit(guild_id, draft, &mut effects);
        Ok(effects)
    }

    /// Lets a member go offline, and leave the voice channel. Guests and temporary members without a
    /// role leave the guild.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownGuild`], [`Refusal::NotAMember`].
    pub fn disconnect(&mut self, guild_id: u64, user_id: u64) -> Result<Vec<Effect>, Refusal> {
        let guild = self
            .guild(guild_id)
            .ok_or(Refusal::UnknownGuild(guild_id))?;
        let member = guild
            .members
            .get(&user_id)
            .ok_or(Refusal::NotAMember(user_id))?;
        let guest = member.flags & MEMBER_IS_GUEST != 0;
        if guest || (member.temporary && member.roles.is_empty()) {
            self.leave(guild_id, user_id)
        } else {
            let mut effects = Vec::new();
            self.hang_up(guild_id, user_id, &mut effects);
            Ok(effects)
        }
    }

    /// Lets a member pass membership screening.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownGuild`], [`Refusal::NotAMember`].
    pub fn pass_screening(&mut self, guild_id: u64, user_id: u64) -> Result<Vec<Effect>, Refusal> {
        let guild = self
            .guild_mut(guild_id)
            .ok_or(Refusal::UnknownGuild(guild_id))?;
        let member = guild
            .members
            .get_mut(&user_id)
            .ok_or(Refusal::NotAMember(user_id))?;
        if !member.pending {
            return Ok(Vec::new());
        }
        member.pending = false;
        let member = Box::new(member.clone());
        let mut effects = Vec::new();
        self.emit(guild_id, EventKind::MemberUpdate(member), &mut effects);
        Ok(effects)
    }
}
