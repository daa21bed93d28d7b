//! The bots that have a token here, and the guilds they are in.

use std::sync::Arc;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as URL_SAFE_NO_PAD};

use super::{Effect, EventKind, NewUser, PrivilegedIntent, Refusal, Role, User, World};

/// At most so many bots have a token.
const MOST_BOTS: usize = 100;

/// A bot and its application, which have the same id.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Bot {
    /// The account of the bot.
    pub user: Arc<User>,
    /// The owner of the application.
    pub owner: Arc<User>,
    /// The flags of the application, which say which privileged intents are enabled.
    pub flags: u64,
    /// The token for the API and the gateway, without `Bot `.
    pub token: String,
    /// The client secret for OAuth2.
    pub client_secret: String,
    /// The redirect URLs of OAuth2; any loopback address if empty.
    pub redirect_uris: Vec<String>,
}

impl Bot {
    pub(super) fn new(seed: u64, user: Arc<User>, owner: Arc<User>, flags: u64) -> Self {
        Self {
            flags,
            token: token(seed, user.id),
            client_secret: client_secret(seed, user.id),
            redirect_uris: Vec::new(),
            user,
            owner,
        }
    }

    /// The id of the bot and of its application.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.user.id
    }

    /// Whether an intent is enabled.
    #[must_use]
    pub const fn has_intent(&self, intent: PrivilegedIntent) -> bool {
        self.flags & intent.flags() != 0
    }

    /// Enables or disables an intent. Existing sessions continue.
    pub const fn switch_intent(&mut self, intent: PrivilegedIntent, on: bool) {
        self.flags = intent.switch(self.flags, on);
    }
}

/// A bot to create. It is in no guild at first.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct NewBot {
    /// The name; invented if absent.
    pub username: Option<String>,
    /// The token; derived from the seed if absent.
    pub token: Option<String>,
    /// The privileged intents that are disabled.
    pub without: Vec<PrivilegedIntent>,
}

impl NewBot {
    /// Creates a bot with this name and all privileged intents.
    #[must_use]
    pub fn named(username: impl Into<String>) -> Self {
        Self {
            username: Some(username.into()),
            ..Self::default()
        }
    }

    /// Disables a privileged intent.
    #[must_use]
    pub fn without(mut self, intent: PrivilegedIntent) -> Self {
        self.without.push(intent);
        self
    }
}

impl World {
    /// All bots that have a token, the first one first.
    pub fn bots(&self) -> impl Iterator<Item = &Bot> {
        std::iter::once(&self.bot).chain(&self.more_bots)
    }

    /// The first bot, which every world has.
    #[must_use]
    pub const fn first_bot(&self) -> &Bot {
        &self.bot
    }

    /// A bot that has a token.
    #[must_use]
    pub fn bot_with(&self, id: u64) -> Option<&Bot> {
        self.bots().find(|bot| bot.id() == id)
    }

    /// A bot that has a token, for changes.
    #[must_use]
    pub fn bot_mut(&mut self, id: u64) -> Option<&mut Bot> {
        let mut bots = std::iter::once(&mut self.bot).chain(&mut self.more_bots);
        bots.find(|bot| bot.id() == id)
    }

    /// The bot whose token this is.
    pub(crate) fn bot_by_token(&self, token: &str) -> Option<u64> {
        let bot = self.bots().find(|bot| bot.token == token)?;
        Some(bot.id())
    }

