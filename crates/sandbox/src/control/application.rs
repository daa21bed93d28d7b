//! `GET` and `PATCH /sandbox/application` for the first bot, and `/sandbox/bots/{bot}` for any.

use serde_json::json;

use super::{Fields, Outcome, Problem};
use crate::{json, server::Core, world::PrivilegedIntent};

/// The fields that switch intents on or off.
pub(super) const SWITCHES: [(&str, PrivilegedIntent); 3] = [
    ("members_intent", PrivilegedIntent::Members),
    ("presence_intent", PrivilegedIntent::Presences),
    ("message_content_intent", PrivilegedIntent::MessageContent),
];

pub(super) fn get(core: &Core, bot: u64) -> Outcome {
    let bot = core.world.bot_with(bot);
    let bot = bot.ok_or_else(|| Problem::new(404, "no bot has this id"))?;
    let mut shown = json::application(&core.world, bot);
    if let Some(shown) = shown.as_object_mut() {
        shown.insert(String::from("token"), json!(bot.token));
        let secret = json!(bot.client_secret);
        shown.insert(String::from("client_secret"), secret);
        let guilds = core.world.guild_ids_of(bot.id());
        let guilds: Vec<String> = guilds.iter().map(u64::to_string).collect();
        shown.insert(String::from("guilds"), json!(guilds));
    }
    Ok((200, shown))
}

/// Switches privileged intents on or off, sets all flags, or where OAuth2 may lead back to.
pub(super) fn update(core: &mut Core, bot: u64, mut fields: Fields) -> Outcome {
    let flags = fields.number("flags", 0..=u64::MAX)?;
    let redirects = fields.texts("redirect_uris")?;
    let mut wanted = Vec::new();
    for (name, intent) in SWITCHES {
        wanted.extend(fields.flag(name)?.map(|on| (intent, on)));
    }
    fields.end()?;
    if let Some(bot) = core.world.bot_mut(bot) {
        bot.flags = flags.unwrap_or(bot.flags);
        bot.redirect_uris = redirects.unwrap_or_else(|| bot.redirect_uris.clone());
        for (intent, on) in wanted {
            bot.switch_intent(intent, on);
        }
    }
    get(core, bot)
}
