//! `POST /channels/{channel_id}/messages`: JSON, or multipart with files.

use serde_json::{Map, Value};

use super::{Answer, ApiError, Call, FormErrors, Reply, form};
use crate::{
    json,
    world::{MessageText, permissions::SEND_MESSAGES},
};

pub(super) fn create_message(call: &mut Call<'_>) -> Answer {
    let channel = call.id(0, "channel_id")?;
    let bot = call.bot();
    if call.world.direct_channel(channel).is_none() {
        let (guild, channel) = call.channel()?;
        if call.channel_permissions(guild, channel) & SEND_MESSAGES == 0 {
            return Err(ApiError::missing_permissions());
        }
        if !matches!(channel.kind, 0 | 2 | 5 | 13) {
            return Err(ApiError::wrong_channel_type());
        }
    }
    let text = read_message(call)?;
    let (message, effects) = call
        .world
        .write_message(bot, channel, text, None)
        .map_err(|_| ApiError::unknown_channel())?;
    Ok(Reply::ok(json::message(call.world, &message)).with(effects))
}

/// Reads the message in the body of the request.
pub(super) fn read_message(call: &Call<'_>) -> Result<MessageText, ApiError> {
    let (body, files) = read_body(call)?;
    let mut text = MessageText {
        files,
        ..MessageText::default()
    };
    fill(&mut text, &body)?;
    refuse_empty(&text)?;
    Ok(text)
}

pub(super) fn refuse_empty(text: &MessageText) -> Result<(), ApiError> {
    let empty = text.content.trim().is_empty()
        && text.embeds.is_empty()
        && text.components.is_empty()
        && text.files.is_empty();
    if empty {
        Err(ApiError::empty_message())
    } else {
        Ok(())
    }
}

type Sent = (Map<String, Value>, Vec<(String, usize)>);

/// The JSON of a message, on its own or beside files.
pub(super) fn read_body(call: &Call<'_>) -> Result<Sent, ApiError> {
    if call.content_type(&[form::JSON, form::MULTIPART])? == form::JSON {
        return Ok((form::object(&call.request.body)?, Vec::new()));
    }
    let content_type = call.request.content_type.as_deref().unwrap_or("");
    let parts = form::multipart(content_type, &call.request.body);
    let mut body = Map::new();
    let mut files = Vec::new();
    for (name, content) in parts.ok_or_else(ApiError::invalid_json)? {
        if name == "payload_json" {
            body = form::object(&content)?;
        } else if name.starts_with("file") {
            files.push((name, content.len()));
        }
    }
    // Clients name their files in the JSON.
    let told = body.get("attachments").and_then(Value::as_array);
    for (file, told) in files.iter_mut().zip(told.into_iter().flatten()) {
        if let Some(name) = told.get("filename").and_then(Value::as_str) {
            file.0 = String::from(name);
        }
    }
    Ok((body, files))
}

/// No embeds and no components that Discord takes are as long, written as JSON. What is longer is
/// refused, so that messages do not fill the memory.
const LONGEST: usize = 64 * 1024;

fn json_length(list: Option<&Vec<Value>>) -> usize {
    list.map_or(0, |list| list.iter().map(|it| it.to_string().len()).sum())
}

/// What a body says goes into the message; what it does not name stays.
pub(super) fn fill(text: &mut MessageText, body: &Map<String, Value>) -> Result<(), ApiError> {
    let mut errors = FormErrors::default();
    match body.get("content") {
        None => {}
        Some(Value::Null) => text.content = String::new(),
        Some(Value::String(content)) if content.chars().count() > 2000 => {
            errors.add_too_long("content", 2000);
        }
        Some(Value::String(content)) => text.content.clone_from(content),
        Some(other) => errors.add_type("content", other, "string"),
    }
    let mut list = |name: &str, most: usize| match body.get(name) {
        None => None,
        Some(Value::Null) => Some(Vec::new()),
        Some(Value::Array(values)) if values.len() > most => {
            errors.add_too_long(name, most);
            None
        }
        Some(Value::Array(values)) => Some(values.clone()),
        Some(other) => {
            errors.add_type(name, other, "list");
            None
        }
    };
    let embeds = list("embeds", 10);
    let components = list("components", 40);
    if json_length(embeds.as_ref()) > LONGEST {
        let message = "Embed size exceeds maximum size of 6000";
        errors.add("embeds", "MAX_EMBED_SIZE_EXCEEDED", message);
    }
    if json_length(components.as_ref()) > LONGEST {
        let message = "The total length of all components exceeds the maximum.";
        errors.add("components", "COMPONENT_MAX_TOTAL_LENGTH_EXCEEDED", message);
    }
    if !errors.is_empty() {
        return Err(errors.into_error());
    }
    if let Some(embeds) = embeds {
        text.embeds = embeds;
    }
    if let Some(components) = components {
        text.components = components;
    }
    if let Some(flags) = body.get("flags").and_then(Value::as_u64) {
        text.flags = flags;
    }
    let short = |nonce: &&Value| nonce.as_str().is_none_or(|it| it.len() <= 25);
    let nonce = body.get("nonce").filter(|it| it.is_string() || it.is_i64());
    if let Some(nonce) = nonce.filter(short) {
        text.nonce = Some(nonce.clone());
    }
    Ok(())
}
