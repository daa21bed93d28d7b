//! `GET /oauth2/authorize`: the page on which somebody agrees.
//!
//! Discord knows who looks at the page. Here one chooses who that is: by a link, or by the
//! parameter `sandbox_user` from the start. `sandbox_user=deny` is somebody who refuses.

use std::{fmt::Write as _, sync::Arc};

use axum::{
    http::{StatusCode, header, request::Parts},
    response::{Html, IntoResponse, Response},
};
use form_urlencoded::Serializer;

use super::grants::Agreed;
use crate::{
    api,
    server::{Core, Shared, json_response},
    world::{Bot, permissions},
};

/// People that the page offers.
const OFFERED: usize = 60;

/// What was asked for.
struct Asked {
    bot: Bot,
    scope: String,
    redirect: String,
    state: Option<String>,
    challenge: Option<String>,
    user: Option<String>,
}

pub(super) fn authorize(shared: &Arc<Shared>, parts: &Parts) -> Response {
    let query = parts.uri.query().unwrap_or("");
    let mut core = shared.lock();
    match asked(&core, query) {
        Ok(asked) => match asked.user.as_deref() {
            None => page(&core, query, &asked),
            Some("deny") => back(
                &asked,
                &[
                    ("error", "access_denied"),
                    (
                        "error_description",
                        "The resource owner or authorization server denied the request",
                    ),
                ],
            ),
            Some(user) => match user
                .parse()
                .ok()
                .filter(|id| core.world.user(*id).is_some())
            {
                Some(user) => {
                    let now = core.world.now();
                    let agreed = Agreed {
                        client: asked.bot.id(),
                        user,
                        scope: asked.scope.clone(),
                        redirect: asked.redirect.clone(),
                        challenge: asked.challenge.clone(),
                    };
                    let code = core.grants.agree(agreed, now);
                    back(&asked, &[("code", &code)])
                }
                None => refuse("sandbox_user", "this sandbox has no such user"),
            },
        },
        Err(refused) => *refused,
    }
}

fn asked(core: &Core, query: &str) -> Result<Asked, Box<Response>> {
    let pairs = api::Request::new("GET", &format!("?{query}")).query;
    let text = |name: &str| {
        let found = pairs.iter().find(|(it, _)| it == name);
        found.map(|(_, value)| value.clone())
    };
    let wrong = |field: &str, message: &str| Box::new(refuse(field, message));
    let client = text("client_id").and_then(|id| id.parse().ok());
    let bot = client.and_then(|id| core.world.bot_with(id)).cloned();
    let bot = bot.ok_or_else(|| wrong("client_id", "Unknown Application"))?;
    if text("response_type").as_deref() != Some("code") {
        return Err(wrong("response_type", "only code is served here"));
    }
    let redirect = text("redirect_uri").filter(|it| leads_back(&bot, it));
    let redirect = redirect.ok_or_else(|| wrong("redirect_uri", "Invalid OAuth2 redirect_uri"))?;
    let challenge = text("code_challenge");
    if challenge.is_some() && text("code_challenge_method").as_deref() != Some("S256") {
        return Err(wrong("code_challenge_method", "only S256 is served here"));
    }
    let scope = text("scope").unwrap_or_default();
    if !scope
        .split(' ')
        .all(|it| matches!(it, "identify" | "guilds"))
    {
        return Err(wrong(
            "scope",
            "The requested scope is invalid, unknown, or malformed.",
        ));
    }
    Ok(Asked {
        bot,
        scope,
        redirect,
        state: text("state"),
        challenge,
        user: text("sandbox_user"),
    })
}

/// Whether OAuth2 may lead back to this address.
fn leads_back(bot: &Bot, redirect: &str) -> bool {
    let is_local = || {
        let rest = redirect.strip_prefix("http://");
        let host = rest.and_then(|it| it.split(['/', ':', '?', '#']).next());
        matches!(host, Some("127.0.0.1" | "localhost"))
    };
    match bot.redirect_uris.as_slice() {
        [] => is_local(),
        known => known.iter().any(|it| it == redirect),
    }
}

fn refuse(field: &str, message: &str) -> Response {
    let mut errors = api::FormErrors::default();
    errors.add(field, "OAUTH2_INVALID", message);
    let error = errors.into_error();
    json_response(error.status, error.body.to_string())
}

/// Leads back to whoever asked.
fn back(asked: &Asked, answer: &[(&str, &str)]) -> Response {
    let mut query = Serializer::new(String::new());
    query.extend_pairs(answer);
    if let Some(state) = &asked.state {
        query.append_pair("state", state);
    }
    let joint = if asked.redirect.contains('?') {
        '&'
    } else {
        '?'
    };
    let to = format!("{}{joint}{}", asked.redirect, query.finish());
    (StatusCode::FOUND, [(header::LOCATION, to)]).into_response()
}

/// Who in this world might be looking.
fn page(core: &Core, query: &str, asked: &Asked) -> Response {
    let mut people: Vec<(bool, u64, String, Vec<&str>)> = Vec::new();
    for guild in core.world.guild_ids() {
        let Some(guild) = core.world.guild(guild) else {
            continue;
        };
        for member in guild.members.values().filter(|it| !it.user.bot) {
            let manages = permissions::in_guild(guild, member.user.id) & permissions::MANAGE_GUILD;
            let manages = (manages != 0).then_some(guild.name.as_str());
            match people.iter_mut().find(|it| it.1 == member.user.id) {
                Some(known) => {
                    known.0 |= manages.is_some();
                    known.3.extend(manages);
                }
                None => people.push((
                    manages.is_some(),
                    member.user.id,
                    member.user.username.clone(),
                    manages.into_iter().collect(),
                )),
            }
        }
    }
    people.sort_by_key(|it| (!it.0, it.1));
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Authorize</title>\
         <h1>{} wants to know who you are</h1><p>It asks for: {}</p><h2>Agree as</h2><ul>",
        escaped(&asked.bot.user.username),
        escaped(&asked.scope)
    );
    let link = |user: &str| escaped(&format!("?{query}&sandbox_user={user}"));
    for (_, id, name, manages) in people.iter().take(OFFERED) {
        let what = match manages.as_slice() {
            [] => String::from("a member"),
            guilds => format!("manages {}", guilds.join(", ")),
        };
        // Writing to a string cannot fail.
        let _ = write!(
            page,
            "<li><a href=\"{}\">{}</a>: {}</li>",
            link(&id.to_string()),
            escaped(name),
            escaped(&what)
        );
    }
    let _ = write!(page, "</ul><p><a href=\"{}\">Cancel</a></p>", link("deny"));
    Html(page).into_response()
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            other => safe.push(other),
        }
    }
    safe
}
