//! `DELETE /users/@me/guilds/{guild_id}`: the bot, or a person, leaves.

use super::{Answer, ApiError, Call, Reply};
use crate::world::Refusal;

pub(super) fn leave_guild(call: &mut Call<'_>) -> Answer {
    let guild = call.id(0, "guild_id")?;
    let me = call.me();
    let effects = call
        .world
        .leave(guild, me)
        .map_err(|refusal| match refusal {
            Refusal::Owner => ApiError::new(400, 50_055, "Invalid Guild"),
            _ => ApiError::unknown_guild(),
        })?;
    Ok(Reply::empty().with(effects))
}
