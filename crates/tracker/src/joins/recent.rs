//! Joins remembered only to recognize an event that comes again.

use std::time::Duration;

use guestlist_model::{Timestamp, UserId};

use crate::state::{Changes, Kept, Reader, StateError};
use crate::time::before;

/// So many are remembered.
const MAX: usize = 256;
/// The same while a gap is open: those who joined since are found by its search too.
const MAX_IN_GAP: usize = 2048;
/// How far before a gap those are needed whom its search may find.
const OVERLAP: Duration = crate::gap::OVERLAP;

/// See the module's documentation.
#[derive(Debug, Default)]
pub(super) struct Recent {
    joins: Kept<(Timestamp, UserId), ()>,
}

impl Recent {
    pub(super) fn add(&mut self, join: (Timestamp, UserId)) {
        self.joins.insert(join, ());
    }

    pub(super) fn contains(&self, user: UserId, joined_at: Timestamp) -> bool {
        self.joins.contains(&(joined_at, user))
    }

    /// When a user joined.
    pub(super) fn times_of(&self, user: UserId) -> Vec<Timestamp> {
        let own = self.joins.keys().filter(|(_, known)| *known == user);
        own.map(|(at, _)| *at).collect()
    }

    /// Forgets joins that no search will tell again. `gap` is from when on a search may
    /// find them. Returns whether some were forgotten that it may find.
    pub(super) fn forget(&mut self, gap: Option<Timestamp>) -> bool {
        let from = gap.map(|gap| before(gap, OVERLAP));
        let mut overflowed = false;
        while self.joins.len() > MAX {
            let Some(first) = self.joins.first_key().copied() else {
                break;
            };
            let needed = from.is_some() && Some(first.0) >= from;
            if needed && self.joins.len() <= MAX_IN_GAP {
                break;
            }
            overflowed |= needed;
            self.joins.remove(&first);
        }
        overflowed
    }

    pub(super) fn take_changed(&mut self, changes: &mut Changes) {
        changes.members(&mut self.joins, |(at, user)| {
            format!("seen/{}/{user}", at.as_micros())
        });
    }

    pub(super) fn restore(parts: &Reader<'_>) -> Result<Self, StateError> {
        let mut recent = Self::default();
        parts.members("seen/", &mut recent.joins, |name| {
            let (at, user) = name.split_once('/')?;
            Some((Timestamp::from_micros(at.parse().ok()?), user.parse().ok()?))
        })?;
        Ok(recent)
    }
}
