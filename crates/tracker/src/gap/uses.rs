//! The uses of invites over a gap, and the joins that are known to be among them: what is left
//! are uses of members who came unseen.

use std::collections::{BTreeMap, BTreeSet};

use guestlist_model::{InviteCode, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::record::Origin;
use crate::state::shape;

/// How many joins are kept apart until it is known how they came.
const MAX_OPEN: usize = 1000;

/// See the module's documentation.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Uses {
    /// By how much counts rose.
    #[serde(rename = "r", default, skip_serializing_if = "shape::is_default")]
    risen: BTreeMap<InviteCode, u64>,
    /// Uses that ended an invite, and that no list has shown.
    #[serde(rename = "e", default, skip_serializing_if = "shape::is_default")]
    ended: BTreeMap<InviteCode, u64>,
    /// Uses that an earlier version stored, which did not keep which invite they are of.
    #[serde(rename = "u", default, skip_serializing_if = "shape::is_default")]
    unnamed: u64,
    /// How many known joins came by which invite.
    #[serde(rename = "k", default, skip_serializing_if = "shape::is_default")]
    known: BTreeMap<InviteCode, u64>,
    /// Known joins of which it is not known how they came: user, and when in microseconds.
    #[serde(rename = "o", default, skip_serializing_if = "shape::is_default")]
    open: BTreeSet<(UserId, i64)>,
    /// How many more of these there are.
    #[serde(rename = "n", default, skip_serializing_if = "shape::is_default")]
    more: u64,
}

impl Uses {
    pub(super) fn rose(&mut self, code: &InviteCode, by: u64) {
        add(&mut self.risen, code, by);
    }

    pub(super) fn ended(&mut self, code: &InviteCode, by: u64) {
        add(&mut self.ended, code, by);
    }

    /// A join is known that may be among the uses. How it came is known later.
    pub(super) fn joined(&mut self, user: UserId, joined_at: Timestamp) {
        self.keep((user, joined_at.as_micros()));
    }

    /// Whether it is not known how a join came that may be among the uses.
    pub(super) fn is_open(&self, user: UserId, joined_at: Timestamp) -> bool {
        self.open.contains(&(user, joined_at.as_micros()))
    }

    /// It is known how a join came.
    pub(super) fn resolved(&mut self, user: UserId, joined_at: Timestamp, origin: &Origin) {
        if self.open.remove(&(user, joined_at.as_micros()))
            && let Origin::Invite { code, .. } = origin
        {
            add(&mut self.known, code, 1);
        }
    }

    /// Whether counts rose that no known joins explain.
    pub(super) fn are_short(&self) -> bool {
        self.unexplained(|_| 0) > 0
    }

    /// How many uses there are at the least that are those of no known join.
    pub(super) fn missing(&self) -> u64 {
        self.unexplained(|code| self.ended.get(code).copied().unwrap_or(0))
    }

    fn unexplained(&self, ended: impl Fn(&InviteCode) -> u64) -> u64 {
        let keys = [&self.risen, &self.ended, &self.known].map(BTreeMap::keys);
        let codes: BTreeSet<&InviteCode> = keys.into_iter().flatten().collect();
        let (mut untold, mut unnamed) = (0_u64, self.unnamed);
        for code in codes {
            let risen = self.risen.get(code).copied().unwrap_or(0);
            let counted = risen.saturating_add(ended(code));
            let known = self.known.get(code).copied().unwrap_or(0);
            untold = untold.saturating_add(counted.saturating_sub(known));
            unnamed = unnamed.saturating_sub(known.saturating_sub(counted));
        }
        // Any of these may be any of them.
        let open = u64::try_from(self.open.len()).unwrap_or(u64::MAX);
        untold
            .saturating_add(unnamed)
            .saturating_sub(open.saturating_add(self.more))
    }

    /// Takes up what an earlier version stored: so many uses are those of no known join.
    pub(super) fn take_up(&mut self, unexplained: u64) {
        if *self == Self::default() {
            self.unnamed = unexplained;
        }
    }

    /// Adds what is known of the time before.
    pub(super) fn add(&mut self, earlier: Self) {
        let Self {
            risen,
            ended,
            unnamed,
            known,
            open,
            more,
        } = earlier;
        self.unnamed = self.unnamed.saturating_add(unnamed);
        for (to, from) in [
            (&mut self.risen, risen),
            (&mut self.ended, ended),
            (&mut self.known, known),
        ] {
            for (code, count) in from {
                add(to, &code, count);
            }
        }
        open.into_iter().for_each(|join| self.keep(join));
        self.more = self.more.saturating_add(more);
    }

    fn keep(&mut self, join: (UserId, i64)) {
        if self.open.len() < MAX_OPEN {
            self.open.insert(join);
        } else if !self.open.contains(&join) {
            self.more = self.more.saturating_add(1);
        }
    }
}

fn add(to: &mut BTreeMap<InviteCode, u64>, code: &InviteCode, by: u64) {
    if by > 0 {
        let count = to.entry(code.clone()).or_default();
        *count = count.saturating_add(by);
    }
}
