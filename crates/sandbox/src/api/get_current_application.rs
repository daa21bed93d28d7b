//! `GET /applications/@me` and `GET /oauth2/applications/@me`.

use super::{Answer, ApiError, Call, Reply};
use crate::json;

pub(super) fn get_current_application(call: &mut Call<'_>) -> Answer {
    let bot = call.world.bot_with(call.bot());
    let bot = bot.ok_or_else(ApiError::unauthorized)?;
    Ok(Reply::ok(json::application(call.world, bot)))
}
