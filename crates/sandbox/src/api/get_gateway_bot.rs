//! `GET /gateway/bot`: where the gateway is, how many shards to use and how many may
//! identify.

use serde_json::json;

use super::{Answer, Call, Reply};

pub(super) fn get_gateway_bot(call: &mut Call<'_>) -> Answer {
    let limit = call.request.session_start_limit;
    Ok(Reply::ok(json!({
        "url": call.request.gateway_url,
        "shards": call.request.shards,
        "session_start_limit": {
            "total": limit.total,
            "remaining": limit.remaining,
            "reset_after": limit.reset_after,
            "max_concurrency": limit.max_concurrency,
        },
    })))
}
