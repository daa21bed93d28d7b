//! What the bots say, and the commands that people give them.

use serde_json::{Value, json};

use super::{Fields, Outcome, Problem};
use crate::{
    json,
    server::Core,
    world::{NewScheduledEvent, time},
};

/// The last messages of the bots, oldest first; those of one guild, of direct messages with one
/// user, or of one bot.
pub(super) fn messages(core: &Core, query: &[(String, String)]) -> Outcome {
    let limit = super::limit(query, 100, 10_000)?;
    let guild = super::asked_number(query, "guild")?;
    let user = super::asked_number(query, "user")?;
    let bot = super::asked_number(query, "bot")?;
    let recipient = |channel| core.world.direct_channel(channel).map(|user| user.id);
    let mut found: Vec<Value> = core
        .world
        .messages()
        .rev()
        .filter(|message| guild.is_none() || message.guild_id == guild)
        .filter(|message| bot.is_none_or(|bot| message.author.id == bot))
        .filter(|message| user.is_none() || recipient(message.channel_id) == user)
        .take(limit)
        .map(|message| {
            let mut shown = json::message(&core.world, message);
            if let Some(object) = shown.as_object_mut() {
                let guild = message.guild_id.map(|id| id.to_string());
                object.insert(String::from("guild_id"), json!(guild));
                let user = recipient(message.channel_id).map(|id| id.to_string());
                object.insert(String::from("recipient_id"), json!(user));
                let answers = message.interaction_id.map(|id| id.to_string());
                object.insert(String::from("interaction_id"), json!(answers));
            }
            shown
        })
        .collect();
    found.reverse();
    Ok((200, Value::Array(found)))
}

/// A member uses a command.
pub(super) fn use_command(core: &mut Core, guild: u64, mut fields: Fields) -> Outcome {
    let command = fields
        .text("command")?
        .ok_or_else(|| Problem::field("command", "the name of a command is required"))?;
    let user = fields
        .id("user_id")?
        .ok_or_else(|| Problem::field("user_id", "the user of the command is required"))?;
    let channel = fields.id("channel_id")?;
    let bot = fields.id("bot_id")?;
    let options = fields.value("options").unwrap_or_else(|| json!([]));
    fields.end()?;
    if !options.is_array() {
        return Err(Problem::field(
            "options",
            format!("{options} is not a list"),
        ));
    }
    let interaction =
        core.act(|world| world.use_command(guild, user, channel, (bot, &command), options))?;
    Ok((
        201,
        json!({"id": interaction.id.to_string(), "token": interaction.token}),
    ))
}

/// The owner of a guild, or somebody else, makes a scheduled event.
pub(super) fn create_event(core: &mut Core, guild: u64, mut fields: Fields) -> Outcome {
    let name = fields.text("name")?;
    let starts_in = fields.number("starts_in_ms", 0..=315_360_000_000)?;
    let channel_id = fields.id("channel_id")?;
    let location = fields.text("location")?;
    let description = fields.text("description")?;
    let creator_id = fields.id("creator_id")?;
    fields.end()?;
    let starts_in = starts_in.and_then(|it| i64::try_from(it).ok());
    let starts_in = starts_in.map_or(time::DAY, |it| it * time::MILLISECOND);
    let starts_at = core.world.now() + starts_in;
    let location = location.or_else(|| channel_id.is_none().then(|| String::from("the park")));
    let new = NewScheduledEvent {
        name: name.unwrap_or_else(|| String::from("Gathering")),
        description,
        channel_id,
        starts_at,
        ends_at: location.is_some().then_some(starts_at + time::DAY),
        location,
        creator_id,
    };
    let event = core.act(|world| world.create_scheduled_event(guild, new))?;
    Ok((201, json::scheduled_event(guild, &event)))
}
