//! `GET /gateway` and `GET /gateway/bot`.

use serde_json::json;

use super::{Answer, Call, Reply};

/// Where the gateway is.
pub(super) fn get_gateway(call: &mut Call<'_>) -> Answer {
    Ok(Reply::ok(json!({"url": call.request.gateway_url})))
}

/// Where the gateway is, how many shards to use and how many may identify.
pub(super) fn get_gateway_bot(call: &mut Call<'_>) -> Answer {
    Ok(Reply::ok(json!({
        "url": call.request.gateway_url,
        "shards": call.request.shards,
        "session_start_limit": {
            "total": 1000,
            "remaining": 999,
            "reset_after": 86_400_000,
            "max_concurrency": 16,
        },
    })))
}
