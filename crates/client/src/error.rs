//! Errors of requests, and what to do about them.

use crate::words;
use guestlist_model::{CodeError, DecodeError, FieldError};
use serde::{Deserialize, Serialize};
use std::{error::Error as StdError, fmt, time::Duration};

mod answer;

pub use answer::LineError;
pub(crate) use answer::{excerpt, from_answer};

/// The error of a failed request.
///
/// This enum is deliberately exhaustive: if a program maps its variants to exit codes or
/// HTTP statuses, the compiler reports any new variant.
///
/// See [Discord Docs/Opcodes and Status Codes](https://discord.com/developers/docs/topics/opcodes-and-status-codes#json).
///
/// ```
/// use guestlist_client::ApiError;
///
/// fn advice(error: &ApiError) -> String {
///     match error {
///         ApiError::RateLimited { retry_after, .. } => format!("wait for {retry_after:?}"),
///         error => format!("{error}: {}", error.help()),
///     }
/// }
/// assert!(advice(&ApiError::Banned).contains("lift the ban"));
/// ```
#[derive(Clone, Debug, thiserror::Error)]
pub enum ApiError {
    /// 10006: the invite does not exist, or it has expired, was used up or was revoked.
    #[error(
        "the invite does not exist{}; it may have expired, been used up or been revoked",
        Words(message)
    )]
    UnknownInvite {
        /// Discord's message; empty if there is none.
        message: String,
    },
    /// The given code is not a valid invite code; no request was sent.
    #[error(transparent)]
    InvalidCode(#[from] CodeError),
    /// 10003, 10004, 10007 and other codes from 10001 on, or HTTP 404.
    #[error("not found: {message} (code {code})")]
    NotFound {
        /// Discord's code.
        code: u64,
        /// Discord's message.
        message: String,
    },
    /// 50013: the bot lacks a permission.
    #[error("the bot lacks a permission for this")]
    MissingPermission,
    /// 50001: the bot is not in the guild, or cannot see the channel.
    #[error("the bot has no access to this")]
    MissingAccess,
    /// 401: the token is wrong or was reset.
    #[error("Discord does not accept the bot token{}", Words(message))]
    Unauthorized {
        /// Discord's message; empty if there is none.
        message: String,
    },
    /// 40007: the user is banned from the guild.
    #[error("the user is banned from this server")]
    Banned,
    /// 30016 and other limits: the server has 1000 invites.
    #[error("a limit is reached: {message} (code {code})")]
    LimitReached {
        /// Discord's code.
        code: u64,
        /// Discord's message.
        message: String,
    },
    /// 50020: the guild cannot have a vanity invite.
    #[error("this server cannot have a vanity invite")]
    VanityUnavailable,
    /// 10124 or 10129: the invite has no target users.
    #[error("this invite has no target users")]
    NoTargetUsers,
    /// 20001: the endpoint is not for bots.
    #[error("bots cannot use this endpoint")]
    NotForBots,
    /// 50035: fields of the request have invalid values.
    #[error("Discord does not accept the request: {}", Fields(fields, message))]
    InvalidForm {
        /// Discord's message for the request.
        message: String,
        /// The invalid fields and the reasons.
        fields: Vec<FieldError>,
    },
    /// The CSV of target users contains invalid lines.
    #[error("Discord does not accept the file of target users: {}", Lines(lines))]
    TargetUsersFile {
        /// The invalid lines and the reasons.
        lines: Vec<LineError>,
    },
    /// 110000: Discord has not indexed the members of the guild yet.
    #[error("the search index is not ready; try again in {} s", retry_after.as_secs_f64())]
    NotIndexed {
        /// How long to wait before the next try.
        retry_after: Duration,
    },
    /// 429: the rate limit lasts longer than the client's patience.
    #[error("rate limited{}; try again in {:.1} s", if *global { " everywhere" } else { "" }, retry_after.as_secs_f64())]
    RateLimited {
        /// How long to wait before the next try; an estimate if Discord did not say.
        retry_after: Duration,
        /// Whether the limit applies to all requests, not only to one bucket.
        global: bool,
    },
    /// Any other error response.
    #[error("Discord refused: {message} (HTTP {status}, code {code})")]
    Api {
        /// The HTTP status.
        status: u16,
        /// Discord's code; 0 if there is none.
        code: u64,
        /// Discord's message.
        message: String,
    },
    /// The response did not come from Discord's API; for example, it is a Cloudflare page
    /// or empty.
    #[error("the response does not come from Discord's API{}: {excerpt}", Status(*status))]
    NotDiscord {
        /// The HTTP status, if known.
        status: Option<u16>,
        /// A description of the response.
        excerpt: String,
    },
    /// The response came from Discord, but has an unexpected form.
    #[error("Discord's response has an unexpected form: {0}")]
    Decode(AnswerError),
    /// The connection could not be opened, or was lost.
    #[error("Discord cannot be reached: {0}")]
    Transport(TransportError),
    /// The response did not arrive in time.
    #[error("Discord did not respond in time")]
    Timeout,
}

