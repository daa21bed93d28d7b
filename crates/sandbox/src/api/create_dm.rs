//! `POST /users/@me/channels`: a channel of direct messages with somebody.

use serde_json::Value;

use super::{Answer, ApiError, Call, FormErrors, Reply};
use crate::json;

pub(super) fn create_dm(call: &mut Call<'_>) -> Answer {
    let body = call.object()?;
    let recipient = body.get("recipient_id").filter(|it| !it.is_null());
    let id = |value: &Value| value.as_u64().or_else(|| value.as_str()?.parse().ok());
    let Some(user) = recipient.and_then(id) else {
        let mut errors = FormErrors::default();
        let message = "This field is required";
        errors.add("recipient_id", "BASE_TYPE_REQUIRED", message);
        return Err(errors.into_error());
    };
    let with = call.world.user(user).ok_or_else(ApiError::unknown_user)?;
    if with.bot {
        return Err(ApiError::cannot_message());
    }
    let with = std::sync::Arc::clone(with);
    let channel = call
        .world
        .open_direct_channel(user)
        .map_err(|_| ApiError::unknown_user())?;
    Ok(Reply::ok(json::direct_channel(channel, &with)))
}
