//! What an address can choose from.

use std::time::Duration;

use guestlist_ledger::{CohortBy, InviteStatus};
use guestlist_model::Timestamp;

/// A span of time that pages offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// As it is in an address.
    pub(crate) word: &'static str,
    pub(crate) label: &'static str,
    /// None is all that there is.
    pub(crate) length: Option<Duration>,
}

const DAY: u64 = 86_400;

const fn span(word: &'static str, label: &'static str, secs: u64) -> Span {
    let length = match secs {
        0 => None,
        secs => Some(Duration::from_secs(secs)),
    };
    Span {
        word,
        label,
        length,
    }
}

impl Span {
    pub(crate) const ALL: [Self; 6] = [
        span("1h", "last hour", 3_600),
        span("24h", "last 24 hours", DAY),
        span("7d", "last 7 days", 7 * DAY),
        span("30d", "last 30 days", 30 * DAY),
        span("90d", "last 90 days", 90 * DAY),
        span("all", "all time", 0),
    ];
    pub(super) const USUAL: Self = Self::ALL[3];
}

/// What puts joins into one cohort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Grouping {
    /// As it is in an address.
    pub(crate) word: &'static str,
    pub(crate) label: &'static str,
    pub(crate) by: CohortBy,
}

impl Grouping {
    pub(crate) const fn new(word: &'static str, label: &'static str, by: CohortBy) -> Self {
        Self { word, label, by }
    }
}

/// Which invites are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Living {
    #[default]
    Any,
    Active,
    Ended,
}

impl Living {
    pub(crate) const ALL: [(Self, &'static str, &'static str); 3] = [
        (Self::Any, "", "all"),
        (Self::Active, "active", "usable now"),
        (Self::Ended, "ended", "ended"),
    ];

    pub(crate) const fn at(self, now: Timestamp) -> InviteStatus {
        match self {
            Self::Any => InviteStatus::Any,
            Self::Active => InviteStatus::ActiveAt(now),
            Self::Ended => InviteStatus::EndedAt(now),
        }
    }
}
