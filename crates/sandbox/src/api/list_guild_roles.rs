//! `GET /guilds/{guild_id}/roles`.

use super::{Answer, Call, Reply};
use crate::json;

pub(super) fn list_guild_roles(call: &mut Call<'_>) -> Answer {
    let guild = call.guild()?;
    Ok(Reply::ok(guild.roles.values().map(json::role).collect()))
}
