//! The lines of a report.

use guestlist_ledger::Kept;
use guestlist_model::Timestamp;
use serde::Serialize;

/// The joins and leaves of a day (UTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Day {
    /// The start of the day.
    pub from: Timestamp,
    /// The number of joins.
    pub joins: u64,
    /// The number of leaves.
    pub leaves: u64,
}

/// How many members stayed for a number of days. See [`Kept`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Stay {
    /// The number of days.
    pub days: u32,
    /// The number of joins that are at least this old.
    pub observed: u64,
    /// How many of these members stayed that long.
    pub stayed: u64,
    /// For how many of these members it is unknown.
    pub unsure: u64,
    /// How many of those who stayed may have left unseen, in a gap.
    pub over_gap: u64,
    /// The share of members who stayed, out of those for whom it is known.
    pub share: Option<f64>,
}

impl From<&Kept> for Stay {
    fn from(kept: &Kept) -> Self {
        Self {
            days: kept.days,
            observed: kept.observed,
            stayed: kept.stayed,
            unsure: kept.unsure,
            over_gap: kept.over_gap,
            share: kept.share(),
        }
    }
}

/// The joins of one origin, invite, label or inviter.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Line {
    /// The origin, the code, the label, or the inviter's id; `None` for joins in no other
    /// line.
    pub key: Option<String>,
    /// The name of the inviter.
    pub name: Option<String>,
    /// The label of the invite.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The number of joins.
    pub joins: u64,
    /// The number of joins in the previous time span.
    pub before: u64,
    /// How many of `joins` are of current members.
    pub here: u64,
    /// How many members stayed.
    pub kept: Vec<Stay>,
    /// What is unusual about an inviter's joins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub marks: Option<Marks>,
}

/// What is unusual about an inviter's joins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Marks {
    /// The number of members who had joined before.
    pub rejoined: u64,
    /// The number of accounts younger than a week.
    pub young: u64,
    /// The number of joins by the member's own invite.
    pub own: u64,
    /// The number of members who left within an hour.
    pub quick: u64,
}
