//! This crate's own HTTP client: no redirects, bounded bodies, checked numbers.

use std::time::Duration;

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Request as HttpRequest, Response,
    header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, USER_AGENT},
};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use tokio::time::timeout;
use twilight_http_ratelimiting::RateLimiter;

use super::{Body, Method, Request, body::Bodies, form, pace::Pace};
use crate::{ApiBase, ApiError, Token, error::TransportError, lanes::Lanes};

/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(10);
/// The maximum size of the headers in bytes.
const HEAD: usize = 64 * 1024;
/// How many requests for one resource may be in progress at once.
const LANES: usize = 3;
/// How many requests each lane may send per second. All lanes share one pace.
const PER_SECOND: u16 = 50;

/// Connections to one API.
pub(crate) struct Own {
    http: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    base: ApiBase,
    authorization: Option<HeaderValue>,
    /// The token itself, which is removed from everything that a server sends.
    pub(super) secret: String,
    pub(super) lanes: Lanes,
    pub(super) limiters: [RateLimiter; LANES],
    pub(super) pace: Pace,
    pub(super) bodies: Bodies,
}

impl Own {
    /// Requires a tokio runtime and a provider of cryptography.
    pub(crate) fn new(base: ApiBase, token: Option<&Token>) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_connect_timeout(Some(CONNECT));
        let connector = HttpsConnectorBuilder::new()
            .with_webpki_roots()
            .https_or_http()
            .enable_http1()
            .enable_http2()
            .wrap_connector(tcp);
        let http = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .http1_max_buf_size(HEAD)
            .http2_max_header_list_size(u32::try_from(HEAD).unwrap_or(u32::MAX))
            .build(connector);
        let authorization = token.and_then(|token| {
            // A token has only characters that a header may have.
            let mut value = HeaderValue::from_str(&token.expose()).ok()?;
            value.set_sensitive(true);
            Some(value)
        });
        Self {
            http,
            base,
            authorization,
            secret: token.map(Token::secret).unwrap_or_default().to_owned(),
            lanes: Lanes::new(LANES),
            limiters: std::array::from_fn(|_| RateLimiter::new(PER_SECOND)),
            pace: Pace::default(),
            bodies: Bodies::default(),
        }
    }

    /// The rate limiter of a lane.
    pub(super) fn limiter(&self, lane: usize) -> &RateLimiter {
        let [first, ..] = &self.limiters;
        self.limiters.get(lane).unwrap_or(first)
    }

    /// Sends a request and returns the head of the response.
    pub(super) async fn send(
        &self,
        request: &Request,
        within: Duration,
    ) -> Result<Response<Incoming>, ApiError> {
        let request = self.build(request)?;
        match timeout(within, self.http.request(request)).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(ApiError::Transport(TransportError::new(&error))),
            Err(_) => Err(ApiError::Timeout),
        }
    }

    fn build(&self, request: &Request) -> Result<HttpRequest<Full<Bytes>>, ApiError> {
        let unusable = |error: &(dyn std::error::Error + 'static)| {
            ApiError::Transport(TransportError::new(error))
        };
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, crate::AGENT);
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        let body = match &request.body {
            Body::None => {
                if !matches!(request.method, Method::Get | Method::Delete) {
                    headers.insert(CONTENT_LENGTH, HeaderValue::from(0));
                }
                Bytes::new()
            }
            Body::Json(json) => {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                json.clone().into()
            }
            Body::Form(form) => {
                let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
                headers.insert(CONTENT_TYPE, kind);
                form.clone().into()
            }
            Body::TargetUsers { json, csv } => {
                let form = form(json.as_deref(), csv);
                let kind = HeaderValue::try_from(form.content_type());
                headers.insert(CONTENT_TYPE, kind.map_err(|error| unusable(&error))?);
                form.build().into()
            }
        };
        if let Some((name, value)) = request.reason_header()? {
            headers.insert(name, value);
        }
        let own = self
            .authorization
            .as_ref()
            .filter(|_| !matches!(request.body, Body::Form(_)));
        if let Some(authorization) = request.authorization.as_ref().or(own) {
            headers.insert(AUTHORIZATION, authorization.clone());
        }
        let uri = format!("{}/api/v10/{}", self.base, request.path);
        let mut built = HttpRequest::builder()
            .method(request.method.name())
            .uri(uri)
            .body(Full::new(body))
            .map_err(|error| unusable(&error))?;
        *built.headers_mut() = headers;
        Ok(built)
    }
}
