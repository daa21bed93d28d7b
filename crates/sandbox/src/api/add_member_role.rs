//! `PUT /guilds/{guild_id}/members/{user_id}/roles/{role_id}`.

use super::{Answer, ApiError, Call, Reply};
use crate::world::{Refusal, permissions::MANAGE_ROLES};

pub(super) fn add_member_role(call: &mut Call<'_>) -> Answer {
    switch(call, true)
}

/// Gives a member a role, or takes it.
pub(super) fn switch(call: &mut Call<'_>, on: bool) -> Answer {
    let (user, role) = (call.id(1, "user_id")?, call.id(2, "role_id")?);
    let guild = call.guild_with(MANAGE_ROLES)?;
    let id = guild.id;
    let mut roles = guild
        .members
        .get(&user)
        .ok_or_else(ApiError::unknown_member)?
        .roles
        .clone();
    call.below_own(&[role])?;
    roles.retain(|it| *it != role);
    if on {
        roles.push(role);
    }
    set(call, id, user, &roles)
}

/// Sets all the roles of a member.
pub(super) fn set(call: &mut Call<'_>, guild: u64, user: u64, roles: &[u64]) -> Answer {
    let reason = call.reason()?;
    let bot = call.bot();
    let effects = call
        .world
        .set_roles(guild, user, roles, bot, reason)
        .map_err(|refusal| match refusal {
            Refusal::UnknownRole(_) => ApiError::unknown_role(),
            _ => ApiError::unknown_member(),
        })?;
    Ok(Reply::empty().with(effects))
}

impl Call<'_> {
    /// Whether all these roles are below the bot's highest one.
    pub(super) fn below_own(&self, roles: &[u64]) -> Result<(), ApiError> {
        let guild = self.guild()?;
        let highest = guild.highest_position(self.bot());
        for id in roles {
            let role = guild.roles.get(id).ok_or_else(ApiError::unknown_role)?;
            if role.position >= highest || role.bot_id.is_some() {
                return Err(ApiError::missing_permissions());
            }
        }
        Ok(())
    }

    /// Whether the bot stands above somebody, so that it may kick, ban or rename them.
    pub(super) fn above(&self, user: u64) -> Result<(), ApiError> {
        let guild = self.guild()?;
        let bot = self.bot();
        if user == guild.owner_id
            || user != bot && guild.highest_position(user) >= guild.highest_position(bot)
        {
            Err(ApiError::missing_permissions())
        } else {
            Ok(())
        }
    }
}
