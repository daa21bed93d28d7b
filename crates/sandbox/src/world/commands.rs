//! Application commands, and people who use them.

use serde_json::{Map, Value};

use super::{Effect, EventKind, Micros, Refusal, World, time};

/// At most so many commands everywhere, and so many in one guild.
pub(crate) const MOST_COMMANDS: usize = 100;
/// So many interactions are remembered.
const MOST_INTERACTIONS: usize = 10_000;
/// A bot has so long to answer.
const TO_ANSWER: Micros = 3 * time::SECOND;
/// And so long to say more.
const TO_FOLLOW_UP: Micros = 15 * 60 * time::SECOND;

/// A command of a bot's application.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Command {
    /// The id.
    pub id: u64,
    /// The application, that is, the bot.
    pub application_id: u64,
    /// The guild; all guilds if absent.
    pub guild_id: Option<u64>,
    /// The type: 1 chat input, 2 user, 3 message.
    pub kind: u64,
    /// The name.
    pub name: String,
    /// All other fields that it was registered with.
    pub rest: Map<String, Value>,
    /// The version, a snowflake that changes with it.
    pub version: u64,
}

impl Command {
    /// Whether it is one of these: a bot's in a guild, or everywhere.
    fn is_of(&self, bot: u64, guild: Option<u64>) -> bool {
        self.application_id == bot && self.guild_id == guild
    }
}

/// The use of a command.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Interaction {
    /// The id.
    pub id: u64,
    /// The token with which the bot responds.
    pub token: String,
    /// The guild.
    pub guild_id: u64,
    /// The channel.
    pub channel_id: u64,
    /// The user.
    pub user_id: u64,
    /// The command.
    pub command: Command,
    /// The options.
    pub options: Value,
    /// When it was used.
    pub at: Micros,
    /// The type of the response, if there is one.
    pub answered: Option<u64>,
    /// The message that is the response.
    pub original: Option<u64>,
}

/// Why an interaction cannot be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unanswerable {
    Unknown,
    Answered,
}

impl World {
    /// A bot's commands in one guild, or its global ones.
    pub fn commands(&self, bot: u64, guild: Option<u64>) -> impl Iterator<Item = &Command> {
        self.commands
            .values()
            .filter(move |command| command.is_of(bot, guild))
    }

    /// Registers a command, or changes the one of the same name and kind. Says which, and whether
    /// it is new; nothing where there are too many.
    pub(crate) fn put_command(
        &mut self,
        (bot, guild): (u64, Option<u64>),
        kind: u64,
        name: &str,
        rest: Map<String, Value>,
    ) -> Option<(Command, bool)> {
        let version = self.next_id();
        let known = self
            .commands(bot, guild)
            .find(|it| it.kind == kind && it.name == name)
            .map(|it| it.id);
        if known.is_none() && self.commands(bot, guild).count() >= MOST_COMMANDS {
            return None;
        }
        let command = Command {
            id: known.unwrap_or(version),
            application_id: bot,
            guild_id: guild,
            kind,
            name: String::from(name),
            rest,
            version,
        };
        self.commands.insert(command.id, command.clone());
        Some((command, known.is_none()))
    }

    /// Forgets a bot's commands in one guild, or everywhere, but for some.
    pub(crate) fn keep_commands(&mut self, (bot, guild): (u64, Option<u64>), keep: &[u64]) {
        self.commands
            .retain(|id, command| !command.is_of(bot, guild) || keep.contains(id));
    }

    /// Forgets a command.
    pub(crate) fn remove_command(&mut self, (bot, guild): (u64, Option<u64>), id: u64) -> bool {
        let known = self.commands.get(&id);
        let known = known.is_some_and(|command| command.is_of(bot, guild));
        known && self.commands.remove(&id).is_some()
    }

    /// Lets a member use a command of a bot in the guild, by its name.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownGuild`], [`Refusal::NotAMember`], [`Refusal::UnknownChannel`],
    /// [`Refusal::UnknownCommand`].
    pub fn use_command(
        &mut self,
        guild_id: u64,
        user_id: u64,
        channel: Option<u64>,
        (bot, name): (Option<u64>, &str),
        options: Value,
    ) -> Result<(Interaction, Vec<Effect>), Refusal> {
        let guild = self
            .guild(guild_id)
            .ok_or(Refusal::UnknownGuild(guild_id))?;
        if !guild.members.contains_key(&user_id) {
            return Err(Refusal::NotAMember(user_id));
        }
        let channel_id = match channel {
            Some(id) if guild.channels.contains_key(&id) => id,
            Some(id) => return Err(Refusal::UnknownChannel(id)),
            None => {
                guild
                    .first_text_channel()
                    .ok_or(Refusal::UnknownChannel(0))?
                    .id
            }
        };
        let bots = self.bots().map(|it| it.user.id);
        let bots = bots.filter(|it| guild.members.contains_key(it));
        let command = bots
            .filter(|it| bot.is_none_or(|bot| bot == *it))
            .flat_map(|it| {
                self.commands(it, Some(guild_id))
                    .chain(self.commands(it, None))
            })
            .find(|command| command.name == name)
            .cloned()
            .ok_or_else(|| Refusal::UnknownCommand(String::from(name)))?;
        let id = self.next_id();
        let mixed = (self.seed() ^ id).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let interaction = Interaction {
            id,
            token: format!("{mixed:016x}{:016x}", mixed.rotate_left(23) ^ id),
            guild_id,
            channel_id,
            user_id,
            command,
            options,
            at: self.now(),
            answered: None,
            original: None,
        };
        while self.interactions.len() >= MOST_INTERACTIONS {
            self.interactions.pop_first();
        }
        self.interactions.insert(id, interaction.clone());
        let mut effects = Vec::new();
        let event = EventKind::InteractionCreate(Box::new(interaction.clone()));
        self.emit(guild_id, event, &mut effects);
        Ok((interaction, effects))
    }

    /// The interaction with this token, as long as the bot can respond to it.
    #[must_use]
    pub fn interaction(&self, token: &str) -> Option<&Interaction> {
        let oldest = self.now() - TO_FOLLOW_UP;
        self.interactions
            .values()
            .rev()
            .take_while(|it| it.at >= oldest)
            .find(|it| it.token == token)
    }

    /// Whether such a token lets its holder in.
    pub(crate) fn knows_interaction(&self, token: &str) -> bool {
        self.interactions.values().any(|it| it.token == token)
    }

    /// The bot answers an interaction, once and in time.
    pub(crate) fn answer_interaction(
        &mut self,
        id: u64,
        token: &str,
        kind: u64,
    ) -> Result<Interaction, Unanswerable> {
        let now = self.now();
        let interaction = self
            .interactions
            .get_mut(&id)
            .filter(|it| it.token == token && now - it.at <= TO_ANSWER)
            .ok_or(Unanswerable::Unknown)?;
        if interaction.answered.is_some() {
            return Err(Unanswerable::Answered);
        }
        interaction.answered = Some(kind);
        Ok(interaction.clone())
    }

    /// Notes which message answers an interaction.
    pub(crate) fn set_original(&mut self, interaction: u64, message: u64) {
        if let Some(interaction) = self.interactions.get_mut(&interaction) {
            interaction.original = Some(message);
        }
    }
}
