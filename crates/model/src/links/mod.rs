//! Links to invites.

mod find;
mod link;
mod normal;
mod window;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use find::{FindInvites, FoundInvite, find_invites};
pub use link::{InviteLink, LinkError};

/// Ways in which a link is hidden from a simple search; several may be used at once.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Disguise(u8);

impl Disguise {
    /// Not hidden.
    pub const NONE: Self = Self(0);
    /// The host has capital letters, which phones write unasked.
    pub const CASE: Self = Self(1 << 0);
    /// There are invisible characters in it.
    pub const INVISIBLE: Self = Self(1 << 1);
    /// It has characters from outside ASCII that browsers take for ASCII: fullwidth,
    /// mathematical, circled, and others.
    pub const LETTERS: Self = Self(1 << 2);
    /// It is percent-encoded.
    pub const PERCENT: Self = Self(1 << 3);
    /// It has backslashes, as slashes or as Markdown's escapes.
    pub const BACKSLASH: Self = Self(1 << 4);
    /// There is markup in it, like `**`.
    pub const MARKUP: Self = Self(1 << 5);
    /// It is behind other words: `[words](link)`.
    pub const MASKED: Self = Self(1 << 6);

    /// There is a port or a dot behind the host, which no link needs.
    pub const PORT: Self = Self(1 << 7);

    const NAMES: [(Self, &'static str); 8] = [
        (Self::CASE, "capitals"),
        (Self::INVISIBLE, "invisible characters"),
        (Self::LETTERS, "look-alike letters"),
        (Self::PERCENT, "percent-encoding"),
        (Self::BACKSLASH, "backslashes"),
        (Self::MARKUP, "markup"),
        (Self::MASKED, "behind other words"),
        (Self::PORT, "a port or dot behind the host"),
    ];

    /// Whether the link is not hidden at all.
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// Whether all of `other` are used.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether the link is hidden in a way that does not happen by itself: by anything but
    /// capitals or being a Markdown link.
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

/// The ways, separated by commas; nothing if there is none.
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
