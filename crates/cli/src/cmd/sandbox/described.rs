//! A world that is described in a TOML file.

use std::{fs, path::Path};

use guestlist_sandbox::{
    NewGuildStory,
    world::{NewBot, NewInvite, PrivilegedIntent, permissions},
};
use serde::Deserialize;

use crate::error::{CliError, InputError};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Described {
    #[serde(default)]
    bot: Vec<Bot>,
    #[serde(default)]
    guild: Vec<Guild>,
}

/// A bot with a token of its own, besides the first one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bot {
    name: String,
    token: Option<String>,
    /// The privileged intents that are disabled.
    #[serde(default)]
    without: Vec<Intent>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Intent {
    Members,
    Presences,
    MessageContent,
}

/// A bot in a server.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Present {
    name: String,
    permissions: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Guild {
    name: String,
    vanity: Option<String>,
    #[serde(default)]
    features: Vec<String>,
    #[serde(default)]
    screening: bool,
    bot_permissions: Option<u64>,
    #[serde(default)]
    without_first_bot: bool,
    #[serde(default)]
    bot: Vec<Present>,
    #[serde(default)]
    members: Vec<String>,
    #[serde(default)]
    others: usize,
    #[serde(default)]
    invite: Vec<Invite>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Invite {
    code: Option<String>,
    by: Option<String>,
    #[serde(default)]
    max_age: u32,
    #[serde(default)]
    max_uses: u32,
    #[serde(default)]
    uses: u32,
    #[serde(default)]
    temporary: bool,
}

/// What a file describes.
pub(super) struct World {
    pub(super) bots: Vec<NewBot>,
    pub(super) guilds: Vec<NewGuildStory>,
}

/// Reads the world from a file.
pub(super) fn read(path: &Path) -> Result<World, CliError> {
    let shown = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|source| InputError::Read {
        path: shown.clone(),
        source,
    })?;
    let described: Described = toml::from_str(&text).map_err(|error| CliError::Usage {
        message: format!("{shown} does not describe a world: {}", error.message()),
        help: String::from("see docs/guide/sandbox.md for an example"),
    })?;
    Ok(World {
        bots: described.bot.into_iter().map(bot).collect(),
        guilds: described.guild.into_iter().map(guild).collect(),
    })
}

fn bot(bot: Bot) -> NewBot {
    let mut new = NewBot::named(bot.name);
    new.token = bot.token;
    for intent in bot.without {
        new = new.without(match intent {
            Intent::Members => PrivilegedIntent::Members,
            Intent::Presences => PrivilegedIntent::Presences,
            Intent::MessageContent => PrivilegedIntent::MessageContent,
        });
    }
    new
}

fn guild(guild: Guild) -> NewGuildStory {
    let mut story = NewGuildStory::named(guild.name).members(guild.others);
    if let Some(code) = guild.vanity {
        story = story.vanity(code);
    }
    if let Some(permissions) = guild.bot_permissions {
        story = story.bot_permissions(permissions);
    }
    if guild.without_first_bot {
        story = story.without_first_bot();
    }
    for bot in guild.bot {
        story = story.bot(bot.name, bot.permissions.unwrap_or(permissions::BOT));
    }
    if guild.screening {
        story = story.screening();
    }
    for feature in guild.features {
        story = story.feature(feature);
    }
    for member in guild.members {
        story = story.member(member);
    }
    for invite in guild.invite {
        let mut new = NewInvite::default()
            .max_age(invite.max_age)
            .max_uses(invite.max_uses)
            .uses(invite.uses);
        new.code = invite.code;
        new.temporary = invite.temporary;
        story = story.invite(invite.by.as_deref(), new);
    }
    story
}
