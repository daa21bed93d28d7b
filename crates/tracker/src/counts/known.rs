//! What is remembered of an invite.

use guestlist_model::{ChannelId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::facts::Listed;
use crate::state::shape;

/// See the module's documentation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Known {
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    channel: Option<ChannelId>,
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    inviter: Option<UserId>,
    #[serde(rename = "b", with = "shape::maybe_at")]
    #[serde(default, skip_serializing_if = "shape::is_default")]
    created_at: Option<Timestamp>,
    #[serde(rename = "e", with = "shape::maybe_at")]
    #[serde(default, skip_serializing_if = "shape::is_default")]
    expires_at: Option<Timestamp>,
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    max_uses: Option<u64>,
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    uses: Option<u64>,
    /// Whether its count may rise though nobody new came in.
    #[serde(rename = "p", default, skip_serializing_if = "shape::is_default")]
    phantom: bool,
    /// Whether an event told of it that left open whether its count may rise so.
    #[serde(rename = "q", default, skip_serializing_if = "shape::is_default")]
    unsure: bool,
    /// If it is not from the last list: when the list was asked for that came before
    /// its count was known.
    #[serde(rename = "s", with = "shape::maybe_at")]
    #[serde(default, skip_serializing_if = "shape::is_default")]
    since: Option<Timestamp>,
    /// If it is not from the last list: when it became known.
    #[serde(rename = "n", with = "shape::maybe_at")]
    #[serde(default, skip_serializing_if = "shape::is_default")]
    seen: Option<Timestamp>,
    /// Whether INVITE_DELETE came for it.
    #[serde(rename = "d", default, skip_serializing_if = "shape::is_default")]
    deleted: bool,
    /// Its uses since it is watched, less the joins that are known to have come by it.
    #[serde(rename = "k", default, skip_serializing_if = "shape::is_default")]
    balance: i64,
}

impl Known {
    /// An invite that a list tells of for the first time.
    pub(crate) fn new(listed: &Listed) -> Self {
        let mut known = Self::default();
        known.learn(listed);
        known
    }

    /// An invite that an event tells of. `since` is when the last list was asked for: the
    /// invite did not exist then, or it would be known.
    pub(crate) fn created(listed: &Listed, since: Option<Timestamp>, now: Timestamp) -> Self {
        Self {
            uses: listed.uses(),
            unsure: !listed.tells_kind(),
            since,
            seen: Some(now),
            ..Self::new(listed)
        }
    }

    /// Takes over what a list or an event tells; what it does not tell stays.
    fn learn(&mut self, listed: &Listed) {
        self.channel = listed.channel().or(self.channel);
        self.inviter = listed.inviter().or(self.inviter);
        self.created_at = listed.created_at().or(self.created_at);
        self.expires_at = listed.expires_at().or(self.expires_at);
        self.max_uses = listed.max_uses().or(self.max_uses);
        self.phantom |= listed.is_phantom();
    }

    /// Takes over what a list tells of an invite that was known. What kind of invite it is
    /// decides what its movement proves.
    pub(crate) fn list_again(&mut self, listed: &Listed) {
        self.learn(listed);
        self.unsure = false;
    }

    /// The count is the one of the list now.
    pub(crate) fn count(&mut self, listed: &Listed) {
        // A count that goes down comes from an answer older than the one before.
        self.uses = match (self.uses, listed.uses()) {
            (Some(before), Some(now)) => {
                self.rise(now.saturating_sub(before));
                Some(before.max(now))
            }
            (_, now) => now,
        };
        self.since = None;
        self.seen = None;
        self.deleted = false;
    }

    /// It was used so often by whomever.
    pub(super) fn rise(&mut self, by: u64) {
        self.change_balance(i64::try_from(by).unwrap_or(i64::MAX));
    }

    /// Changes the balance.
    pub(crate) const fn change_balance(&mut self, by: i64) {
        self.balance = self.balance.saturating_add(by);
    }

    /// A list that is not whole lacks it: it may have been used meanwhile, and the count
    /// to compare with is lost.
    pub(crate) const fn lose_count(&mut self) {
        self.uses = None;
        self.balance = 0;
    }

    /// The invite is back that was gone, counted since this moment.
    pub(crate) const fn counted_since(mut self, since: Option<Timestamp>) -> Self {
        self.since = since;
        self
    }

    pub(crate) const fn delete(&mut self) {
        self.deleted = true;
    }

    pub(crate) const fn channel(&self) -> Option<ChannelId> {
        self.channel
    }

    pub(crate) const fn inviter(&self) -> Option<UserId> {
        self.inviter
    }

    pub(crate) const fn created_at(&self) -> Option<Timestamp> {
        self.created_at
    }

    pub(crate) const fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    pub(crate) const fn max_uses(&self) -> Option<u64> {
        self.max_uses
    }

    pub(crate) const fn uses(&self) -> Option<u64> {
        self.uses
    }

    /// Its uses since it is watched, less the joins that are known to have come by it. Less
    /// than none if such joins are not counted yet.
    pub(crate) const fn balance(&self) -> i64 {
        self.balance
    }

    /// When the list was asked for that came before its count was known, if that is not
    /// the last list.
    pub(crate) const fn since(&self) -> Option<Timestamp> {
        self.since
    }

    /// When an event told of it that no list has confirmed yet.
    pub(crate) const fn seen(&self) -> Option<Timestamp> {
        self.seen
    }

    pub(crate) const fn is_deleted(&self) -> bool {
        self.deleted
    }

    /// Whether its count may rise though nobody new came in, as far as is known.
    pub(crate) const fn may_rise_for_nobody(&self) -> bool {
        self.phantom || self.unsure
    }

    /// Whether its time is over.
    pub(crate) fn has_expired(&self, discord_now: Option<Timestamp>) -> bool {
        self.expires_at.is_some() && self.expires_at <= discord_now
    }

    /// How often it can still be used; `None` is without limit or unknown.
    pub(crate) fn left(&self) -> Option<u64> {
        let max = self.max_uses.filter(|max| *max > 0)?;
        Some(max.saturating_sub(self.uses?))
    }
}
