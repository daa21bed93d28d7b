//! From the body of an error response to an [`ApiError`].

use super::ApiError;
use crate::words;
use guestlist_model::{ApiErrorBody, FieldError};
use std::{fmt, time::Duration};

/// The longest wait that is believed.
const LONGEST: Duration = Duration::from_secs(60 * 60);
/// Invalid fields or lines that are kept.
const MOST: usize = 1000;

/// A line of a CSV file that Discord does not accept.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct LineError {
    /// The line number, counted from 1 including the header; `None` if the message does
    /// not name one.
    pub line: Option<u64>,
    /// What is wrong with the line.
    pub message: String,
}

impl From<FieldError> for LineError {
    fn from(error: FieldError) -> Self {
        let line = error.line();
        let words = line.and_then(|_| error.message.split_once(':'));
        let message = match words {
            Some((_, words)) => words.trim().to_owned(),
            None => error.message,
        };
        Self { line, message }
    }
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// Reads a refusal. The status is not always known.
pub(crate) fn from_answer(status: Option<u16>, body: &[u8]) -> ApiError {
    let Ok(answer) = ApiErrorBody::from_slice(body) else {
        return not_discord(status, body);
    };
    let (code, message) = (answer.code, words::harmless(&answer.message));
    let mut errors = answer.errors;
    errors.truncate(MOST);
    for error in &mut errors {
        error.path = words::harmless(&error.path);
        error.message = words::harmless(&error.message);
    }
    if code == 0 && message.is_empty() {
        return match errors {
            lines if lines.iter().any(|line| line.path == "target_users_file") => {
                ApiError::TargetUsersFile {
                    lines: lines.into_iter().map(LineError::from).collect(),
                }
            }
            _ => not_discord(status, body),
        };
    }
    let retry_after = Duration::from_millis(answer.retry_after_ms.unwrap_or(1000)).min(LONGEST);
    match (code, status) {
        (10006, _) => ApiError::UnknownInvite { message },
        (10124 | 10129, _) => ApiError::NoTargetUsers,
        (20001, _) => ApiError::NotForBots,
        (40007, _) => ApiError::Banned,
        (50001, _) => ApiError::MissingAccess,
        (50013, _) => ApiError::MissingPermission,
        (50020, _) => ApiError::VanityUnavailable,
        (50035, _) => ApiError::InvalidForm {
            message,
            fields: errors,
        },
        (110_000, _) => ApiError::NotIndexed { retry_after },
        (30_001..=30_999, _) => ApiError::LimitReached { code, message },
        (_, Some(429)) => ApiError::RateLimited {
            retry_after,
            global: answer.global,
        },
        (_, Some(401)) => ApiError::Unauthorized { message },
        (10_001..=10_999, _) | (_, Some(404)) | (404, None) => ApiError::NotFound { code, message },
        // Where the status is not known, some servers repeat it as the code.
        (401, None) => ApiError::Unauthorized { message },
        (0, None) if message.starts_with("401") => ApiError::Unauthorized { message },
        _ => ApiError::Api {
            status: status.unwrap_or(0),
            code,
            message,
        },
    }
}

/// An answer that is not JSON: says in a line what it looks like.
fn not_discord(status: Option<u16>, body: &[u8]) -> ApiError {
    if status == Some(401) {
        let message = if body.is_empty() {
            String::new()
        } else {
            excerpt(body)
        };
        return ApiError::Unauthorized { message };
    }
    ApiError::NotDiscord {
        status,
        excerpt: excerpt(body),
    }
}

pub(crate) fn excerpt(body: &[u8]) -> String {
    const SHOWN: usize = 120;
    const READ: usize = 4096;
    // The title of a page is near its beginning.
    let text = String::from_utf8_lossy(body.get(..READ).unwrap_or(body));
    let text = text.trim();
    if text.is_empty() {
        return "an empty body".to_owned();
    }
    let lower = text.to_ascii_lowercase();
    let title = lower.find("<title>").and_then(|start| {
        let rest = text.get(start + "<title>".len()..)?;
        let end = rest.to_ascii_lowercase().find("</title>")?;
        rest.get(..end)
    });
    let is_page =
        lower.starts_with("<!doctype html") || lower.starts_with("<html") || title.is_some();
    let words = words::harmless(title.unwrap_or(text));
    let mut short: String = words.chars().take(SHOWN).collect();
    if short.len() < words.len() {
        short.push('…');
    }
    if is_page {
        format!("a web page, “{short}”")
    } else {
        format!("“{short}”")
    }
}

#[cfg(test)]
mod tests {
    use super::from_answer;
    use crate::ApiError;
    use std::time::Duration;

