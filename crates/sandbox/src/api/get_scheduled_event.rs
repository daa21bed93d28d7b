//! `GET /guilds/{guild_id}/scheduled-events/{event_id}`.

use super::{Answer, ApiError, Call, Reply};
use crate::json;

pub(super) fn get_scheduled_event(call: &mut Call<'_>) -> Answer {
    let id = call.id(1, "guild_scheduled_event_id")?;
    let guild = call.guild()?;
    let event = guild.events.get(&id).ok_or_else(ApiError::unknown_event)?;
    Ok(Reply::ok(json::scheduled_event(guild.id, event)))
}
