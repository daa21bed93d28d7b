//! `GET /users/@me`.

use super::{Answer, ApiError, Call, Reply};
use crate::json;

pub(super) fn get_current_user(call: &mut Call<'_>) -> Answer {
    let person = call.request.person.and_then(|id| call.world.user(id));
    Ok(Reply::ok(match person {
        Some(person) => json::current_person(person),
        None => {
            let bot = call.world.bot_with(call.bot());
            json::current_user(bot.ok_or_else(ApiError::unauthorized)?)
        }
    }))
}
