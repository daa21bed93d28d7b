//! Invites.
//!
//! See Discord Docs/Invite#invite-object.

use serde_json::{Map, Value, json};

use super::{id, user};
use crate::world::{Channel, Guild, Invite, World, time};

/// How much of an invite is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Detail {
    /// Uses, limits and age: in lists, for those who may manage the guild.
    pub metadata: bool,
    /// Member and presence counts: only when asked for.
    pub counts: bool,
    /// Permission-related fields: only when asked for.
    pub permissions: bool,
    /// The scheduled event that was asked for.
    pub event: Option<u64>,
}

impl Detail {
    /// With metadata.
    pub const METADATA: Self = Self {
        metadata: true,
        counts: false,
        permissions: false,
        event: None,
    };
    /// Without anything more.
    pub const PLAIN: Self = Self {
        metadata: false,
        counts: false,
        permissions: false,
        event: None,
    };
}

fn partial_guild(guild: &Guild) -> Value {
    json!({
        "id": id(guild.id),
        "name": guild.name,
        "splash": null,
        "banner": null,
        "description": null,
        "icon": null,
        "features": features(guild),
        "verification_level": 1,
        "vanity_url_code": guild.vanity_code,
        "nsfw_level": 0,
        "nsfw": false,
        "premium_subscription_count": guild.boosts(),
        "premium_tier": guild.premium_tier(),
    })
}

pub(crate) fn features(guild: &Guild) -> Vec<&str> {
    guild.all_features()
}

fn partial_channel(channel: &Channel) -> Value {
    json!({"id": id(channel.id), "type": channel.kind, "name": channel.name})
}

fn application(target: u64) -> Value {
    json!({
        "id": id(target),
        "name": "Watch Together",
        "icon": null,
        "description": "Watch videos with your friends.",
        "type": null,
        "summary": "",
        "is_monetized": false,
        "is_verified": false,
        "is_discoverable": false,
        "bot_public": false,
        "bot_require_code_grant": false,
        "verify_key": "0000000000000000000000000000000000000000000000000000000000000000",
        "flags": 131_072,
        "flags_new": "131072",
        "max_participants": -1,
        "tags": [],
        "hook": true,
        "storefront_available": false,
    })
}

fn roles(guild: &Guild, invite: &Invite) -> Vec<Value> {
    invite
        .role_ids
        .iter()
        .filter_map(|role| guild.roles.get(role))
        .map(|role| {
            json!({
                "id": id(role.id),
                "name": role.name,
                "position": role.position,
                "color": role.color,
                "colors": {
                    "primary_color": role.color,
                    "secondary_color": null,
                    "tertiary_color": null,
                },
                "icon": null,
                "unicode_emoji": null,
            })
        })
        .collect()
}

/// An invite as REST tells it.
#[must_use]
pub fn invite(world: &World, guild: &Guild, invite: &Invite, detail: Detail) -> Value {
    let mut object = everywhere(invite);
    if detail.counts {
        object.extend(counts(guild));
    }
    object.extend(event(guild, detail));
    let mut put = |key: &str, value: Value| object.insert(String::from(key), value);
    put("guild", partial_guild(guild));
    put("guild_id", id(guild.id));
    let channel = guild.channels.get(&invite.channel_id);
    put("channel", channel.map_or(Value::Null, partial_channel));
    if !invite.role_ids.is_empty() {
        put("roles", Value::Array(roles(guild, invite)));
    }
    if detail.permissions {
        put("is_nickname_changeable", json!(true));
    }
    if detail.metadata {
        put("uses", json!(invite.visible_uses(world.now())));
        put("max_uses", json!(invite.max_uses));
        put("max_age", json!(invite.max_age));
        put("temporary", json!(invite.temporary));
        put("created_at", json!(time::format(invite.created_at)));
    }
    Value::Object(object)
}

/// What REST and the gateway say of an invite alike.
fn everywhere(invite: &Invite) -> Map<String, Value> {
    let mut object = Map::new();
    let mut put = |key: &str, value: Value| object.insert(String::from(key), value);
    put("type", json!(0));
    put("code", json!(invite.code));
    if let Some(inviter) = &invite.inviter {
        put("inviter", user(inviter));
    }
    put(
        "expires_at",
        invite
            .expires_at
            .map_or(Value::Null, |at| json!(time::format(at))),
    );
    put("flags", json!(invite.flags));
    if let Some(kind) = invite.target_type {
        put("target_type", json!(kind));
    }
    if let Some(target) = &invite.target_user {
        put("target_user", user(target));
    }
    if let Some(target) = invite.target_application {
        put("target_application", application(target));
    }
    object
}

/// `with_counts`: how many members there are, and how many of them are online.
fn counts(guild: &Guild) -> [(String, Value); 2] {
    let members = guild.members.len();
    [
        (String::from("approximate_member_count"), json!(members)),
        (
            String::from("approximate_presence_count"),
            json!(members.div_ceil(3)),
        ),
    ]
}

/// `guild_scheduled_event_id`: the event, if there is such.
fn event(guild: &Guild, detail: Detail) -> Option<(String, Value)> {
    let event = guild.events.get(&detail.event?)?;
    let key = String::from("guild_scheduled_event");
    Some((key, super::scheduled_event(guild.id, event)))
}

/// The invite that a vanity code resolves to: no inviter, never ends.
#[must_use]
pub fn vanity_invite(guild: &Guild, code: &str, detail: Detail) -> Value {
    let mut object = json!({
        "type": 0,
        "code": code,
        "expires_at": null,
        "flags": 2,
        "guild": partial_guild(guild),
        "guild_id": id(guild.id),
        "channel": guild.first_text_channel().map_or(Value::Null, partial_channel),
    });
    if let Some(object) = object.as_object_mut() {
        if detail.counts {
            object.extend(counts(guild));
        }
        object.extend(event(guild, detail));
        if detail.permissions {
            object.insert(String::from("is_nickname_changeable"), json!(true));
        }
    }
    object
}

/// The body of INVITE_CREATE: flat ids, uses always 0.
///
/// See Discord Docs/Gateway Events#invite-create.
#[must_use]
pub fn created_invite(guild_id: u64, invite: &Invite) -> Value {
    let mut object = everywhere(invite);
    let mut put = |key: &str, value: Value| object.insert(String::from(key), value);
    put("channel_id", id(invite.channel_id));
    put("created_at", json!(time::format(invite.created_at)));
    put("guild_id", id(guild_id));
    put("max_age", json!(invite.max_age));
    put("max_uses", json!(invite.max_uses));
    if !invite.role_ids.is_empty() {
        put(
            "role_ids",
            invite.role_ids.iter().copied().map(id).collect(),
        );
    }
    put("temporary", json!(invite.temporary));
    put("uses", json!(0));
    Value::Object(object)
}
