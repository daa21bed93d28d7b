//! What can go wrong with a request, and what to do about it.

use guestlist_model::{CodeError, DecodeError, FieldError};
use std::{error::Error as StdError, fmt, time::Duration};

mod answer;

pub use answer::LineError;
pub(crate) use answer::{excerpt, from_answer};

/// Why a request did not give what was asked for.
///
/// Exhaustive on purpose: a program that maps these to exit codes or HTTP
/// statuses is told by the compiler when there is a new one.
///
/// See [Discord Docs/Opcodes and Status Codes](https://discord.com/developers/docs/topics/opcodes-and-status-codes#json).
#[derive(Clone, Debug, thiserror::Error)]
pub enum ApiError {
    /// 10006: no such invite, or it is expired, used up or revoked.
    #[error(
        "there is no such invite{}; it may have expired, been used up or been revoked",
        Words(message)
    )]
    UnknownInvite {
        /// Discord's words; empty where there are none.
        message: String,
    },
    /// What was given for a code is not one; nothing was asked.
    #[error(transparent)]
    InvalidCode(#[from] CodeError),
    /// 10003, 10004, 10007 and other codes from 10001 on, or HTTP 404.
    #[error("not found: {message} (code {code})")]
    NotFound {
        /// Discord's code.
        code: u64,
        /// Discord's words.
        message: String,
    },
    /// 50013: the bot lacks a permission.
    #[error("the bot lacks a permission for this")]
    MissingPermission,
    /// 50001: the bot is not in the guild, or may not see the channel.
    #[error("the bot has no access to this")]
    MissingAccess,
    /// 401: the token is wrong or was reset.
    #[error("Discord does not accept the bot token{}", Words(message))]
    Unauthorized {
        /// Discord's words; empty where there are none.
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
        /// Discord's words.
        message: String,
    },
    /// 50020: the guild may not have a vanity invite.
    #[error("this server cannot have a vanity invite")]
    VanityUnavailable,
    /// 10124 or 10129: the invite has no target users.
    #[error("this invite has no target users")]
    NoTargetUsers,
    /// 20001: the endpoint is not for bots.
    #[error("bots cannot use this endpoint")]
    NotForBots,
    /// 50035: fields of the request have values that Discord does not take.
    #[error("Discord does not accept the request: {}", Fields(fields, message))]
    InvalidForm {
        /// Discord's words for the whole.
        message: String,
        /// Which fields, and why.
        fields: Vec<FieldError>,
    },
    /// The CSV of target users has bad lines.
    #[error("Discord does not accept the file of target users: {}", Lines(lines))]
    TargetUsersFile {
        /// Which lines, and why.
        lines: Vec<LineError>,
    },
    /// 110000: the members of the guild are not indexed yet.
    #[error("the search index is not ready; try again in {} s", retry_after.as_secs_f64())]
    NotIndexed {
        /// When to ask again.
        retry_after: Duration,
    },
    /// 429, for longer than the client's patience.
    #[error("rate limited{}; try again in {:.1} s", if *global { " everywhere" } else { "" }, retry_after.as_secs_f64())]
    RateLimited {
        /// When to ask again; an estimate where Discord did not say.
        retry_after: Duration,
        /// Whether all requests are held up, not only those of one bucket.
        global: bool,
    },
    /// Any other refusal.
    #[error("Discord refused: {message} (HTTP {status}, code {code})")]
    Api {
        /// HTTP's status.
        status: u16,
        /// Discord's code, 0 when there was none.
        code: u64,
        /// Discord's words.
        message: String,
    },
    /// The answer was not Discord's: a page of Cloudflare's, or nothing at all.
    #[error("the answer does not come from Discord's API{}: {excerpt}", Status(*status))]
    NotDiscord {
        /// HTTP's status, if it is known.
        status: Option<u16>,
        /// What the answer seems to be.
        excerpt: String,
    },
    /// The answer is Discord's, but has a shape that is not understood.
    #[error("Discord's answer cannot be understood: {0}")]
    Decode(AnswerError),
    /// No connection, or it broke.
    #[error("Discord cannot be reached: {0}")]
    Transport(TransportError),
    /// No answer in time.
    #[error("no answer from Discord in time")]
    Timeout,
}

impl ApiError {
    /// What a person can do about it.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::UnknownInvite { .. } => {
                "check the code: codes are case-sensitive, and an invite that has ended cannot be looked up"
            }
            Self::InvalidCode(_) => "give the code alone: what comes after `discord.gg/`",
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
                "check what was asked for; Discord does not name the field that it refuses"
            }
            Self::InvalidForm { .. } => "correct the fields named above",
            Self::TargetUsersFile { .. } => {
                "correct the lines named above; the first line is `user_id`, each other line is a user's id"
            }
            Self::NotIndexed { .. } | Self::RateLimited { .. } => "wait, then try again",
            Self::Api { status: 500.., .. } => {
                "Discord has a problem of its own: see https://discordstatus.com and try again later"
            }
            Self::Api { .. } => {
                "the reason above is the server's own; check the token, the ids and what was asked for"
            }
            Self::NotDiscord { .. } => {
                "check the API's address; if it is right, wait: Discord or Cloudflare has a problem, \
                 or too many requests came from this machine's address"
            }
            Self::Decode(_) => "please report this with the path named above",
            Self::Transport(_) => "check the network, and the API's address",
            Self::Timeout => {
                "try again; https://discordstatus.com says whether Discord has a problem"
            }
        }
    }

    /// Whether the same request may succeed later without anyone doing anything.
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

    /// How long to wait before asking again, when that is known.
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

/// The causes of a failed connection, from the outermost to the innermost.
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
        Self(text)
    }

    pub(crate) const fn text(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl StdError for TransportError {}

/// Where an answer or an event differs from what is understood, and how.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{path}: {message}")]
#[non_exhaustive]
pub struct AnswerError {
    /// The JSON path, `$[3].guild.id` for instance.
    pub path: String,
    /// What is wrong there.
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

/// Discord's own words behind ours, where there are any and they add something.
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
