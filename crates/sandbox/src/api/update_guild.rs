//! `PATCH /guilds/{guild_id}`: the name, and the features that may be switched, such as
//! `INVITES_DISABLED`. Other settings are taken and change nothing.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Answer, ApiError, Call, FormErrors, Reply};
use crate::world::permissions::MANAGE_GUILD;

/// What a server may switch by itself.
///
/// See Discord Docs/Guild#guild-object-mutable-guild-features.
const MUTABLE: [&str; 4] = [
    "COMMUNITY",
    "DISCOVERABLE",
    "INVITES_DISABLED",
    "RAID_ALERTS_DISABLED",
];

pub(super) fn update_guild(call: &mut Call<'_>) -> Answer {
    let guild = call.guild_with(MANAGE_GUILD)?;
    let (id, current) = (guild.id, guild.features.clone());
    let body = call.object()?;
    let reason = call.reason()?;
    let mut errors = FormErrors::default();
    let name = match body.get("name") {
        None => None,
        Some(Value::String(name)) if (2..=100).contains(&name.chars().count()) => {
            Some(name.clone())
        }
        Some(Value::String(_)) => {
            errors.add_length("name", 2, 100);
            None
        }
        Some(_) => {
            errors.add_missing("name");
            None
        }
    };
    let features = match body.get("features") {
        None | Some(Value::Null) => None,
        Some(Value::Array(wanted)) => {
            let wanted: BTreeSet<&str> = wanted.iter().filter_map(Value::as_str).collect();
            // What cannot be switched stays as it is, whatever the list says of it.
            let mut features = current;
            features.retain(|feature| !MUTABLE.contains(&feature.as_str()));
            let switched = MUTABLE.iter().filter(|it| wanted.contains(**it));
            features.extend(switched.map(|it| String::from(*it)));
            Some(features.into_iter().collect())
        }
        Some(other) => {
            errors.add_type("features", other, "list");
            None
        }
    };
    if !errors.is_empty() {
        return Err(errors.into_error());
    }
    let bot = call.bot();
    let effects = call
        .world
        .update_guild(id, name, features, bot, reason)
        .map_err(|_| ApiError::unknown_guild())?;
    let body = crate::json::rest_guild(call.world, call.guild()?);
    Ok(Reply::ok(body).with(effects))
}
