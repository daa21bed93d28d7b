//! `GET /guilds/{guild_id}/invites`: with metadata for MANAGE_GUILD, without
//! for VIEW_AUDIT_LOG.

use super::{Answer, Call, Reply};
use crate::{
    json::{self, Detail},
    world::permissions::{self, MANAGE_GUILD, VIEW_AUDIT_LOG},
};

pub(super) fn list_guild_invites(call: &mut Call<'_>) -> Answer {
    let guild = call.guild_with(MANAGE_GUILD | VIEW_AUDIT_LOG)?;
    let manages = permissions::in_guild(guild, call.bot()) & MANAGE_GUILD != 0;
    let detail = if manages {
        Detail::METADATA
    } else {
        Detail::PLAIN
    };
    let invites = guild
        .invites
        .values()
        .filter(|it| !it.is_expired(call.world.now()))
        .map(|it| json::invite(call.world, guild, it, detail));
    Ok(Reply::ok(invites.collect()))
}
