//! `GET /webhooks/{application_id}/{interaction_token}/messages/@original`.

use super::{Answer, ApiError, Call, Reply};
use crate::json;

pub(super) fn get_interaction_response(call: &mut Call<'_>) -> Answer {
    let original = call.answered_interaction()?.original;
    let message = original.and_then(|id| call.world.message(id));
    let message = message.ok_or_else(ApiError::unknown_message)?;
    Ok(Reply::ok(json::message(call.world, message)))
}