impl ApiError {
    /// What a person can do about the error.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::UnknownInvite { .. } => {
                "check the code: codes are case-sensitive, and an invite that has ended cannot be looked up"
            }
            Self::InvalidCode(_) => "pass only the code: the part after `discord.gg/`",
            Self::NotFound { code: 10003, .. } => {
                "check the channel's id, and that the bot is in the channel's server"
            }
            Self::NotFound { code: 10004, .. } => {
                "check the server's id, and that the bot is in that server"
            }
            Self::NotFound { .. } => "check the code or the id",
            Self::MissingPermission => {
                "give the bot's role Manage Server (lists, vanity), Manage Channels (delete), \
                 Create Invite (create), Manage Roles (role-granting invites) or View Audit Log; \
                 `guestlist doctor` says which is missing"
            }
            Self::MissingAccess => {
                "add the bot to the server and let its role see the channel; \
                 searching members also needs the Server Members intent in the developer portal"
            }
            Self::Unauthorized { .. } => {
                "copy the token again from https://discord.com/developers/applications (Bot, Reset Token); \
                 it must be the token of a bot"
            }
            Self::Banned => "lift the ban first",
            Self::LimitReached { .. } => {
                "delete what is no longer needed; a server can have at most 1000 invites"
            }
            Self::VanityUnavailable => {
                "a vanity invite needs boost level 3, or a partnered or verified server"
            }
            Self::NoTargetUsers => "anyone may use this invite; set target users first",
            Self::NotForBots => "do this in Discord itself; Discord does not let a bot do it",
            Self::InvalidForm { fields, .. } if fields.is_empty() => {
                "check the values of the request; Discord does not name the invalid field"
            }
            Self::InvalidForm { .. } => "correct the fields named above",
            Self::TargetUsersFile { .. } => {
                "correct the lines named above; the first line is `user_id`, each other line is a user's id"
            }
            Self::NotIndexed { .. } | Self::RateLimited { .. } => "wait, then try again",
            Self::Api { status: 500.., .. } => {
                "Discord has an internal problem: see https://discordstatus.com and try again later"
            }
            Self::Api { .. } => {
                "the message above is from the server; check the token, the ids and the values of the request"
            }
            Self::NotDiscord { .. } => {
                "check the API's address; if it is right, wait: Discord or Cloudflare has a problem, \
                 or too many requests came from this machine's address"
            }
            Self::Decode(_) => "please report this with the path named above",
            Self::Transport(_) => "check the network and the address of the API",
            Self::Timeout => {
                "try again; https://discordstatus.com shows whether Discord has a problem"
            }
        }
    }

    /// Whether the same request may succeed later without any change.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::NotIndexed { .. }
                | Self::RateLimited { .. }
                | Self::Api { status: 500.., .. }
                | Self::NotDiscord { .. }
                | Self::Transport(_)
                | Self::Timeout
        )
    }

    /// How long to wait before the next try, if known.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::NotIndexed { retry_after } | Self::RateLimited { retry_after, .. } => {
                Some(*retry_after)
            }
            _ => None,
        }
    }
}

/// The causes of a connection failure, from the outermost to the innermost.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TransportError(String);

impl TransportError {
    pub(crate) fn new(error: &(dyn StdError + 'static)) -> Self {
        let mut text = error.to_string();
        let mut next = error.source();
        while let Some(cause) = next {
            let words = cause.to_string();
            // Many errors repeat their cause in their own words.
            if !text.contains(&words) {
                text.push_str(": ");
                text.push_str(&words);
            }
            next = cause.source();
        }
        Self::text(text)
    }

    pub(crate) fn text(text: String) -> Self {
        Self(words::harmless(&text))
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl StdError for TransportError {}

/// The error for a response or event with an unexpected form.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error, Serialize, Deserialize)]
#[error("{path}: {message}")]
#[non_exhaustive]
pub struct AnswerError {
    /// The JSON path, for example `$[3].guild.id`.
    pub path: String,
    /// What is wrong at that path.
    pub message: String,
}

impl AnswerError {
    pub(crate) fn new(path: &str, message: &str) -> Self {
        Self {
            path: path.to_owned(),
            message: message.to_owned(),
        }
    }
}

impl From<DecodeError> for AnswerError {
    fn from(error: DecodeError) -> Self {
        Self {
            path: error.path(),
            message: error.kind().to_string(),
        }
    }
}

/// Discord's message after ours, if it adds something.
struct Words<'a>(&'a str);

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            // What Discord itself always says.
            "" | "Unknown Invite" | "401: Unauthorized" => Ok(()),
            words => write!(f, " (“{words}”)"),
        }
    }
}

struct Fields<'a>(&'a [FieldError], &'a str);

impl fmt::Display for Fields<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str(self.1);
        }
        for (index, field) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{}: {}", field.path, field.message)?;
        }
        Ok(())
    }
}

struct Lines<'a>(&'a [LineError]);

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 5;
        for (index, line) in self.0.iter().take(SHOWN).enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{line}")?;
        }
        match self.0.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

struct Status(Option<u16>);

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .map_or(Ok(()), |status| write!(f, " (HTTP {status})"))
    }
}
