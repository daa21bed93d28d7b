//! `PATCH /guilds/{guild_id}/members/{user_id}`: roles and the name in the guild. Other settings
//! are taken and change nothing.

use serde_json::Value;

use super::{Answer, ApiError, Call, Reply, add_member_role};
use crate::{
    json,
    world::permissions::{self, MANAGE_NICKNAMES, MANAGE_ROLES},
};

pub(super) fn update_member(call: &mut Call<'_>) -> Answer {
    let user = call.id(1, "user_id")?;
    let guild = call.guild()?;
    let own = permissions::in_guild(guild, call.bot());
    let id = guild.id;
    let member = guild
        .members
        .get(&user)
        .ok_or_else(ApiError::unknown_member)?;
    let before = member.roles.clone();
    let body = call.object()?;
    let mut effects = Vec::new();
    if let Some(nick) = body.get("nick") {
        if own & MANAGE_NICKNAMES == 0 {
            return Err(ApiError::missing_permissions());
        }
        call.above(user)?;
        let nick = match nick {
            Value::String(nick) if nick.chars().count() > 32 => {
                return Err(ApiError::in_form(|errors| errors.add_too_long("nick", 32)));
            }
            Value::String(nick) => Some(nick.clone()).filter(|nick| !nick.is_empty()),
            _ => None,
        };
        let (reason, bot) = (call.reason()?, call.bot());
        let more = call.world.set_nick(id, user, nick, bot, reason);
        effects.extend(more.map_err(|_| ApiError::unknown_member())?);
    }
    if let Some(roles) = body.get("roles").and_then(Value::as_array) {
        if own & MANAGE_ROLES == 0 {
            return Err(ApiError::missing_permissions());
        }
        let wanted: Vec<u64> = roles.iter().filter_map(json::number).collect();
        let changed = |some: &[u64], others: &[u64]| {
            let mut roles = some.to_vec();
            roles.retain(|role| !others.contains(role));
            roles
        };
        call.below_own(&changed(&wanted, &before))?;
        call.below_own(&changed(&before, &wanted))?;
        effects.extend(add_member_role::set(call, id, user, &wanted)?.effects);
    }
    let member = call.guild()?.members.get(&user).map(json::member);
    let member = member.ok_or_else(ApiError::unknown_member)?;
    Ok(Reply::ok(member).with(effects))
}
