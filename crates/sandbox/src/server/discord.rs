//! The way of a request to Discord's API: token, limits, faults, endpoint.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{
    Shared,
    fault::FaultRule,
    json_response,
    rate_limit::{Headers, Verdict},
};
use crate::{
    api::{self, ApiError},
    oauth,
    world::Micros,
};

/// The path below `/v10`, or below nothing.
fn without_version(path: &str) -> Result<&str, ApiError> {
    let Some(rest) = path.strip_prefix("/v") else {
        return Ok(path);
    };
    let (version, rest) = match rest.find('/') {
        Some(end) => rest.split_at(end),
        None => (rest, ""),
    };
    if version.is_empty() || !version.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(path);
    }
    // 6 to 8 are deprecated but served; those before are discontinued.
    match version {
        "6" | "7" | "8" | "9" | "10" => Ok(rest),
        _ => Err(ApiError::invalid_version()),
    }
}

/// Answers a request; `path` is what comes after `/api`.
pub(super) async fn answer(
    shared: &Arc<Shared>,
    parts: &Parts,
    path: &str,
    body: Vec<u8>,
) -> Response {
    let method = parts.method.as_str();
    let (path, template, response) = match without_version(path) {
        Ok(path) => {
            if let Some((template, response)) = oauth(shared, parts, path, &body).await {
                note(shared, method, template, path, &response);
                return response;
            }
            let (route, template) = match api::find_route(method, path) {
                Ok((route, ids)) => (Some((route, ids)), route.template),
                Err(_) => (None, "(unknown)"),
            };
            let response = steps(shared, parts, path, route, body).await;
            (path, template, response)
        }
        Err(error) => (path, "(unknown)", refuse(&error)),
    };
    note(shared, method, template, path, &response);
    response
}

fn note(shared: &Shared, method: &str, template: &'static str, path: &str, response: &Response) {
    let mut core = shared.lock();
    let at = core.world.now();
    let status = response.status().as_u16();
    core.log.note(at, method, template, path, status);
}

/// OAuth2 has no limits that a client is told, but it can fail like the rest.
async fn oauth(
    shared: &Arc<Shared>,
    parts: &Parts,
    path: &str,
    body: &[u8],
) -> Option<(&'static str, Response)> {
    if !matches!(
        path,
        "/oauth2/authorize" | "/oauth2/token" | "/oauth2/token/revoke"
    ) {
        return None;
    }
    let rule = shared.lock().faults.take(parts.method.as_str(), path);
    if let Some(rule) = rule {
        tokio::time::sleep(rule.delay).await;
        if let Some(response) = fail(&rule) {
            return Some(("/oauth2", response));
        }
    }
    oauth::answer(shared, parts, path, body)
}

async fn steps(
    shared: &Arc<Shared>,
    parts: &Parts,
    path: &str,
    route: Option<(api::Route, Vec<String>)>,
    body: Vec<u8>,
) -> Response {
    let method = parts.method.as_str();
    let Some((route, ids)) = route else {
        let error = api::find_route(method, path)
            .err()
            .unwrap_or_else(ApiError::not_found);
        return refuse(&error);
    };
    let Some(caller) = caller(shared, parts, &route) else {
        return refuse(&ApiError::unauthorized());
    };
    let major = match route.template.split('/').nth(1) {
        Some("guilds" | "channels") => ids.first().map_or("", String::as_str),
        _ => "",
    };
    let limits = &shared.options.rate_limits;
    let (verdict, now) = {
        let mut core = shared.lock();
        let verdict =
            core.limiter
                .check(limits, Instant::now(), route.method, route.template, major);
        (verdict, core.world.now())
    };
    let headers = match verdict {
        Verdict::Unlimited => None,
        Verdict::Allowed(headers) => Some(headers),
        Verdict::Limited(headers) => {
            let mut response = limited(headers.reset_after, false, "user");
            add_headers(response.headers_mut(), &headers, now);
            return response;
        }
        Verdict::Global { retry_after } => return limited(retry_after, true, "global"),
    };
    let rule = shared.lock().faults.take(method, path);
    if let Some(rule) = rule {
        tokio::time::sleep(rule.delay).await;
        if let Some(mut response) = fail(&rule) {
            if let Some(headers) = &headers {
                add_headers(response.headers_mut(), headers, now);
            }
            return response;
        }
    }
    let mut response = call(shared, parts, path, caller, body);
    if let Some(headers) = &headers {
        add_headers(response.headers_mut(), headers, now);
    }
    response
}

/// Who calls: none is the bot, or anybody where a token is not needed. Nobody may call if the
/// token is wrong.
fn caller(shared: &Shared, parts: &Parts, route: &api::Route) -> Option<Option<u64>> {
    let scope = match (route.method, route.template) {
        ("GET", "/users/@me") => Some("identify"),
        ("GET", "/users/@me/guilds") => Some("guilds"),
        _ => None,
    };
    let header = parts.headers.get(header::AUTHORIZATION);
    let bearer = header
        .and_then(|it| it.to_str().ok())
        .and_then(|it| it.strip_prefix("Bearer "));
    if let Some(token) = bearer {
        let core = shared.lock();
        let granted = core.grants.of(token, core.world.now())?;
        return granted.has(scope?).then_some(Some(granted.user));
    }
    authorised(shared, parts, route).then_some(None)
}

