//! `POST /interactions/{interaction_id}/{interaction_token}/callback`: a message, or the promise of
//! one. Other answers are taken and change nothing.

use serde_json::{Map, Value, json};

use super::{Answer, ApiError, Call, Reply, create_message};
use crate::{
    json::id,
    world::{MessageText, Unanswerable},
};

const MESSAGE: u64 = 4;
const LATER: u64 = 5;

pub(super) fn create_interaction_response(call: &mut Call<'_>) -> Answer {
    let interaction = call.id(0, "interaction_id")?;
    let token = String::from(call.part(1));
    let (body, files) = create_message::read_body(call)?;
    let Some(kind) = body.get("type").and_then(Value::as_u64) else {
        return Err(ApiError::in_form(|errors| errors.add_missing("type")));
    };
    let empty = Map::new();
    let data = body.get("data").and_then(Value::as_object);
    let mut text = MessageText {
        files,
        ..MessageText::default()
    };
    create_message::fill(&mut text, data.unwrap_or(&empty))?;
    if kind == MESSAGE {
        create_message::refuse_empty(&text)?;
    }
    let answered = call.world.answer_interaction(interaction, &token, kind);
    let answered = answered.map_err(|why| match why {
        Unanswerable::Unknown => ApiError::unknown_interaction(),
        Unanswerable::Answered => ApiError::already_answered(),
    })?;
    let mut effects = Vec::new();
    let mut told = json!({"id": id(answered.id), "type": 2});
    let mut resource = Value::Null;
    if matches!(kind, MESSAGE | LATER) {
        // "is thinking…" is a message, too: 1 << 7.
        text.flags |= if kind == LATER { 1 << 7 } else { 0 };
        let bot = answered.command.application_id;
        let written = call
            .world
            .write_message(bot, answered.channel_id, text, Some(answered.id));
        let (message, more) = written.map_err(|_| ApiError::unknown_channel())?;
        call.world.set_original(answered.id, message.id);
        effects.extend(more);
        if let Some(told) = told.as_object_mut() {
            told.insert(String::from("response_message_id"), id(message.id));
            let loading = json!(kind == LATER);
            told.insert(String::from("response_message_loading"), loading);
            let hidden = json!(message.text.flags & 1 << 6 != 0);
            told.insert(String::from("response_message_ephemeral"), hidden);
        }
        let message = crate::json::message(call.world, &message);
        resource = json!({"type": kind, "message": message});
    }
    if !call.query_flag("with_response") {
        return Ok(Reply::empty().with(effects));
    }
    let mut body = json!({"interaction": told});
    if let (false, Some(body)) = (resource.is_null(), body.as_object_mut()) {
        body.insert(String::from("resource"), resource);
    }
    Ok(Reply::ok(body).with(effects))
}
