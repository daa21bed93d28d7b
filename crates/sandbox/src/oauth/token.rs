//! `POST /oauth2/token` and `POST /oauth2/token/revoke`.

use std::sync::Arc;

use axum::{
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::json;

use super::grants::{Refused, TOKEN_LASTS};
use crate::{
    api,
    server::{Shared, json_response},
    world::time,
};

type Pairs = Vec<(String, String)>;

fn text<'a>(pairs: &'a Pairs, name: &str) -> Option<&'a str> {
    let found = pairs.iter().find(|(it, _)| it == name);
    found.map(|(_, value)| value.as_str())
}

/// The application and the fields of the body, if whoever sends it is the application.
fn checked(shared: &Shared, parts: &Parts, body: &[u8]) -> Result<(u64, Pairs), Box<Response>> {
    let kind = parts.headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|it| it.to_str().ok()).unwrap_or("");
    let pairs = if kind.starts_with("application/x-www-form-urlencoded") {
        api::Request::new("POST", &format!("?{}", String::from_utf8_lossy(body))).query
    } else {
        // A body of another kind has no fields.
        Pairs::new()
    };
    let basic = parts
        .headers
        .get(header::AUTHORIZATION)
        .and_then(|it| it.to_str().ok())
        .and_then(|it| it.strip_prefix("Basic "))
        .and_then(|it| BASE64_STANDARD.decode(it).ok())
        .and_then(|it| String::from_utf8(it).ok());
    let given = match &basic {
        Some(basic) => basic.split_once(':'),
        None => text(&pairs, "client_id").zip(text(&pairs, "client_secret")),
    };
    let known = given.and_then(|(id, secret)| {
        let core = shared.lock();
        let bot = core.world.bot_with(id.parse().ok()?)?;
        (bot.client_secret == secret).then(|| bot.id())
    });
    match known {
        Some(client) => Ok((client, pairs)),
        None => Err(Box::new(refuse(401, "invalid_client", None))),
    }
}

fn refuse(status: u16, error: &str, description: Option<&str>) -> Response {
    let mut body = json!({"error": error});
    if let (Some(text), Some(object)) = (description, body.as_object_mut()) {
        object.insert(String::from("error_description"), json!(text));
    }
    json_response(status, body.to_string())
}

pub(super) fn token(shared: &Arc<Shared>, parts: &Parts, body: &[u8]) -> Response {
    let (client, pairs) = match checked(shared, parts, body) {
        Ok(checked) => checked,
        Err(refused) => return *refused,
    };
    if text(&pairs, "grant_type") != Some("authorization_code") {
        let what = text(&pairs, "grant_type").unwrap_or("None");
        let what = format!("Grant type {what} is not supported");
        return refuse(400, "unsupported_grant_type", Some(&what));
    }
    let mut core = shared.lock();
    let now = core.world.now();
    let exchanged = core.grants.exchange(
        client,
        text(&pairs, "code").unwrap_or(""),
        (
            text(&pairs, "redirect_uri").unwrap_or(""),
            text(&pairs, "code_verifier"),
        ),
        now,
    );
    match exchanged {
        Ok((token, scope)) => {
            let body = json!({
                "token_type": "Bearer",
                "access_token": token,
                "expires_in": TOKEN_LASTS / time::SECOND,
                "refresh_token": core.grants.secret(),
                "scope": scope,
            });
            json_response(200, body.to_string())
        }
        Err(refused) => {
            let field = match refused {
                Refused::Code => "code",
                Refused::Redirect => "redirect_uri",
                Refused::Verifier => "code_verifier",
            };
            let what = format!("Invalid \"{field}\" in request.");
            refuse(400, "invalid_grant", Some(&what))
        }
    }
}

/// Takes a token back. One that is not there is not an error (RFC 7009).
pub(super) fn revoke(shared: &Arc<Shared>, parts: &Parts, body: &[u8]) -> Response {
    match checked(shared, parts, body) {
        Ok((_, pairs)) => {
            let token = text(&pairs, "token").unwrap_or("");
            shared.lock().grants.revoke(token);
            (StatusCode::OK, "{}").into_response()
        }
        Err(refused) => *refused,
    }
}
