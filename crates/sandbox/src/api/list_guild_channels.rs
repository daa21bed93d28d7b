//! `GET /guilds/{guild_id}/channels`.

use super::{Answer, Call, Reply};
use crate::json;

pub(super) fn list_guild_channels(call: &mut Call<'_>) -> Answer {
    let guild = call.guild()?;
    let channels = guild
        .channels
        .values()
        .map(|it| json::channel(guild.id, it));
    Ok(Reply::ok(channels.collect()))
}
