//! What a report lists.

use guestlist_ledger::Kept;
use guestlist_model::Timestamp;
use serde::Serialize;

/// The joins and leaves of a day (UTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Day {
    /// When it begins.
    pub from: Timestamp,
    /// Who joined on it.
    pub joins: u64,
    /// Who left on it.
    pub leaves: u64,
}

/// How many stayed for some days. See [`Kept`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Stay {
    /// For how many days.
    pub days: u32,
    /// Joins that are at least so old.
    pub observed: u64,
    /// Of these: members who stayed that long.
    pub stayed: u64,
    /// Of these: members of whom nobody knows.
    pub unsure: u64,
    /// Of those who stayed: members who may have left in a gap, unseen.
    pub over_gap: u64,
    /// The share who stayed, of those of whom it is known.
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

/// What came by a way in, an invite, a label or an inviter.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Line {
    /// The way in, the code, the label, or the inviter's id; none for the joins that are in
    /// no other line.
    pub key: Option<String>,
    /// The inviter's name, or the name of who made the invite.
    pub name: Option<String>,
    /// The label of the invite.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Joins.
    pub joins: u64,
    /// Joins in the span before.
    pub before: u64,
    /// Of `joins`: members who are still there.
    pub here: u64,
    /// Who stayed.
    pub kept: Vec<Stay>,
    /// What is unusual about an inviter's joins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub marks: Option<Marks>,
}

/// What is unusual about an inviter's joins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Marks {
    /// Members who had joined before.
    pub rejoined: u64,
    /// Accounts of less than a week.
    pub young: u64,
    /// Joins by an invite of one's own.
    pub own: u64,
    /// Members who left within an hour.
    pub quick: u64,
}
