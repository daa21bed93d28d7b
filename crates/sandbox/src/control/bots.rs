//! `/sandbox/bots`: more bots than the first one, each with a token of its own.

use serde_json::Value;

use super::{Fields, Outcome, Problem, application, fields::id, guilds};
use crate::{
    server::Core,
    world::{Entry, NewBot, Via},
};

pub(super) fn list(core: &Core) -> Outcome {
    let bots = core
        .world
        .bots()
        .map(|bot| application::get(core, bot.id()));
    let bots: Result<Vec<Value>, Problem> = bots.map(|shown| Ok(shown?.1)).collect();
    Ok((200, Value::Array(bots?)))
}

/// Makes a bot and adds it to guilds.
pub(super) fn create(core: &mut Core, mut fields: Fields) -> Outcome {
    let mut new = NewBot {
        username: fields.text("username")?,
        token: fields.text("token")?,
        ..NewBot::default()
    };
    for (name, intent) in application::SWITCHES {
        if fields.flag(name)? == Some(false) {
            new = new.without(intent);
        }
    }
    let into = fields.ids("guilds")?.unwrap_or_default();
    let permissions = fields.id("permissions")?;
    fields.end()?;
    for guild in &into {
        guilds::find(core, *guild)?;
    }
    let bot = core.world.create_bot(new)?;
    for guild in into {
        core.act(|world| {
            let entry = Entry {
                permissions,
                ..Entry::new(Via::Bot).user(bot)
            };
            Ok::<_, Problem>(((), world.join(guild, entry)?.effects))
        })?;
    }
    let (_, shown) = application::get(core, bot)?;
    Ok((201, shown))
}

/// Reads a list of bots, each with what it may do.
pub(super) fn with_permissions(fields: &mut Fields) -> Result<Option<Vec<(u64, u64)>>, Problem> {
    let wrong = |value: &Value| {
        let message = format!("{value} is not a list of objects with id and permissions");
        Problem::field("bots", message)
    };
    let list = match fields.value("bots") {
        None => return Ok(None),
        Some(Value::Array(list)) => list,
        Some(other) => return Err(wrong(&other)),
    };
    let bot = |value: Value| {
        let bot = value.get("id").ok_or_else(|| wrong(&value))?;
        let permissions = match value.get("permissions") {
            Some(permissions) => id("bots.permissions", permissions)?,
            None => crate::world::permissions::BOT,
        };
        Ok((id("bots.id", bot)?, permissions))
    };
    list.into_iter()
        .map(bot)
        .collect::<Result<_, _>>()
        .map(Some)
}
