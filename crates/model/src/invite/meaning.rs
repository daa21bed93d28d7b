//! Values derived from an invite's fields.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Invite, InviteKind};
use crate::{Field, Timestamp};

/// When an invite expires.
///
/// ```
/// use guestlist_model::{Expiry, Invite};
///
/// let invite: Invite = r#"{"code": "abc", "expires_at": "2026-03-01T12:00:00+00:00"}"#.parse()?;
/// match invite.expiry() {
///     Expiry::Never => println!("never expires"),
///     Expiry::At(time) => println!("expires at {time}"),
///     Expiry::Unknown => println!("the payload does not say"),
/// }
/// # assert_eq!(invite.expiry(), Expiry::At("2026-03-01T12:00:00Z".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Expiry {
    /// The invite never expires.
    Never,
    /// The invite expires at this time.
    At(Timestamp),
    /// The payload does not say.
    Unknown,
}

/// How often an invite can still be used.
///
/// ```
/// use guestlist_model::{Invite, Remaining};
///
/// let invite: Invite = r#"{"code": "abc", "uses": 3, "max_uses": 5}"#.parse()?;
/// assert_eq!(invite.remaining_uses(), Remaining::Left(2));
/// # Ok::<(), guestlist_model::DecodeError>(())
/// ```
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Remaining {
    /// The invite can be used without limit.
    Unlimited,
    /// The invite can be used this many times.
    Left(u64),
    /// The payload does not say.
    Unknown,
}

impl Invite {
    /// When the invite expires: `expires_at` if the payload has it, or else `created_at`
    /// plus `max_age`.
    #[must_use]
    pub fn expiry(&self) -> Expiry {
        match self.expires_at() {
            Field::Value(at) => return Expiry::At(at),
            Field::Null => return Expiry::Never,
            Field::Absent => {}
        }
        match (self.max_age(), self.created_at()) {
            (Some(0), _) => Expiry::Never,
            (Some(secs), Some(at)) => {
                // What cannot be held in a timestamp is past the year 290,000.
                at.checked_add(Duration::from_secs(secs))
                    .map_or(Expiry::Never, Expiry::At)
            }
            _ => Expiry::Unknown,
        }
    }

    /// How often the invite can still be used.
    #[must_use]
    pub fn remaining_uses(&self) -> Remaining {
        match (self.max_uses(), self.uses()) {
            (Some(0), _) => Remaining::Unlimited,
            (Some(most), Some(uses)) => Remaining::Left(most.saturating_sub(uses)),
            _ => Remaining::Unknown,
        }
    }

    /// Whether the invite has expired at the given time; `None` if the payload does not
    /// say.
    #[must_use]
    pub fn is_expired(&self, at: Timestamp) -> Option<bool> {
        match self.expiry() {
            Expiry::Never => Some(false),
            Expiry::At(expiry) => Some(at >= expiry),
            Expiry::Unknown => None,
        }
    }

    /// Whether the invite is used up; `None` if the payload does not say.
    #[must_use]
    pub fn is_exhausted(&self) -> Option<bool> {
        match self.remaining_uses() {
            Remaining::Unlimited => Some(false),
            Remaining::Left(uses) => Some(uses == 0),
            Remaining::Unknown => None,
        }
    }

    /// Whether this is the guild's vanity invite; `None` if the payload does not say. It
    /// is the vanity invite if the guild's vanity code is this code. It is not if the
    /// guild has another vanity code or none, if the invite has an inviter, or if it does
    /// not lead to a guild.
    #[must_use]
    pub fn is_vanity(&self) -> Option<bool> {
        if self.kind() != InviteKind::Guild {
            return Some(false);
        }
        match self.guild().map(|guild| guild.vanity_url_code()) {
            Some(Field::Value(vanity)) => Some(vanity.eq_ignore_ascii_case(self.code().as_str())),
            Some(Field::Null) => Some(false),
            Some(Field::Absent) | None => {
                // A vanity invite never has an inviter; others may lack one too.
                if self.inviter().is_some() {
                    Some(false)
                } else {
                    None
                }
            }
        }
    }

    /// The age of the invite at the given time; `None` if the payload does not say when
    /// the invite was created, or if it was created later.
    #[must_use]
    pub fn age(&self, at: Timestamp) -> Option<Duration> {
        at.duration_since(self.created_at()?)
    }
}
