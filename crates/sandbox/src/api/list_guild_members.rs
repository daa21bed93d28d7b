//! `GET /guilds/{guild_id}/members`: a page of members by user id. Needs the
//! privileged intent GUILD_MEMBERS.

use super::{Answer, ApiError, Call, Reply};
use crate::{json, world::PrivilegedIntent};

pub(super) fn list_guild_members(call: &mut Call<'_>) -> Answer {
    let limit = call.query_number("limit", 1..=1000)?.unwrap_or(1);
    let after = call.query_number("after", 0..=u64::MAX)?.unwrap_or(0);
    let guild = call.guild()?;
    if !call.has_intent(PrivilegedIntent::Members) {
        return Err(ApiError::missing_access());
    }
    let page = guild
        .members
        .range(after.saturating_add(1)..)
        .take(usize::try_from(limit).unwrap_or(1000))
        .map(|(_, member)| json::member(member));
    Ok(Reply::ok(page.collect()))
}
