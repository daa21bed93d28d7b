//! One request to Discord and its answer, over twilight's HTTP client.
//!
//! twilight-http repeats a request that was answered with 429 without an end,
//! and at once when no bucket was named (a global limit, a ban by Cloudflare).
//! Discord bans an address after 10,000 such answers in ten minutes, so the
//! repetition is bounded here: a check that twilight makes before each attempt
//! stops an attempt that did not wait for a bucket, and the wait is ours.

use crate::{ApiError, Reason, error, hold::Hold, lanes::Lanes};
use http::{
    HeaderName, HeaderValue,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::time::{Instant, sleep_until, timeout, timeout_at};
use twilight_http::{
    error::ErrorType,
    request::{Form, Request as TwilightRequest, RequestBuilder},
};
use twilight_http_ratelimiting::{Endpoint, RateLimiter};

pub(crate) use twilight_http::request::Method;

/// A second attempt sooner than this did not wait for a bucket.
const TOO_CLOSE: Duration = Duration::from_millis(250);

/// What goes with a request.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    None,
    Json(Vec<u8>),
    /// Fields, URL-encoded: what OAuth2 takes.
    Form(Vec<u8>),
    /// A CSV of users, and the JSON beside it if there is any.
    TargetUsers {
        json: Option<Vec<u8>>,
        csv: Vec<u8>,
    },
}

/// A request before it has met a transport.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) body: Body,
    pub(crate) reason: Option<Reason>,
    /// Somebody else's than the client's. A refusal of it says nothing of the client's.
    pub(crate) authorization: Option<HeaderValue>,
}

/// An answer, whatever its status.
#[derive(Debug)]
pub(crate) struct Answered {
    /// Unknown for a refusal whose body is no JSON object: twilight does not keep it.
    pub(crate) status: Option<u16>,
    pub(crate) body: Vec<u8>,
    /// The `Date` header of an answer in the range of 200.
    pub(crate) date: Option<String>,
}

/// An answer in the range of 200.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    /// The `Date` header.
    pub(crate) date: Option<String>,
}

impl Request {
    pub(crate) const fn new(method: Method, path: String) -> Self {
        Self {
            method,
            path,
            body: Body::None,
            reason: None,
            authorization: None,
        }
    }

    pub(crate) const fn get(path: String) -> Self {
        Self::new(Method::Get, path)
    }

    pub(crate) fn json(mut self, body: &serde_json::Value) -> Self {
        self.body = Body::Json(body.to_string().into_bytes());
        self
    }

    pub(crate) fn body(mut self, body: Body) -> Self {
        self.body = body;
        self
    }

    pub(crate) fn reason(mut self, reason: Option<Reason>) -> Self {
        self.reason = reason;
        self
    }

    pub(crate) fn authorization(mut self, header: HeaderValue) -> Self {
        self.authorization = Some(header);
        self
    }

    /// Whether a refusal of the token is one of the client's own.
    const fn is_own(&self) -> bool {
        self.authorization.is_none() && !matches!(self.body, Body::Form(_))
    }

    /// The path without its query.
    fn resource(&self) -> &str {
        let split = self.path.split_once('?');
        split.map_or(self.path.as_str(), |(path, _)| path)
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint {
            method: self.method,
            path: self.resource().to_owned(),
        }
    }

    fn build(&self) -> Result<TwilightRequest, ApiError> {
        let mut builder = RequestBuilder::raw(self.method, self.path.clone());
        let mut headers = Vec::new();
        match &self.body {
            Body::None => {}
            Body::Json(json) => builder = builder.body(json.clone()),
            Body::Form(form) => {
                builder = builder.body(form.clone()).use_authorization_token(false);
                let form = HeaderValue::from_static("application/x-www-form-urlencoded");
                headers.push((CONTENT_TYPE, form));
            }
            Body::TargetUsers { json, csv } => {
                let mut form = Form::new();
                if let Some(json) = json {
                    form = form.json_part(b"payload_json", json);
                }
                builder =
                    builder.form(form.file_part(b"target_users_file", b"target_users.csv", csv));
            }
        }
        if let Some(reason) = &self.reason {
            let value = HeaderValue::try_from(reason.encoded())
                .map_err(|error| ApiError::Transport(error::TransportError::new(&error)))?;
            headers.push((HeaderName::from_static("x-audit-log-reason"), value));
        }
        if let Some(authorization) = &self.authorization {
            builder = builder.use_authorization_token(false);
            headers.push((AUTHORIZATION, authorization.clone()));
        }
        if !headers.is_empty() {
            builder = builder.headers(headers.into_iter());
        }
        builder
            .build()
            .map_err(|error| ApiError::Transport(error::TransportError::new(&error)))
    }
}

/// twilight's clients, the rate limiter of the first if we made it, and our patience.
#[derive(Debug)]
pub(crate) struct Transport {
    pub(crate) lanes: Lanes,
    pub(crate) limiter: Option<RateLimiter>,
    /// Holds up all requests after an answer that concerned them all.
    pub(crate) hold: Arc<Hold>,
    /// Holds up nothing: while it lasts, the token counts as refused.
    pub(crate) refused: Arc<Hold>,
    /// How long a rate limit may hold up a request before the caller is told.
    pub(crate) patience: Duration,
    /// How long a body may take.
    pub(crate) timeout: Duration,
}

/// The attempts of one future of twilight's, shared with the check that it
/// makes before each.
#[derive(Debug)]
struct Attempts {
    start: Instant,
    count: AtomicU64,
    /// An attempt was stopped.
    stopped: AtomicBool,
}

