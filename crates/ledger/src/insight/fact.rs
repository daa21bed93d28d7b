//! Joins in compact form.

use serde::{Deserialize, Serialize};
use std::{borrow::Cow, time::Duration};

use guestlist_model::{InviteCode, Timestamp, UserId};
use guestlist_tracker::JoinKey;

use crate::{CertaintyKind, is_forgotten};

/// The first moment of Discord's ids, in milliseconds after 1970.
const EPOCH: i64 = 1_420_070_400_000;

/// A join in compact form: what can be counted, without names and evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct JoinFact {
    /// The join.
    pub key: JoinKey,
    /// When it was first seen, by the local clock.
    pub observed_at: Timestamp,
    /// When the leave that ended it was observed.
    pub left_at: Option<Timestamp>,
    /// When the member can have left at the earliest, if no event reported the leave.
    #[serde(default)]
    pub left_after: Option<Timestamp>,
    /// Whether the member is still in the server by this join.
    pub here: bool,
    /// Whether the member has rejoined: the ledger has an earlier join, or Discord says
    /// that there was one.
    pub rejoined: bool,
    /// When the member joined next, if no leave was seen in between.
    pub next_at: Option<Timestamp>,
    /// The certainty of the answer; `None` if there is no answer yet.
    pub certainty: Option<CertaintyKind>,
    /// How the member joined, if that is confirmed or deduced, as
    /// [`Origin::label`](guestlist_tracker::Origin::label).
    pub origin: Option<Cow<'static, str>>,
    /// The user who created the invite or added the bot.
    pub inviter: Option<UserId>,
    /// The code.
    pub code: Option<InviteCode>,
}

impl JoinFact {
    /// Creates a join of a current member without further data.
    #[must_use]
    pub const fn new(key: JoinKey) -> Self {
        Self {
            key,
            observed_at: key.joined_at,
            left_at: None,
            left_after: None,
            here: true,
            rejoined: false,
            next_at: None,
            certainty: None,
            origin: None,
            inviter: None,
            code: None,
        }
    }

    /// The user who created the invite that the member used. `None` for a bot that was
    /// added.
    #[must_use]
    pub fn invited_by(&self) -> Option<UserId> {
        match self.origin.as_deref() {
            Some("invite") => self.inviter,
            _ => None,
        }
    }

    /// The age of the account at the join; `None` for a forgotten person.
    #[must_use]
    pub fn account_age(&self) -> Option<Duration> {
        account_age(self.key)
    }

    /// Whether the account was younger than this at the join.
    #[must_use]
    pub fn is_young(&self, limit: Duration) -> bool {
        self.account_age().is_some_and(|age| age < limit)
    }

    /// Whether the member left within this time, as far as that is known.
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
