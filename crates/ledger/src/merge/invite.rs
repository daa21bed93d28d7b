//! One life of an invite, from what several records tell of it.

use guestlist_model::{ChannelId, Timestamp, UserId};
use guestlist_tracker::{InviteRecord, InviteState};

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
