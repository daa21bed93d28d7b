//! What a question is about. An empty scope asks for everything.

use std::{num::NonZeroI64, time::Duration};

use guestlist_model::{GuildId, InviteCode, Timestamp, UserId};
use guestlist_tracker::{Certainty, JoinKey};

use crate::Label;

/// The ways in that a join can stand for, by
/// [`Origin::label`](guestlist_tracker::Origin::label).
pub const ORIGINS: [&str; 9] = [
    "invite",
    "vanity",
    "bot",
    "integration",
    "discovery",
    "hub",
    "linked_lobby",
    "manual_verification",
    "other",
];

/// The answers to "how sure", without what they carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum CertaintyKind {
    /// Discord said so.
    Confirmed,
    /// The only possibility that the evidence leaves.
    Deduced,
    /// Several candidates.
    Ambiguous,
    /// Not known, for a reason.
    Unknown,
    /// A first estimate; a final answer follows.
    Provisional,
}

impl CertaintyKind {
    /// Every kind: those of final answers from sure to unsure, then provisional.
    pub const ALL: [Self; 5] = [
        Self::Confirmed,
        Self::Deduced,
        Self::Ambiguous,
        Self::Unknown,
        Self::Provisional,
    ];

    /// Which one it is.
    #[must_use]
    pub const fn of(certainty: &Certainty) -> Self {
        match certainty {
            Certainty::Confirmed(_) => Self::Confirmed,
            Certainty::Deduced(_) => Self::Deduced,
            Certainty::Ambiguous(_) => Self::Ambiguous,
            Certainty::Unknown(_) => Self::Unknown,
            Certainty::Provisional(_) => Self::Provisional,
        }
    }

    /// The word for it, as the ledger stores it and as reports print it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Deduced => "deduced",
            Self::Ambiguous => "ambiguous",
            Self::Unknown => "unknown",
            Self::Provisional => "provisional",
        }
    }
}

impl std::fmt::Display for CertaintyKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that names no certainty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not one of confirmed, deduced, ambiguous, unknown, provisional")]
pub struct NotACertainty(String);

impl std::str::FromStr for CertaintyKind {
    type Err = NotACertainty;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str().eq_ignore_ascii_case(word))
            .ok_or_else(|| NotACertainty(word.to_owned()))
    }
}

/// Which joins, and what belongs to them: the filter of every report.
///
/// All that is set has to hold. What a field means for rows that are not joins is
/// said with each question of [`Reports`](crate::Reports).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Scope {
    /// Only this guild.
    pub guild: Option<GuildId>,
    /// Only this member.
    pub user: Option<UserId>,
    /// Only joins attributed (confirmed or deduced) to this inviter.
    pub inviter: Option<UserId>,
    /// Only joins attributed (confirmed or deduced) to this code.
    pub code: Option<InviteCode>,
    /// At this time or later.
    pub since: Option<Timestamp>,
    /// Before this time.
    pub until: Option<Timestamp>,
    /// Only joins that are known this surely.
    pub certainty: Option<CertaintyKind>,
    /// Only joins attributed (confirmed or deduced) to a code with this label.
    pub label: Option<Label>,
    /// Only joins attributed (confirmed or deduced) to this way in, one of [`ORIGINS`].
    pub origin: Option<String>,
    /// Only joins of members who are still there by them, or only of those who are not.
    pub here: Option<bool>,
    /// Only joins of accounts that were younger than this when they joined, by the time in
    /// the account's id. Nobody knows how old the account of somebody forgotten was.
    pub account_younger_than: Option<Duration>,
    /// Only members whose latest known name has this text in it, in whatever case, or
    /// whose id it is.
    pub name: Option<String>,
}

macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident: $type:ty),+ $(,)?) => {
        impl Scope {
            /// Everything.
            #[must_use]
            pub fn new() -> Self {
                Self::default()
            }
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $name(mut self, $name: $type) -> Self {
                    self.$name = Some($name);
                    self
                }
            )+
        }
    };
}

