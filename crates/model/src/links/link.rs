//! One link.

use std::fmt;
use std::str::FromStr;

use crate::{CodeError, EventId, InviteCode};

/// A link to an invite: its code, and the event that the link shows.
///
/// [`FromStr`] takes what people paste: `discord.gg/CODE`, `https://discord.com/invite/CODE`,
/// the old `discordapp.com`, `ptb.` and `canary.` hosts, `discord://` links, `<…>`, a bare
/// code, with punctuation and a query behind it. [`Display`](fmt::Display) gives
/// `https://discord.gg/CODE`.
///
/// ```
/// use guestlist_model::InviteLink;
///
/// let link: InviteLink = "<http://ptb.Discord.com/invite/jvuBeT38?event=42>,".parse()?;
/// assert_eq!(link.code().as_str(), "jvuBeT38");
/// assert_eq!(link.to_string(), "https://discord.gg/jvuBeT38?event=42");
/// # Ok::<(), guestlist_model::LinkError>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct InviteLink {
    code: InviteCode,
    event_id: Option<EventId>,
}

/// Why a text is not a link to an invite.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum LinkError {
    /// There is no text.
    #[error("there is no link or code")]
    Empty,
    /// A link to somewhere else than Discord's invites.
    #[error("{0:?} is not a link to a Discord invite")]
    Elsewhere(String),
    /// The code is not one.
    #[error(transparent)]
    Code(#[from] CodeError),
}

impl InviteLink {
    /// The link to an invite.
    #[must_use]
    pub const fn new(code: InviteCode) -> Self {
        Self {
            code,
            event_id: None,
        }
    }

    /// The same link, showing an event.
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

    /// The code alone.
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

impl FromStr for InviteLink {
    type Err = LinkError;

    fn from_str(text: &str) -> Result<Self, LinkError> {
        let text = trim(text);
        if text.is_empty() {
            return Err(LinkError::Empty);
        }
        let (path, query) = match text.find(['?', '#']) {
            Some(at) => text.split_at(at),
            None => (text, ""),
        };
        let code = match after_host(path) {
            Some(rest) => {
                let rest = rest.trim_start_matches('/');
                rest.split('/').next().unwrap_or_default()
            }
            None if path.contains(['/', '.', ':', '\\']) => {
                return Err(LinkError::Elsewhere(text.chars().take(200).collect()));
            }
            None => path,
        };
        let code = InviteCode::new(code.trim_end_matches(is_trailing))?;
        let link = Self::new(code);
        Ok(match event(query) {
            Some(event) => link.with_event(event),
            None => link,
        })
    }
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
            | '~'
            | '|'
            | '`'
            | '…'
            | '。'
            | '，'
    )
}

fn trim(text: &str) -> &str {
    text.trim_matches(|character: char| {
        character.is_whitespace()
            || is_trailing(character)
            || matches!(
                character,
                '<' | '(' | '[' | '{' | '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{2060}'
            )
    })
}

/// What follows the part of a link that says that an invite's code follows.
fn after_host(path: &str) -> Option<&str> {
    let rest = strip_ignore_case(path, "https://")
        .or_else(|| strip_ignore_case(path, "http://"))
        .unwrap_or(path);
    if let Some(rest) = strip_ignore_case(rest, "discord://") {
        let rest = rest.trim_start_matches(['-', '/']);
        return strip_ignore_case(rest, "invite/");
    }
    let rest = ["www.", "ptb.", "canary."]
        .into_iter()
        .find_map(|prefix| strip_ignore_case(rest, prefix))
        .unwrap_or(rest);
    for host in ["discord.gg", "dsc.gg"] {
        if host == "dsc.gg" {
            continue;
        }
        if let Some(rest) = strip_ignore_case(rest, host).and_then(|rest| rest.strip_prefix('/')) {
            return Some(strip_ignore_case(rest, "invite/").unwrap_or(rest));
        }
    }
    for host in ["discord.com", "discordapp.com"] {
        if let Some(rest) = strip_ignore_case(rest, host) {
            return strip_ignore_case(rest, "/invite/");
        }
    }
    None
}

fn strip_ignore_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
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
