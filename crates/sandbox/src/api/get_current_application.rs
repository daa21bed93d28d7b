//! `GET /applications/@me` and `GET /oauth2/applications/@me`.

use super::{Answer, Call, Reply};
use crate::json;

pub(super) fn get_current_application(call: &mut Call<'_>) -> Answer {
    Ok(Reply::ok(json::application(call.world)))
}
