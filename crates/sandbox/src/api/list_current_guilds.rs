//! `GET /users/@me/guilds`: a page of the guilds the bot, or a person, is in.

use serde_json::Value;

use super::{Answer, Call, Reply};
use crate::json;

pub(super) fn list_current_guilds(call: &mut Call<'_>) -> Answer {
    let limit = call.query_number("limit", 1..=200)?.unwrap_or(200);
    let limit = usize::try_from(limit).unwrap_or(200);
    let before = call.query_number("before", 0..=u64::MAX)?;
    let after = call.query_number("after", 0..=u64::MAX)?.unwrap_or(0);
    let with_counts = call.query_flag("with_counts");
    let me = call.me();
    let mut ids: Vec<u64> = call
        .world
        .guild_ids_of(me)
        .into_iter()
        .filter(|id| *id > after && before.is_none_or(|before| *id < before))
        .collect();
    // Before a guild means the nearest ones before it, still ascending.
    if before.is_some() && ids.len() > limit {
        ids.drain(..ids.len() - limit);
    }
    let guilds: Vec<Value> = ids
        .into_iter()
        .take(limit)
        .filter_map(|id| call.world.guild(id))
        .map(|guild| json::current_user_guild(guild, me, with_counts))
        .collect();
    Ok(Reply::ok(Value::Array(guilds)))
}
