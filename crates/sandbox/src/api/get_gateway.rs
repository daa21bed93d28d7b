//! `GET /gateway` and `GET /gateway/bot`.

use serde_json::json;

use super::{Answer, Call, Reply};

/// Where the gateway is.
pub(super) fn get_gateway(call: &mut Call<'_>) -> Answer {
    Ok(Reply::ok(json!({"url": call.request.gateway_url})))
}

/// Where the gateway is, how many shards to use and how many may identify.
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
