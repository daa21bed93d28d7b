//! `GET /sandbox/truth`: what really happened.

use serde_json::{Value, json};

use super::Outcome;
use crate::{
    server::Core,
    world::{Micros, time},
};

pub(super) fn get(core: &Core, query: &[(String, String)]) -> Outcome {
    let wanted = match query.iter().find(|(key, _)| key == "guild") {
        Some((_, text)) => Some(super::number("guild", text)?),
        None => None,
    };
    let concerns = |guild: u64| wanted.is_none_or(|wanted| wanted == guild);
    let moment = |at: Option<Micros>| at.map(time::format);
    let id = |id: Option<u64>| id.map(|id| id.to_string());
    let joins: Vec<Value> = core
        .world
        .true_joins()
        .iter()
        .filter(|join| concerns(join.guild_id))
        .map(|join| {
            json!({
                "guild_id": join.guild_id.to_string(),
                "user_id": join.user_id.to_string(),
                "joined_at": time::format(join.joined_at),
                "via": join.via.name(),
                "code": join.code,
                "inviter_id": id(join.inviter_id),
                "bot": join.bot,
                "guest": join.guest,
                "left_at": moment(join.left_at),
            })
        })
        .collect();
    let invites: Vec<Value> = core
        .world
        .true_invites()
        .into_iter()
        .filter(|invite| concerns(invite.guild_id))
        .map(|invite| {
            json!({
                "guild_id": invite.guild_id.to_string(),
                "code": invite.code,
                "channel_id": invite.channel_id.to_string(),
                "inviter_id": id(invite.inviter_id),
                "created_at": time::format(invite.created_at),
                "max_uses": invite.max_uses,
                "max_age": invite.max_age,
                "uses": invite.uses,
                "state": invite.ending.map_or("active", |ending| ending.name()),
                "ended_at": moment(invite.ended_at),
                "ended_by": id(invite.ended_by),
            })
        })
        .collect();
    Ok((200, json!({"joins": joins, "invites": invites})))
}
