//! Messages and channels of direct messages.

use serde_json::{Map, Value, json};

use super::{id, user};
use crate::world::{Message, World, time};

/// A message, as REST and MESSAGE_CREATE tell it.
///
/// See Discord Docs/Message#message-object.
#[must_use]
pub fn message(world: &World, message: &Message) -> Value {
    let text = &message.text;
    let mentions = mentioned(&text.content, "<@")
        .filter_map(|id| world.user(id))
        .map(|it| user(it));
    let roles = mentioned(&text.content, "<@&").map(id);
    let files = text.files.iter().enumerate().map(|(index, (name, size))| {
        let number = message.id + u64::try_from(index).unwrap_or(0) + 1;
        let url = format!(
            "https://cdn.discordapp.com/attachments/{}/{number}/{name}",
            message.channel_id
        );
        json!({"id": id(number), "filename": name, "size": size, "url": url, "proxy_url": url})
    });
    let mut object = json!({
        "id": id(message.id),
        "type": if message.interaction_id.is_some() { 20 } else { 0 },
        "channel_id": id(message.channel_id),
        "author": user(&message.author),
        "content": text.content,
        "timestamp": time::format(message.at),
        "edited_timestamp": message.edited_at.map(time::format),
        "tts": false,
        "mention_everyone": false,
        "mentions": mentions.collect::<Vec<_>>(),
        "mention_roles": roles.collect::<Vec<_>>(),
        "attachments": files.collect::<Vec<_>>(),
        "embeds": text.embeds.iter().map(embed).collect::<Vec<_>>(),
        "components": components(&text.components),
        "pinned": false,
        "flags": text.flags,
    });
    if let Some(object) = object.as_object_mut() {
        let mut put = |key: &str, value: Value| object.insert(String::from(key), value);
        if let Some(nonce) = &text.nonce {
            put("nonce", nonce.clone());
        }
        if message.interaction_id.is_some() {
            put("webhook_id", id(message.author.id));
            put("application_id", id(message.author.id));
        }
    }
    object
}

/// The ids in mentions that begin like this.
fn mentioned<'a>(content: &'a str, begin: &'a str) -> impl Iterator<Item = u64> {
    content.split(begin).skip(1).filter_map(|rest| {
        let (number, _) = rest.split_once('>')?;
        number.trim_start_matches('!').parse().ok()
    })
}

fn embed(sent: &Value) -> Value {
    let mut embed = sent.clone();
    if let Some(object) = embed.as_object_mut() {
        object.insert(String::from("type"), json!("rich"));
        if let Some(Value::Array(fields)) = object.get_mut("fields") {
            for field in fields.iter_mut().filter_map(Value::as_object_mut) {
                field.entry("inline").or_insert(json!(false));
            }
        }
    }
    embed
}

/// Components get numbers, each its own, unless they have one.
fn components(sent: &[Value]) -> Vec<Value> {
    fn number(value: &mut Value, next: &mut u32) {
        let Some(object) = value.as_object_mut() else {
            return;
        };
        object.entry("id").or_insert_with(|| {
            *next += 1;
            json!(*next)
        });
        for key in ["components", "accessory"] {
            match object.get_mut(key) {
                Some(Value::Array(inner)) => inner.iter_mut().for_each(|it| number(it, next)),
                Some(inner) => number(inner, next),
                None => {}
            }
        }
    }
    let mut next = 0;
    let mut all = sent.to_vec();
    all.iter_mut().for_each(|it| number(it, &mut next));
    all
}

/// A channel of direct messages with somebody.
///
/// See Discord Docs/Channel#channel-object.
#[must_use]
pub fn direct_channel(channel: u64, with: &crate::world::User) -> Value {
    json!({
        "id": id(channel),
        "type": 1,
        "last_message_id": null,
        "flags": 0,
        "recipients": [user(with)],
    })
}

/// Takes out of MESSAGE_CREATE what a bot is not told that lacks MESSAGE_CONTENT.
///
/// See Discord Docs/Gateway#message-content-intent.
#[must_use]
pub fn without_content(mut body: Value) -> Value {
    if let Some(object) = body.as_object_mut() {
        object.insert(String::from("content"), json!(""));
        for list in ["embeds", "attachments", "components"] {
            object.insert(String::from(list), json!([]));
        }
    }
    body
}

/// The body of MESSAGE_CREATE.
#[must_use]
pub fn created_message(world: &World, message: &Message) -> Value {
    let mut body = self::message(world, message);
    let guild = message.guild_id.and_then(|id| world.guild(id));
    if let (Some(guild), Some(object)) = (guild, body.as_object_mut()) {
        object.insert(String::from("guild_id"), id(guild.id));
        if let Some(member) = guild.members.get(&message.author.id) {
            let mut member: Map<String, Value> = match super::member(member) {
                Value::Object(member) => member,
                _ => Map::new(),
            };
            member.remove("user");
            object.insert(String::from("member"), Value::Object(member));
        }
    }
    body
}
