//! `PATCH /webhooks/{application_id}/{interaction_token}/messages/@original`.

use super::{Answer, ApiError, Call, Reply, create_message};
use crate::json;

pub(super) fn update_interaction_response(call: &mut Call<'_>) -> Answer {
    let original = call.answered_interaction()?.original;
    let message = original.and_then(|id| call.world.message(id));
    let message = message.ok_or_else(ApiError::unknown_message)?;
    let (id, mut text) = (message.id, message.text.clone());
    let (body, files) = create_message::read_body(call)?;
    create_message::fill(&mut text, &body)?;
    text.files.extend(files);
    // It is no longer thinking.
    text.flags &= !(1 << 7);
    create_message::refuse_empty(&text)?;
    let message = call.world.edit_message(id, text);
    let message = message.ok_or_else(ApiError::unknown_message)?;
    Ok(Reply::ok(json::message(call.world, &message)))
}
