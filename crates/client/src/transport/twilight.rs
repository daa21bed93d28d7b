//! Requests over a bot's twilight client.
//!
//! twilight-http repeats a request endlessly after a 429, and immediately if the
//! response names no bucket (a global limit, a ban by Cloudflare). Discord bans an
//! address after 10,000 such responses in ten minutes. Therefore this module limits
//! the repetition: a check that twilight runs before each attempt stops an attempt
//! that did not wait for a bucket, and this crate waits instead.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use http::{
    HeaderValue,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use tokio::time::{Instant, timeout, timeout_at};
use twilight_http::{
    Client,
    error::ErrorType,
    request::{Request as TwilightRequest, RequestBuilder},
};

use super::{Answered, Body, Request, Transport, form, impatient};
use crate::{ApiError, error, hold::Hold, words};

/// A second attempt that comes sooner than this did not wait for a bucket.
const TOO_CLOSE: Duration = Duration::from_millis(250);

/// The attempts of one of twilight's futures, shared with the check that it runs before
/// each attempt.
#[derive(Debug)]
struct Attempts {
    start: Instant,
    count: AtomicU64,
    /// Whether an attempt was stopped.
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

    /// Allows the first attempt, and a second one that has waited for its bucket. A second
    /// attempt that comes immediately, or a third one, had no bucket to wait for.
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

    /// Whether one of them got a 429.
    fn were_refused(&self) -> bool {
        self.stopped.load(Ordering::Relaxed) && self.count.load(Ordering::Relaxed) > 1
    }
}

impl Request {
    fn for_twilight(&self) -> Result<TwilightRequest, ApiError> {
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
            Body::TargetUsers { json, csv } => builder = builder.form(form(json.as_deref(), csv)),
        }
        headers.extend(self.reason_header()?);
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

impl Transport {
    pub(super) async fn over_twilight(
        &self,
        http: &Client,
        request: &Request,
    ) -> Result<Answered, ApiError> {
        let deadline = Instant::now() + self.patience;
        loop {
            self.held(deadline).await?;
            let attempts = Attempts::new();
            let check = (Arc::clone(&attempts), Arc::clone(&self.hold));
            let mut response = http.request::<()>(request.for_twilight()?);
            response.set_pre_flight(move || check.0.admit(&check.1));
            let outcome = match timeout_at(deadline + self.timeout, response).await {
                Ok(outcome) => outcome,
                Err(_) => return Err(impatient(None, request).await),
            };
            match outcome {
                Ok(response) => {
                    self.hold.passed(Instant::now());
                    self.limited.clear();
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
                        return convert(error, http.token());
                    }
                    if attempts.were_refused() {
                        self.limit(None);
                    }
                }
            }
        }
    }
}

fn convert(error: twilight_http::Error, token: Option<&str>) -> Result<Answered, ApiError> {
    let token = token.unwrap_or_default();
    let secret = token.strip_prefix("Bot ").unwrap_or(token);
    let refused = |status, body| Answered {
        status,
        body: words::without(secret, body),
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
