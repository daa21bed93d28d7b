//! `GET /guilds/{guild_id}/scheduled-events`.

use super::{Answer, Call, Reply};
use crate::json;

pub(super) fn list_scheduled_events(call: &mut Call<'_>) -> Answer {
    let guild = call.guild()?;
    let events = guild.events.values();
    Ok(Reply::ok(
        events
            .map(|it| json::scheduled_event(guild.id, it))
            .collect(),
    ))
}
