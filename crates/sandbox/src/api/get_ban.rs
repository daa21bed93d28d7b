//! `GET /guilds/{guild_id}/bans/{user_id}`.

use super::{Answer, ApiError, Call, Reply, list_bans};
use crate::world::permissions::BAN_MEMBERS;

pub(super) fn get_ban(call: &mut Call<'_>) -> Answer {
    let user = call.id(1, "user_id")?;
    let guild = call.guild_with(BAN_MEMBERS)?;
    let reason = guild.bans.get(&user).ok_or_else(ApiError::unknown_ban)?;
    let user = call.world.user(user).ok_or_else(ApiError::unknown_ban)?;
    Ok(Reply::ok(list_bans::ban(user, reason.as_deref())))
}
