//! People: made, coming, going, talking.

use serde_json::{Value, json};

use super::{Fields, Outcome, Problem};
use crate::{
    json,
    server::Core,
    world::{Entry, Joined, NewUser, Refusal, Via, time},
};

pub(super) fn create_user(core: &mut Core, mut fields: Fields) -> Outcome {
    let mut new = NewUser {
        username: fields.text("username")?,
        ..NewUser::default()
    };
    new.bot = fields.flag("bot")?.unwrap_or(false);
    fields.end()?;
    let user = core.world.create_user(new);
    let mut shown = json::user(&user);
    if let (Some(token), Some(shown)) = (core.world.user_token(user.id), shown.as_object_mut()) {
        shown.insert(String::from("token"), json!(token));
    }
    Ok((201, shown))
}

fn show(joined: &Joined) -> Value {
    json!({
        "guild_id": joined.guild_id.to_string(),
        "user_id": joined.user_id.to_string(),
        "joined_at": time::format(joined.joined_at),
        "via": joined.via.name(),
        "code": joined.code,
        "inviter_id": joined.inviter_id.map(|id| id.to_string()),
        "new_member": joined.new_member,
    })
}

pub(super) fn join(core: &mut Core, guild_id: u64, mut fields: Fields) -> Outcome {
    let code = fields.text("code")?;
    let via = fields.text("via")?;
    let user = fields.id("user_id")?;
    let actor = fields.id("actor_id")?;
    let permissions = fields.id("permissions")?;
    let voice = fields.flag("voice")?.unwrap_or(false);
    fields.end()?;
    if core.world.guild(guild_id).is_none() {
        return Err(Problem::new(
            404,
            format!("there is no guild with the id {guild_id}"),
        ));
    }
    let via = match via.as_deref() {
        None if code.is_some() => Via::Invite,
        None => return Err(Problem::field("via", "via or code is required")),
        Some(name) => Via::from_name(name).ok_or_else(|| {
            let names: Vec<&str> = Via::ALL.iter().map(|via| via.name()).collect();
            Problem::field(
                "via",
                format!("{name:?} is not one of {}", names.join(", ")),
            )
        })?,
    };
    if via == Via::Invite {
        let code =
            code.ok_or_else(|| Problem::field("code", "the code of the invite is required"))?;
        let invite = core.world.invite(&code);
        let channel = invite.map(|(_, invite)| invite.channel_id);
        let talks = channel.and_then(|it| core.world.channel(it));
        if voice && !talks.is_some_and(|(_, channel)| channel.has_voice()) {
            let message = "the invite does not lead to a voice channel";
            return Err(Problem::field("voice", message));
        }
        let leads_to = core.world.invite(&code).map(|(guild, _)| guild.id);
        let leads_to = leads_to.or_else(|| core.world.vanity(&code).map(|guild| guild.id));
        if leads_to.is_some_and(|leads_to| leads_to != guild_id) {
            return Err(Problem::field("code", "the invite leads to another guild"));
        }
        let joined = core.act(|world| {
            let mut joined = world.accept_invite(&code, user)?;
            let mut effects = std::mem::take(&mut joined.effects);
            if let (true, Some(channel)) = (voice, channel) {
                effects.extend(world.join_voice(guild_id, joined.user_id, channel)?);
            }
            Ok::<_, Problem>((joined, effects))
        })?;
        return Ok((201, show(&joined)));
    }
    let joined = core.act(|world| {
        let entry = Entry {
            via,
            user_id: user,
            actor_id: actor,
            permissions,
        };
        let mut joined = world.join(guild_id, entry)?;
        let effects = std::mem::take(&mut joined.effects);
        Ok::<_, Problem>((joined, effects))
    })?;
    Ok((201, show(&joined)))
}

/// Those who joined last come first.
pub(super) fn list(core: &Core, guild: u64, limit: usize) -> Outcome {
    let guild = super::guilds::find(core, guild)?;
    let mut members: Vec<_> = guild.members.values().collect();
    members.sort_by_key(|member| std::cmp::Reverse(member.joined_at));
    let shown = members.into_iter().take(limit).map(json::member);
    Ok((200, shown.collect()))
}

/// A member enters a voice channel.
pub(super) fn join_voice(core: &mut Core, guild: u64, user: u64, mut fields: Fields) -> Outcome {
    let channel = fields.id("channel_id")?;
    fields.end()?;
    let found = super::guilds::find(core, guild)?;
    let first = || found.channels.values().find(|channel| channel.has_voice());
    let channel = channel.or_else(|| Some(first()?.id));
    let channel =
        channel.ok_or_else(|| Problem::field("channel_id", "the server has no voice channel"))?;
    core.act(|world| Ok::<_, Problem>(((), world.join_voice(guild, user, channel)?)))?;
    Ok((200, json!({"channel_id": channel.to_string()})))
}

/// A member leaves the voice channel. A guest is out of the guild then.
pub(super) fn leave_voice(core: &mut Core, guild: u64, user: u64) -> Outcome {
    core.act(|world| Ok::<_, Problem>(((), world.leave_voice(guild, user)?)))?;
    let guild = core.world.guild(guild);
    let member = guild.and_then(|guild| guild.members.get(&user));
    Ok((200, json!({"member": member.map(json::member)})))
}

pub(super) fn leave(core: &mut Core, guild: u64, user: u64) -> Outcome {
    core.act(|world| Ok::<_, Problem>(((), world.leave(guild, user)?)))?;
    Ok((
        200,
        json!({"guild_id": guild.to_string(), "user_id": user.to_string()}),
    ))
}

/// `screening` is passed, `disconnect` ends temporary membership, `kick` and
/// `ban` end any.
pub(super) fn act(
    core: &mut Core,
    guild: u64,
    user: u64,
    action: &str,
    mut fields: Fields,
) -> Outcome {
    let actor = fields.id("actor_id")?;
    fields.end()?;
    let found = core.world.guild(guild);
    let actor = actor.unwrap_or_else(|| found.map_or(0, |guild| guild.owner_id));
    let is_stranger = found.is_some_and(|guild| !guild.members.contains_key(&user));
    core.act(|world| {
        let effects = match action {
            "screening" => world.pass_screening(guild, user)?,
            "disconnect" => world.disconnect(guild, user)?,
            "kick" => world.kick(guild, user, actor, None)?,
            "ban" if is_stranger => return Err(Refusal::NotAMember(user).into()),
            "ban" => world.ban(guild, user, actor, None)?,
            _ => {
                let message = format!("{action:?} is not one of screening, disconnect, kick, ban");
                return Err(Problem::new(404, message));
            }
        };
        Ok(((), effects))
    })?;
    let member = core
        .world
        .guild(guild)
        .and_then(|guild| guild.members.get(&user));
    Ok((200, json!({"member": member.map(json::member)})))
}
