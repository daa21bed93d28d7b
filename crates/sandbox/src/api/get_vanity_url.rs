//! `GET /guilds/{guild_id}/vanity-url`.

use serde_json::json;

use super::{Answer, ApiError, Call, Reply};
use crate::world::permissions::MANAGE_GUILD;

pub(super) fn get_vanity_url(call: &mut Call<'_>) -> Answer {
    let guild = call.guild_with(MANAGE_GUILD)?;
    if !guild.may_have_vanity() {
        return Err(ApiError::no_vanity());
    }
    Ok(Reply::ok(
        json!({"code": guild.vanity_code, "uses": guild.vanity_uses}),
    ))
}
