//! The bodies of gateway events.
//!
//! See Discord Docs/Gateway Events.

use serde_json::{Value, json};

use super::{
    audit_log_entry, channel, created_invite, created_message, gateway_guild, id, interaction,
    member, role, scheduled_event, user, voice_state,
};
use crate::world::{Effect, EventKind, World};

/// Name and body (`t` and `d`) of an event. That of GUILD_CREATE depends on the session, see
/// [`gateway_guild`]; here it is as the first viewer gets it who declared every intent.
#[must_use]
pub fn dispatch(world: &World, effect: &Effect) -> (&'static str, Value) {
    let guild_id = effect.guild_id;
    let body = match &effect.kind {
        EventKind::GuildCreate => world.guild(guild_id).map_or(Value::Null, |guild| {
            let bot = effect.viewers.first().copied().unwrap_or(world.bot().id);
            gateway_guild(world, guild, bot, u64::MAX, 250)
        }),
        EventKind::GuildUpdate => world.guild(guild_id).map_or(Value::Null, |guild| {
            with_guild(guild_id, super::rest_guild(world, guild))
        }),
        EventKind::GuildDelete { unavailable: true } => {
            json!({"id": id(guild_id), "unavailable": true})
        }
        EventKind::GuildDelete { unavailable: false } => json!({"id": id(guild_id)}),
        EventKind::ChannelCreate(it) => channel(guild_id, it),
        EventKind::RoleCreate(it) | EventKind::RoleUpdate(it) => {
            json!({"guild_id": id(guild_id), "role": role(it)})
        }
        EventKind::RoleDelete(role) => json!({"guild_id": id(guild_id), "role_id": id(*role)}),
        EventKind::VoiceState(it, channel) => with_guild(guild_id, voice_state(it, *channel)),
        EventKind::InviteCreate(it) => created_invite(guild_id, it),
        EventKind::InviteDelete { channel_id, code } => {
            json!({"channel_id": id(*channel_id), "guild_id": id(guild_id), "code": code})
        }
        EventKind::MemberAdd(it) | EventKind::MemberUpdate(it) => with_guild(guild_id, member(it)),
        EventKind::MemberRemove(it) | EventKind::BanAdd(it) | EventKind::BanRemove(it) => {
            json!({"guild_id": id(guild_id), "user": user(it)})
        }
        EventKind::MessageCreate(it) => created_message(world, it),
        EventKind::ScheduledEventCreate(it) | EventKind::ScheduledEventDelete(it) => {
            scheduled_event(guild_id, it)
        }
        EventKind::InteractionCreate(it) => interaction(world, it),
        EventKind::AuditLogEntry(it) => with_guild(guild_id, audit_log_entry(it)),
    };
    (effect.name(), body)
}

fn with_guild(guild_id: u64, mut body: Value) -> Value {
    if let Some(object) = body.as_object_mut() {
        object.insert(String::from("guild_id"), id(guild_id));
    }
    body
}
