//! Messages: what a bot writes to greet, to log or to answer. People write none here.

use std::sync::Arc;

use serde_json::Value;

use super::{Effect, EventKind, Micros, Refusal, User, World};

/// So many messages, and so many bytes of them, are remembered; older ones are forgotten.
const MOST_MESSAGES: usize = 10_000;
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// The content of a message.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct MessageText {
    /// The text.
    pub content: String,
    /// The embeds, as they were sent.
    pub embeds: Vec<Value>,
    /// The components, as they were sent.
    pub components: Vec<Value>,
    /// The names and sizes of the files.
    pub files: Vec<(String, usize)>,
    /// The message flags.
    pub flags: u64,
    /// The nonce, with which a client recognizes its own message.
    pub nonce: Option<Value>,
}

impl MessageText {
    /// About how many bytes it takes.
    fn size(&self) -> usize {
        let rich = self.embeds.iter().chain(&self.components);
        let names = self.files.iter().map(|(name, _)| name.len());
        self.content.len()
            + rich
                .map(|it| it.to_string().len())
                .chain(names)
                .sum::<usize>()
    }
}

/// A message.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Message {
    /// The id.
    pub id: u64,
    /// The channel.
    pub channel_id: u64,
    /// The guild; none for a direct message.
    pub guild_id: Option<u64>,
    /// The author.
    pub author: Arc<User>,
    /// When it was sent.
    pub at: Micros,
    /// When it was edited.
    pub edited_at: Option<Micros>,
    /// The content.
    pub text: MessageText,
    /// The interaction that it answers.
    pub interaction_id: Option<u64>,
}

impl Message {
    /// Whether it is ephemeral.
    #[must_use]
    pub const fn is_hidden(&self) -> bool {
        self.text.flags & (1 << 6) != 0
    }
}

impl World {
    /// Lets a bot write a message, in a channel of a guild or as a direct message.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownChannel`], [`Refusal::UnknownUser`].
    pub fn write_message(
        &mut self,
        bot: u64,
        channel_id: u64,
        text: MessageText,
        interaction_id: Option<u64>,
    ) -> Result<(Message, Vec<Effect>), Refusal> {
        let guild_id = self.channel(channel_id).map(|(guild, _)| guild.id);
        let is_own = |(whose, _): &(u64, u64)| *whose == bot;
        if guild_id.is_none() && !self.direct.get(&channel_id).is_some_and(is_own) {
            return Err(Refusal::UnknownChannel(channel_id));
        }
        let message = Message {
            id: self.next_id(),
            channel_id,
            guild_id,
            author: self.known_user(bot)?,
            at: self.now(),
            edited_at: None,
            text,
            interaction_id,
        };
        self.message_bytes += message.text.size();
        self.messages.insert(message.id, message.clone());
        while self.messages.len() > MOST_MESSAGES || self.message_bytes > MOST_BYTES {
            let Some((_, oldest)) = self.messages.pop_first() else {
                break;
            };
            self.message_bytes -= oldest.text.size();
        }
        let mut effects = Vec::new();
        if let Some(guild) = guild_id {
            let event = EventKind::MessageCreate(Box::new(message.clone()));
            self.emit(guild, event, &mut effects);
        }
        Ok((message, effects))
    }

    /// A message is changed.
    pub(crate) fn edit_message(&mut self, id: u64, text: MessageText) -> Option<Message> {
        let now = self.now();
        let message = self.messages.get_mut(&id)?;
        self.message_bytes += text.size();
        self.message_bytes -= message.text.size();
        message.text = text;
        message.edited_at = Some(now);
        Some(message.clone())
    }

    /// A message that the world still has.
    #[must_use]
    pub fn message(&self, id: u64) -> Option<&Message> {
        self.messages.get(&id)
    }

    /// The messages that the world still has, oldest first.
    pub fn messages(&self) -> impl DoubleEndedIterator<Item = &Message> {
        self.messages.values()
    }

    /// Returns the channel of direct messages between a bot and a user, and creates it if needed.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownUser`].
    pub fn open_direct_channel(&mut self, bot: u64, user: u64) -> Result<u64, Refusal> {
        self.known_user(user)?;
        if let Some((channel, _)) = self.direct.iter().find(|(_, it)| **it == (bot, user)) {
            return Ok(*channel);
        }
        let channel = self.next_id();
        self.direct.insert(channel, (bot, user));
        Ok(channel)
    }

    /// The recipient of a channel of direct messages.
    #[must_use]
    pub fn direct_channel(&self, channel: u64) -> Option<&Arc<User>> {
        self.user(self.direct.get(&channel)?.1)
    }
}
