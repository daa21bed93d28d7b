//! What moderators and bots do with members and with the guild: roles, names, bans, settings.

use serde_json::{Value, json};

use super::{
    Effect, EventKind, GUILD_UPDATE, MEMBER_BAN_ADD, MEMBER_BAN_REMOVE, MEMBER_ROLE_UPDATE,
    MEMBER_UPDATE, Member, Refusal, World, audit::AuditDraft,
};

impl World {
    /// Sets the roles of a member, with GUILD_MEMBER_UPDATE and an audit entry.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownGuild`], [`Refusal::NotAMember`], [`Refusal::UnknownRole`].
    pub fn set_roles(
        &mut self,
        guild_id: u64,
        user_id: u64,
        roles: &[u64],
        actor: u64,
        reason: Option<String>,
    ) -> Result<Vec<Effect>, Refusal> {
        let guild = self
            .guild_mut(guild_id)
            .ok_or(Refusal::UnknownGuild(guild_id))?;
        let unknown = |role: &&u64| **role == guild_id || !guild.roles.contains_key(*role);
        if let Some(role) = roles.iter().find(unknown) {
            return Err(Refusal::UnknownRole(*role));
        }
        let member = guild
            .members
            .get_mut(&user_id)
            .ok_or(Refusal::NotAMember(user_id))?;
        let named = |ids: Vec<u64>| -> Vec<Value> {
            let name = |id: &u64| guild.roles.get(id).map(|role| role.name.clone());
            ids.iter()
                .map(|id| json!({"id": id.to_string(), "name": name(id)}))
                .collect()
        };
        let beyond = |some: &[u64], others: &[u64]| -> Vec<u64> {
            let mut ids: Vec<u64> = some.to_vec();
            ids.retain(|id| !others.contains(id));
            ids
        };
        let added = named(beyond(roles, &member.roles));
        let removed = named(beyond(&member.roles, roles));
        if added.is_empty() && removed.is_empty() {
            return Ok(Vec::new());
        }
        member.roles = roles.to_vec();
        let member = member.clone();
        let changes = [("$add", added), ("$remove", removed)]
            .into_iter()
            .filter(|(_, roles)| !roles.is_empty())
            .map(|(key, roles)| (key, None, Some(Value::Array(roles))))
            .collect();
        let draft = AuditDraft {
            changes,
            ..AuditDraft::new(MEMBER_ROLE_UPDATE, actor, user_id, reason)
        };
        Ok(self.updated(guild_id, member, draft))
    }

    /// Sets the nickname of a member.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownGuild`], [`Refusal::NotAMember`].
    pub fn set_nick(
        &mut self,
        guild_id: u64,
        user_id: u64,
        nick: Option<String>,
        actor: u64,
        reason: Option<String>,
    ) -> Result<Vec<Effect>, Refusal> {
        let member = self
            .guild_mut(guild_id)
            .ok_or(Refusal::UnknownGuild(guild_id))?
            .members
            .get_mut(&user_id)
            .ok_or(Refusal::NotAMember(user_id))?;
        if member.nick == nick {
            return Ok(Vec::new());
        }
        let old = std::mem::replace(&mut member.nick, nick.clone());
        let member = member.clone();
        let draft = AuditDraft {
            changes: vec![("nick", old.map(Value::String), nick.map(Value::String))],
            ..AuditDraft::new(MEMBER_UPDATE, actor, user_id, reason)
        };
        Ok(self.updated(guild_id, member, draft))
    }

    fn updated(&mut self, guild_id: u64, member: Member, draft: AuditDraft) -> Vec<Effect> {
        let mut effects = Vec::new();
        let event = EventKind::MemberUpdate(Box::new(member));
        self.emit(guild_id, event, &mut effects);
        self.audit(guild_id, draft, &mut effects);
        effects
    }

    /// Bans a user, who need not be a member.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownGuild`], [`Refusal::UnknownUser`], [`Refusal::Owner`].
    pub fn ban(
        &mut self,
        guild_id: u64,
        user_id: u64,
        actor: u64,
        reason: Option<String>,
    ) -> Result<Vec<Effect>, Refusal> {
        let user = self.known_user(user_id)?;
        let guild = self
            .guild_mut(guild_id)
            .ok_or(Refusal::UnknownGuild(guild_id))?;
        if guild.bans.contains_key(&user_id) {
            return Ok(Vec::new());
        }
        let is_member = guild.members.contains_key(&user_id);
        if guild.owner_id == user_id {
            return Err(Refusal::Owner);
        }
        guild.bans.insert(user_id, reason.clone());
        let mut effects = Vec::new();
        self.emit(guild_id, EventKind::BanAdd(user), &mut effects);
        if is_member {
            effects.extend(self.leave(guild_id, user_id)?);
        }
        let draft = AuditDraft::new(MEMBER_BAN_ADD, actor, user_id, reason);
        self.audit(guild_id, draft, &mut effects);
        Ok(effects)
    }

    /// Removes a ban; `None` if there is none.
    pub fn unban(
        &mut self,
        guild_id: u64,
        user_id: u64,
        actor: u64,
        reason: Option<String>,
    ) -> Option<Vec<Effect>> {
        let user = self.user(user_id).cloned()?;
        self.guild_mut(guild_id)?.bans.remove(&user_id)?;
        let mut effects = Vec::new();
        self.emit(guild_id, EventKind::BanRemove(user), &mut effects);
        let draft = AuditDraft::new(MEMBER_BAN_REMOVE, actor, user_id, reason);
        self.audit(guild_id, draft, &mut effects);
        Some(effects)
    }

    /// Changes a guild's name and features.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownGuild`].
    pub fn update_guild(
        &mut self,
        guild_id: u64,
        name: Option<String>,
        features: Option<Vec<String>>,
        actor: u64,
        reason: Option<String>,
    ) -> Result<Vec<Effect>, Refusal> {
        let guild = self
            .guild_mut(guild_id)
            .ok_or(Refusal::UnknownGuild(guild_id))?;
        let mut changes = Vec::new();
        if let Some(name) = name.filter(|name| *name != guild.name) {
            let old = std::mem::replace(&mut guild.name, name.clone());
            changes.push(("name", Some(json!(old)), Some(json!(name))));
        }
        if let Some(features) = features {
            let features = features.into_iter().collect();
            if guild.features != features {
                let old = std::mem::replace(&mut guild.features, features);
                let new = json!(guild.features);
                changes.push(("features", Some(json!(old)), Some(new)));
            }
        }
        let mut effects = Vec::new();
        if changes.is_empty() {
            return Ok(effects);
        }
        self.emit(guild_id, EventKind::GuildUpdate, &mut effects);
        let draft = AuditDraft {
            changes,
            ..AuditDraft::new(GUILD_UPDATE, actor, guild_id, reason)
        };
        self.audit(guild_id, draft, &mut effects);
        Ok(effects)
    }
}
