//! `DELETE /invites/{code}`: MANAGE_CHANNELS on its channel, or MANAGE_GUILD.

use super::{Answer, ApiError, Call, Reply};
use crate::{
    json::{self, Detail},
    world::permissions::{self, MANAGE_CHANNELS, MANAGE_GUILD},
};

pub(super) fn delete_invite(call: &mut Call<'_>) -> Answer {
    let code = String::from(call.part(0));
    let bot = call.bot();
    let (guild, invite) = call
        .world
        .invite(&code)
        .ok_or_else(ApiError::unknown_invite)?;
    let in_channel = guild
        .channels
        .get(&invite.channel_id)
        .map_or(0, |channel| permissions::in_channel(guild, channel, bot));
    let allowed =
        permissions::in_guild(guild, bot) & MANAGE_GUILD != 0 || in_channel & MANAGE_CHANNELS != 0;
    if !guild.members.contains_key(&bot) {
        return Err(ApiError::missing_access());
    }
    if !allowed {
        return Err(ApiError::missing_permissions());
    }
    let body = json::invite(call.world, guild, invite, Detail::PLAIN);
    let reason = call.reason()?;
    let (_, effects) = call
        .world
        .revoke_invite(&code, Some(bot), reason)
        .map_err(|_| ApiError::unknown_invite())?;
    Ok(Reply::ok(body).with(effects))
}
