//! `GET /guilds/{guild_id}/audit-logs`: newest first; oldest first with
//! `after`.

use super::{Answer, Call, Reply};
use crate::{json, world::permissions::VIEW_AUDIT_LOG};

pub(super) fn get_audit_log(call: &mut Call<'_>) -> Answer {
    let limit = call.query_number("limit", 1..=100)?.unwrap_or(50);
    let limit = usize::try_from(limit).unwrap_or(100);
    let action = call.query_number("action_type", 0..=1000)?;
    let user = call.query_number("user_id", 0..=u64::MAX)?;
    let target = call.query_number("target_id", 0..=u64::MAX)?;
    let before = call.query_number("before", 0..=u64::MAX)?;
    let after = call.query_number("after", 0..=u64::MAX)?;
    let guild = call.guild_with(VIEW_AUDIT_LOG)?;
    let wanted = guild.audit.iter().filter(|entry| {
        action.is_none_or(|action| u64::from(entry.action) == action)
            && (user.is_none() || entry.user_id == user)
            && (target.is_none() || entry.target_id == target)
            && before.is_none_or(|before| entry.id < before)
            && after.is_none_or(|after| entry.id > after)
    });
    let body = if after.is_some() {
        json::audit_log(call.world, wanted.take(limit))
    } else {
        json::audit_log(call.world, wanted.rev().take(limit))
    };
    Ok(Reply::ok(body))
}
