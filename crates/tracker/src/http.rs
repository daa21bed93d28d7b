//! The tracker's requests and their responses as HTTP.

use std::fmt;
use std::time::Duration;

use guestlist_model::{
    ApiErrorBody, AuditLog, DecodeError, MemberSearch, Timestamp, Vanity, decode_invites,
    decode_members,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::io::{Failure, MemberQuery, Request, Response};
use crate::page::MemberPage;

/// How to send a [`Request`] to Discord's API.
///
/// Send it with the bot's token in `Authorization: Bot …`, and with
/// `Content-Type: application/json` if there is a body.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// The part after `https://discord.com/api/v10/`, including the query.
    pub path: String,
    /// The JSON body, if there is one.
    pub body: Option<String>,
}

/// An HTTP method.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// `GET`.
    Get,
    /// `POST`.
    Post,
}

impl Method {
    /// The method in capital letters.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Request {
    /// Converts the request to HTTP.
    #[must_use]
    pub fn to_http(&self) -> HttpRequest {
        let guild = self.guild();
        let get = |path| HttpRequest {
            method: Method::Get,
            path,
            body: None,
        };
        match self {
            Self::ListInvites { .. } => get(format!("guilds/{guild}/invites")),
            Self::VanityUrl { .. } => get(format!("guilds/{guild}/vanity-url")),
            Self::AuditLog { action, limit, .. } => {
                let action = action.map(|action| format!("&action_type={action}"));
                let action = action.unwrap_or_default();
                get(format!("guilds/{guild}/audit-logs?limit={limit}{action}"))
            }
            Self::ListMembers { after, limit, .. } => {
                let after = after.map(|after| format!("&after={after}"));
                let after = after.unwrap_or_default();
                get(format!("guilds/{guild}/members?limit={limit}{after}"))
            }
            Self::SearchMembers { query, limit, .. } => HttpRequest {
                method: Method::Post,
                path: format!("guilds/{guild}/members-search"),
                body: Some(search(query, *limit).to_string()),
            },
        }
    }

    /// Reads the response to this request: the HTTP status and the body, also those of an
    /// error.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the response is an error or cannot be decoded.
    pub fn read_answer(&self, status: u16, body: &[u8]) -> Result<Response, Failure> {
        if !(200..300).contains(&status) {
            return Err(refusal(status, body));
        }
        match self {
            Self::ListInvites { .. } => decode_invites(body).map(|list| {
                if list.failed.is_empty() {
                    Response::Invites(list.invites)
                } else {
                    Response::SomeInvites(list.invites)
                }
            }),
            Self::VanityUrl { .. } => Vanity::from_slice(body).map(Response::Vanity),
            Self::SearchMembers { .. } => MemberSearch::from_slice(body).map(Response::Members),
            Self::ListMembers { after, limit, .. } => decode_members(body).map(|members| {
                let is_last = members.len() < usize::from(*limit);
                Response::MemberPage(MemberPage::new(*after, members, is_last))
            }),
            Self::AuditLog { .. } => AuditLog::from_slice(body).map(Response::AuditLog),
        }
        .map_err(|error: DecodeError| Failure::Transport(error.to_string()))
    }
}

/// The body of a search.
///
/// See [discord-userdoccers/Search Guild Members](https://docs.discord.food/resources/guild#search-guild-members).
fn search(query: &MemberQuery, limit: u16) -> Value {
    let query = match query {
        MemberQuery::Users(users) => {
            let users: Vec<String> = users.iter().map(ToString::to_string).collect();
            json!({"user_id": {"or_query": users}})
        }
        MemberQuery::JoinedBetween { from, to } => {
            // Discord compares milliseconds: times are rounded outwards.
            let mut range = json!({"gte": from.as_millis()});
            if let (Some(to), Value::Object(range)) = (to, &mut range) {
                range.insert("lte".to_owned(), millis_up(*to).into());
            }
            json!({"guild_joined_at": {"range": range}})
        }
    };
    // 1: by join date, the newest first. The tracker goes on before the oldest.
    json!({"limit": limit, "sort": 1, "or_query": {}, "and_query": query})
}

fn millis_up(at: Timestamp) -> i64 {
    at.as_millis() + i64::from(at.as_micros() % 1000 != 0)
}

