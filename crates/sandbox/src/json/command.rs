//! Application commands and interactions.

use serde_json::{Value, json};

use super::{channel, id, member};
use crate::world::{Command, Interaction, World, permissions};

/// A command, as it was registered, with what Discord adds to it.
///
/// See Discord Docs/Application Commands#application-command-object.
#[must_use]
pub fn command(command: &Command) -> Value {
    let mut object = json!({
        "id": id(command.id),
        "application_id": id(command.application_id),
        "version": id(command.version),
        "default_member_permissions": null,
        "type": command.kind,
        "name": command.name,
        "name_localizations": null,
        "description": "",
        "description_localizations": null,
        "nsfw": false,
        "contexts": null,
        "integration_types": [0],
    });
    if let Some(object) = object.as_object_mut() {
        if command.guild_id.is_none() {
            object.insert(String::from("dm_permission"), json!(true));
        }
        for (key, value) in &command.rest {
            let known = matches!(
                key.as_str(),
                "id" | "application_id" | "version" | "type" | "name"
            );
            let is_default = value.is_null() && object.contains_key(key);
            if !known && !is_default {
                object.insert(key.clone(), value.clone());
            }
        }
        if let Some(guild) = command.guild_id {
            object.insert(String::from("guild_id"), id(guild));
        }
    }
    object
}

/// The body of INTERACTION_CREATE.
///
/// See Discord Docs/Interactions/Receiving and Responding#interaction-object.
#[must_use]
pub fn interaction(world: &World, interaction: &Interaction) -> Value {
    let Some(guild) = world.guild(interaction.guild_id) else {
        return Value::Null;
    };
    let application = interaction.command.application_id;
    let place = guild.channels.get(&interaction.channel_id);
    let who = guild.members.get(&interaction.user_id);
    let mut who = who.map_or(Value::Null, member);
    let may = |user: u64| match place {
        Some(channel) => permissions::in_channel(guild, channel, user),
        None => 0,
    };
    if let Some(who) = who.as_object_mut() {
        let own = json!(may(interaction.user_id).to_string());
        who.insert(String::from("permissions"), own);
    }
    json!({
        "id": id(interaction.id),
        "application_id": id(application),
        "type": 2,
        "data": {
            "id": id(interaction.command.id),
            "name": interaction.command.name,
            "type": interaction.command.kind,
            "options": interaction.options,
        },
        "guild": {
            "id": id(guild.id),
            "locale": "en-US",
            "features": super::invite::features(guild),
        },
        "guild_id": id(guild.id),
        "channel": place.map(|it| channel(guild.id, it)),
        "channel_id": id(interaction.channel_id),
        "member": who,
        "token": interaction.token,
        "version": 1,
        "app_permissions": may(application).to_string(),
        "locale": "en-US",
        "guild_locale": "en-US",
        "entitlements": [],
        "entitlement_sku_ids": [],
        "authorizing_integration_owners": {"0": id(guild.id)},
        "context": 0,
        "attachment_size_limit": 10_485_760,
    })
}
