//! Who may read what a message says.
//!
//! See Discord Docs/Gateway#message-content-intent.

use serde_json::Value;

use super::session::Identify;
use crate::{
    json,
    world::{Effect, EventKind, intents},
};

/// A message without what a bot is not told that lacks MESSAGE_CONTENT, unless it wrote the message
/// or is mentioned.
pub(super) struct Bare {
    author: u64,
    mentioned: Vec<u64>,
    body: Value,
    text: Option<String>,
}

impl Bare {
    pub(super) fn of(effect: &Effect, body: Value) -> Option<Self> {
        let EventKind::MessageCreate(message) = &effect.kind else {
            return None;
        };
        let mentions = body.get("mentions").and_then(Value::as_array);
        let mentions = mentions.into_iter().flatten();
        Some(Self {
            author: message.author.id,
            mentioned: mentions
                .filter_map(|it| json::number(it.get("id")?))
                .collect(),
            body,
            text: None,
        })
    }

    /// What this session is told instead of the whole message, if it is not told all.
    pub(super) fn text_for(&mut self, identify: &Identify) -> Option<&str> {
        let told = identify.intents & intents::MESSAGE_CONTENT != 0
            || self.author == identify.bot
            || self.mentioned.contains(&identify.bot);
        if told {
            return None;
        }
        let body = &self.body;
        let bare = || json::without_content(body.clone()).to_string();
        Some(self.text.get_or_insert_with(bare))
    }
}
