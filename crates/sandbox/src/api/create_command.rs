//! `POST /applications/{application_id}/commands` and
//! `POST /applications/{application_id}/guilds/{guild_id}/commands`.

use serde_json::{Map, Value};

use super::{Answer, ApiError, Call, FormErrors, Reply};
use crate::json;

pub(super) fn create_command(call: &mut Call<'_>) -> Answer {
    let scope = call.command_scope()?;
    let body = call.object()?;
    let (kind, name) = check(&body, "").map_err(FormErrors::into_error)?;
    let (command, is_new) = call
        .world
        .put_command(scope, kind, &name, body)
        .ok_or_else(ApiError::command_limit)?;
    let mut reply = Reply::ok(json::command(&command));
    reply.status = if is_new { 201 } else { 200 };
    Ok(reply)
}

/// No command that Discord takes is as long, written as JSON.
const LONGEST: usize = 64 * 1024;

/// Type and name of a command; `place` is where it stands in the body.
pub(super) fn check(body: &Map<String, Value>, place: &str) -> Result<(u64, String), FormErrors> {
    let mut errors = FormErrors::default();
    let kind = match body.get("type").filter(|it| !it.is_null()) {
        None => 1,
        Some(kind) => match kind.as_u64() {
            Some(kind @ 1..=4) => kind,
            _ => {
                let message = "Value must be one of (1, 2, 3, 4).";
                errors.add(&format!("{place}type"), "BASE_TYPE_CHOICES", message);
                1
            }
        },
    };
    let name = body.get("name").and_then(Value::as_str).unwrap_or_default();
    if !(1..=32).contains(&name.chars().count()) {
        errors.add_length(&format!("{place}name"), 1, 32);
    }
    let told = body.get("description").and_then(Value::as_str);
    if kind == 1 && !told.is_some_and(|it| (1..=100).contains(&it.chars().count())) {
        errors.add_length(&format!("{place}description"), 1, 100);
    }
    if Value::Object(body.clone()).to_string().len() > LONGEST {
        let message = "Command exceeds maximum size (8000)";
        errors.add(
            &format!("{place}options"),
            "APPLICATION_COMMAND_TOO_LARGE",
            message,
        );
    }
    if errors.is_empty() {
        Ok((kind, String::from(name)))
    } else {
        Err(errors)
    }
}
