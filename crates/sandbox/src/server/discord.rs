//! The way of a request to Discord's API: token, limits, faults, endpoint.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use serde_json::json;

use super::{
    Core, LARGEST_BODY, Shared,
    caller::{Caller, caller},
    distort::distort,
    fault::FaultRule,
    json_response,
    rate_limit::{Asked, Headers, Verdict},
    read,
};
use crate::{
    api::{self, ApiError},
    oauth,
    world::{Micros, time},
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

/// Forms of OAuth2 are short.
const LARGEST_FORM: usize = 64 * 1024;

/// Answers a request; `path` is what comes after `/api`.
pub(super) async fn answer(
    shared: &Arc<Shared>,
    parts: &Parts,
    path: &str,
    body: Body,
) -> Response {
    let method = parts.method.as_str();
    let mut bot = None;
    let (path, template, response) = match without_version(path) {
        Ok(path) if is_oauth(path) => {
            let (template, response) = oauth(shared, parts, path, body).await;
            (path, template, response)
        }
        Ok(path) => match api::find_route(method, path) {
            Ok((route, ids)) => {
                let caller = caller(shared, parts, &route, &ids);
                bot = caller.and_then(Caller::bot);
                let asked = (path, &route, ids.as_slice());
                let response = match caller {
                    Some(caller) => steps(shared, parts, asked, caller, body).await,
                    // Before the body is read, and without the headers of a limit: Discord sends
                    // none to callers whom it does not know.
                    None => refuse(&ApiError::unauthorized()),
                };
                (path, route.template, response)
            }
            Err(error) => (path, "(unknown)", refuse(&error)),
        },
        Err(error) => (path, "(unknown)", refuse(&error)),
    };
    note(shared, (method, template, path), bot, response)
}

/// Writes down that a request was answered, and when: clients measure the difference of clocks by
/// `Date`.
fn note(
    shared: &Shared,
    (method, template, path): (&str, &'static str, &str),
    bot: Option<u64>,
    mut response: Response,
) -> Response {
    let mut core = shared.lock();
    let at = core.world.now();
    let status = response.status().as_u16();
    core.log.note(at, method, template, path, (status, bot));
    if response.extensions().get::<Reached>().is_none()
        && let Some(recorder) = &mut core.recorder
    {
        let told = response.extensions().get::<Told>();
        let body = told.map_or("", |told| &told.0);
        recorder.refused(at, method, path, (status, body));
    }
    drop(core);
    put(response.headers_mut(), "date", &time::format_http(at));
    response
}

fn is_oauth(path: &str) -> bool {
    matches!(
        path,
        "/oauth2/authorize" | "/oauth2/token" | "/oauth2/token/revoke"
    )
}

/// OAuth2 has no limits that a client is told, but it can fail like the rest.
async fn oauth(
    shared: &Arc<Shared>,
    parts: &Parts,
    path: &str,
    body: Body,
) -> (&'static str, Response) {
    let rule = shared.lock().faults.take(parts.method.as_str(), path);
    if let Some(rule) = rule {
        tokio::time::sleep(rule.delay).await;
        if let Some(response) = fail(&rule) {
            return ("/oauth2", response);
        }
    }
    match read(parts, body, LARGEST_FORM, shared.options.patience).await {
        Ok(body) => oauth::answer(shared, parts, path, &body)
            .unwrap_or_else(|| ("/oauth2", refuse(&ApiError::method_not_allowed()))),
        Err(refused) => ("/oauth2", refused),
    }
}

async fn steps(
    shared: &Arc<Shared>,
    parts: &Parts,
    (path, route, ids): (&str, &api::Route, &[String]),
    caller: Caller,
    body: Body,
) -> Response {
    let method = parts.method.as_str();
    if caller == Caller::Anybody && route.template == "/invites/{code}" {
        let mut core = shared.lock();
        let now = core.world.now();
        let banned = core.limiter.look_up(&shared.options.rate_limits, now);
        drop(core);
        if let Some(left) = banned {
            return ban(own_time(shared, left));
        }
    }
    let limits = &shared.options.rate_limits;
    // All at once: to wait for the lock is most of what a request waits for.
    let (verdict, now, rule) = {
        let mut core = shared.lock();
        let now = core.world.now();
        let asked = Asked {
            caller: caller.id(),
            method: route.method,
            template: route.template,
            major: major(&core, route, ids),
        };
        let verdict = core.limiter.check(limits, now, asked);
        let goes_on = matches!(verdict, Verdict::Unlimited | Verdict::Allowed(_));
        let rule = if goes_on {
            core.faults.take(method, path)
        } else {
            None
        };
        (verdict, (now, shared.options.speed), rule)
    };
    let headers = match verdict {
        Verdict::Unlimited => None,
        Verdict::Allowed(_) if caller == Caller::Anybody => None,
        Verdict::Allowed(headers) => Some(headers),
        Verdict::Limited(headers) => {
            let wait = own_time(shared, headers.reset_after);
            let mut response = limited(wait, false, "user");
            add_headers(response.headers_mut(), &headers, now);
            return response;
        }
        Verdict::Global { retry_after } => {
            return limited(own_time(shared, retry_after), true, "global");
        }
    };
    let spoilt = rule.as_ref().and_then(|rule| rule.body);
    if let Some(rule) = rule {
        tokio::time::sleep(rule.delay).await;
        if let Some(mut response) = fail(&rule) {
            if let Some(fault) = spoilt {
                response = distort(shared, path, response, fault).await;
            }
            // The global limit has no bucket: a client that found one here would wait as long as
            // that says, and not as long as the global limit does.
            if let (Some(headers), false) = (&headers, rule.is_global_limit()) {
                add_headers(response.headers_mut(), headers, now);
            }
            return response;
        }
    }
    let body = match read(parts, body, LARGEST_BODY, shared.options.patience).await {
        Ok(body) => body,
        Err(refused) => return refused,
    };
    let mut response = call(shared, parts, path, route, caller, body);
    if let Some(fault) = spoilt {
        response = distort(shared, path, response, fault).await;
    }
    if let Some(headers) = &headers {
        add_headers(response.headers_mut(), headers, now);
    }
    response
}

/// The guild or channel that a route's limit is counted by; 0 for none, and for one that does not
/// exist.
fn major(core: &Core, route: &api::Route, ids: &[String]) -> u64 {
    let id = ids.first().and_then(|id| id.parse().ok()).unwrap_or(0);
    let exists = match route.template.split('/').nth(1) {
        Some("guilds") => core.world.guild(id).is_some(),
        Some("channels") => core.world.channel(id).is_some(),
        _ => false,
    };
    if exists { id } else { 0 }
}

/// A time by the clock of the client, for whom the sandbox's may run faster.
fn own_time(shared: &Shared, time: Micros) -> Duration {
    let time = Duration::from_micros(u64::try_from(time).unwrap_or(0));
    time / shared.options.speed
}

fn call(
    shared: &Arc<Shared>,
    parts: &Parts,
    path: &str,
    route: &api::Route,
    caller: Caller,
    body: Vec<u8>,
) -> Response {
    let header = |name: HeaderName| {
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
    request.content_type = header(header::CONTENT_TYPE);
    request.body = body;
    match caller {
        Caller::Person(user) => request.person = Some(user),
        Caller::Bot(bot) => request.bot = Some(bot),
        Caller::Anybody => {}
    }
    request.gateway_url.clone_from(&shared.gateway_url);
    request.shards = shared.options.shards;
    let mut core = shared.lock();
    if let Some(limit) = &shared.options.rate_limits.identify {
        let now = core.world.now();
        let starts = core.starts.entry(caller.id()).or_default();
        let told = &mut request.session_start_limit;
        told.total = limit.total;
        told.remaining = starts.remaining(limit, now);
        let reset_after = own_time(shared, starts.reset_after(now)).as_millis();
        told.reset_after = u64::try_from(reset_after).unwrap_or(u64::MAX);
        told.max_concurrency = limit.max_concurrency;
    }
    let reply = perform(&mut core, &request);
    drop(core);
    let mut response = match reply.body {
        api::Body::Json(value) => {
            let text = Bytes::from(value.to_string());
            let is_list = matches!(
                route.template,
                "/guilds/{guild_id}/invites" | "/channels/{channel_id}/invites"
            );
            if is_list && route.method == "GET" && reply.status == 200 {
                shared.lock().lists.note(path, &text);
            }
            json_response(reply.status, text)
        }
        api::Body::Empty => StatusCode::from_u16(reply.status)
            .unwrap_or(StatusCode::NO_CONTENT)
            .into_response(),
        api::Body::Csv(file) => {
            let csv = HeaderValue::from_static("text/csv; charset=utf-8");
            ([(header::CONTENT_TYPE, csv)], Body::from(file)).into_response()
        }
    };
    response.extensions_mut().insert(Reached);
    response
}

/// The request came as far as its endpoint.
#[derive(Clone, Copy)]
struct Reached;

/// Calls an endpoint, delivers what comes of it, and writes it down where that is wanted.
fn perform(core: &mut Core, request: &api::Request) -> api::Reply {
    let at = core.world.now();
    let mut reply = api::call(&mut core.world, request);
    core.deliver(std::mem::take(&mut reply.effects));
    if let Some(recorder) = &mut core.recorder {
        recorder.request(at, request, (reply.status, &text(&reply.body)));
    }
    reply
}

/// Calls an endpoint as it was called when it was recorded.
pub(crate) fn call_again(shared: &Shared, request: &api::Request) -> (u16, String) {
    let reply = perform(&mut shared.lock(), request);
    (reply.status, text(&reply.body))
}

fn text(body: &api::Body) -> String {
    match body {
        api::Body::Empty => String::new(),
        api::Body::Json(value) => value.to_string(),
        api::Body::Csv(file) => file.clone(),
    }
}

fn refuse(error: &ApiError) -> Response {
    tell(error.status, &error.body)
}

/// An answer before the request came to its endpoint.
fn tell(status: u16, body: &serde_json::Value) -> Response {
    let body = body.to_string();
    let mut response = json_response(status, body.clone());
    response.extensions_mut().insert(Told(body));
    response
}

/// What such an answer says, for the recording.
#[derive(Clone)]
struct Told(String);

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
        "code": 0,
        "retry_after": seconds(retry_after),
        "global": global,
    });
    let mut response = tell(429, &body);
    let headers = response.headers_mut();
    let whole = retry_after.as_secs_f64().ceil();
    put(headers, "retry-after", &format!("{whole:.0}"));
    put(headers, "x-ratelimit-scope", scope);
    if global {
        put(headers, "x-ratelimit-global", "true");
    }
    response
}

