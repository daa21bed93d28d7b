//! How many members there are, which tells of joins that were missed.

use super::Gap;

impl Gap {
    /// The guild has so many members now. Returns how many more than are known of, if that was
    /// told.
    pub(crate) fn members_told(&mut self, members: Option<u64>) -> Option<u64> {
        let members = members?;
        let before = self.kept.members.filter(|_| self.kept.is_exact);
        if !self.kept.is_exact {
            self.kept.is_exact = true;
        }
        if self.kept.members != Some(members) {
            self.kept.members = Some(members);
        }
        Some(before.map_or(0, |before| members.saturating_sub(before)))
    }

    /// Events do not arrive. Who is found in a gap that is open may have come after the number of
    /// members was told.
    pub(crate) fn disconnected(&mut self) {
        if self.is_open() && self.kept.is_exact {
            self.kept.is_exact = false;
        }
    }

    /// A member more is there.
    pub(crate) fn member_came(&mut self) {
        if let Some(members) = self.kept.members {
            self.kept.members = Some(members.saturating_add(1));
        }
    }

    /// A member less is there.
    pub(crate) fn member_left(&mut self) {
        if let Some(members) = self.kept.members {
            self.kept.members = Some(members.saturating_sub(1));
            // The number that was told when the gap was noticed may not contain them.
            self.kept.is_exact &= self.kept.open.is_none();
        }
    }
}