    /// Creates one more bot with a token and returns its id.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`] if there are 100 bots, or another one has the token.
    pub fn create_bot(&mut self, new: NewBot) -> Result<u64, Refusal> {
        let invalid = |field, problem| Refusal::Invalid { field, problem };
        if self.bots().count() >= MOST_BOTS {
            return Err(invalid("username", "there are 100 bots already"));
        }
        if let Some(token) = &new.token {
            if token.is_empty() || token.contains(char::is_whitespace) {
                return Err(invalid("token", "a token cannot contain white space"));
            }
            if self.bot_by_token(token).is_some() {
                return Err(invalid("token", "another bot has it"));
            }
        }
        let user = self.create_user(NewUser {
            username: new.username,
            bot: true,
        });
        let owner = Arc::clone(&self.bot.owner);
        let flags = super::populate::PRIVILEGED_LIMITED;
        let mut bot = Bot::new(self.seed, user, owner, flags);
        for intent in new.without {
            bot.switch_intent(intent, false);
        }
        bot.token = new.token.unwrap_or(bot.token);
        let id = bot.id();
        self.more_bots.push(bot);
        Ok(id)
    }

    /// Sets the permissions of a bot in a guild.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownGuild`], [`Refusal::NotAMember`].
    pub fn set_bot_permissions(
        &mut self,
        guild_id: u64,
        bot: u64,
        permissions: u64,
    ) -> Result<Vec<Effect>, Refusal> {
        let guild = self
            .guild_mut(guild_id)
            .ok_or(Refusal::UnknownGuild(guild_id))?;
        if !guild.members.contains_key(&bot) {
            return Err(Refusal::NotAMember(bot));
        }
        let mut effects = Vec::new();
        match guild.roles.values_mut().find(|it| it.bot_id == Some(bot)) {
            Some(role) => {
                role.permissions = permissions;
                let role = role.clone();
                self.emit(guild_id, EventKind::RoleUpdate(role), &mut effects);
            }
            None => effects = self.give_bot_role(guild_id, bot, permissions)?,
        }
        Ok(effects)
    }

    /// Makes the role that belongs to a bot, and gives it to the bot if it is a member.
    pub(super) fn give_bot_role(
        &mut self,
        guild_id: u64,
        bot: u64,
        permissions: u64,
    ) -> Result<Vec<Effect>, Refusal> {
        let name = self.known_user(bot)?.username.clone();
        let (role, effects) = self.create_role_of(guild_id, name, permissions, Some(bot))?;
        let guild = self.guild_mut(guild_id);
        if let Some(member) = guild.and_then(|guild| guild.members.get_mut(&bot)) {
            member.roles.push(role);
        }
        Ok(effects)
    }

    /// The roles that belong to a bot go with it.
    pub(super) fn take_bot_roles(&mut self, guild_id: u64, bot: u64, effects: &mut Vec<Effect>) {
        let Some(guild) = self.guild_mut(guild_id) else {
            return;
        };
        let own = |role: &Role| role.bot_id == Some(bot);
        let gone: Vec<u64> = guild
            .roles
            .values()
            .filter(|role| own(role))
            .map(|role| role.id)
            .collect();
        guild.roles.retain(|_, role| !own(role));
        for role in gone {
            self.emit(guild_id, EventKind::RoleDelete(role), effects);
        }
    }
}

/// A token in the form of Discord's, which only opens this sandbox.
fn token(seed: u64, bot: u64) -> String {
    let mixed = (seed ^ bot).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let secret = [mixed.to_be_bytes(), mixed.rotate_left(17).to_le_bytes()].concat();
    let [.., a, b, c, d] = bot.to_be_bytes();
    let middle = URL_SAFE_NO_PAD.encode([a, b, c, d]);
    format!(
        "{}.{middle}.{}",
        URL_SAFE_NO_PAD.encode(bot.to_string()),
        URL_SAFE_NO_PAD.encode(secret)
    )
}

/// What the application proves itself with in OAuth2, in the form of Discord's.
fn client_secret(seed: u64, bot: u64) -> String {
    let mixed = (seed ^ bot).wrapping_mul(0xd6e8_feb8_6659_fd93);
    let bytes: Vec<u8> = (0..3u32)
        .flat_map(|turn| mixed.rotate_left(turn * 21).to_be_bytes())
        .collect();
    URL_SAFE_NO_PAD.encode(bytes)
}