fn authorised(shared: &Shared, parts: &Parts, route: &api::Route) -> bool {
    let open = matches!(
        (route.method, route.template),
        ("GET", "/gateway" | "/invites/{code}")
    );
    match parts.headers.get(header::AUTHORIZATION) {
        None => open,
        Some(value) => value
            .to_str()
            .ok()
            .and_then(|value| value.strip_prefix("Bot "))
            .is_some_and(|token| token.trim() == shared.token),
    }
}

fn call(
    shared: &Arc<Shared>,
    parts: &Parts,
    path: &str,
    caller: Option<u64>,
    body: Vec<u8>,
) -> Response {
    let text = |name: HeaderName| {
        parts
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(String::from)
    };
    let path_and_query = match parts.uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => String::from(path),
    };
    let mut request = api::Request::new(parts.method.as_str(), &path_and_query);
    request.reason = parts
        .headers
        .get("x-audit-log-reason")
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .map(|value| api::decode_reason(&value));
    request.content_type = text(header::CONTENT_TYPE);
    request.body = body;
    request.person = caller;
    request.gateway_url.clone_from(&shared.gateway_url);
    request.shards = shared.options.shards;
    let mut core = shared.lock();
    if let Some(limit) = &shared.options.rate_limits.identify {
        let now = Instant::now();
        let told = &mut request.session_start_limit;
        told.total = limit.total;
        told.remaining = core.starts.remaining(limit, now);
        let reset_after = core.starts.reset_after(now).as_millis();
        told.reset_after = u64::try_from(reset_after).unwrap_or(u64::MAX);
        told.max_concurrency = limit.max_concurrency;
    }
    let reply = api::call(&mut core.world, &request);
    core.deliver(reply.effects);
    drop(core);
    match reply.body {
        api::Body::Json(value) => json_response(reply.status, value.to_string()),
        api::Body::Empty => StatusCode::from_u16(reply.status)
            .unwrap_or(StatusCode::NO_CONTENT)
            .into_response(),
        api::Body::Csv(file) => {
            let csv = HeaderValue::from_static("text/csv; charset=utf-8");
            ([(header::CONTENT_TYPE, csv)], Body::from(file)).into_response()
        }
    }
}

fn refuse(error: &ApiError) -> Response {
    json_response(error.status, error.body.to_string())
}

fn seconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1000.0).ceil() / 1000.0
}

fn limited(retry_after: Duration, global: bool, scope: &'static str) -> Response {
    let message = match scope {
        "shared" => "The resource is being rate limited.",
        _ => "You are being rate limited.",
    };
    let body = json!({
        "message": message,
        "retry_after": seconds(retry_after),
        "global": global,
    });
    let mut response = json_response(429, body.to_string());
    let headers = response.headers_mut();
    let whole = retry_after.as_secs_f64().ceil();
    put(headers, "retry-after", &format!("{whole:.0}"));
    put(headers, "x-ratelimit-scope", scope);
    if global {
        put(headers, "x-ratelimit-global", "true");
    }
    response
}

fn fail(rule: &FaultRule) -> Option<Response> {
    if rule.drop_connection {
        // A body that breaks off makes hyper cut the connection.
        let broken = futures_util::stream::once(async {
            Err::<bytes::Bytes, _>(std::io::Error::other("cut by a fault"))
        });
        return Some(Response::new(Body::from_stream(broken)));
    }
    let status = rule.status?;
    if status == 429 {
        let wait = Duration::from_secs_f64(rule.retry_after.unwrap_or(1.0).clamp(0.0, 86_400.0));
        let scope = if rule.global { "global" } else { "shared" };
        return Some(limited(wait, rule.global, scope));
    }
    let reason = StatusCode::from_u16(status)
        .ok()?
        .canonical_reason()
        .unwrap_or("Error");
    let message = rule
        .message
        .clone()
        .unwrap_or_else(|| format!("{status}: {reason}"));
    let mut body = json!({"message": message, "code": rule.code});
    if let (Some(wait), Some(object)) = (rule.retry_after, body.as_object_mut()) {
        object.insert(String::from("retry_after"), json!(wait));
    }
    Some(json_response(status, body.to_string()))
}

fn put(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

/// Everything is told by the world's clock, as `Date` is.
fn add_headers(headers: &mut HeaderMap, limit: &Headers, now: Micros) {
    let wait = i64::try_from(limit.reset_after.as_micros()).unwrap_or(0);
    let reset = now.saturating_add(wait).div_euclid(1_000);
    put(headers, "x-ratelimit-limit", &limit.limit.to_string());
    put(
        headers,
        "x-ratelimit-remaining",
        &limit.remaining.to_string(),
    );
    put(
        headers,
        "x-ratelimit-reset",
        &format!("{}.{:03}", reset.div_euclid(1_000), reset.rem_euclid(1_000)),
    );
    put(
        headers,
        "x-ratelimit-reset-after",
        &format!("{:.3}", seconds(limit.reset_after)),
    );
    put(headers, "x-ratelimit-bucket", &limit.bucket);
}
