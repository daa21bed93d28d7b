//! The control API under `/sandbox/`, with which a test makes people act and
//! makes requests, events and connections fail.
//!
//! It requires no token. Every response is JSON. An error is
//! `{"error": "…", "field": "…"}`, with the field if the error is about one.

mod application;
mod bots;
mod clock;
mod conversation;
mod document;
mod faults;
mod fields;
mod gateway;
mod guilds;
mod invites;
mod members;
mod overview;
mod scenario;
mod truth;

use std::sync::Arc;

use serde_json::Value;

use self::fields::{Fields, Problem};
use crate::{
    api,
    server::{Core, Shared},
    world::Micros,
};

type Outcome = Result<(u16, Value), Problem>;

/// Answers a control request; `path` is what comes after `/sandbox`.
pub(crate) async fn answer(
    shared: &Arc<Shared>,
    method: &str,
    path: &str,
    query: &str,
    body: &[u8],
) -> (u16, Value) {
    let call = (method, path, query);
    // The one order that takes its time.
    if (method, path.trim_matches('/')) == ("POST", "clock") {
        let at = shared.lock().world.now();
        let outcome = match Fields::parse(body) {
            Ok(fields) => clock::advance(shared, fields).await,
            Err(problem) => Err(problem),
        };
        return told(&mut shared.lock(), at, call, body, outcome);
    }
    let fields = Fields::parse(body);
    let mut core = shared.lock();
    let at = core.world.now();
    let outcome = fields.and_then(|fields| route(shared, &mut core, call, fields));
    told(&mut core, at, call, body, outcome)
}

/// The answer, which is written down where that is wanted.
fn told(
    core: &mut Core,
    at: Micros,
    call: (&str, &str, &str),
    body: &[u8],
    outcome: Outcome,
) -> (u16, Value) {
    let (status, answer) = outcome.unwrap_or_else(|problem| (problem.status, problem.to_json()));
    if let Some(recorder) = &mut core.recorder {
        recorder.control(at, call, body, (status, &answer));
    }
    (status, answer)
}

fn route(
    shared: &Arc<Shared>,
    core: &mut Core,
    (method, path, query): (&str, &str, &str),
    fields: Fields,
) -> Outcome {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let query = api::Request::new(method, &format!("?{query}")).query;
    match (method, parts.as_slice()) {
        ("GET", []) => overview::get(shared, core),
        ("GET", ["openapi.json"]) => Ok((200, document::document())),
        ("GET", ["frames"]) => overview::frames(shared, core, &query),
        ("GET", ["guilds", guild, "members"]) => {
            members::list(core, number("guild", guild)?, limit(&query, 100, 1000)?)
        }
        ("GET", ["guilds", guild, "invites"]) => {
            invites::list(core, number("guild", guild)?, limit(&query, 100, 1000)?)
        }
        ("GET", ["application"]) => application::get(core, core.world.bot().id),
        ("PATCH", ["application"]) => application::update(core, core.world.bot().id, fields),
        ("GET", ["bots"]) => bots::list(core),
        ("POST", ["bots"]) => bots::create(core, fields),
        ("GET", ["bots", bot]) => application::get(core, number("bot", bot)?),
        ("PATCH", ["bots", bot]) => application::update(core, number("bot", bot)?, fields),
        ("GET", ["guilds"]) => guilds::list(core),
        ("POST", ["guilds"]) => guilds::create(core, fields),
        ("GET", ["guilds", guild]) => guilds::get(core, number("guild", guild)?),
        ("PATCH", ["guilds", guild]) => guilds::update(core, number("guild", guild)?, fields),
        ("POST", ["guilds", guild, "channels"]) => {
            guilds::create_channel(core, number("guild", guild)?, fields)
        }
        ("POST", ["guilds", guild, "roles"]) => {
            guilds::create_role(core, number("guild", guild)?, fields)
        }
        ("POST", ["users"]) => members::create_user(core, fields),
        ("POST", ["guilds", guild, "invites"]) => {
            invites::create(core, number("guild", guild)?, fields)
        }
        ("DELETE", ["invites", code]) => invites::revoke(core, code, fields, &query),
        ("POST", ["guilds", guild, "scheduled-events"]) => {
            conversation::create_event(core, number("guild", guild)?, fields)
        }
        ("POST", ["guilds", guild, "interactions"]) => {
            conversation::use_command(core, number("guild", guild)?, fields)
        }
        ("GET", ["messages"]) => conversation::messages(core, &query),
        ("POST", ["guilds", guild, "joins"]) => {
            members::join(core, number("guild", guild)?, fields)
        }
        ("DELETE", ["guilds", guild, "members", user]) => {
            members::leave(core, number("guild", guild)?, number("user", user)?)
        }
        ("POST", ["guilds", guild, "members", user, "voice"]) => {
            let (guild, user) = (number("guild", guild)?, number("user", user)?);
            members::join_voice(core, guild, user, fields)
        }
        ("DELETE", ["guilds", guild, "members", user, "voice"]) => {
            members::leave_voice(core, number("guild", guild)?, number("user", user)?)
        }
        ("POST", ["guilds", guild, "members", user, action]) => {
            let (guild, user) = (number("guild", guild)?, number("user", user)?);
            members::act(core, guild, user, action, fields)
        }
        ("GET", ["clock"]) => clock::get(core),
        ("GET", ["gateway"]) => Ok((200, core.sessions.to_json())),
        ("POST", ["gateway", "drop"]) => gateway::drop(core, fields),
        ("POST", ["gateway", "heartbeat"]) => gateway::heartbeat(core, fields),
        ("GET", ["faults"]) => Ok((200, faults::get(core))),
        ("POST", ["faults"]) => faults::add(core, fields),
        ("DELETE", ["faults"]) => faults::clear(core),
        ("DELETE", ["faults", id]) => faults::remove(core, number("id", id)?),
        ("GET", ["truth"]) => truth::get(core, &query),
        ("GET", ["requests"]) => Ok((200, core.log.to_json(limit(&query, 1000, 10_000)?))),
        ("DELETE", ["requests"]) => {
            core.log = crate::server::RequestLog::default();
            Ok((200, core.log.to_json(0)))
        }
        ("GET", ["scenario"]) => Ok((200, scenario::progress(core))),
        ("POST", ["scenario"]) => scenario::start(core, fields),
        _ => Err(Problem::new(
            404,
            format!("there is no {method} /sandbox{path}"),
        )),
    }
}

/// The value of a query parameter.
fn asked<'a>(query: &'a [(String, String)], name: &str) -> Option<&'a str> {
    query
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}

/// The value of a query parameter that is a number or an id.
fn asked_number(query: &[(String, String)], name: &str) -> Result<Option<u64>, Problem> {
    asked(query, name)
        .map(|text| number(name, text))
        .transpose()
}

/// `?limit=`: how many at most.
fn limit(query: &[(String, String)], usual: usize, most: usize) -> Result<usize, Problem> {
    match asked(query, "limit") {
        None => Ok(usual),
        Some(text) => text
            .parse()
            .ok()
            .filter(|limit| (1..=most).contains(limit))
            .ok_or_else(|| {
                let message = format!("{text:?} is not a whole number from 1 to {most}");
                Problem::field("limit", message)
            }),
    }
}

fn number(name: &str, text: &str) -> Result<u64, Problem> {
    text.parse()
        .map_err(|_| Problem::field(name, format!("{text:?} is not an id")))
}
