//! `GET /channels/{channel_id}/invites`.

use super::{Answer, ApiError, Call, Reply};
use crate::{
    json::{self, Detail},
    world::permissions::MANAGE_CHANNELS,
};

pub(super) fn list_channel_invites(call: &mut Call<'_>) -> Answer {
    let (guild, channel) = call.channel()?;
    if call.channel_permissions(guild, channel) & MANAGE_CHANNELS == 0 {
        return Err(ApiError::missing_permissions());
    }
    let invites = guild
        .invites
        .values()
        .filter(|it| it.channel_id == channel.id && !it.is_expired(call.world.now()))
        .map(|it| json::invite(call.world, guild, it, Detail::METADATA));
    Ok(Reply::ok(invites.collect()))
}
