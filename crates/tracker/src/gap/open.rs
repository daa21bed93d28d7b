//! A gap that is being closed.

use std::collections::BTreeSet;

use guestlist_model::{Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::{AGAIN, Comparison, Notice};
use crate::state::shape;
use crate::time::{SKEW, after};

/// A gap that is being closed.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Open {
    #[serde(rename = "n", with = "shape::at")]
    pub(super) noticed: Timestamp,
    /// When it was noticed first.
    #[serde(rename = "h", with = "shape::maybe_at")]
    #[serde(default, skip_serializing_if = "shape::is_default")]
    pub(super) first: Option<Timestamp>,
    #[serde(rename = "o", with = "shape::at")]
    pub(super) observed_at: Timestamp,
    #[serde(rename = "l", with = "shape::maybe_at")]
    #[serde(default, skip_serializing_if = "shape::is_default")]
    pub(super) last_known: Option<Timestamp>,
    /// The latest of Discord's times that was known when it was noticed.
    #[serde(rename = "d", with = "shape::maybe_at")]
    #[serde(default, skip_serializing_if = "shape::is_default")]
    pub(super) seen: Option<Timestamp>,
    #[serde(rename = "f", default, skip_serializing_if = "shape::is_default")]
    pub(super) found: u64,
    #[serde(rename = "s", default, skip_serializing_if = "shape::is_default")]
    pub(super) passes: u32,
    #[serde(rename = "p", default, skip_serializing_if = "shape::is_default")]
    pub(super) pages: u32,
    #[serde(rename = "a", with = "shape::at")]
    pub(super) next_at: Timestamp,
    /// Where the next page ends.
    #[serde(rename = "t", with = "shape::maybe_at")]
    #[serde(default, skip_serializing_if = "shape::is_default")]
    pub(super) to: Option<Timestamp>,
    /// By how much counts rose, if they have been listed since the gap was noticed last.
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    pub(super) uses_moved: Option<u64>,
    /// By how much the number of members grew meanwhile: at least so many joined.
    #[serde(rename = "g", default, skip_serializing_if = "shape::is_default")]
    pub(super) grown: u64,
    /// Whether a list had shown the counts before.
    #[serde(rename = "v", default, skip_serializing_if = "shape::is_default")]
    pub(super) is_based: bool,
    /// Whether the number of members was told when it was noticed: it contains all who were found.
    #[serde(rename = "i", default, skip_serializing_if = "shape::is_default")]
    pub(super) counted: bool,
    /// How many of those may be joins that events told of afterwards.
    #[serde(rename = "r", default, skip_serializing_if = "shape::is_default")]
    pub(super) late: u64,
    /// Whether joins were found of which nobody can tell whether they are known.
    #[serde(rename = "b", default, skip_serializing_if = "shape::is_default")]
    pub(super) blurred: bool,
    /// How many members were found to have left.
    #[serde(rename = "e", default, skip_serializing_if = "shape::is_default")]
    pub(super) departed: u64,
    /// By how much they had risen before it was noticed again.
    #[serde(rename = "w", default, skip_serializing_if = "shape::is_default")]
    pub(super) moved_before: u64,
    /// Whether nothing more is asked for it.
    #[serde(rename = "z", default, skip_serializing_if = "shape::is_default")]
    pub(super) closing: bool,
    /// Joins that only the list of members has told of: user, and when in microseconds.
    #[serde(rename = "j", default, skip_serializing_if = "shape::is_default")]
    pub(super) listed: BTreeSet<(UserId, i64)>,
    /// Once two passes of the search are over: the comparison of who is stored with who is a
    /// member.
    #[serde(rename = "q", default, skip_serializing_if = "Option::is_none")]
    pub(super) comparison: Option<Comparison>,
}

impl Open {
    /// A gap that is noticed, or that is noticed again before it was closed. `unfilled` is from
    /// when on something is missing still.
    pub(super) fn new(
        notice: &Notice,
        unfilled: Option<Timestamp>,
        grown: Option<u64>,
        earlier: Option<Self>,
    ) -> Self {
        let Notice {
            now,
            local,
            last_known,
            seen,
            is_based,
        } = *notice;
        let known = |from: Option<Timestamp>| [from, unfilled].into_iter().flatten().min();
        let Some(earlier) = earlier else {
            return Self {
                noticed: now,
                first: Some(now),
                observed_at: local,
                last_known: known(last_known),
                seen,
                found: 0,
                passes: 0,
                pages: 0,
                next_at: now,
                to: None,
                uses_moved: None,
                moved_before: 0,
                grown: grown.unwrap_or(0),
                late: 0,
                is_based,
                counted: grown.is_some(),
                blurred: false,
                departed: 0,
                closing: false,
                listed: BTreeSet::new(),
                comparison: None,
            };
        };
        Self {
            noticed: now,
            last_known: known(earlier.last_known),
            seen,
            passes: 0,
            pages: 0,
            next_at: now,
            to: None,
            moved_before: earlier.moved().unwrap_or(0),
            uses_moved: None,
            grown: earlier.grown.saturating_add(grown.unwrap_or(0)),
            counted: grown.is_some(),
            closing: false,
            comparison: None,
            ..earlier
        }
    }

    /// Whether members or counts tell of more joins than were found. So many uses are those of
    /// no known join.
    pub(super) const fn is_short(&self, unexplained: u64) -> bool {
        self.found.saturating_add(self.late) < self.grown || unexplained > 0
    }

    /// By how much counts rose in all, if that is known.
    pub(super) fn moved(&self) -> Option<u64> {
        let moved = self
            .uses_moved
            .map(|moved| self.moved_before.saturating_add(moved));
        moved.or((self.moved_before > 0).then_some(self.moved_before))
    }

    /// An event told of a join at this time. If it is from before the gap was noticed, the
    /// member was counted then.
    pub(super) fn told(
        &mut self,
        now: Timestamp,
        joined_at: Timestamp,
        discord: Option<Timestamp>,
    ) {
        let may_be_older = discord.is_none_or(|discord| {
            let passed = now.as_micros().saturating_sub(self.noticed.as_micros());
            let noticed = discord.as_micros().saturating_sub(passed);
            joined_at <= after(Timestamp::from_micros(noticed), SKEW)
        });
        self.late = self.late.saturating_add(u64::from(may_be_older));
    }

    /// When the next pass of the search is due.
    pub(super) fn next_pass(&self) -> Timestamp {
        let times = 4_u32.saturating_pow(self.passes.saturating_sub(1));
        after(self.noticed, AGAIN.saturating_mul(times))
    }

    /// How many more joined at the most: those who stayed, and those of the uses who left.
    pub(super) const fn missing_at_most(&self, unexplained: u64) -> u64 {
        let grown = self.grown.saturating_sub(self.found);
        grown.saturating_add(unexplained)
    }

    /// How many more joined at the least. One who left again is not among the members, but
    /// stays counted among the uses of an invite.
    pub(super) fn missing(&self, unexplained: u64) -> u64 {
        let unseen = self
            .grown
            .saturating_sub(self.found.saturating_add(self.late));
        unseen.max(unexplained)
    }
}
