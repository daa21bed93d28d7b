//! A join that is not yet done with.

use std::time::Duration;

use guestlist_model::{GuildId, InviteCode, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::{Answer, Deduced, Stated};
use crate::facts::Finding;
use crate::record::{JoinKey, Origin};
use crate::state::shape;
use crate::time::after;

/// See the module's documentation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Waiting {
    #[serde(rename = "u")]
    user: UserId,
    #[serde(rename = "j", with = "shape::at")]
    joined_at: Timestamp,
    #[serde(rename = "b", default, skip_serializing_if = "shape::is_default")]
    bot: bool,
    /// When its event was handed over.
    #[serde(rename = "a", with = "shape::at")]
    arrived: Timestamp,
    /// From when it has been waiting, if not since then: time in which nobody could ask
    /// does not count.
    #[serde(rename = "w", with = "shape::maybe_at")]
    #[serde(default, skip_serializing_if = "shape::is_default")]
    waits_from: Option<Timestamp>,
    /// The first step that may count it.
    #[serde(rename = "f", default, skip_serializing_if = "shape::is_default")]
    first_step: u64,
    /// Whether the invites had never been listed when it arrived.
    #[serde(rename = "l", default, skip_serializing_if = "shape::is_default")]
    blind: bool,
    /// Whether the member had been here before.
    #[serde(rename = "d", default, skip_serializing_if = "shape::is_default")]
    rejoin: bool,
    /// Whether it was found after a gap.
    #[serde(rename = "c", default, skip_serializing_if = "shape::is_default")]
    caught_up: bool,
    #[serde(rename = "x", default, skip_serializing_if = "shape::is_default")]
    left: bool,
    #[serde(rename = "r", default, skip_serializing_if = "shape::is_default")]
    answer: Answer,
    /// Searches that found nothing yet.
    #[serde(rename = "n", default, skip_serializing_if = "shape::is_default")]
    attempts: u32,
    /// Not to be searched for before.
    #[serde(rename = "s", with = "shape::maybe_at")]
    #[serde(default, skip_serializing_if = "shape::is_default")]
    search_at: Option<Timestamp>,
    /// Whether asking about this member is over.
    #[serde(rename = "o", default, skip_serializing_if = "shape::is_default")]
    asked_out: bool,
    /// The last step that can count it, if its own movement of a count has been seen.
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    last_step: Option<u64>,
    /// The invite that Discord named though it says that the way in was another: its count
    /// may have moved or not.
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    named: Option<InviteCode>,
    /// What searches say that is not believed yet.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    told: Option<Told>,
    /// What was stated provisionally, until something final is.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    estimate: Option<Estimate>,
}

/// What searches say of a member who had been here before: at first that may be how they
/// came the last time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Told {
    #[serde(flatten)]
    finding: Finding,
    /// Since when all of them say that.
    #[serde(rename = "a", with = "shape::at")]
    since: Timestamp,
}

/// A provisional answer as far as the next one is compared with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Estimate {
    #[serde(rename = "r", default, skip_serializing_if = "shape::is_default")]
    revision: u32,
    /// The likeliest way.
    #[serde(rename = "o")]
    origin: Origin,
    /// Whether it was called likely.
    #[serde(rename = "l", default, skip_serializing_if = "shape::is_default")]
    likely: bool,
}

impl Estimate {
    pub(crate) const fn new(revision: u32, origin: Origin, likely: bool) -> Self {
        Self {
            revision,
            origin,
            likely,
        }
    }

    pub(crate) const fn revision(&self) -> u32 {
        self.revision
    }

    /// Whether another estimate reads the same, but for its numbers.
    pub(crate) fn reads_as(&self, origin: &Origin, likely: bool) -> bool {
        self.origin.same_way(origin) && self.likely == likely
    }
}

impl Waiting {
    /// A join of a human, of which an event came now.
    pub(crate) const fn new(
        user: UserId,
        joined_at: Timestamp,
        arrived: Timestamp,
        first_step: u64,
    ) -> Self {
        Self {
            user,
            joined_at,
            bot: false,
            arrived,
            waits_from: None,
            first_step,
            blind: false,
            rejoin: false,
            caught_up: false,
            left: false,
            answer: Answer::Open,
            attempts: 0,
            search_at: None,
            asked_out: false,
            last_step: None,
            named: None,
            told: None,
            estimate: None,
        }
    }

    /// The same, before any list of invites.
    pub(crate) const fn blind(mut self, blind: bool) -> Self {
        self.blind = blind;
        self
    }

    /// The same, of a bot's account.
    pub(crate) const fn bot(mut self, bot: bool) -> Self {
        self.bot = bot;
        self
    }

    /// The same, of a member who had been here before.
    pub(crate) const fn rejoin(mut self, rejoin: bool) -> Self {
        self.rejoin = rejoin;
        self
    }

    /// The same, found after a gap: when its event was missed, or will come, is not known.
    pub(crate) const fn found_later(mut self) -> Self {
        self.caught_up = true;
        self.first_step = 0;
        self
    }

    pub(crate) const fn user(&self) -> UserId {
        self.user
    }

    pub(crate) const fn joined_at(&self) -> Timestamp {
        self.joined_at
    }

    pub(crate) const fn key(&self, guild: GuildId) -> JoinKey {
        JoinKey::new(guild, self.user, self.joined_at)
    }

    pub(crate) const fn is_bot(&self) -> bool {
        self.bot
    }

    /// When its event was handed over.
    pub(crate) const fn arrived(&self) -> Timestamp {
        self.arrived
    }

