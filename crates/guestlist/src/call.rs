//! The tracker's requests as HTTP, and the answers back.

use std::time::Duration;

use guestlist_model::{ApiErrorBody, AuditLog, MemberSearch, Vanity, decode_invites};
use guestlist_tracker::{Failure, MemberQuery, Request, RequestId, Response};
use serde_json::{Value, json};

/// An HTTP call to Discord's API, for any HTTP client.
///
/// Send it with the bot's token in `Authorization: Bot …`, and with
/// `Content-Type: application/json` if there is a body.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Call {
    /// To be handed back with the answer.
    pub id: RequestId,
    /// `GET` or `POST`.
    pub method: &'static str,
    /// What follows `https://discord.com/api/v10/`, query included.
    pub path: String,
    /// A JSON body, if there is one.
    pub body: Option<String>,
}

impl Call {
    pub(crate) fn new(id: RequestId, request: &Request) -> Self {
        let guild = request.guild();
        let get = |path| Self {
            id,
            method: "GET",
            path,
            body: None,
        };
        match request {
            Request::VanityUrl { .. } => get(format!("guilds/{guild}/vanity-url")),
            Request::SearchMembers { query, limit, .. } => Self {
                id,
                method: "POST",
                path: format!("guilds/{guild}/members-search"),
                body: Some(search_body(query, *limit).to_string()),
            },
            Request::AuditLog { action, limit, .. } => {
                let action = action.map(|action| format!("&action_type={action}"));
                let action = action.unwrap_or_default();
                get(format!("guilds/{guild}/audit-logs?limit={limit}{action}"))
            }
            // The one question the tracker cannot do without.
            Request::ListInvites { .. } | _ => get(format!("guilds/{guild}/invites")),
        }
    }
}

fn search_body(query: &MemberQuery, limit: u16) -> Value {
    let query = match query {
        MemberQuery::Users(users) => {
            let users: Vec<String> = users.iter().map(ToString::to_string).collect();
            json!({"user_id": {"or_query": users}})
        }
        MemberQuery::JoinedBetween { from, to } => {
            let mut range = json!({"gte": from.as_millis()});
            // Times are rounded outwards.
            if let (Some(to), Value::Object(range)) = (to, &mut range) {
                let rounded =
                    to.as_micros().div_euclid(1000) + i64::from(to.as_micros() % 1000 != 0);
                range.insert("lte".to_owned(), rounded.into());
            }
            json!({"guild_joined_at": {"range": range}})
        }
        _ => json!({}),
    };
    // 1: by join date, the newest first. The tracker goes on before the oldest.
    json!({"limit": limit, "sort": 1, "or_query": {}, "and_query": query})
}

/// Reads the answer to a request.
pub(crate) fn read(request: &Request, status: u16, body: &[u8]) -> Result<Response, Failure> {
    if !(200..300).contains(&status) {
        return Err(failure(status, body));
    }
    let garbled = |error: guestlist_model::DecodeError| Failure::Transport(error.to_string());
    match request {
        Request::VanityUrl { .. } => Vanity::from_slice(body)
            .map(Response::Vanity)
            .map_err(garbled),
        Request::SearchMembers { .. } => MemberSearch::from_slice(body)
            .map(Response::Members)
            .map_err(garbled),
        Request::AuditLog { .. } => AuditLog::from_slice(body)
            .map(Response::AuditLog)
            .map_err(garbled),
        Request::ListInvites { .. } | _ => {
            let list = decode_invites(body).map_err(garbled)?;
            Ok(if list.failed.is_empty() {
                Response::Invites(list.invites)
            } else {
                Response::SomeInvites(list.invites)
            })
        }
    }
}

/// What a refusal means.
///
/// See [Discord Docs/JSON Error Codes](https://discord.com/developers/docs/topics/opcodes-and-status-codes#json).
fn failure(status: u16, body: &[u8]) -> Failure {
    let body = ApiErrorBody::from_slice(body).unwrap_or_default();
    let wait = |default: u64| Duration::from_millis(body.retry_after_ms.unwrap_or(default));
    match (status, body.code) {
        (_, 110_000) => Failure::NotReady {
            retry_after: wait(15_000),
        },
        (429, _) => Failure::RateLimited {
            retry_after: wait(1_000),
        },
        (_, 50_020) => Failure::Unavailable,
        (_, 50_001) => Failure::MissingAccess,
        (_, 50_013) | (403, _) => Failure::MissingPermission,
        (_, 10_004) | (404, _) => Failure::NotFound,
        (500.., _) => Failure::Transport(format!("status {status} {}", body.message)),
        (status, code) => Failure::Other {
            status,
            code,
            message: body.message,
        },
    }
}
