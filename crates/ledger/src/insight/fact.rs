//! A join in few words.

use std::{borrow::Cow, time::Duration};

use guestlist_model::{InviteCode, Timestamp, UserId};
use guestlist_tracker::JoinKey;

use crate::{CertaintyKind, is_forgotten};

/// The first moment of Discord's ids, in milliseconds after 1970.
const EPOCH: i64 = 1_420_070_400_000;

/// A join in few words: what can be counted, without names and evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct JoinFact {
    /// The join.
    pub key: JoinKey,
    /// When it was first seen, by the clock of whoever watched.
    pub observed_at: Timestamp,
    /// When the leave that ended it was observed.
    pub left_at: Option<Timestamp>,
    /// Whether the member is still there by this join.
    pub here: bool,
    /// Whether the ledger has an earlier join of this member to this guild, or Discord says
    /// that there was one.
    pub rejoined: bool,
    /// When the member joined again, if no leave was seen in between.
    pub next_at: Option<Timestamp>,
    /// How surely the way in is known; none while it is being worked on.
    pub certainty: Option<CertaintyKind>,
    /// The way in, if it is confirmed or deduced, by
    /// [`Origin::label`](guestlist_tracker::Origin::label).
    pub origin: Option<Cow<'static, str>>,
    /// Who made the invite, or added the bot.
    pub inviter: Option<UserId>,
    /// The code.
    pub code: Option<InviteCode>,
}

impl JoinFact {
    /// A join of which nothing else is known; the member is still there.
    #[must_use]
    pub const fn new(key: JoinKey) -> Self {
        Self {
            key,
            observed_at: key.joined_at,
            left_at: None,
            here: true,
            rejoined: false,
            next_at: None,
            certainty: None,
            origin: None,
            inviter: None,
            code: None,
        }
    }

    /// Who made the invite by which the member came. Adding a bot is not inviting somebody.
    #[must_use]
    pub fn invited_by(&self) -> Option<UserId> {
        match self.origin.as_deref() {
            Some("invite") => self.inviter,
            _ => None,
        }
    }

    /// How old the account was; none for somebody forgotten.
    #[must_use]
    pub fn account_age(&self) -> Option<Duration> {
        account_age(self.key)
    }

    /// Whether the account was younger than this when it joined.
    #[must_use]
    pub fn is_young(&self, limit: Duration) -> bool {
        self.account_age().is_some_and(|age| age < limit)
    }

    /// Whether the member left within this time.
    #[must_use]
    pub fn left_within(&self, limit: Duration) -> bool {
        self.left_at.is_some_and(|left| self.stay(left) < limit)
    }

    /// How long the member had been there at this time.
    pub(crate) fn stay(&self, at: Timestamp) -> Duration {
        let micros = at
            .as_micros()
            .saturating_sub(self.key.joined_at.as_micros());
        Duration::from_micros(u64::try_from(micros).unwrap_or(0))
    }
}

fn account_age(key: JoinKey) -> Option<Duration> {
    if is_forgotten(key.user) {
        return None;
    }
    let created = i64::try_from(key.user.get() >> 22).ok()? + EPOCH;
    let age = key.joined_at.as_millis().saturating_sub(created);
    Some(Duration::from_millis(u64::try_from(age).unwrap_or(0)))
}