    #[test]
    fn every_code_has_its_meaning() {
        let of = |status, code: u64| {
            from_answer(
                Some(status),
                format!(r#"{{"code":{code},"message":"m"}}"#).as_bytes(),
            )
        };
        assert!(matches!(of(404, 10006), ApiError::UnknownInvite { .. }));
        assert!(matches!(
            of(404, 10004),
            ApiError::NotFound { code: 10004, .. }
        ));
        assert!(matches!(of(404, 0), ApiError::NotFound { code: 0, .. }));
        assert!(matches!(of(400, 10124), ApiError::NoTargetUsers));
        assert!(matches!(of(400, 10129), ApiError::NoTargetUsers));
        assert!(matches!(of(403, 20001), ApiError::NotForBots));
        assert!(matches!(
            of(400, 30016),
            ApiError::LimitReached { code: 30016, .. }
        ));
        assert!(matches!(of(403, 40007), ApiError::Banned));
        assert!(matches!(of(403, 50001), ApiError::MissingAccess));
        assert!(matches!(of(403, 50013), ApiError::MissingPermission));
        assert!(matches!(of(403, 50020), ApiError::VanityUnavailable));
        assert!(matches!(of(401, 0), ApiError::Unauthorized { .. }));
        assert!(matches!(
            of(500, 0),
            ApiError::Api {
                status: 500,
                code: 0,
                ..
            }
        ));
        assert!(of(503, 0).is_transient());
        assert!(!of(400, 50024).is_transient());
    }

    #[test]
    fn an_invalid_form_names_its_fields() {
        let body = br#"{"code":50035,"message":"Invalid Form Body","errors":{
            "max_age":{"_errors":[{"code":"NUMBER_TYPE_MAX","message":"too big"}]},
            "role_ids":{"3":{"_errors":[{"code":"X","message":"unknown role"}]}},
            "target":{"user":{"id":{"_errors":[{"code":"Y","message":"no"}]}}}}}"#;
        let ApiError::InvalidForm { fields, .. } = from_answer(Some(400), body) else {
            panic!("another error")
        };
        let paths: Vec<_> = fields.iter().map(|field| field.path.as_str()).collect();
        assert_eq!(paths, ["max_age", "role_ids.3", "target.user.id"]);
        let text = from_answer(Some(400), body).to_string();
        assert!(text.contains("role_ids.3: unknown role"), "{text}");
        assert_eq!(
            from_answer(Some(400), body).help(),
            "correct the fields named above"
        );
        let nameless = from_answer(
            Some(400),
            br#"{"code":50035,"message":"Invalid Form Body"}"#,
        );
        let text = nameless.to_string();
        assert!(text.contains("Invalid Form Body"), "{text}");
        assert!(!nameless.help().contains("named above"), "{nameless:?}");
    }

    #[test]
    fn the_servers_own_words_are_passed_on() {
        for (status, body, words) in [
            (
                Some(401),
                r#"{"code":0,"message":"Token expired"}"#,
                "Token expired",
            ),
            (Some(401), "please log in", "please log in"),
            (
                None,
                r#"{"code":401,"message":"Invalid Token"}"#,
                "Invalid Token",
            ),
            (
                Some(404),
                r#"{"code":10006,"message":"Invite was deleted"}"#,
                "Invite was deleted",
            ),
            (
                None,
                r#"{"code":404,"message":"No such invite"}"#,
                "No such invite",
            ),
            (
                Some(400),
                r#"{"code":400,"message":"Error: Invalid Token"}"#,
                "Invalid Token",
            ),
        ] {
            let error = from_answer(status, body.as_bytes());
            assert!(error.to_string().contains(words), "{error}");
            assert!(!error.help().contains("discordstatus.com"), "{error}");
            assert!(!error.help().contains("in that server"), "{error}");
        }
        // Discord's usual words add nothing.
        let usual = from_answer(Some(401), br#"{"code":0,"message":"401: Unauthorized"}"#);
        assert_eq!(usual.to_string(), "Discord does not accept the bot token");
    }

    #[test]
    fn a_bad_csv_names_its_lines() {
        // Discord Docs/Resources/Invite, the 400 of target-users.
        let body = br#"{"target_users_file":["Line 5: invalid user ID - must be a valid Discord snowflake","Line 6: invalid user ID format","no line"]}"#;
        let ApiError::TargetUsersFile { lines } = from_answer(None, body) else {
            panic!("another error")
        };
        let numbers: Vec<_> = lines.iter().map(|line| line.line).collect();
        assert_eq!(numbers, [Some(5), Some(6), None]);
    }

    #[test]
    fn waits_are_read_whole_or_not() {
        let error = from_answer(None, br#"{"code":110000,"message":"m","retry_after":15}"#);
        assert_eq!(error.retry_after(), Some(Duration::from_secs(15)));
        let body = br#"{"message":"m","retry_after":0.25,"global":true}"#;
        assert!(
            matches!(from_answer(Some(429), body), ApiError::RateLimited { retry_after, global: true }
            if retry_after == Duration::from_millis(250))
        );
        let error = from_answer(
            None,
            br#"{"code":110000,"message":"m","retry_after":-1e300}"#,
        );
        assert_eq!(error.retry_after(), Some(Duration::from_secs(1)));
    }

    #[test]
    fn what_is_not_discord_is_described() {
        let page = b"<!DOCTYPE html><html><head><title>Access denied | discord.com\nused Cloudflare</title>";
        let text = from_answer(Some(403), page).to_string();
        assert_eq!(
            text,
            "the response does not come from Discord's API (HTTP 403): a web page, \
             “Access denied | discord.com used Cloudflare”"
        );
        for body in [
            &b""[..],
            b"\xff\xfe\x00",
            b"[]",
            b"null",
            b"{}",
            b"error code: 1015",
            b"{\"code\":",
        ] {
            assert!(
                matches!(from_answer(None, body), ApiError::NotDiscord { .. }),
                "{body:?}"
            );
        }
        assert!(matches!(
            from_answer(Some(401), b""),
            ApiError::Unauthorized { .. }
        ));
        let deep = format!("{}{}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
        assert!(matches!(
            from_answer(None, deep.as_bytes()),
            ApiError::NotDiscord { .. }
        ));
    }
}
