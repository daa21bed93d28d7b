//! What stands before every page: which requests are answered at all.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    extract::{ConnectInfo, RawPathParams, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use guestlist_client::{OauthError, Repeated};
use guestlist_model::{GuildId, UserId};
use sha2::{Digest as _, Sha256};

use super::{
    attempts::{self, Attempt, Attempts},
    discord::{BACK, DiscordLogin},
    host::{host, is_own},
    random::{hex, random},
    sight::{Sight, managed},
    throttle::Throttle,
    token::WebToken,
    visits::{Person, Visits},
};
use crate::{app::App, fault::Fault};

/// Questions that Discord did not answer.
static NOT_ASKED: Repeated<()> = Repeated::new();

/// Who may ask.
pub(crate) struct Access {
    pub(super) token: Option<WebToken>,
    pub(super) discord: Option<DiscordLogin>,
    /// Where browsers reach the dashboard.
    pub(super) url: String,
    /// Names besides addresses and `localhost`.
    names: Vec<String>,
    /// Makes the secrets of forms.
    secret: [u8; 32],
    /// Cookies of dashboards on other ports of this host are others.
    cookie: String,
    visits: Mutex<Visits>,
    attempts: Mutex<Attempts>,
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
    /// Which servers may be seen.
    pub(crate) sight: Sight,
    /// Who that is, if they logged in with Discord.
    pub(crate) person: Option<Named>,
}

/// Somebody who logged in with Discord.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    pub(crate) user: UserId,
    pub(crate) name: String,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Access {
    pub(crate) fn new(
        token: Option<WebToken>,
        discord: Option<DiscordLogin>,
        mut names: Vec<String>,
        address: SocketAddr,
    ) -> Result<Self, getrandom::Error> {
        let own = discord.as_ref().and_then(DiscordLogin::host);
        names.extend(own.map(str::to_owned));
        let url = discord.as_ref().and_then(|it| it.url.clone());
        Ok(Self {
            token,
            discord,
            url: url.unwrap_or_else(|| format!("http://{address}")),
            names,
            secret: random()?,
            cookie: format!("guestlist-{}", address.port()),
            visits: Mutex::default(),
            attempts: Mutex::default(),
            throttle: Mutex::default(),
        })
    }

    /// Whether somebody has to log in to see anything.
    pub(super) const fn is_closed(&self) -> bool {
        self.token.is_some() || self.discord.is_some()
    }

    /// Where Discord sends browsers back to, if one can log in with it.
    pub(crate) fn redirect(&self) -> Option<String> {
        let url = &self.url;
        self.discord.as_ref().map(|_| format!("{url}{BACK}"))
    }

    /// How long an answer may go on before it is asked again who it is for.
    pub(crate) fn look_again(&self) -> Option<Duration> {
        self.discord.as_ref().map(|it| it.every)
    }

    /// Whether a browser may still see a server.
    pub(crate) fn still_sees(&self, visit: &Visit, guild: GuildId) -> bool {
        if !self.is_closed() || visit.bearer {
            return visit.sight.sees(guild);
        }
        match held(&self.visits).get(&visit.id, Instant::now()) {
            None => false,
            Some(None) => true,
            Some(Some(person)) => person.guilds.contains(&guild),
        }
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

    /// Refuses to go on if somebody was wrong too often.
    pub(super) fn patient(&self, from: Option<IpAddr>) -> Result<(), Fault> {
        let from = from.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let wait = held(&self.throttle).wait(from, Instant::now());
        wait.map_or(Ok(()), |wait| Err(Fault::Throttled(wait)))
    }

    /// Takes note that somebody was wrong.
    pub(super) fn wrong(&self, from: Option<IpAddr>) {
        let from = from.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        held(&self.throttle).wrong(from, Instant::now());
    }

    /// A new browser that has logged in, with the token or as a person for so long at most:
    /// the cookie that it gets.
    pub(super) fn open(
        &self,
        old: &str,
        person: Option<(Person, Duration)>,
        secure: bool,
    ) -> Result<HeaderValue, Fault> {
        let id = hex(&random().map_err(Fault::Random)?);
        let every = self.look_again().unwrap_or_default();
        let mut visits = held(&self.visits);
        visits.close(old);
        visits.open(&id, person, every, Instant::now());
        drop(visits);
        self.set_cookie(&id, secure)
    }

    /// Forgets a browser; who it was, if they logged in with Discord.
    pub(super) fn close(&self, id: &str) -> Option<Person> {
        held(&self.visits).close(id)
    }

    /// Begins a log-in with Discord: what Discord is told, and the cookie by which the browser
    /// is known when it comes back. That cookie comes along from Discord's page, as the
    /// other does not.
    pub(super) fn begin(&self, next: &str, secure: bool) -> Result<(Attempt, HeaderValue), Fault> {
        let text = || random().map(|it| hex(&it)).map_err(Fault::Random);
        let (id, attempt) = (
            text()?,
            Attempt {
                state: text()?,
                verifier: text()?,
                next: next.to_owned(),
            },
        );
        held(&self.attempts).begin(&id, attempt.clone(), Instant::now());
        let secure = if secure { "; Secure" } else { "" };
        let (name, lasts) = (self.attempt_cookie(), attempts::LASTS.as_secs());
        let cookie =
            format!("{name}={id}; Path={BACK}; HttpOnly; SameSite=Lax; Max-Age={lasts}{secure}");
        Ok((attempt, cookie.parse().map_err(|_| Fault::NotFound)?))
    }

    /// Ends the log-in that a browser began.
    pub(super) fn end(&self, headers: &HeaderMap, state: &str) -> Option<Attempt> {
        let id = cookie(headers, &self.attempt_cookie())?;
        held(&self.attempts).end(id, state, Instant::now())
    }

    fn attempt_cookie(&self) -> String {
        format!("{}-login", self.cookie)
    }

    /// Who a browser is, if it has logged in. From time to time Discord is asked whether
    /// they still manage what they see.
    async fn who(&self, id: &str) -> Result<Option<Option<Person>>, Fault> {
        let now = Instant::now();
        if held(&self.visits).is_due(id, now) {
            self.look(id).await;
        }
        let known = held(&self.visits).get(id, now);
        if let (Some(Some(person)), Some(discord)) = (&known, &self.discord)
            && person.is_unsure(discord.every, now)
        {
            return Err(Fault::Unsure);
        }
        Ok(known)
    }

    async fn look(&self, id: &str) {
        let known = held(&self.visits).get(id, Instant::now()).flatten();
        let (Some(person), Some(discord)) = (known, &self.discord) else {
            return;
        };
        match discord.oauth.guilds(&person.token).await {
            Ok(guilds) => {
                let guilds = managed(&guilds);
                if guilds.is_empty() {
                    held(&self.visits).close(id);
                } else {
                    held(&self.visits).learn(id, guilds, discord.every, Instant::now());
                }
            }
            Err(OauthError::Token) => {
                held(&self.visits).close(id);
            }
            Err(error) => {
                if let Some(times) = NOT_ASKED.note(()) {
                    tracing::warn!(%error, "Discord was not asked who manages what{times}");
                }
            }
        }
    }

    fn set_cookie(&self, id: &str, secure: bool) -> Result<HeaderValue, Fault> {
        let secure = if secure { "; Secure" } else { "" };
        let name = &self.cookie;
        format!("{name}={id}; Path=/; HttpOnly; SameSite=Strict{secure}")
            .parse()
            .map_err(|_| Fault::NotFound)
    }
}

/// What a cookie of ours says.
fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).iter();
    cookies
        .filter_map(|it| it.to_str().ok())
        .flat_map(|it| it.split(';'))
        .filter_map(|it| it.trim().split_once('='))
        .find(|(own, _)| *own == name)
        .map(|(_, id)| id)
        .filter(|id| id.len() == 64 && id.bytes().all(|it| it.is_ascii_hexdigit()))
}

