//! `GET /invites/{code}`: never with metadata.

use super::{Answer, ApiError, Call, Reply};
use crate::json::{self, Detail};

pub(super) fn get_invite(call: &mut Call<'_>) -> Answer {
    let event = call.query_number("guild_scheduled_event_id", 0..=u64::MAX)?;
    let detail = Detail {
        metadata: false,
        counts: call.query_flag("with_counts"),
        permissions: call.query_flag("with_permissions"),
        event,
    };
    let code = call.part(0);
    if let Some((guild, invite)) = call.world.invite(code) {
        return Ok(Reply::ok(json::invite(call.world, guild, invite, detail)));
    }
    let guild = call
        .world
        .vanity(code)
        .ok_or_else(ApiError::unknown_invite)?;
    let code = guild.vanity_code.as_deref().unwrap_or(code);
    Ok(Reply::ok(json::vanity_invite(guild, code, detail)))
}
