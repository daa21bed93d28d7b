//! `GET /users/{user_id}`.

use super::{Answer, ApiError, Call, Reply};
use crate::json;

pub(super) fn get_user(call: &mut Call<'_>) -> Answer {
    let id = call.id(0, "user_id")?;
    let user = call.world.user(id).ok_or_else(ApiError::unknown_user)?;
    Ok(Reply::ok(json::user(user)))
}
