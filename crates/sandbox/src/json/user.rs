//! Users and the bot's application.

use serde_json::{Value, json};

use super::id;
use crate::world::{Bot, User, World};

/// A user object.
///
/// See Discord Docs/User#user-object.
#[must_use]
pub fn user(user: &User) -> Value {
    let mut object = json!({
        "id": id(user.id),
        "username": user.username,
        "avatar": user.avatar,
        "discriminator": user.discriminator,
        "public_flags": 0,
        "flags": 0,
        "banner": null,
        "accent_color": null,
        "global_name": user.global_name,
        "avatar_decoration_data": null,
        "collectibles": null,
        "display_name_styles": null,
        "banner_color": null,
        "clan": null,
        "primary_guild": null,
    });
    if user.bot
        && let Some(object) = object.as_object_mut()
    {
        object.insert(String::from("bot"), json!(true));
    }
    object
}

/// A bot, as it sees itself.
#[must_use]
pub fn current_user(bot: &Bot) -> Value {
    let mut object = user(&bot.user);
    if let Some(object) = object.as_object_mut() {
        object.insert(String::from("verified"), json!(true));
        object.insert(String::from("mfa_enabled"), json!(false));
        object.insert(String::from("locale"), json!("en-US"));
        object.insert(String::from("email"), Value::Null);
    }
    object
}

/// A person, as they see themselves by OAuth2 with the scope `identify`.
///
/// See Discord Docs/User#user-object.
#[must_use]
pub fn current_person(person: &User) -> Value {
    let mut object = user(person);
    if let Some(object) = object.as_object_mut() {
        object.insert(String::from("mfa_enabled"), json!(true));
        object.insert(String::from("locale"), json!("en-US"));
        object.insert(String::from("premium_type"), json!(0));
    }
    object
}

/// The part of the application that READY holds. An application has its
/// bot's id.
#[must_use]
pub fn partial_application(bot: &Bot) -> Value {
    json!({"id": id(bot.id()), "flags": bot.flags})
}

/// A bot's application.
///
/// See Discord Docs/Application#application-object.
#[must_use]
pub fn application(world: &World, bot: &Bot) -> Value {
    let guilds = world.guild_ids_of(bot.id()).len();
    json!({
        "id": id(bot.id()),
        "name": bot.user.username,
        "icon": null,
        "description": "",
        "summary": "",
        "type": null,
        "is_monetized": false,
        "is_verified": false,
        "is_discoverable": false,
        "bot": user(&bot.user),
        "bot_public": true,
        "bot_require_code_grant": false,
        "integration_types_config": {"0": {}},
        "verify_key": "0000000000000000000000000000000000000000000000000000000000000000",
        "flags": bot.flags,
        "flags_new": bot.flags.to_string(),
        "hook": true,
        "storefront_available": false,
        "redirect_uris": bot.redirect_uris,
        "interactions_endpoint_url": null,
        "role_connections_verification_url": null,
        "owner": user(&bot.owner),
        "approximate_guild_count": guilds,
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "internal_guild_restriction": 1,
        "interactions_event_types": [],
        "interactions_version": 1,
        "explicit_content_filter": 0,
        "rpc_application_state": 0,
        "store_application_state": 1,
        "verification_state": 1,
        "integration_public": true,
        "integration_require_code_grant": false,
        "discoverability_state": 1,
        "discovery_eligibility_flags": 0,
        "monetization_state": 1,
        "monetization_eligibility_flags": 0,
        "eligible_oauth2_scopes": [],
        "team": null,
    })
}
