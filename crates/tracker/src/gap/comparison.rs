//! The comparison of who is stored as a member with who is one: who has left while nobody
//! told?

use std::time::Duration;

use guestlist_model::{Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::state::shape;
use crate::time::after;

/// After so long without a page, the comparison is given up.
const GIVE_UP: Duration = Duration::from_secs(900);
/// Of a guild with more members, only those pages are read that hold somebody who is stored,
/// even if that does not find who joined.
const MAX_MEMBERS: u64 = 50_000;

/// See the module's documentation.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Comparison {
    /// Whether the search has found all who joined.
    #[serde(rename = "c", default, skip_serializing_if = "shape::is_default")]
    caught_up: bool,
    /// Whether all members are read, to find who joined.
    #[serde(rename = "w", default, skip_serializing_if = "shape::is_default")]
    whole: bool,
    /// The last member that was read.
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    after: Option<UserId>,
    /// When the next page is wanted.
    #[serde(rename = "n", with = "shape::at")]
    next_at: Timestamp,
    /// Whether the last page was read.
    #[serde(rename = "r", default, skip_serializing_if = "shape::is_default")]
    complete: bool,
    /// Whether no other page is wanted.
    #[serde(rename = "o", default, skip_serializing_if = "shape::is_default")]
    over: bool,
    /// Whether joins were seen whose events may still be on their way. They are not stored.
    #[serde(rename = "s", default, skip_serializing_if = "shape::is_default")]
    waiting: bool,
}

/// A page that is wanted.
#[derive(Debug, PartialEq)]
pub(crate) struct Wanted {
    pub(crate) at: Timestamp,
    pub(crate) after: Option<UserId>,
    pub(crate) whole: bool,
}

impl Comparison {
    /// Begins at a time in a guild of so many members, as far as is known.
    pub(super) fn new(at: Timestamp, caught_up: bool, members: Option<u64>) -> Self {
        Self {
            caught_up,
            whole: !caught_up && Self::reads_all(members),
            after: None,
            next_at: at,
            complete: false,
            over: false,
            waiting: false,
        }
    }

    /// Whether all members are read in a guild of so many members, if some are missing.
    pub(super) fn reads_all(members: Option<u64>) -> bool {
        members.is_some_and(|members| members <= MAX_MEMBERS)
    }

    pub(super) fn wanted(&self) -> Wanted {
        Wanted {
            at: self.next_at,
            after: self.after,
            whole: self.whole,
        }
    }

    /// When it is given up if no page comes.
    pub(super) fn until(&self) -> Timestamp {
        after(self.next_at, GIVE_UP)
    }

    /// A page was read, up to this member if there are more. Returns whether it was the last.
    pub(super) fn page_read(&mut self, now: Timestamp, next: Option<UserId>) -> bool {
        self.complete = next.is_none();
        // A page that ends where it began would come again for ever.
        self.over = next <= self.after;
        self.after = next.max(self.after);
        self.next_at = now;
        self.over
    }

    /// For so long nobody could ask.
    pub(super) fn slept(&mut self, span: Duration) {
        self.next_at = after(self.next_at, span);
    }

    pub(super) const fn is_over(&self) -> bool {
        self.over
    }

    pub(super) const fn set_waiting(&mut self, waiting: bool) {
        self.waiting = waiting;
    }

    /// After a restart, the list is read once more if something of it was not used.
    pub(super) const fn take_up(&mut self) {
        if self.waiting {
            self.waiting = false;
            self.over = false;
            self.complete = false;
            self.after = None;
        }
    }

    pub(super) const fn is_complete(&self) -> bool {
        self.complete
    }

    /// Whether all members were read.
    pub(super) const fn found_all(&self) -> bool {
        self.complete && self.whole
    }

    pub(super) const fn caught_up(&self) -> bool {
        self.caught_up
    }
}
