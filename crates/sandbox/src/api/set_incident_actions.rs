//! `PUT /guilds/{guild_id}/incident-actions`: pauses invites and direct
//! messages, for a day at most.

use serde_json::{Value, json};

use super::{Answer, ApiError, Call, FormErrors, Reply};
use crate::world::{
    Micros,
    permissions::MANAGE_GUILD,
    time::{self, DAY},
};

pub(super) fn set_incident_actions(call: &mut Call<'_>) -> Answer {
    let guild = call.guild_with(MANAGE_GUILD)?;
    let (id, invites, dms) = (
        guild.id,
        guild.invites_disabled_until,
        guild.dms_disabled_until,
    );
    let body = call.object()?;
    let now = call.world.now();
    let mut errors = FormErrors::default();
    let mut read = |name: &str, old: Option<Micros>| match body.get(name) {
        None => old.filter(|until| *until > now),
        Some(Value::Null) => None,
        Some(Value::String(text)) => match time::parse(text) {
            Some(until) if until > now + DAY => {
                let message = "Cannot be more than 24 hours in the future.";
                errors.add(name, "BASE_TYPE_MAX", message);
                None
            }
            Some(until) => Some(until).filter(|until| *until > now),
            None => {
                let message = format!("Could not parse {text}. Should be ISO8601.");
                errors.add(name, "DATE_TIME_TYPE_PARSE", &message);
                None
            }
        },
        Some(other) => {
            let message = format!("Could not parse {other}. Should be ISO8601.");
            errors.add(name, "DATE_TIME_TYPE_PARSE", &message);
            None
        }
    };
    let invites = read("invites_disabled_until", invites);
    let dms = read("dms_disabled_until", dms);
    if !errors.is_empty() {
        return Err(errors.into_error());
    }
    if let Some(guild) = call.world.guild_mut(id) {
        guild.dms_disabled_until = dms;
    }
    let effects = call
        .world
        .pause_invites(id, invites)
        .map_err(|_| ApiError::unknown_guild())?;
    let show = |at: Option<Micros>| at.map_or(Value::Null, |at| json!(time::format(at)));
    let body = json!({"invites_disabled_until": show(invites), "dms_disabled_until": show(dms)});
    Ok(Reply::ok(body).with(effects))
}
