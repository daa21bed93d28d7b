//! Guilds, their channels, roles and members.

use serde_json::{Value, json};

use super::{id, invite::features, user};
use crate::world::{
    Channel, Guild, Member, Role, World, intents, permissions,
    time::{self, Micros},
};

/// A role.
///
/// See Discord Docs/Permissions#role-object.
#[must_use]
pub fn role(role: &Role) -> Value {
    let mut object = json!({
        "id": id(role.id),
        "name": role.name,
        "description": null,
        "permissions": role.permissions.to_string(),
        "position": role.position,
        "color": role.color,
        "colors": {"primary_color": role.color, "secondary_color": null, "tertiary_color": null},
        "hoist": false,
        "managed": role.bot_id.is_some(),
        "mentionable": false,
        "icon": null,
        "unicode_emoji": null,
        "flags": 0,
    });
    if let (Some(bot), Some(object)) = (role.bot_id, object.as_object_mut()) {
        object.insert(String::from("tags"), json!({"bot_id": id(bot)}));
    }
    object
}

/// A channel of a guild.
///
/// See Discord Docs/Channel#channel-object.
#[must_use]
pub fn channel(guild_id: u64, channel: &Channel) -> Value {
    let overwrites: Vec<Value> = channel
        .overwrites
        .iter()
        .map(|it| {
            json!({
                "id": id(it.id),
                "type": it.kind,
                "allow": it.allow.to_string(),
                "deny": it.deny.to_string(),
            })
        })
        .collect();
    let mut object = json!({
        "id": id(channel.id),
        "type": channel.kind,
        "guild_id": id(guild_id),
        "name": channel.name,
        "position": channel.position,
        "permission_overwrites": overwrites,
        "parent_id": null,
        "nsfw": false,
        "flags": 0,
        "rate_limit_per_user": 0,
        "last_message_id": null,
    });
    if let Some(object) = object.as_object_mut() {
        match channel.kind {
            2 | 13 => {
                object.insert(String::from("bitrate"), json!(64_000));
                object.insert(String::from("user_limit"), json!(0));
                object.insert(String::from("rtc_region"), Value::Null);
            }
            4 => {}
            _ => {
                object.insert(String::from("topic"), Value::Null);
            }
        }
    }
    object
}

fn moment(at: Option<Micros>) -> Value {
    at.map_or(Value::Null, |at| json!(time::format(at)))
}

/// A member.
///
/// See Discord Docs/Guild#guild-member-object.
#[must_use]
pub fn member(member: &Member) -> Value {
    json!({
        "user": user(&member.user),
        "nick": member.nick,
        "avatar": null,
        "banner": null,
        "roles": member.roles.iter().copied().map(id).collect::<Vec<_>>(),
        "joined_at": time::format(member.joined_at),
        "premium_since": null,
        "deaf": false,
        "mute": false,
        "flags": member.flags,
        "pending": member.pending,
        "communication_disabled_until": null,
        "unusual_dm_activity_until": null,
        "avatar_decoration_data": null,
        "collectibles": null,
    })
}

/// In which voice channel a member is. A guest, who never joined, has no `joined_at` there.
///
/// See Discord Docs/Voice#voice-state-object.
#[must_use]
pub fn voice_state(who: &Member, channel: Option<u64>) -> Value {
    let mut as_member = member(who);
    if let (true, Some(object)) = (who.guest_of.is_some(), as_member.as_object_mut()) {
        object.insert(String::from("joined_at"), Value::Null);
    }
    json!({
        "channel_id": channel.map(id),
        "user_id": id(who.user.id),
        "member": as_member,
        "session_id": format!("{:032x}", u128::from(who.user.id) << 32 | 0x5e55),
        "deaf": false,
        "mute": false,
        "self_deaf": false,
        "self_mute": false,
        "self_video": false,
        "suppress": false,
        "request_to_speak_timestamp": null,
    })
}

fn roles(guild: &Guild) -> Vec<Value> {
    guild.roles.values().map(role).collect()
}

