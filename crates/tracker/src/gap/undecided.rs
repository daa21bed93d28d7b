//! The joins whose invite nobody will find out, as it seems. Their uses may be among those that
//! no known join explains.

use guestlist_model::{Timestamp, UserId};

use crate::state::{Changes, Kept, Marked, Reader, StateError};

/// So many are remembered.
const MAX: usize = 1000;

/// See the module's documentation.
#[derive(Debug, Default)]
pub(super) struct Undecided {
    /// When in microseconds, and who.
    joins: Kept<(i64, UserId), ()>,
    /// How many older ones there are.
    more: Marked<u64>,
}

impl Undecided {
    pub(super) fn insert(&mut self, user: UserId, joined_at: Timestamp) {
        self.joins.insert((joined_at.as_micros(), user), ());
        if self.joins.len() > MAX
            && let Some(first) = self.joins.first_key().copied()
        {
            self.joins.remove(&first);
            *self.more = self.more.saturating_add(1);
        }
    }

    /// It is known how a join came. Returns whether it was one of these.
    pub(super) fn remove(&mut self, user: UserId, joined_at: Timestamp) -> bool {
        let join = (joined_at.as_micros(), user);
        self.joins.remove(&join).is_some()
    }

    /// The uses of joins until this moment are told, or are of no interest.
    pub(super) fn forget_until(&mut self, moment: Timestamp) {
        let gone = self.joins.extract(|(at, _), ()| *at <= moment.as_micros());
        if !gone.is_empty() && *self.more > 0 {
            *self.more = 0;
        }
    }

    pub(super) fn clear(&mut self) {
        self.joins.clear();
        if *self.more > 0 {
            *self.more = 0;
        }
    }

    /// How many there are.
    pub(super) fn count(&self) -> u64 {
        let joins = u64::try_from(self.joins.len()).unwrap_or(u64::MAX);
        joins.saturating_add(*self.more)
    }

    /// Collects the parts that changed.
    pub(super) fn take_changed(&mut self, changes: &mut Changes) {
        changes.members(&mut self.joins, |(at, user)| {
            format!("undecided/{at}/{user}")
        });
        changes.value("undecided", &mut self.more);
    }

    /// Reads what was stored.
    pub(super) fn restore(parts: &Reader<'_>) -> Result<Self, StateError> {
        let mut undecided = Self::default();
        parts.members("undecided/", &mut undecided.joins, |name| {
            let (at, user) = name.split_once('/')?;
            Some((at.parse().ok()?, user.parse().ok()?))
        })?;
        parts.value("undecided", &mut undecided.more)?;
        Ok(undecided)
    }
}
