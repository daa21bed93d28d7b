//! The sockets: HTTP and WebSocket in front of the pure parts.

mod caller;
mod core;
mod discord;
mod distort;
mod fault;
mod frames;
mod identify_limit;
mod listen;
mod log;
mod rate_limit;
mod record;
mod ui;

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, to_bytes},
    extract::{FromRequestParts, Request, WebSocketUpgrade},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};

pub(crate) use self::{
    core::{Core, Shared, tick},
    discord::call_again,
    fault::like,
    identify_limit::Start,
    listen::serve,
    log::RequestLog,
    rate_limit::{forget_before, micros},
    record::{Recorder, options as recorded_options},
};
pub use self::{
    fault::{BodyFault, ConnectionFault, EventFault, FaultRule, FaultTarget},
    identify_limit::IdentifyLimit,
    rate_limit::{Limit, RateLimits},
};
use crate::{api, control, gateway};

/// Discord takes requests of 25 MiB, with the files in them.
const LARGEST_BODY: usize = 25 * 1024 * 1024;
/// No control request is nearly as long.
const LARGEST_ORDER: usize = 1024 * 1024;
/// A client of the gateway may send so much at once.
///
/// See Discord Docs/Gateway#sending-events.
const LARGEST_MESSAGE: usize = 4096;

pub(crate) async fn answer(shared: Arc<Shared>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let path = String::from(parts.uri.path());
    if let Some(rest) = path
        .strip_prefix("/sandbox")
        .filter(|it| it.is_empty() || it.starts_with('/'))
    {
        let body = match read(&parts, body, LARGEST_ORDER, shared.options.patience).await {
            Ok(body) => body,
            Err(refused) => return refused,
        };
        if let Some(page) = rest.strip_prefix("/ui").and_then(ui::file) {
            return page;
        }
        let query = parts.uri.query().unwrap_or("");
        let (status, reply) =
            control::answer(&shared, parts.method.as_str(), rest, query, &body).await;
        return json_response(status, reply.to_string());
    }
    if let Some(rest) = path.strip_prefix("/api").filter(|it| it.starts_with('/')) {
        let mut response = discord::answer(&shared, &parts, rest, body).await;
        // Without it, some clients take a 429 for a ban by Discord's proxy.
        if response.extensions().get::<discord::ByProxy>().is_none() {
            let via = HeaderValue::from_static("1.1 google");
            response.headers_mut().insert(header::VIA, via);
        }
        return response;
    }
    if path == "/oauth2/authorize" {
        // Discord has it outside of its API, too.
        return discord::answer(&shared, &parts, &path, Body::empty()).await;
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
            .read_buffer_size(2 * LARGEST_MESSAGE)
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

/// Reads a body to its end, but not beyond a size, and not for ever.
async fn read(
    parts: &Parts,
    body: Body,
    most: usize,
    patience: Duration,
) -> Result<Vec<u8>, Response> {
    let told = parts.headers.get(header::CONTENT_LENGTH);
    let told = told.and_then(|it| it.to_str().ok()?.parse::<u64>().ok());
    if told.is_some_and(|told| usize::try_from(told).is_ok_and(|told| told > most)) {
        return Err(too_large());
    }
    match tokio::time::timeout(patience, to_bytes(body, most)).await {
        Ok(Ok(body)) => Ok(body.into()),
        Ok(Err(_)) => Err(too_large()),
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT.into_response()),
    }
}

fn too_large() -> Response {
    let error = api::ApiError::new(413, 40_005, "Request entity too large");
    json_response(413, error.body.to_string())
}

pub(crate) fn json_response(status: u16, body: impl Into<Body>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let json = HeaderValue::from_static("application/json");
    (status, [(header::CONTENT_TYPE, json)], body.into()).into_response()
}