/// Whether a proxy in front of us speaks TLS with the browser.
pub(super) fn is_secure(headers: &HeaderMap) -> bool {
    let protocol = headers.get("x-forwarded-proto");
    protocol.is_some_and(|it| it.as_bytes().eq_ignore_ascii_case(b"https"))
}

/// Answers requests for this host, from those who may ask.
pub(crate) async fn gate(State(app): State<App>, mut request: Request, next: Next) -> Response {
    match pass(&app, &mut request).await {
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

async fn pass(app: &App, request: &mut Request) -> Result<Option<HeaderValue>, Box<Response>> {
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
    let known = cookie(headers, &access.cookie);
    let (id, cookie) = match known {
        Some(id) => (id.to_owned(), None),
        None => {
            let id = random().map_err(|error| refuse(Fault::Random(error)))?;
            let id = hex(&id);
            let cookie = access.set_cookie(&id, is_secure(headers)).map_err(refuse)?;
            (id, Some(cookie))
        }
    };
    let who = match known {
        Some(_) => access.who(&id).await.map_err(refuse)?,
        None => None,
    };
    let mut visit = Visit {
        secret: access.secret(&id),
        logged_in: who.is_some(),
        bearer: false,
        id,
        address,
        ..Visit::default()
    };
    match who {
        Some(None) => visit.sight = Sight::All,
        Some(Some(person)) => {
            visit.sight = Sight::Only(person.guilds);
            visit.person = Some(Named {
                user: person.user,
                name: person.name,
            });
        }
        None => {}
    }
    if access.is_closed() {
        if let Some(given) = bearer(headers) {
            if !access.check(given, address).map_err(refuse)? {
                return Err(refuse(Fault::NoToken));
            }
            visit.bearer = true;
            visit.sight = Sight::All;
        }
        let path = request.uri().path();
        let is_open = matches!(path, "/login" | "/login/discord" | BACK | "/health")
            || path.starts_with("/assets/");
        if !visit.bearer && !visit.logged_in && !is_open {
            return Err(Box::new(ask(request)));
        }
    } else {
        visit.sight = Sight::All;
    }
    request.extensions_mut().insert(visit);
    Ok(cookie)
}

/// Lets nobody past whose address names a server that they may not see. It answers as if there
/// were no such server.
pub(crate) async fn guard(params: RawPathParams, request: Request, next: Next) -> Response {
    let named = params.iter().find(|(name, _)| *name == "guild");
    let guild = named.map(|(_, text)| text.parse::<GuildId>());
    let sight = request.extensions().get::<Visit>().map(|it| &it.sight);
    match guild {
        Some(Ok(guild)) if !sight.is_some_and(|it| it.sees(guild)) => {
            Fault::NotFound.into_response()
        }
        _ => next.run(request).await,
    }
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
