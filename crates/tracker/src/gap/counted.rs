//! What counts tell of a gap, and which joins explain them.

use guestlist_model::{InviteCode, Timestamp, UserId};

use super::Gap;
use super::uses::Uses;
use crate::record::Origin;

impl Gap {
    /// Whether a list tells by how much counts rose over the gap: if it is the first since the
    /// gap was noticed, or if events do not arrive.
    pub(crate) fn wants_counts(&self, is_live: bool) -> bool {
        let open = self.kept.open.as_ref();
        !is_live || open.is_some_and(|open| open.uses_moved.is_none())
    }

    /// Counts rose by so many over the gap, or up to a list that was asked for at `sent`, before
    /// the gap was noticed. `told` are the joins that were told and may be among them, with how
    /// they came if that is known, and `until` is Discord's time.
    pub(crate) fn counts_moved<'a>(
        &mut self,
        risen: impl Iterator<Item = (&'a InviteCode, u64)>,
        told: impl Iterator<Item = (UserId, Timestamp, Option<&'a Origin>)>,
        is_live: bool,
        sent: Timestamp,
        until: Option<Timestamp>,
    ) {
        let kept = &mut *self.kept;
        let (moved, uses) = match &mut kept.open {
            Some(open) if is_live && sent < open.noticed => {
                (&mut open.moved_before, &mut open.uses)
            }
            Some(open) if is_live => {
                open.counted_until = until;
                (open.uses_moved.get_or_insert_default(), &mut open.uses)
            }
            _ => (&mut kept.moved, &mut kept.uses),
        };
        for (code, by) in risen {
            *moved = moved.saturating_add(by);
            uses.rose(code, by);
        }
        for (user, joined_at, origin) in told {
            uses.joined(user, joined_at);
            if let Some(origin) = origin {
                uses.resolved(user, joined_at, origin);
            }
        }
    }

    /// Events arrive again, and none were missed.
    pub(crate) fn nothing_missed(&mut self) {
        if self.kept.moved > 0 || self.kept.uses != Uses::default() {
            self.kept.moved = 0;
            self.kept.uses = Uses::default();
        }
    }

    /// An event told of a join. One that comes after the list may be counted there.
    pub(crate) fn told(&mut self, user: UserId, joined_at: Timestamp) {
        if let Some(open) = &mut self.kept.open
            && open.uses_moved.is_some()
        {
            open.joined(user, joined_at);
        }
    }

    /// It is known how somebody came.
    pub(crate) fn resolved(&mut self, user: UserId, joined_at: Timestamp, origin: &Origin) {
        let is_open = |uses: &Uses| uses.is_open(user, joined_at);
        if is_open(&self.kept.uses) {
            self.kept.uses.resolved(user, joined_at, origin);
        }
        if self.kept.open.as_ref().is_some_and(|it| is_open(&it.uses))
            && let Some(open) = &mut self.kept.open
        {
            open.uses.resolved(user, joined_at, origin);
        }
    }

    /// An invite was used up that was there before the gap, if a list lacks it since. So many
    /// uses were left.
    pub(crate) fn used_up(&mut self, code: &InviteCode, noticed: Timestamp, uses: u64) {
        if let Some(open) = &mut self.kept.open
            && noticed >= open.first.unwrap_or(open.noticed)
        {
            open.uses.ended(code, uses);
        }
    }
}
