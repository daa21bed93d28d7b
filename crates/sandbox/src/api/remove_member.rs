//! `DELETE /guilds/{guild_id}/members/{user_id}`: kicks somebody.

use super::{Answer, ApiError, Call, Reply};
use crate::world::permissions::KICK_MEMBERS;

pub(super) fn remove_member(call: &mut Call<'_>) -> Answer {
    let user = call.id(1, "user_id")?;
    let guild = call.guild_with(KICK_MEMBERS)?;
    let id = guild.id;
    if !guild.members.contains_key(&user) {
        return Err(ApiError::unknown_member());
    }
    call.above(user)?;
    let (reason, bot) = (call.reason()?, call.bot());
    let effects = call
        .world
        .kick(id, user, bot, reason)
        .map_err(|_| ApiError::unknown_member())?;
    Ok(Reply::empty().with(effects))
}
