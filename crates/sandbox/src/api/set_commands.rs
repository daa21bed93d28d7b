//! `PUT /applications/{application_id}/commands` and
//! `PUT /applications/{application_id}/guilds/{guild_id}/commands`: these commands and no others.

use serde_json::Value;

use super::{Answer, ApiError, Call, FormErrors, create_command, form, list_commands};
use crate::world::MOST_COMMANDS;

pub(super) fn set_commands(call: &mut Call<'_>) -> Answer {
    let scope = call.command_scope()?;
    call.content_type(&[form::JSON])?;
    let sent: Value =
        serde_json::from_slice(&call.request.body).map_err(|_| ApiError::invalid_json())?;
    let Value::Array(sent) = sent else {
        let message = "Only iterables may be used in a ListType";
        return Err(ApiError::whole_body("LIST_TYPE_CONVERT", message));
    };
    let mut wanted = Vec::new();
    for (index, body) in sent.into_iter().enumerate() {
        let Value::Object(body) = body else {
            return Err(ApiError::in_form(|errors| {
                errors.add_type(&index.to_string(), &body, "dict");
            }));
        };
        let checked = create_command::check(&body, &format!("{index}."));
        let (kind, name) = checked.map_err(FormErrors::into_error)?;
        wanted.push((kind, name, body));
    }
    if wanted.len() > MOST_COMMANDS {
        return Err(ApiError::command_limit());
    }
    let keep: Vec<u64> = call
        .world
        .commands(scope.0, scope.1)
        .filter(|known| {
            wanted
                .iter()
                .any(|(kind, name, _)| (*kind, name) == (known.kind, &known.name))
        })
        .map(|known| known.id)
        .collect();
    call.world.keep_commands(scope, &keep);
    for (kind, name, body) in wanted {
        call.world
            .put_command(scope, kind, &name, body)
            .ok_or_else(ApiError::command_limit)?;
    }
    list_commands::list_commands(call)
}
