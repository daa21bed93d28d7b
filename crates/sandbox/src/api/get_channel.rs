//! `GET /channels/{channel_id}`.

use super::{Answer, Call, Reply};
use crate::json;

pub(super) fn get_channel(call: &mut Call<'_>) -> Answer {
    let (guild, channel) = call.channel()?;
    Ok(Reply::ok(json::channel(guild.id, channel)))
}
