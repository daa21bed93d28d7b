//! How records that say different things about one join, leave or invite come
//! together: pure, and such that the order of their arrival does not matter.
//! Backends load what is stored, merge here, and store the outcome.

use std::collections::BTreeMap;

use guestlist_model::{ChannelId, Timestamp, UserId};
use guestlist_tracker::{Certainty, InviteRecord, InviteState, Join, Leave, Observation};

use crate::CertaintyKind;

/// A member's joins and leaves in one guild.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Membership {
    pub(crate) joins: BTreeMap<Timestamp, StoredJoin>,
    pub(crate) leaves: Vec<StoredLeave>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StoredJoin {
    pub(crate) bot: bool,
    pub(crate) guest: bool,
    pub(crate) pending: bool,
    pub(crate) rejoined: Option<bool>,
    /// First seen.
    pub(crate) observed_at: Timestamp,
    /// How it was first seen.
    pub(crate) observed_by: Observation,
    /// Last seen.
    pub(crate) updated_at: Timestamp,
    pub(crate) left_at: Option<Timestamp>,
    pub(crate) here: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StoredLeave {
    /// The join it ends, as the tracker told.
    pub(crate) told: Option<Timestamp>,
    pub(crate) observed_at: Timestamp,
    /// The join it was paired with.
    pub(crate) joined_at: Option<Timestamp>,
}

impl Membership {
    /// Takes in a join; true if it is news.
    pub(crate) fn join(&mut self, join: &Join) -> bool {
        let offered = StoredJoin {
            bot: join.bot,
            guest: join.guest,
            pending: join.pending,
            rejoined: join.rejoined,
            observed_at: join.observed_at,
            observed_by: join.observed_by,
            updated_at: join.observed_at,
            left_at: None,
            here: true,
        };
        let Some(stored) = self.joins.get_mut(&join.key.joined_at) else {
            self.joins.insert(join.key.joined_at, offered);
            return true;
        };
        let before = (stored.bot, stored.guest, stored.pending, stored.rejoined);
        stored.bot |= offered.bot;
        stored.guest |= offered.guest;
        stored.rejoined = stored.rejoined.max(offered.rejoined);
        match offered.updated_at.cmp(&stored.updated_at) {
            std::cmp::Ordering::Greater => stored.pending = offered.pending,
            // Screening is passed once; so of two at once, "passed" is later.
            std::cmp::Ordering::Equal => stored.pending &= offered.pending,
            std::cmp::Ordering::Less => {}
        }
        if offered.observed_at < stored.observed_at
            || (offered.observed_at == stored.observed_at
                && offered.observed_by == Observation::Gateway)
        {
            stored.observed_by = offered.observed_by;
        }
        stored.observed_at = stored.observed_at.min(offered.observed_at);
        stored.updated_at = stored.updated_at.max(offered.updated_at);
        before != (stored.bot, stored.guest, stored.pending, stored.rejoined)
    }

    /// Takes in a leave; true if it is news.
    pub(crate) fn leave(&mut self, leave: &Leave) -> bool {
        let known = self.leaves.iter_mut().find(|stored| match leave.joined_at {
            Some(_) => stored.told == leave.joined_at,
            None => stored.told.is_none() && stored.observed_at == leave.observed_at,
        });
        if let Some(stored) = known {
            stored.observed_at = stored.observed_at.min(leave.observed_at);
            return false;
        }
        self.leaves.push(StoredLeave {
            told: leave.joined_at,
            observed_at: leave.observed_at,
            joined_at: None,
        });
        true
    }

    /// Pairs leaves with joins anew and says who is still here.
    pub(crate) fn settle(&mut self) {
        for join in self.joins.values_mut() {
            join.left_at = None;
        }
        self.leaves
            .sort_by_key(|leave| (leave.told.is_none(), leave.observed_at, leave.told));
        for leave in &mut self.leaves {
            let ended = match leave.told {
                Some(told) => self.joins.get_mut(&told).map(|join| (told, join)),
                // Both times are of our clock, so they compare.
                None => self
                    .joins
                    .iter_mut()
                    .rev()
                    .find(|(_, join)| join.observed_at <= leave.observed_at)
                    .map(|(joined_at, join)| (*joined_at, join)),
            };
            leave.joined_at = match ended {
                Some((joined_at, join)) if join.left_at.is_none() => {
                    join.left_at = Some(leave.observed_at);
                    Some(joined_at)
                }
                _ => None,
            };
        }
        // Nobody is a member twice: a later join means that the earlier one ended,
        // whether or not a leave was seen.
        let mut latest = true;
        for join in self.joins.values_mut().rev() {
            join.here = latest && join.left_at.is_none();
            latest = false;
        }
    }
}

/// One life of an invite code.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StoredInvite {
    pub(crate) channel: Option<ChannelId>,
    pub(crate) inviter: Option<UserId>,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) max_uses: Option<u64>,
    pub(crate) max_age: Option<u64>,
    pub(crate) temporary: Option<bool>,
    pub(crate) uses: Option<u64>,
    pub(crate) state: InviteState,
    pub(crate) state_at: Timestamp,
    pub(crate) ended_at: Option<Timestamp>,
    pub(crate) ended_by: Option<UserId>,
    pub(crate) observed_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

