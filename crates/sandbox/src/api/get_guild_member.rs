//! `GET /guilds/{guild_id}/members/{user_id}`.

use super::{Answer, ApiError, Call, Reply};
use crate::json;

pub(super) fn get_guild_member(call: &mut Call<'_>) -> Answer {
    let user = match call.part(1) {
        "@me" => call.bot(),
        _ => call.id(1, "user_id")?,
    };
    let member = call
        .guild()?
        .members
        .get(&user)
        .ok_or_else(ApiError::unknown_member)?;
    Ok(Reply::ok(json::member(member)))
}