setters! {
    /// Only this guild.
    guild: GuildId,
    /// Only this member.
    user: UserId,
    /// Only joins attributed to this inviter.
    inviter: UserId,
    /// Only joins attributed to this code.
    code: InviteCode,
    /// At this time or later.
    since: Timestamp,
    /// Before this time.
    until: Timestamp,
    /// Only joins that are known this surely.
    certainty: CertaintyKind,
    /// Only joins attributed to a code with this label.
    label: Label,
    /// Only joins of members who are still there by them, or only of those who are not.
    here: bool,
    /// Only joins of accounts that were younger than this when they joined.
    account_younger_than: Duration,
}

impl Scope {
    /// Only joins attributed to this way in, one of [`ORIGINS`].
    #[must_use]
    pub fn origin(mut self, origin: impl Into<String>) -> Self {
        self.origin = Some(origin.into());
        self
    }

    /// Only members whose latest known name has this text in it, or whose id it is.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The same of all times.
    #[must_use]
    pub(crate) fn timeless(mut self) -> Self {
        (self.since, self.until) = (None, None);
        self
    }
}

/// Which part of a long answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page {
    /// At most so many rows; all if none.
    pub limit: Option<u32>,
    /// Only what comes after this join in the answer's order (newest first):
    /// the key of the last row of the page before.
    pub after: Option<JoinKey>,
}

impl Page {
    /// All rows.
    pub const ALL: Self = Self {
        limit: None,
        after: None,
    };

    /// The first rows, at most so many.
    #[must_use]
    pub const fn first(limit: u32) -> Self {
        Self {
            limit: Some(limit),
            after: None,
        }
    }

    /// As many rows, after this join.
    #[must_use]
    pub const fn after(mut self, key: JoinKey) -> Self {
        self.after = Some(key);
        self
    }
}

/// Which invites, by whether they can be used. Discord does not tell when an invite
/// expires, so that depends on when it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InviteStatus {
    /// All.
    #[default]
    Any,
    /// Those that can be used at this time.
    ActiveAt(Timestamp),
    /// Those that have ended, or are past their expiry at this time.
    EndedAt(Timestamp),
}

/// How a [series](crate::Reports::series) divides time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// In microseconds.
    width: NonZeroI64,
    /// Where one begins, in microseconds after 1970.
    origin: i64,
}

impl Bucket {
    /// Hours.
    pub const HOUR: Self = Self::seconds(3_600, 0);
    /// Days, from midnight UTC.
    pub const DAY: Self = Self::seconds(86_400, 0);
    /// Weeks, from Monday, midnight UTC. (1970 began on a Thursday.)
    pub const WEEK: Self = Self::seconds(7 * 86_400, 4 * 86_400);

    const fn seconds(width: i64, origin: i64) -> Self {
        match NonZeroI64::new(width * 1_000_000) {
            Some(width) => Self {
                width,
                origin: origin * 1_000_000,
            },
            None => Self {
                width: NonZeroI64::MIN,
                origin: 0,
            },
        }
    }

    /// Of this width, from the beginning of 1970 UTC on; none if it is less than a
    /// microsecond or more than 292,000 years.
    #[must_use]
    pub fn of(width: Duration) -> Option<Self> {
        let width = i64::try_from(width.as_micros()).ok()?;
        Some(Self {
            width: NonZeroI64::new(width)?,
            origin: 0,
        })
    }

    /// The same, such that one begins at this time: for the midnights of a time zone.
    #[must_use]
    pub const fn from(mut self, origin: Timestamp) -> Self {
        self.origin = origin.as_micros();
        self
    }

    /// How wide one is, in microseconds.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.width.get()
    }

    /// When one of them begins, in microseconds after 1970.
    #[must_use]
    pub const fn origin(self) -> i64 {
        self.origin
    }

    /// When the one that holds a moment begins.
    #[must_use]
    pub const fn start(self, at: Timestamp) -> Timestamp {
        let into = (at.as_micros().wrapping_sub(self.origin)).wrapping_rem_euclid(self.width.get());
        Timestamp::from_micros(at.as_micros().saturating_sub(into))
    }
}
