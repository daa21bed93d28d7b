//! The sockets: HTTP and WebSocket in front of the pure parts.

mod core;
mod discord;
mod fault;
mod identify_limit;
mod log;
mod rate_limit;

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{FromRequestParts, Request, State, WebSocketUpgrade},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};

pub(crate) use self::{
    core::{Core, Shared, tick},
    fault::Faults,
    identify_limit::Start,
    log::RequestLog,
};
pub use self::{
    fault::FaultRule,
    identify_limit::IdentifyLimit,
    rate_limit::{Limit, RateLimits},
};
use crate::{api, control, gateway, world::time};

const LARGEST_BODY: usize = 25 * 1024 * 1024;
/// 4096 bytes are allowed. What is longer has to be read to the end, so that
/// the client still hears why the connection is closed.
const LARGEST_MESSAGE: usize = 64 * 1024 * 1024;

/// Everything a sandbox serves.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new().fallback(answer).with_state(shared)
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let path = String::from(parts.uri.path());
    if let Some(rest) = path
        .strip_prefix("/sandbox")
        .filter(|it| it.is_empty() || it.starts_with('/'))
    {
        let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
            return StatusCode::PAYLOAD_TOO_LARGE.into_response();
        };
        let query = parts.uri.query().unwrap_or("");
        let (status, reply) = control::answer(&shared, parts.method.as_str(), rest, query, &body);
        return json_response(status, reply.to_string());
    }
    if let Some(rest) = path.strip_prefix("/api").filter(|it| it.starts_with('/')) {
        let mut response = match to_bytes(body, LARGEST_BODY).await {
            Ok(body) => discord::answer(&shared, &parts, rest, body.to_vec()).await,
            Err(_) => too_large(),
        };
        let headers = response.headers_mut();
        // Clients measure the difference of clocks by this header.
        let date = time::format_http(shared.lock().world.now());
        if let Ok(date) = HeaderValue::from_str(&date) {
            headers.insert(header::DATE, date);
        }
        // Without it, some clients take a 429 for a ban by Discord's proxy.
        headers.insert(header::VIA, HeaderValue::from_static("1.1 google"));
        return response;
    }
    if path == "/oauth2/authorize" {
        // Discord has it outside of its API, too.
        return discord::answer(&shared, &parts, &path, Vec::new()).await;
    }
    if matches!(path.as_str(), "/" | "/gateway" | "/gateway/") {
        return open_gateway(shared, &mut parts).await;
    }
    json_response(404, api::ApiError::not_found().body.to_string())
}

async fn open_gateway(shared: Arc<Shared>, parts: &mut Parts) -> Response {
    let query = api_query(parts);
    match WebSocketUpgrade::from_request_parts(parts, &shared).await {
        Ok(upgrade) => upgrade
            .max_message_size(LARGEST_MESSAGE)
            .max_frame_size(LARGEST_MESSAGE)
            .on_upgrade(move |socket| gateway::serve(socket, shared, query)),
        Err(_) => {
            let hint = serde_json::json!({
                "message": "404: Not Found",
                "code": 0,
                "hint": "this is the gateway: open it as a WebSocket",
            });
            json_response(404, hint.to_string())
        }
    }
}

fn api_query(parts: &Parts) -> Vec<(String, String)> {
    api::Request::new("GET", &format!("?{}", parts.uri.query().unwrap_or(""))).query
}

fn too_large() -> Response {
    let error = api::ApiError::new(413, 40_005, "Request entity too large");
    json_response(413, error.body.to_string())
}

pub(crate) fn json_response(status: u16, body: String) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let json = HeaderValue::from_static("application/json");
    (status, [(header::CONTENT_TYPE, json)], Body::from(body)).into_response()
}
