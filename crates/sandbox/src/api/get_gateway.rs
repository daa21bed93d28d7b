//! `GET /gateway`: where the gateway is.

use serde_json::json;

use super::{Answer, Call, Reply};

pub(super) fn get_gateway(call: &mut Call<'_>) -> Answer {
    Ok(Reply::ok(json!({"url": call.request.gateway_url})))
}