/// What a refusal means.
///
/// An answer that is not a JSON object is not Discord's, but a proxy's, and tells nothing
/// of the bot's permissions.
///
/// See [Discord Docs/JSON Error Codes](https://discord.com/developers/docs/topics/opcodes-and-status-codes#json).
fn refusal(status: u16, body: &[u8]) -> Failure {
    let (is_discord, body) = match ApiErrorBody::from_slice(body) {
        Ok(body) => (true, body),
        Err(_) => (false, ApiErrorBody::default()),
    };
    let wait = |default: u64| Duration::from_millis(body.retry_after_ms.unwrap_or(default));
    match (status, body.code) {
        (429, _) => Failure::RateLimited {
            retry_after: wait(1_000),
        },
        _ if !is_discord => Failure::Transport(format!(
            "the response with HTTP status {status} does not come from Discord's API"
        )),
        (_, 110_000) => Failure::NotReady {
            retry_after: wait(15_000),
        },
        (_, 50_020) => Failure::Unavailable,
        (_, 50_001) => Failure::MissingAccess,
        (_, 50_013) | (403, 0) => Failure::MissingPermission,
        (_, 10_001..=10_999) | (404, _) => Failure::NotFound,
        // A token that is gone for good ends the connection to the gateway too.
        (401, _) => Failure::Transport("Discord does not accept the bot token".to_owned()),
        (status, code) => Failure::Other {
            status,
            code,
            message: body.message,
        },
    }
}

#[cfg(test)]
mod tests {
    use guestlist_model::{GuildId, UserId};

    use super::*;

    fn guild() -> GuildId {
        GuildId::new_checked(3).unwrap()
    }

    fn list() -> Request {
        Request::ListInvites { guild: guild() }
    }

    #[test]
    fn requests_are_written_as_discord_reads_them() {
        let audit = Request::AuditLog {
            guild: guild(),
            action: Some(28),
            limit: 50,
        };
        assert_eq!(
            audit.to_http(),
            HttpRequest {
                method: Method::Get,
                path: "guilds/3/audit-logs?limit=50&action_type=28".to_owned(),
                body: None,
            }
        );
        assert_eq!(list().to_http().path, "guilds/3/invites");
        let search = |query| Request::SearchMembers {
            guild: guild(),
            query,
            limit: 10,
        };
        let body = |query| -> Value {
            let http = search(query).to_http();
            assert_eq!(http.method.as_str(), "POST");
            serde_json::from_str(&http.body.unwrap()).unwrap()
        };
        let users = MemberQuery::Users(vec![UserId::new_checked(7).unwrap()]);
        assert_eq!(
            body(users)["and_query"],
            json!({"user_id": {"or_query": ["7"]}})
        );
        let (from, to) = (Timestamp::from_micros(1_999), Timestamp::from_micros(5_001));
        let between = MemberQuery::JoinedBetween { from, to: Some(to) };
        let range = json!({"guild_joined_at": {"range": {"gte": 1, "lte": 6}}});
        assert_eq!(body(between)["and_query"], range);
        let since = MemberQuery::JoinedBetween { from, to: None };
        let range = json!({"guild_joined_at": {"range": {"gte": 1}}});
        assert_eq!(body(since)["and_query"], range);
    }

    #[test]
    fn a_refusal_has_one_meaning() {
        let of = |status, body: &str| list().read_answer(status, body.as_bytes()).unwrap_err();
        let coded = |status, code: u32| of(status, &format!(r#"{{"code":{code},"message":"m"}}"#));
        assert_eq!(coded(403, 50_013), Failure::MissingPermission);
        assert_eq!(coded(403, 50_001), Failure::MissingAccess);
        assert_eq!(coded(403, 50_020), Failure::Unavailable);
        assert_eq!(coded(404, 10_004), Failure::NotFound);
        assert_eq!(coded(404, 0), Failure::NotFound);
        for body in ["{}", r#"{"code":0,"message":"403: Forbidden"}"#] {
            assert_eq!(of(403, body), Failure::MissingPermission, "{body}");
        }
        let limited = of(429, r#"{"message":"m","retry_after":0.25,"global":false}"#);
        let retry_after = Duration::from_millis(250);
        assert_eq!(limited, Failure::RateLimited { retry_after });
        assert!(matches!(of(429, "busy"), Failure::RateLimited { .. }));
        assert!(matches!(coded(401, 0), Failure::Transport(_)));
        // A proxy's page says nothing of permissions.
        for page in ["<html>Access denied</html>", ""] {
            assert!(matches!(of(403, page), Failure::Transport(_)), "{page}");
        }
        assert!(matches!(
            coded(500, 0),
            Failure::Other {
                status: 500,
                code: 0,
                ..
            }
        ));
    }

    #[test]
    fn an_answer_that_is_not_understood_is_none() {
        for body in ["", "{}", "<html>"] {
            let answer = list().read_answer(200, body.as_bytes());
            assert!(matches!(answer, Err(Failure::Transport(_))), "{body:?}");
        }
        let one = br#"[{"code":"abc","type":0},{"type":0}]"#;
        let some = list().read_answer(200, one);
        assert!(matches!(some, Ok(Response::SomeInvites(list)) if list.len() == 1));
    }
}
