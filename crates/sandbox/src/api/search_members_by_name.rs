//! `GET /guilds/{guild_id}/members/search`: members whose name begins so.
//! Neither permission nor intent is needed.

use super::{Answer, Call, FormErrors, Reply};
use crate::json;

pub(super) fn search_members_by_name(call: &mut Call<'_>) -> Answer {
    let limit = call.query_number("limit", 1..=1000)?.unwrap_or(1);
    let query = call.query("query").unwrap_or("").to_lowercase();
    let mut errors = FormErrors::default();
    match query.chars().count() {
        0 => errors.add_missing("query"),
        1..=100 => {}
        _ => {
            errors.add_length("query", 1, 100);
        }
    }
    if !errors.is_empty() {
        return Err(errors.into_error());
    }
    let found = call
        .guild()?
        .members
        .values()
        .filter(|member| member.user.username.to_lowercase().starts_with(&query))
        .take(usize::try_from(limit).unwrap_or(1000))
        .map(json::member);
    Ok(Reply::ok(found.collect()))
}
