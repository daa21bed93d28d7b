//! A world that is described in a TOML file.

use std::{fs, path::Path};

use guestlist_sandbox::{NewGuildStory, world::NewInvite};
use serde::Deserialize;

use crate::error::{CliError, InputError};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Described {
    #[serde(default)]
    guild: Vec<Guild>,
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

/// Reads the servers from a file.
pub(super) fn read(path: &Path) -> Result<Vec<NewGuildStory>, CliError> {
    let shown = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|source| InputError::Read {
        path: shown.clone(),
        source,
    })?;
    let described: Described = toml::from_str(&text).map_err(|error| CliError::Usage {
        message: format!("{shown} does not describe a world: {}", error.message()),
        help: String::from("see docs/guide/sandbox.md for an example"),
    })?;
    Ok(described.guild.into_iter().map(guild).collect())
}

fn guild(guild: Guild) -> NewGuildStory {
    let mut story = NewGuildStory::named(guild.name).members(guild.others);
    if let Some(code) = guild.vanity {
        story = story.vanity(code);
    }
    if let Some(permissions) = guild.bot_permissions {
        story = story.bot_permissions(permissions);
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
