//! `GET /guilds/{guild_id}/preview`: of those in discovery, and of the bot's own.

use super::{Answer, ApiError, Call, Reply};
use crate::json;

pub(super) fn get_guild_preview(call: &mut Call<'_>) -> Answer {
    let id = call.id(0, "guild_id")?;
    let guild = call.world.guild(id).ok_or_else(ApiError::unknown_guild)?;
    let seen = guild.members.contains_key(&call.bot()) || guild.features.contains("DISCOVERABLE");
    if seen {
        Ok(Reply::ok(json::guild_preview(guild)))
    } else {
        Err(ApiError::unknown_guild())
    }
}
