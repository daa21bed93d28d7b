//! `DELETE /guilds/{guild_id}/bans/{user_id}`.

use super::{Answer, ApiError, Call, Reply};
use crate::world::permissions::BAN_MEMBERS;

pub(super) fn remove_ban(call: &mut Call<'_>) -> Answer {
    let user = call.id(1, "user_id")?;
    let guild = call.guild_with(BAN_MEMBERS)?.id;
    let (reason, bot) = (call.reason()?, call.bot());
    let effects = call
        .world
        .unban(guild, user, bot, reason)
        .ok_or_else(ApiError::unknown_ban)?;
    Ok(Reply::empty().with(effects))
}
