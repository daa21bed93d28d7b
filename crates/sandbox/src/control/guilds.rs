//! Guilds, their channels and roles.

use serde_json::{Value, json};

use super::{Fields, Outcome, Problem, fields::id};
use crate::{
    json,
    server::Core,
    world::{Guild, NewGuild, Overwrite, permissions},
};

fn show(core: &Core, guild: &Guild) -> Value {
    let mut object = json::rest_guild(&core.world, guild);
    if let Some(object) = object.as_object_mut() {
        let channels: Vec<Value> = guild
            .channels
            .values()
            .map(|it| json::channel(guild.id, it))
            .collect();
        object.insert(String::from("channels"), json!(channels));
        object.insert(String::from("member_count"), json!(guild.members.len()));
        object.insert(String::from("invite_count"), json!(guild.invites.len()));
        object.insert(String::from("screening"), json!(guild.screening));
        object.insert(String::from("indexed"), json!(guild.indexed));
        let may = |bot| permissions::in_guild(guild, bot).to_string();
        let first = json!(may(core.world.bot().id));
        object.insert(String::from("bot_permissions"), first);
        let bots = core.world.bots().map(crate::world::Bot::id);
        let bots = bots.filter(|bot| guild.members.contains_key(bot));
        let bots = bots.map(|bot| json!({"id": bot.to_string(), "permissions": may(bot)}));
        object.insert(String::from("bots"), bots.collect());
    }
    object
}

pub(super) fn find(core: &Core, guild: u64) -> Result<&Guild, Problem> {
    core.world
        .guild(guild)
        .ok_or_else(|| Problem::new(404, format!("there is no guild with the id {guild}")))
}

pub(super) fn list(core: &Core) -> Outcome {
    let ids = core.world.guild_ids();
    let guilds = ids.iter().filter_map(|guild| core.world.guild(*guild));
    Ok((200, guilds.map(|guild| show(core, guild)).collect()))
}

pub(super) fn get(core: &Core, guild: u64) -> Outcome {
    Ok((200, show(core, find(core, guild)?)))
}

pub(super) fn create(core: &mut Core, mut fields: Fields) -> Outcome {
    let mut new = NewGuild {
        name: fields.text("name")?,
        ..NewGuild::default()
    };
    new.features = fields.texts("features")?.unwrap_or_default();
    new.vanity_url_code = fields.text("vanity_url_code")?;
    new.bot_permissions = fields.id("bot_permissions")?.unwrap_or(new.bot_permissions);
    new.bots = super::bots::with_permissions(&mut fields)?;
    let members = fields.number("members", 0..=100_000)?;
    new.members = members
        .and_then(|it| usize::try_from(it).ok())
        .unwrap_or(new.members);
    new.screening = fields.flag("screening")?.unwrap_or(false);
    fields.end()?;
    let guild = core.act(|world| world.create_guild(new))?;
    Ok((201, show(core, find(core, guild)?)))
}

/// Changes a guild. A changed vanity code counts from 0 again.
pub(super) fn update(core: &mut Core, guild_id: u64, mut fields: Fields) -> Outcome {
    find(core, guild_id)?;
    let features = fields.texts("features")?;
    let vanity = fields.text("vanity_url_code")?;
    let bot_permissions = fields.id("bot_permissions")?;
    let bots = super::bots::with_permissions(&mut fields)?;
    let screening = fields.flag("screening")?;
    let indexed = fields.flag("indexed")?;
    fields.end()?;
    let first = core.world.bot().id;
    let first = bot_permissions.map(|permissions| (first, permissions));
    for (bot, permissions) in first.into_iter().chain(bots.into_iter().flatten()) {
        core.act(|world| {
            let effects = world.set_bot_permissions(guild_id, bot, permissions)?;
            Ok::<_, Problem>(((), effects))
        })?;
    }
    if let Some(guild) = core.world.guild_mut(guild_id) {
        if let Some(features) = features {
            guild.features = features.into_iter().collect();
        }
        guild.screening = screening.unwrap_or(guild.screening);
        guild.indexed = indexed.unwrap_or(guild.indexed);
    }
    if let Some(code) = vanity {
        let code = (!code.is_empty()).then_some(code);
        core.act(|world| Ok::<_, Problem>(((), world.set_vanity(guild_id, code)?)))?;
    }
    get(core, guild_id)
}

pub(super) fn create_channel(core: &mut Core, guild: u64, mut fields: Fields) -> Outcome {
    let name = fields
        .text("name")?
        .unwrap_or_else(|| String::from("channel"));
    let kind = fields.number("type", 0..=16)?.unwrap_or(0);
    let overwrites = match fields.value("permission_overwrites") {
        None => Vec::new(),
        Some(Value::Array(list)) => list.iter().map(overwrite).collect::<Result<_, _>>()?,
        Some(other) => {
            let message = format!("{other} is not a list");
            return Err(Problem::field("permission_overwrites", message));
        }
    };
    fields.end()?;
    let kind = u8::try_from(kind).unwrap_or(0);
    let channel = core.act(|world| world.create_channel(guild, name, kind, overwrites))?;
    let shown = core
        .world
        .channel(channel)
        .map(|(guild, it)| json::channel(guild.id, it));
    Ok((201, shown.unwrap_or_default()))
}

fn overwrite(value: &Value) -> Result<Overwrite, Problem> {
    let part = |name: &str| match value.get(name) {
        None => Ok(0),
        Some(value) => id(&format!("permission_overwrites.{name}"), value),
    };
    let kind = u8::from(part("type")? != 0);
    Ok(Overwrite::new(
        part("id")?,
        kind,
        part("allow")?,
        part("deny")?,
    ))
}

pub(super) fn create_role(core: &mut Core, guild: u64, mut fields: Fields) -> Outcome {
    let name = fields
        .text("name")?
        .unwrap_or_else(|| String::from("new role"));
    let permissions = fields.id("permissions")?.unwrap_or(0);
    fields.end()?;
    let role = core.act(|world| world.create_role(guild, name, permissions))?;
    let shown = find(core, guild)?.roles.get(&role).map(json::role);
    Ok((201, shown.unwrap_or_default()))
}
