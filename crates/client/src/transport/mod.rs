//! Sends one request to Discord and returns the response, over a connection of this crate or
//! over a bot's twilight client.

mod body;
mod limits;
mod own;
mod pace;
mod twilight;

use std::{sync::Arc, time::Duration};

use http::{HeaderName, HeaderValue};
use tokio::time::{Instant, sleep_until, timeout, timeout_at};
use twilight_http::request::Form;
use twilight_http_ratelimiting::{Endpoint, RateLimiter};

use crate::{ApiError, Reason, Repeated, error, hold::Hold, words};

pub(crate) use own::Own;
pub(crate) use twilight_http::request::Method;

/// The body of a request.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    None,
    Json(Vec<u8>),
    /// URL-encoded fields, which OAuth2 requires.
    Form(Vec<u8>),
    /// A CSV of users, with JSON if there is any.
    TargetUsers {
        json: Option<Vec<u8>>,
        csv: Vec<u8>,
    },
}

/// A request, independent of the transport.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) body: Body,
    pub(crate) reason: Option<Reason>,
    /// The token of another user than the client's. If Discord rejects it, that says nothing
    /// about the client's token.
    pub(crate) authorization: Option<HeaderValue>,
}

/// A response with any status.
#[derive(Debug)]
pub(crate) struct Answered {
    /// Unknown for an error response over a bot's twilight client whose body is not a JSON
    /// object, because twilight does not keep the status.
    pub(crate) status: Option<u16>,
    pub(crate) body: Vec<u8>,
    /// The `Date` header of a 2xx response.
    pub(crate) date: Option<String>,
}

impl Answered {
    fn is_success(&self) -> bool {
        self.status
            .is_some_and(|status| (200..300).contains(&status))
    }
}

/// A 2xx response.
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

    /// Whether the request uses the client's own token.
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

    fn reason_header(&self) -> Result<Option<(HeaderName, HeaderValue)>, ApiError> {
        let Some(reason) = &self.reason else {
            return Ok(None);
        };
        let value = HeaderValue::try_from(reason.encoded())
            .map_err(|error| ApiError::Transport(error::TransportError::new(&error)))?;
        Ok(Some((HeaderName::from_static("x-audit-log-reason"), value)))
    }
}

/// The multipart form with a CSV of users.
fn form(json: Option<&[u8]>, csv: &[u8]) -> Form {
    let mut form = Form::new();
    if let Some(json) = json {
        form = form.json_part(b"payload_json", json);
    }
    form.file_part(b"target_users_file", b"target_users.csv", csv)
}

/// The connection that requests use.
pub(crate) enum Link {
    Own(Box<Own>),
    Twilight(Arc<twilight_http::Client>),
}

/// Sends requests, with pauses and timeouts.
pub(crate) struct Transport {
    pub(crate) link: Link,
    /// Delays all requests after a response that concerns them all.
    pub(crate) hold: Arc<Hold>,
    /// Delays no request: while it lasts, the token counts as rejected.
    pub(crate) refused: Hold,
    /// How long a rate limit may delay a request before the request fails.
    pub(crate) patience: Duration,
    /// How long a response may take, and then its body.
    pub(crate) timeout: Duration,
    pub(crate) limited: Repeated<()>,
}

impl Transport {
    pub(crate) fn new(link: Link, patience: Duration, timeout: Duration) -> Self {
        Self {
            link,
            hold: Arc::new(Hold::for_limits()),
            refused: Hold::for_refusals(),
            patience,
            timeout,
            limited: Repeated::new(),
        }
    }

    pub(crate) async fn send(&self, request: &Request) -> Result<Reply, ApiError> {
        let Answered { status, body, date } = self.exchange(request).await?;
        match status {
            Some(status) if (200..300).contains(&status) => Ok(Reply { status, body, date }),
            status => Err(error::from_answer(status, &body)),
        }
    }

    /// Sends a request and returns the response, even if it is an error response.
    pub(crate) async fn exchange(&self, request: &Request) -> Result<Answered, ApiError> {
        if request.is_own() && self.refused.until(Instant::now()).is_some() {
            return Err(ApiError::Unauthorized {
                message: String::new(),
            });
        }
        let outcome = match &self.link {
            Link::Own(own) => self.over_own(own, request).await,
            Link::Twilight(http) => self.over_twilight(http, request).await,
        };
        let refusal = match &outcome {
            Ok(answered) if answered.is_success() => None,
            Ok(answered) => Some(&error::from_answer(answered.status, &answered.body)),
            Err(error) => Some(error),
        };
        if request.is_own() {
            match refusal {
                None => self.refused.passed(Instant::now()),
                Some(ApiError::Unauthorized { .. }) => self.refused.hit(Instant::now(), None),
                Some(_) => {}
            }
        }
        outcome
    }

    async fn over_own(&self, own: &Own, request: &Request) -> Result<Answered, ApiError> {
        let deadline = Instant::now() + self.patience;
        let is_get = matches!(request.method, Method::Get);
        let lane = is_get.then(|| own.lanes.enter(request.resource()));
        let limiter = own.limiter(lane.as_ref().map_or(0, |lane| lane.number()));
        let mut limited = false;
        loop {
            self.held(deadline).await?;
            let permit = match timeout_at(deadline, limiter.acquire(request.endpoint())).await {
                Ok(permit) => permit,
                Err(_) => return Err(impatient(Some(limiter), request).await),
            };
            sleep_until(own.pace.place(Instant::now())).await;
            if self.hold.until(Instant::now()).is_some() {
                // Dropping the permit gives it back.
                continue;
            }
            let (head, body) = own.send(request, self.timeout).await?.into_parts();
            let bucket = limits::bucket(&head.headers);
            let has_bucket = bucket.is_some();
            permit.complete(bucket);
            let body = own.bodies.read(&head.headers, body, self.timeout).await;
            if head.status.as_u16() != 429 {
                let date = head.headers.get(http::header::DATE);
                let date = date.and_then(|date| date.to_str().ok().map(str::to_owned));
                self.hold.passed(Instant::now());
                self.limited.clear();
                return Ok(Answered {
                    status: Some(head.status.as_u16()),
                    body: words::without(&own.secret, body?),
                    date,
                });
            }
            // A bucket is waited for once. Whoever is refused behind it, too, has not
            // been told the truth.
            if !has_bucket || limited {
                let wait = limits::retry_after(&head.headers, &body.unwrap_or_default());
                self.limit(wait);
            }
            limited = true;
        }
    }

    /// Waits until all requests may be sent again.
    async fn held(&self, deadline: Instant) -> Result<(), ApiError> {
        while let Some(until) = self.hold.until(Instant::now()) {
            if until > deadline {
                return Err(ApiError::RateLimited {
                    retry_after: until.saturating_duration_since(Instant::now()),
                    global: true,
                });
            }
            sleep_until(until).await;
        }
        Ok(())
    }

    /// Delays all requests after a 429 that names no bucket.
    fn limit(&self, retry_after: Option<Duration>) {
        self.hold.hit(Instant::now(), retry_after);
        if let Some(times) = self.limited.note(()) {
            tracing::warn!("answered with 429 and no bucket; all requests wait{times}");
        }
    }
}

/// The error if a bucket delays a request for too long.
async fn impatient(limiter: Option<&RateLimiter>, request: &Request) -> ApiError {
    let bucket = match limiter {
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
