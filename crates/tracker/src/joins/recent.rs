//! Joins remembered only to recognize an event that comes again.

use std::time::Duration;

use guestlist_model::{Timestamp, UserId};

use crate::gap::{OUT_OF_ORDER, OVERLAP as OVERLAP_OF_GAP};
use crate::state::{Changes, Kept, Marked, Reader, StateError};
use crate::time::before;

/// So many are remembered.
const MAX: usize = 256;
/// The same of those whom the search of a gap may find.
const MAX_NEEDED: usize = 10_000;
/// How far before a gap those are needed whom its search may find.
const OVERLAP: Duration = OVERLAP_OF_GAP.saturating_add(OUT_OF_ORDER);

/// See the module's documentation.
#[derive(Debug, Default)]
pub(super) struct Recent {
    joins: Kept<(Timestamp, UserId), ()>,
    /// Those of them that a search found, and that no event has told of yet.
    found: Kept<(Timestamp, UserId), ()>,
    /// The latest join that was forgotten though a search may tell of it again.
    forgot: Marked<Option<i64>>,
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

    /// A search found a join that no event has told of.
    pub(super) fn add_found(&mut self, join: (Timestamp, UserId)) {
        self.add(join);
        self.found.insert(join, ());
    }

    /// Whether a search found a join, and no event has told of it yet.
    pub(super) fn is_found(&self, join: (Timestamp, UserId)) -> bool {
        self.found.contains(&join)
    }

    /// The event of a join came. Returns whether a search had found it before.
    pub(super) fn event_came(&mut self, join: (Timestamp, UserId)) -> bool {
        self.found.remove(&join).is_some()
    }

    /// Whether a join at this time may have been forgotten.
    pub(super) fn may_have_forgotten(&self, joined_at: Timestamp) -> bool {
        self.forgot
            .is_some_and(|forgot| joined_at.as_micros() <= forgot)
    }

    /// Forgets joins that no search will tell again. `gap` is from when on a search may
    /// find them; a gap that begins now reaches back from the latest join. Returns whether
    /// some were forgotten that it may find.
    pub(super) fn forget(&mut self, gap: Option<Timestamp>) -> bool {
        let latest = self.joins.last_key().map(|(at, _)| *at);
        let from = gap.into_iter().chain(latest).min();
        let from = from.map(|from| before(from, OVERLAP));
        let mut overflowed = false;
        while self.joins.len() > MAX {
            let Some(first) = self.joins.first_key().copied() else {
                break;
            };
            let is_needed = Some(first.0) >= from;
            if is_needed && self.joins.len() <= MAX_NEEDED {
                break;
            }
            if is_needed {
                overflowed = true;
                *self.forgot = (*self.forgot).max(Some(first.0.as_micros()));
            }
            self.joins.remove(&first);
            self.found.remove(&first);
        }
        overflowed && gap.is_some()
    }

    /// The same, and nothing of it is stored.
    pub(super) fn afresh(&self) -> Self {
        let mut afresh = Self {
            forgot: Marked::new(*self.forgot),
            ..Self::default()
        };
        for join in self.joins.keys() {
            afresh.joins.insert(*join, ());
        }
        for join in self.found.keys() {
            afresh.found.insert(*join, ());
        }
        afresh
    }

    pub(super) fn take_changed(&mut self, changes: &mut Changes) {
        changes.members(&mut self.joins, |(at, user)| {
            format!("seen/{}/{user}", at.as_micros())
        });
        changes.members(&mut self.found, |(at, user)| {
            format!("found/{}/{user}", at.as_micros())
        });
        changes.value("forgot", &mut self.forgot);
    }

    pub(super) fn restore(parts: &Reader<'_>) -> Result<Self, StateError> {
        let mut recent = Self::default();
        parts.members("seen/", &mut recent.joins, join)?;
        parts.members("found/", &mut recent.found, join)?;
        parts.value("forgot", &mut recent.forgot)?;
        Ok(recent)
    }
}

/// The join that the rest of a part's name names.
fn join(name: &str) -> Option<(Timestamp, UserId)> {
    let (at, user) = name.split_once('/')?;
    Some((Timestamp::from_micros(at.parse().ok()?), user.parse().ok()?))
}
