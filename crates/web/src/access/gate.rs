//! What stands before every page: which requests are answered at all.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use sha2::{Digest as _, Sha256};

use super::{
    host::{host, is_own},
    random::{hex, random},
    throttle::Throttle,
    token::WebToken,
    visits::Visits,
};
use crate::{app::App, fault::Fault};

/// Who may ask.
pub(crate) struct Access {
    pub(super) token: Option<WebToken>,
    /// Names besides addresses and `localhost`.
    names: Vec<String>,
    /// Makes the secrets of forms.
    secret: [u8; 32],
    /// Cookies of dashboards on other ports of this host are others.
    cookie: String,
    visits: Mutex<Visits>,
    throttle: Mutex<Throttle>,
}

/// Who asks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Visit {
    /// What the browser's cookie says.
    pub(super) id: String,
    /// What a form that this browser sends has to hold.
    pub(crate) secret: String,
    /// Whether the browser has logged in, and can log out.
    pub(crate) logged_in: bool,
    /// Whether the request itself has the token: a program's, not a browser's.
    pub(super) bearer: bool,
    pub(super) address: Option<IpAddr>,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Access {
    pub(crate) fn new(
        token: Option<WebToken>,
        names: Vec<String>,
        port: u16,
    ) -> Result<Self, getrandom::Error> {
        Ok(Self {
            token,
            names,
            secret: random()?,
            cookie: format!("guestlist-{port}"),
            visits: Mutex::default(),
            throttle: Mutex::default(),
        })
    }

    /// The secret of the forms of one browser.
    fn secret(&self, id: &str) -> String {
        let digest = Sha256::new().chain_update(self.secret).chain_update(id);
        hex(&digest.finalize())
    }

    /// Compares a token with what was given; refuses to, if that was wrong too often.
    pub(super) fn check(&self, given: &str, from: Option<IpAddr>) -> Result<bool, Fault> {
        let from = from.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let now = Instant::now();
        let mut throttle = held(&self.throttle);
        if let Some(wait) = throttle.wait(from, now) {
            return Err(Fault::Throttled(wait));
        }
        let is_right = self.token.is_some_and(|token| token.is(given));
        if !is_right {
            throttle.wrong(from, now);
        }
        Ok(is_right)
    }

    /// A new browser that has logged in: the cookie that it gets.
    pub(super) fn open(&self, old: &str, secure: bool) -> Result<HeaderValue, Fault> {
        let id = hex(&random().map_err(Fault::Random)?);
        let mut visits = held(&self.visits);
        visits.close(old);
        visits.open(&id, Instant::now());
        drop(visits);
        self.set_cookie(&id, secure)
    }

    pub(super) fn close(&self, id: &str) {
        held(&self.visits).close(id);
    }

    fn set_cookie(&self, id: &str, secure: bool) -> Result<HeaderValue, Fault> {
        let secure = if secure { "; Secure" } else { "" };
        let name = &self.cookie;
        format!("{name}={id}; Path=/; HttpOnly; SameSite=Strict{secure}")
            .parse()
            .map_err(|_| Fault::NotFound)
    }

    fn cookie<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        let cookies = headers.get_all(header::COOKIE).iter();
        cookies
            .filter_map(|it| it.to_str().ok())
            .flat_map(|it| it.split(';'))
            .filter_map(|it| it.trim().split_once('='))
            .find(|(name, _)| *name == self.cookie)
            .map(|(_, id)| id)
            .filter(|id| id.len() == 64 && id.bytes().all(|it| it.is_ascii_hexdigit()))
    }
}

/// Whether a proxy in front of us speaks TLS with the browser.
pub(super) fn is_secure(headers: &HeaderMap) -> bool {
    let protocol = headers.get("x-forwarded-proto");
    protocol.is_some_and(|it| it.as_bytes().eq_ignore_ascii_case(b"https"))
}

/// Answers requests for this host, from those who may ask.
pub(crate) async fn gate(State(app): State<App>, mut request: Request, next: Next) -> Response {
    match pass(&app, &mut request) {
        Ok(cookie) => {
            let mut response = next.run(request).await;
            // Not over one that the page itself sets.
            if let Some(cookie) = cookie {
                response
                    .headers_mut()
                    .entry(header::SET_COOKIE)
                    .or_insert(cookie);
            }
            response
        }
        Err(response) => *response,
    }
}

fn pass(app: &App, request: &mut Request) -> Result<Option<HeaderValue>, Box<Response>> {
    let is_program = is_program(request.uri().path());
    let refuse = |fault: Fault| {
        Box::new(match is_program {
            true => fault.told(),
            false => fault.into_response(),
        })
    };
    let access = app.access();
    let headers = request.headers();
    let Some(host) = host(headers).filter(|host| is_own(host, &access.names)) else {
        return Err(refuse(Fault::OtherHost));
    };
    if is_change(request.method()) && !is_from_here(headers, host) {
        return Err(refuse(Fault::Forged));
    }
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let address = peer.map(|it| it.0.ip());
    let known = access.cookie(headers);
    let (id, cookie) = match known {
        Some(id) => (id.to_owned(), None),
        None => {
            let id = random().map_err(|error| refuse(Fault::Random(error)))?;
            let id = hex(&id);
            let cookie = access.set_cookie(&id, is_secure(headers)).map_err(refuse)?;
            (id, Some(cookie))
        }
    };
    let mut visit = Visit {
        secret: access.secret(&id),
        logged_in: held(&access.visits).is_open(&id, Instant::now()),
        bearer: false,
        id,
        address,
    };
    if access.token.is_some() {
        if let Some(given) = bearer(headers) {
            if !access.check(given, address).map_err(refuse)? {
                return Err(refuse(Fault::NoToken));
            }
            visit.bearer = true;
        }
        let path = request.uri().path();
        let is_open = matches!(path, "/login" | "/health") || path.starts_with("/assets/");
        if !visit.bearer && !visit.logged_in && !is_open {
            return Err(Box::new(ask(request)));
        }
    }
    request.extensions_mut().insert(visit);
    Ok(cookie)
}

fn is_program(path: &str) -> bool {
    path.starts_with("/api/") || matches!(path, "/metrics" | "/live")
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    value.strip_prefix("Bearer ")
}

/// A person is asked for the token, a program is told.
fn ask(request: &Request) -> Response {
    if is_program(request.uri().path()) {
        return Fault::NoToken.told();
    }
    if request.method() != Method::GET {
        return Fault::NoToken.into_response();
    }
    let wanted = request.uri().path_and_query().map_or("/", |it| it.as_str());
    let wanted = form_urlencoded::byte_serialize(wanted.as_bytes()).collect::<String>();
    let mut response = Redirect::to(&format!("/login?next={wanted}")).into_response();
    *response.status_mut() = StatusCode::SEE_OTHER;
    response
}

const fn is_change(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Whether a change comes from one of our pages, as far as the browser tells.
fn is_from_here(headers: &HeaderMap, host: &str) -> bool {
    let text = |name: &str| headers.get(name).map(|it| it.to_str().unwrap_or(""));
    let site = text("sec-fetch-site").is_none_or(|it| matches!(it, "same-origin" | "none"));
    let origin = text("origin").is_none_or(|it| {
        let own = it.split_once("://").map(|(_, host)| host);
        own.is_some_and(|it| it.eq_ignore_ascii_case(host))
    });
    site && origin
}
