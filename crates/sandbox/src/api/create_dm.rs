//! `POST /users/@me/channels`: a channel of direct messages with somebody.

use super::{Answer, ApiError, Call, Reply};
use crate::json;

pub(super) fn create_dm(call: &mut Call<'_>) -> Answer {
    let body = call.object()?;
    let recipient = body.get("recipient_id").filter(|it| !it.is_null());
    let Some(user) = recipient.and_then(json::number) else {
        return Err(ApiError::in_form(|errors| {
            errors.add_missing("recipient_id")
        }));
    };
    let with = call.world.user(user).ok_or_else(ApiError::unknown_user)?;
    if with.bot {
        return Err(ApiError::cannot_message());
    }
    let with = std::sync::Arc::clone(with);
    let bot = call.bot();
    let channel = call
        .world
        .open_direct_channel(bot, user)
        .map_err(|_| ApiError::unknown_user())?;
    Ok(Reply::ok(json::direct_channel(channel, &with)))
}
