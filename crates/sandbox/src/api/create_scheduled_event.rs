//! `POST /guilds/{guild_id}/scheduled-events`.

use serde_json::Value;

use super::{Answer, ApiError, Call, FormErrors, Reply};
use crate::{
    json,
    world::{
        NewScheduledEvent, Refusal,
        permissions::{CREATE_EVENTS, MANAGE_EVENTS},
        time,
    },
};

pub(super) fn create_scheduled_event(call: &mut Call<'_>) -> Answer {
    let guild = call.guild_with(MANAGE_EVENTS | CREATE_EVENTS)?.id;
    let body = call.object()?;
    let now = call.world.now();
    let mut errors = FormErrors::default();
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(String::from);
    let mut moment = |name: &str, required: bool| match text(name) {
        None if required => {
            errors.add_missing(name);
            None
        }
        None => None,
        Some(text) => match time::parse(&text) {
            Some(at) if at > now => Some(at),
            Some(_) => {
                let message = "Cannot schedule event in the past.";
                errors.add(name, "GUILD_SCHEDULED_EVENT_SCHEDULE_PAST", message);
                None
            }
            None => {
                let message = format!("Could not parse {text}. Should be ISO8601.");
                errors.add(name, "DATE_TIME_TYPE_PARSE", &message);
                None
            }
        },
    };
    let external = body.get("entity_type").and_then(Value::as_u64) == Some(3);
    let starts_at = moment("scheduled_start_time", true).unwrap_or(now);
    let ends_at = moment("scheduled_end_time", external);
    let name = text("name").unwrap_or_default();
    if !(1..=100).contains(&name.chars().count()) {
        errors.add_length("name", 1, 100);
    }
    let description = text("description");
    let metadata = body.get("entity_metadata");
    let location = metadata.and_then(|it| it.get("location")?.as_str());
    for (field, text, most) in [
        ("description", description.as_deref(), 1000),
        ("entity_metadata.location", location, 100),
    ] {
        if text.is_some_and(|it| it.chars().count() > most) {
            errors.add_too_long(field, most);
        }
    }
    if !errors.is_empty() {
        return Err(errors.into_error());
    }
    let new = NewScheduledEvent {
        name,
        description,
        channel_id: body
            .get("channel_id")
            .and_then(json::number)
            .filter(|_| !external),
        location: location.map(String::from),
        starts_at,
        ends_at,
        creator_id: Some(call.bot()),
    };
    let made = call.world.create_scheduled_event(guild, new);
    let (event, effects) = made.map_err(|refusal| match refusal {
        Refusal::Invalid { field, problem } => {
            ApiError::in_form(|errors| errors.add(field, "BASE_TYPE_REQUIRED", problem))
        }
        _ => ApiError::unknown_channel(),
    })?;
    Ok(Reply::ok(json::scheduled_event(guild, &event)).with(effects))
}
