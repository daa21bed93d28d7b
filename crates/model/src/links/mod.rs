//! Links to invites.

mod find;
mod link;
mod normal;
mod window;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use find::{FindInvites, FoundInvite, find_invites};
pub use link::{InviteLink, LinkError};

/// The ways in which a link is hidden from a simple search. Several can apply at once.
///
/// ```
/// use guestlist_model::{Disguise, find_invites};
///
/// let found = find_invites("discord\u{2024}gg/abc").next().unwrap();
/// assert!(found.disguise.contains(Disguise::LETTERS) && found.disguise.is_deliberate());
/// assert_eq!(found.disguise.to_string(), "look-alike letters");
/// ```
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Disguise(u8);

impl Disguise {
    /// Not hidden.
    pub const NONE: Self = Self(0);
    /// The host contains capital letters, which phones insert automatically.
    pub const CASE: Self = Self(1 << 0);
    /// The link contains invisible characters.
    pub const INVISIBLE: Self = Self(1 << 1);
    /// The link contains non-ASCII characters that browsers treat as ASCII: fullwidth,
    /// mathematical, circled, and others.
    pub const LETTERS: Self = Self(1 << 2);
    /// The link is percent-encoded.
    pub const PERCENT: Self = Self(1 << 3);
    /// The link contains backslashes, as slashes or as Markdown escapes.
    pub const BACKSLASH: Self = Self(1 << 4);
    /// The link contains markup, such as `**`.
    pub const MARKUP: Self = Self(1 << 5);
    /// The link is the target of a Markdown link: `[words](link)`.
    pub const MASKED: Self = Self(1 << 6);

    /// The host is followed by a port or a dot, which no link needs.
    pub const PORT: Self = Self(1 << 7);

    const NAMES: [(Self, &'static str); 8] = [
        (Self::CASE, "capitals"),
        (Self::INVISIBLE, "invisible characters"),
        (Self::LETTERS, "look-alike letters"),
        (Self::PERCENT, "percent-encoding"),
        (Self::BACKSLASH, "backslashes"),
        (Self::MARKUP, "markup"),
        (Self::MASKED, "a Markdown link"),
        (Self::PORT, "a port or dot after the host"),
    ];

    /// Whether the link is not disguised.
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// Whether all of `other` apply.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether the disguise is likely intended: any but capital letters or a Markdown
    /// link.
    #[must_use]
    pub const fn is_deliberate(self) -> bool {
        self.0 & !(Self::CASE.0 | Self::MASKED.0) != 0
    }
}

impl std::ops::BitOr for Disguise {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Writes the names of the disguises, separated by commas; nothing if there are none.
impl fmt::Display for Disguise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for (disguise, name) in Self::NAMES {
            if self.contains(disguise) {
                write!(f, "{separator}{name}")?;
                separator = ", ";
            }
        }
        Ok(())
    }
}