/// The proxy in front of Discord bans who looks up too much. Its answer is not Discord's: it has
/// neither JSON nor `Via`.
fn ban(left: Duration) -> Response {
    let wait = format!("{:.0}", left.as_secs_f64().ceil());
    let mut response = (StatusCode::TOO_MANY_REQUESTS, "error code: 1015").into_response();
    put(response.headers_mut(), "retry-after", &wait);
    response.extensions_mut().insert(ByProxy);
    response
}

/// The answer comes from the proxy.
#[derive(Clone, Copy)]
pub(super) struct ByProxy;

fn fail(rule: &FaultRule) -> Option<Response> {
    if rule.drop_connection {
        // A body that breaks off makes hyper cut the connection.
        let broken = futures_util::stream::once(async {
            Err::<Bytes, _>(std::io::Error::other("cut by a fault"))
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
    Some(tell(status, &body))
}

fn put(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

/// The moment is told by the world's clock, as `Date` is, and the wait by the client's.
fn add_headers(headers: &mut HeaderMap, limit: &Headers, (now, speed): (Micros, u32)) {
    let reset = now.saturating_add(limit.reset_after).div_euclid(1_000);
    let wait = u64::try_from(limit.reset_after).unwrap_or(0);
    let wait = Duration::from_micros(wait) / speed;
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
        &format!("{:.3}", seconds(wait)),
    );
    put(headers, "x-ratelimit-bucket", &limit.bucket);
}