impl Attempts {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            start: Instant::now(),
            count: AtomicU64::new(0),
            stopped: AtomicBool::new(false),
        })
    }

    /// The first attempt is free. A second one after a while has waited for
    /// its bucket; one that comes at once, or a third, has had no bucket to
    /// wait for.
    fn admit(&self, hold: &Hold) -> bool {
        let now = Instant::now();
        let admitted = hold.until(now).is_none()
            && match self.count.fetch_add(1, Ordering::Relaxed) {
                0 => true,
                1 => now.saturating_duration_since(self.start) >= TOO_CLOSE,
                _ => false,
            };
        self.stopped.store(!admitted, Ordering::Relaxed);
        admitted
    }

    /// Whether a 429 was the answer to one of them.
    fn were_refused(&self) -> bool {
        self.stopped.load(Ordering::Relaxed) && self.count.load(Ordering::Relaxed) > 1
    }
}

impl Transport {
    pub(crate) async fn send(&self, request: &Request) -> Result<Reply, ApiError> {
        let Answered { status, body, date } = self.exchange(request).await?;
        match status {
            Some(status) if (200..300).contains(&status) => Ok(Reply { status, body, date }),
            status => Err(error::from_answer(status, &body)),
        }
    }

    /// Sends a request, and gives the answer even if it is a refusal.
    pub(crate) async fn exchange(&self, request: &Request) -> Result<Answered, ApiError> {
        let deadline = Instant::now() + self.patience;
        if request.is_own() && self.refused.until(Instant::now()).is_some() {
            return Err(ApiError::Unauthorized {
                message: String::new(),
            });
        }
        let is_get = matches!(request.method, Method::Get);
        let lane = is_get.then(|| self.lanes.enter(request.resource()));
        let http = lane
            .as_ref()
            .map_or_else(|| self.lanes.first(), |lane| lane.client());
        loop {
            if let Some(until) = self.hold.until(Instant::now()) {
                if until > deadline {
                    return Err(ApiError::RateLimited {
                        retry_after: until.saturating_duration_since(Instant::now()),
                        global: true,
                    });
                }
                sleep_until(until).await;
            }
            let attempts = Attempts::new();
            let check = (Arc::clone(&attempts), Arc::clone(&self.hold));
            let mut response = http.request::<()>(request.build()?);
            response.set_pre_flight(move || check.0.admit(&check.1));
            let outcome = match timeout_at(deadline + self.timeout, response).await {
                Ok(outcome) => outcome,
                Err(_) => return Err(self.impatient(request).await),
            };
            match outcome {
                Ok(response) => {
                    self.hold.passed(Instant::now());
                    if request.is_own() {
                        self.refused.passed(Instant::now());
                    }
                    let status = Some(response.status().get());
                    let date = response
                        .headers()
                        .find(|(name, _)| name.eq_ignore_ascii_case("date"))
                        .and_then(|(_, value)| String::from_utf8(value.to_vec()).ok());
                    let body = timeout(self.timeout, response.bytes())
                        .await
                        .map_err(|_| ApiError::Timeout)?
                        .map_err(|error| ApiError::Transport(error::TransportError::new(&error)))?;
                    return Ok(Answered { status, body, date });
                }
                Err(error) => {
                    let stopped = attempts.stopped.load(Ordering::Relaxed);
                    if !(stopped && matches!(error.kind(), ErrorType::RequestCanceled)) {
                        let outcome = convert(error, http.token());
                        let refusal = match &outcome {
                            Ok(answered) => &error::from_answer(answered.status, &answered.body),
                            Err(error) => error,
                        };
                        if request.is_own() && matches!(refusal, ApiError::Unauthorized { .. }) {
                            self.refused.hit(Instant::now());
                        }
                        return outcome;
                    }
                    if attempts.were_refused() {
                        self.hold.hit(Instant::now());
                        tracing::warn!("answered with 429 and no bucket; all requests wait");
                    }
                }
            }
        }
    }

    /// A bucket held the request up for too long.
    async fn impatient(&self, request: &Request) -> ApiError {
        let bucket = match &self.limiter {
            Some(limiter) => timeout(Duration::from_secs(1), limiter.bucket(request.endpoint()))
                .await
                .ok()
                .flatten(),
            None => None,
        };
        let until = bucket.map(|bucket| {
            bucket
                .reset_at
                .saturating_duration_since(Instant::now().into_std())
        });
        ApiError::RateLimited {
            retry_after: until.unwrap_or_default().max(Duration::from_secs(1)),
            global: bucket.is_none(),
        }
    }
}

fn convert(error: twilight_http::Error, token: Option<&str>) -> Result<Answered, ApiError> {
    let refused = |status, body| Answered {
        status,
        body: without(token, body),
        date: None,
    };
    let (kind, source) = error.into_parts();
    Err(match kind {
        ErrorType::Response { body, status, .. } => return Ok(refused(Some(status.get()), body)),
        ErrorType::Parsing { body } => return Ok(refused(None, body)),
        ErrorType::RequestTimedOut => ApiError::Timeout,
        ErrorType::Unauthorized => ApiError::Unauthorized {
            message: String::new(),
        },
        ErrorType::CreatingHeader { name } => ApiError::Transport(error::TransportError::text(
            format!("the header {name} cannot be written"),
        )),
        _ => ApiError::Transport(match source {
            Some(source) => error::TransportError::new(source.as_ref()),
            None => error::TransportError::text("the request could not be sent".to_owned()),
        }),
    })
}

/// A refusal without the token in it: some servers repeat the header that they refuse.
pub(crate) fn without(token: Option<&str>, body: Vec<u8>) -> Vec<u8> {
    let secret = token.map_or("", |token| token.strip_prefix("Bot ").unwrap_or(token));
    match std::str::from_utf8(&body) {
        Ok(text) if !secret.is_empty() && text.contains(secret) => {
            text.replace(secret, "…").into_bytes()
        }
        _ => body,
    }
}
