//! `GET /users/@me`.

use super::{Answer, Call, Reply};
use crate::json;

pub(super) fn get_current_user(call: &mut Call<'_>) -> Answer {
    Ok(Reply::ok(json::current_user(call.world)))
}
