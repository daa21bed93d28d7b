//! `DELETE /guilds/{guild_id}/scheduled-events/{event_id}`.

use super::{Answer, ApiError, Call, Reply};
use crate::world::permissions::MANAGE_EVENTS;

pub(super) fn delete_scheduled_event(call: &mut Call<'_>) -> Answer {
    let id = call.id(1, "guild_scheduled_event_id")?;
    let guild = call.guild_with(MANAGE_EVENTS)?.id;
    let effects = call
        .world
        .delete_scheduled_event(guild, id)
        .ok_or_else(ApiError::unknown_event)?;
    Ok(Reply::empty().with(effects))
}