    /// Its event came after a search had found it: from now on it may be counted. Its
    /// deadlines stay.
    pub(super) fn arrives(&mut self, now: Timestamp) {
        self.waits_from = Some(self.waits_from());
        self.arrived = now;
    }

    /// From when its deadlines count.
    pub(crate) fn waits_from(&self) -> Timestamp {
        self.waits_from.unwrap_or(self.arrived)
    }

    /// For so long nobody could ask.
    pub(crate) fn slept(&mut self, span: Duration) {
        self.waits_from = Some(after(self.waits_from(), span));
    }

    /// The first step that may count it.
    pub(crate) const fn first_step(&self) -> u64 {
        self.first_step
    }

    /// Whether the invites had never been listed when it arrived.
    pub(crate) const fn is_blind(&self) -> bool {
        self.blind
    }

    /// Whether it was found after a gap.
    pub(crate) const fn is_found_later(&self) -> bool {
        self.caught_up
    }

    pub(crate) const fn has_left(&self) -> bool {
        self.left
    }

    pub(super) const fn leave(&mut self) {
        self.left = true;
    }

    // What is known of how it came in.

    pub(crate) const fn answer(&self) -> &Answer {
        &self.answer
    }

    /// Whether the answer is confirmed or deduced, stated or not.
    pub(crate) fn is_decided(&self) -> bool {
        self.answer.origin().is_some()
    }

    /// The counts until this step leave no choice: holds the answer back until it is to be
    /// stated.
    pub(crate) fn deduce(&mut self, deduced: Deduced, last_step: u64) {
        self.last_step = Some(last_step);
        self.answer.hold(deduced);
    }

    /// Something is being stated. Returns what was held back.
    pub(crate) fn let_go(&mut self) -> Option<Deduced> {
        self.answer.let_go()
    }

    pub(crate) fn state(&mut self, stated: Stated) {
        self.answer = Answer::Stated(stated);
        self.estimate = None;
    }

    /// What was stated provisionally, while nothing final is.
    pub(crate) const fn estimate(&self) -> Option<&Estimate> {
        self.estimate.as_ref()
    }

    pub(crate) fn estimated(&mut self, estimate: Estimate) {
        self.estimate = Some(estimate);
    }

    /// The revision of the next statement.
    pub(crate) fn next_revision(&self) -> u32 {
        let stated = self.answer.stated().map(Stated::revision);
        let estimated = self.estimate.as_ref().map(Estimate::revision);
        stated.or(estimated).map_or(0, |revision| revision + 1)
    }

    /// Whether its own movement of a count has been seen.
    pub(crate) const fn is_matched(&self) -> bool {
        self.last_step.is_some()
    }

    /// The last step that can count it, if its own movement has been seen.
    pub(crate) const fn last_step(&self) -> Option<u64> {
        self.last_step
    }

    /// Its own movement has been seen, or (`None`) was not its own.
    pub(crate) const fn matched(&mut self, last_step: Option<u64>) {
        self.last_step = last_step;
    }

    /// The invite that Discord named for another way in.
    pub(crate) const fn named(&self) -> Option<&InviteCode> {
        self.named.as_ref()
    }

    pub(crate) fn name(&mut self, code: Option<InviteCode>) {
        self.named = code;
    }

    /// Whether Discord says that it came in by something that is counted.
    pub(crate) fn is_counted(&self) -> bool {
        self.answer.confirmed().is_some_and(Origin::is_counted)
    }

    /// Whether Discord says that it came in by something that is not counted.
    pub(crate) fn is_uncounted(&self) -> bool {
        let confirmed = self.answer.confirmed();
        confirmed.is_some_and(|origin| !origin.is_counted() && self.named.is_none())
    }

    // Asking about it.

    /// Whether the member had been here before.
    pub(crate) const fn is_rejoin(&self) -> bool {
        self.rejoin
    }

    /// Since when searches have said the same of a member who had been here before.
    pub(crate) fn told_since(&self) -> Option<Timestamp> {
        self.told.as_ref().map(|told| told.since)
    }

    /// A search says this of a member who had been here before.
    pub(crate) fn tell(&mut self, finding: &Finding, now: Timestamp) {
        let is_news = self
            .told
            .as_ref()
            .is_none_or(|told| told.finding != *finding);
        if is_news {
            self.told = Some(Told {
                finding: finding.clone(),
                since: now,
            });
        }
    }

    /// Not to be asked about before; `None` if nobody asked yet.
    pub(crate) const fn search_at(&self) -> Option<Timestamp> {
        self.search_at
    }

    /// Whether asking about this member is over.
    pub(crate) const fn is_asked_out(&self) -> bool {
        self.asked_out
    }

    pub(crate) const fn ask_no_more(&mut self) {
        self.asked_out = true;
    }

    /// Nothing was found, and nothing will be asked before that moment: it depends on the
    /// number of attempts.
    pub(crate) fn ask_again(&mut self, at: impl FnOnce(u32) -> Timestamp) {
        self.attempts = self.attempts.saturating_add(1);
        self.search_at = Some(at(self.attempts));
    }

    /// What was found is to be asked for again from that moment on.
    pub(crate) const fn ask_from(&mut self, at: Timestamp) {
        self.search_at = Some(at);
    }

    /// Nothing was found, and nobody will ask again.
    pub(crate) const fn give_up_asking(&mut self) {
        self.attempts = self.attempts.saturating_add(1);
        self.asked_out = true;
    }

    /// How often nothing was found.
    pub(crate) const fn attempts(&self) -> u32 {
        self.attempts
    }
}