/// A guild as REST tells it; GUILD_UPDATE has the same.
///
/// See Discord Docs/Guild#guild-object.
#[must_use]
pub fn rest_guild(world: &World, guild: &Guild) -> Value {
    let paused = guild
        .invites_disabled_until
        .filter(|until| *until > world.now());
    let quiet = guild
        .dms_disabled_until
        .filter(|until| *until > world.now());
    let incidents = if paused.is_some() || quiet.is_some() {
        json!({
            "invites_disabled_until": moment(paused),
            "dms_disabled_until": moment(quiet),
            "dm_spam_detected_at": null,
            "raid_detected_at": null,
        })
    } else {
        Value::Null
    };
    let first = guild
        .first_text_channel()
        .map_or(Value::Null, |channel| id(channel.id));
    json!({
        "id": id(guild.id),
        "name": guild.name,
        "icon": null,
        "description": null,
        "home_header": null,
        "splash": null,
        "discovery_splash": null,
        "features": features(guild),
        "banner": null,
        "owner_id": id(guild.owner_id),
        "application_id": null,
        "region": "deprecated",
        "afk_channel_id": null,
        "afk_timeout": 300,
        "system_channel_id": first,
        "system_channel_flags": 0,
        "widget_enabled": false,
        "widget_channel_id": null,
        "verification_level": 1,
        "roles": roles(guild),
        "default_message_notifications": 1,
        "mfa_level": 0,
        "explicit_content_filter": 2,
        "max_presences": null,
        "max_members": 500_000,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "vanity_url_code": guild.vanity_code,
        "premium_tier": guild.premium_tier(),
        "premium_subscription_count": guild.boosts(),
        "preferred_locale": "en-US",
        "rules_channel_id": first,
        "safety_alerts_channel_id": null,
        "public_updates_channel_id": first,
        "premium_progress_bar_enabled": false,
        "nsfw": false,
        "nsfw_level": 0,
        "emojis": [],
        "stickers": [],
        "incidents_data": incidents,
        "inventory_settings": null,
        "hub_type": null,
        "latest_onboarding_question_id": null,
    })
}

/// A guild as GUILD_CREATE tells it to a bot's session with these intents.
///
/// Without GUILD_PRESENCES Discord sends the bot's own member only.
///
/// See Discord Docs/Gateway Events#guild-create.
#[must_use]
pub fn gateway_guild(
    world: &World,
    guild: &Guild,
    bot: u64,
    session_intents: u64,
    large_threshold: u64,
) -> Value {
    let large = usize::try_from(large_threshold.clamp(50, 250)).unwrap_or(250);
    let wanted = intents::GUILD_PRESENCES | intents::GUILD_MEMBERS;
    let everybody = session_intents & wanted == wanted && guild.members.len() <= large;
    let members: Vec<Value> = guild
        .members
        .values()
        .filter(|it| everybody || it.user.id == bot)
        .map(member)
        .collect();
    let channels: Vec<Value> = guild
        .channels
        .values()
        .map(|it| channel(guild.id, it))
        .collect();
    let events: Vec<Value> = guild
        .events
        .values()
        .map(|it| super::scheduled_event(guild.id, it))
        .collect();
    let voice = guild.voice.iter();
    let voice_states: Vec<Value> = voice
        .filter_map(|(user, channel)| Some(voice_state(guild.members.get(user)?, Some(*channel))))
        .collect();
    let joined_at = guild.members.get(&bot).map(|it| it.joined_at);
    let mut object = rest_guild(world, guild);
    if let Some(object) = object.as_object_mut() {
        let more = json!({
            "joined_at": moment(joined_at),
            "large": guild.members.len() > large,
            "unavailable": false,
            "member_count": guild.members.len(),
            "voice_states": voice_states,
            "members": members,
            "channels": channels,
            "threads": [],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": events,
            "soundboard_sounds": [],
            "embedded_activities": [],
            "activity_instances": [],
            "application_command_counts": {},
            "lazy": true,
            "version": world.now() / time::MILLISECOND,
        });
        if let Value::Object(more) = more {
            object.extend(more);
        }
    }
    object
}

/// A guild as those see it who have not joined.
///
/// See Discord Docs/Guild#guild-preview-object.
#[must_use]
pub fn guild_preview(guild: &Guild) -> Value {
    let members = guild.members.len();
    json!({
        "id": id(guild.id),
        "name": guild.name,
        "icon": null,
        "description": null,
        "home_header": null,
        "splash": null,
        "discovery_splash": null,
        "features": features(guild),
        "approximate_member_count": members,
        "approximate_presence_count": members.div_ceil(3),
        "emojis": [],
        "stickers": [],
    })
}

/// A guild in the list of somebody's own guilds.
///
/// See Discord Docs/User#get-current-user-guilds.
#[must_use]
pub fn current_user_guild(guild: &Guild, me: u64, with_counts: bool) -> Value {
    let mut object = json!({
        "id": id(guild.id),
        "name": guild.name,
        "icon": null,
        "banner": null,
        "owner": guild.owner_id == me,
        "permissions": permissions::in_guild(guild, me).to_string(),
        "features": features(guild),
    });
    if let (true, Some(object)) = (with_counts, object.as_object_mut()) {
        object.insert(
            String::from("approximate_member_count"),
            json!(guild.members.len()),
        );
        let online = guild.members.len().div_ceil(3);
        object.insert(String::from("approximate_presence_count"), json!(online));
    }
    object
}
