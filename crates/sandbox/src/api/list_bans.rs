//! `GET /guilds/{guild_id}/bans`: a page of bans by user id.

use serde_json::{Value, json};

use super::{Answer, Call, Reply};
use crate::world::{User, permissions::BAN_MEMBERS};

pub(super) fn list_bans(call: &mut Call<'_>) -> Answer {
    let limit = call.query_number("limit", 1..=1000)?.unwrap_or(1000);
    let limit = usize::try_from(limit).unwrap_or(1000);
    let before = call.query_number("before", 0..=u64::MAX)?;
    let after = call.query_number("after", 0..=u64::MAX)?;
    let guild = call.guild_with(BAN_MEMBERS)?;
    let fits = |user: u64| {
        before.is_none_or(|before| user < before) && after.is_none_or(|after| user > after)
    };
    let mut bans = guild.bans.iter().filter(|(user, _)| fits(**user));
    let show = |(user, reason): (&u64, &Option<String>)| {
        let user = call.world.user(*user)?;
        Some(ban(user, reason.as_deref()))
    };
    // Those next to `before`, or from the first.
    let page: Vec<Value> = if before.is_some() && after.is_none() {
        let mut page: Vec<Value> = bans.by_ref().rev().take(limit).filter_map(show).collect();
        page.reverse();
        page
    } else {
        bans.take(limit).filter_map(show).collect()
    };
    Ok(Reply::ok(Value::Array(page)))
}

pub(super) fn ban(user: &User, reason: Option<&str>) -> Value {
    json!({"user": crate::json::user(user), "reason": reason})
}