impl StoredInvite {
    pub(crate) fn of(record: &InviteRecord) -> Self {
        Self {
            channel: record.channel,
            inviter: record.inviter,
            expires_at: record.expires_at,
            max_uses: record.max_uses,
            max_age: record.max_age,
            temporary: record.temporary,
            uses: record.uses,
            state: record.state,
            state_at: record.observed_at,
            ended_at: record.ended_at,
            ended_by: record.ended_by,
            observed_at: record.observed_at,
            updated_at: record.observed_at,
        }
    }

    /// Takes in what another record says; true if it is news.
    pub(crate) fn merge(&mut self, offered: &Self) -> bool {
        let before = self.clone();
        // These never change while an invite lives; a record may not know them.
        self.channel = self.channel.or(offered.channel);
        self.inviter = self.inviter.or(offered.inviter);
        self.expires_at = self.expires_at.or(offered.expires_at);
        self.max_uses = self.max_uses.or(offered.max_uses);
        self.max_age = self.max_age.or(offered.max_age);
        self.temporary = self.temporary.or(offered.temporary);
        // Only ever rises.
        self.uses = self.uses.max(offered.uses);
        if offered.end_rank() > self.end_rank() {
            self.state = offered.state;
            self.state_at = offered.state_at;
            self.ended_at = offered.ended_at;
            self.ended_by = offered.ended_by;
        }
        self.observed_at = self.observed_at.min(offered.observed_at);
        self.updated_at = self.updated_at.max(offered.updated_at);
        (
            before.channel,
            before.inviter,
            before.expires_at,
            before.max_uses,
            before.max_age,
            before.temporary,
        ) != (
            self.channel,
            self.inviter,
            self.expires_at,
            self.max_uses,
            self.max_age,
            self.temporary,
        ) || (before.uses, before.state, before.ended_at, before.ended_by)
            != (self.uses, self.state, self.ended_at, self.ended_by)
    }

    /// Which of two accounts of the end stands: ended before active, a known
    /// reason before none, a known actor before none, then the later one. The
    /// rest only makes it one order.
    fn end_rank(&self) -> impl Ord + use<> {
        let known = match self.state {
            InviteState::Active => 0_u8,
            InviteState::Gone => 1,
            _ => 2,
        };
        (
            known,
            self.ended_by.is_some(),
            self.state_at,
            self.state.label(),
            self.ended_at,
            self.ended_by,
        )
    }
}

pub(crate) fn state_from_word(word: &str) -> Option<InviteState> {
    Some(match word {
        "active" => InviteState::Active,
        "expired" => InviteState::Expired,
        "exhausted" => InviteState::Exhausted,
        "revoked" => InviteState::Revoked,
        "gone" => InviteState::Gone,
        _ => return None,
    })
}

pub(crate) const fn kind(certainty: &Certainty) -> CertaintyKind {
    match certainty {
        Certainty::Confirmed(_) => CertaintyKind::Confirmed,
        Certainty::Deduced(_) => CertaintyKind::Deduced,
        Certainty::Ambiguous(_) => CertaintyKind::Ambiguous,
        Certainty::Unknown(_) => CertaintyKind::Unknown,
    }
}

/// Whether an attribution replaces the one that stands.
pub(crate) fn replaces(standing: (CertaintyKind, u32), offered: (CertaintyKind, u32)) -> bool {
    let rank =
        |(kind, revision): (CertaintyKind, u32)| (kind == CertaintyKind::Confirmed, revision);
    rank(offered) > rank(standing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn confirmed_stands_and_otherwise_the_higher_revision() {
        use CertaintyKind::{Ambiguous, Confirmed, Deduced, Unknown};
        assert!(replaces((Unknown, 0), (Deduced, 1)));
        assert!(
            replaces((Deduced, 1), (Ambiguous, 2)),
            "a refinement may also take back"
        );
        assert!(!replaces((Deduced, 1), (Deduced, 1)));
        assert!(!replaces((Deduced, 1), (Unknown, 0)));
        assert!(!replaces((Confirmed, 0), (Deduced, 9)));
        assert!(
            replaces((Deduced, 9), (Confirmed, 0)),
            "what Discord said is never outdated by a deduction"
        );
        assert!(replaces((Confirmed, 0), (Confirmed, 1)), "more detail");
    }
}
