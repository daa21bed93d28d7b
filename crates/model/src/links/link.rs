//! One link.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{find_invites, normal::is_invisible};
use crate::{CodeError, EventId, InviteCode};

/// A link to an invite: its code, and optionally an event.
///
/// [`FromStr`] accepts what people paste: `discord.gg/CODE`,
/// `https://discord.com/invite/CODE`, the old `discordapp.com`, `ptb.` and `canary.` hosts,
/// `discord://` links, `<…>`, or a bare code, followed by punctuation or a query.
/// [`Display`](fmt::Display) writes `https://discord.gg/CODE`.
///
/// ```
/// use guestlist_model::InviteLink;
///
/// let link: InviteLink = "<http://ptb.Discord.com/invite/jvuBeT38?event=42>,".parse()?;
/// assert_eq!(link.code().as_str(), "jvuBeT38");
/// assert_eq!(link.to_string(), "https://discord.gg/jvuBeT38?event=42");
/// # Ok::<(), guestlist_model::LinkError>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct InviteLink {
    code: InviteCode,
    event_id: Option<EventId>,
}

/// The error for a text that is not a link to an invite.
///
/// ```
/// use guestlist_model::{InviteLink, LinkError};
///
/// let error = "https://example.com/abc".parse::<InviteLink>().unwrap_err();
/// assert!(matches!(error, LinkError::Elsewhere(_)));
/// assert_eq!("".parse::<InviteLink>(), Err(LinkError::Empty));
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum LinkError {
    /// The text is empty.
    #[error("the text contains no link or code")]
    Empty,
    /// The link does not lead to a Discord invite.
    #[error("{0:?} is not a link to a Discord invite")]
    Elsewhere(String),
    /// The code is invalid.
    #[error(transparent)]
    Code(#[from] CodeError),
}

impl InviteLink {
    /// Creates a link from a code.
    #[must_use]
    pub const fn new(code: InviteCode) -> Self {
        Self {
            code,
            event_id: None,
        }
    }

    /// Adds an event to the link.
    #[must_use]
    pub fn with_event(mut self, event: EventId) -> Self {
        self.event_id = Some(event);
        self
    }

    /// The invite's code.
    #[must_use]
    pub const fn code(&self) -> &InviteCode {
        &self.code
    }

    /// The event that the link shows.
    #[must_use]
    pub const fn event_id(&self) -> Option<EventId> {
        self.event_id
    }

    /// Returns the code.
    #[must_use]
    pub fn into_code(self) -> InviteCode {
        self.code
    }
}

impl fmt::Display for InviteLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "https://discord.gg/{}", self.code)?;
        if let Some(event) = self.event_id {
            write!(f, "?event={event}")?;
        }
        Ok(())
    }
}

impl From<InviteCode> for InviteLink {
    fn from(code: InviteCode) -> Self {
        Self::new(code)
    }
}

impl From<&InviteCode> for InviteLink {
    fn from(code: &InviteCode) -> Self {
        Self::new(code.clone())
    }
}

impl From<InviteLink> for InviteCode {
    fn from(link: InviteLink) -> Self {
        link.code
    }
}

impl From<InviteLink> for String {
    fn from(link: InviteLink) -> Self {
        link.to_string()
    }
}

impl TryFrom<&str> for InviteLink {
    type Error = LinkError;

    fn try_from(text: &str) -> Result<Self, LinkError> {
        text.parse()
    }
}

impl TryFrom<String> for InviteLink {
    type Error = LinkError;

    fn try_from(text: String) -> Result<Self, LinkError> {
        text.parse()
    }
}

impl FromStr for InviteLink {
    type Err = LinkError;

    fn from_str(text: &str) -> Result<Self, LinkError> {
        let text = trim(text);
        if text.is_empty() {
            return Err(LinkError::Empty);
        }
        let elsewhere = || LinkError::Elsewhere(text.chars().take(200).collect());
        if let Some(found) = find_invites(text).next() {
            let before = text.get(..found.span.start).unwrap_or_default();
            let rest = text.get(found.span.end..).unwrap_or_default();
            let masked = before.ends_with("](") || before.ends_with("](<");
            if !(matches!(before, "" | "_" | "__" | "//") || masked) {
                return Err(elsewhere());
            }
            // The search leaves underscores behind a code to Markdown. Here they are the
            // code's, unless there are some before it too.
            if before.starts_with('_') || !rest.starts_with('_') {
                return check_rest(found.link, rest, found.span.end);
            }
            let rest_after = rest.trim_start_matches('_');
            let underscores = rest.strip_suffix(rest_after).unwrap_or_default();
            let code = InviteCode::new(&format!("{}{underscores}", found.code()))?;
            return check_rest(Self::new(code), rest_after, text.len() - rest_after.len());
        }
        let (code, query) = match text.find(['?', '#']) {
            Some(at) => text.split_at(at),
            None => (text, ""),
        };
        let code = if code.contains(['/', '.', ':', '\\', '%']) {
            after_host(code).ok_or_else(elsewhere)?
        } else {
            code
        };
        let link = Self::new(InviteCode::new(code)?);
        Ok(match event(query) {
            Some(event) => link.with_event(event),
            None => link,
        })
    }
}

/// What may follow a code: a slash, a query, punctuation.
fn check_rest(link: InviteLink, rest: &str, offset: usize) -> Result<InviteLink, LinkError> {
    let tail = rest.trim_start_matches('/');
    if tail.starts_with(['?', '#']) && !tail.contains(char::is_whitespace) {
        return Ok(match event(tail) {
            Some(event) => link.with_event(event),
            None => link,
        });
    }
    if tail.chars().all(|it| is_trailing(it) || is_invisible(it)) {
        return Ok(link);
    }
    let character = rest.chars().next().unwrap_or_default();
    Err(CodeError::Character { character, offset }.into())
}

/// What follows a host of Discord's invites, to say what is wrong with it as a code.
fn after_host(link: &str) -> Option<&str> {
    let lower = link.to_ascii_lowercase();
    let hosts = [
        "discord.gg/",
        "discord.com/invite/",
        "discordapp.com/invite/",
    ];
    hosts.iter().find_map(|host| {
        let at = lower.find(host)?;
        let before = lower.get(..at)?;
        let is_ours = matches!(before, "" | "//" | "http://" | "https://");
        link.get(at + host.len()..).filter(|_| is_ours)
    })
}

fn is_trailing(character: char) -> bool {
    matches!(
        character,
        '.' | ','
            | ';'
            | ':'
            | '!'
            | '?'
            | '\''
            | '"'
            | ')'
            | ']'
            | '}'
            | '>'
            | '*'
            | '_'
            | '~'
            | '|'
            | '`'
            | '…'
            | '。'
            | '，'
            | '”'
            | '’'
            | '»'
    )
}

fn trim(text: &str) -> &str {
    let is_blank = |it: char| it.is_whitespace() || is_invisible(it);
    let text = text.trim_start_matches(is_blank);
    let text =
        text.trim_start_matches(['<', '(', '{', '"', '\'', '`', '*', '~', '|', '“', '‘', '«']);
    // A code may end with an underscore, so underscores are left to the parser.
    text.trim_end_matches(|it| is_blank(it) || is_trailing(it) && it != '_')
}

fn event(query: &str) -> Option<EventId> {
    query
        .split('#')
        .next()?
        .trim_start_matches('?')
        .split('&')
        .find_map(|pair| pair.strip_prefix("event="))
        .and_then(|id| id.trim_end_matches(is_trailing).parse().ok())
}
