//! Whether the bot is in the guild, whether its events arrive, and until when they did.

use std::time::Duration;

use guestlist_model::Timestamp;
use serde::{Deserialize, Serialize};

use crate::state::{Changes, Marked, Reader, StateError, VERSION, shape};
use crate::time::after;

/// Of so many events, some came soon.
const ENOUGH: u32 = 5;

/// See the module's documentation.
#[derive(Debug, Default)]
pub(crate) struct Presence {
    kept: Marked<Head>,
    /// By how many microseconds Discord's clock is ahead of the inner time at least. It is
    /// not stored: another process may have another clock.
    ahead: Option<i64>,
    /// How many events of joins have told of that as it happened.
    timed: u32,
    /// When the guild was announced for the first time, if that was in this process.
    announced: Option<Timestamp>,
    /// Since when events have arrived, if they did not before in this process.
    live_since: Option<Timestamp>,
}

/// The part that every version can read: see [`Brief`](crate::brief::Brief).
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Head {
    #[serde(rename = "v")]
    version: u32,
    /// Whether the guild has been announced or listed.
    #[serde(rename = "k", default, skip_serializing_if = "shape::is_default")]
    known: bool,
    /// Whether it is unavailable, or the bot is no longer in it.
    #[serde(rename = "u", default, skip_serializing_if = "shape::is_default")]
    unavailable: bool,
    /// Whether the connection is down, or has not been resumed yet after a restart.
    #[serde(rename = "x", default, skip_serializing_if = "shape::is_default")]
    down: bool,
    /// Whether a new session began that has not announced the guild yet: a RESUMED of that
    /// session proves nothing of what came before it.
    #[serde(rename = "n", default, skip_serializing_if = "shape::is_default")]
    unannounced: bool,
    /// The latest of Discord's times that an event told of: what happened until then was
    /// not missed.
    #[serde(rename = "h", with = "shape::maybe_at")]
    #[serde(default, skip_serializing_if = "shape::is_default")]
    heard: Option<Timestamp>,
    /// The latest of Discord's times that was seen, if it is later than that.
    #[serde(rename = "d", with = "shape::maybe_at")]
    #[serde(default, skip_serializing_if = "shape::is_default")]
    seen: Option<Timestamp>,
    /// Whether an event has told of one of Discord's times. That of the bot's own join is no
    /// such time.
    #[serde(rename = "e", default, skip_serializing_if = "shape::is_default")]
    told: bool,
}

impl Default for Head {
    fn default() -> Self {
        Self {
            version: VERSION,
            known: false,
            unavailable: false,
            down: false,
            unannounced: false,
            heard: None,
            seen: None,
            told: false,
        }
    }
}

impl Presence {
    /// Whether the guild has been announced or listed.
    pub(crate) fn is_known(&self) -> bool {
        self.kept.known
    }

    /// Whether the guild can be asked about.
    pub(crate) fn is_available(&self) -> bool {
        !self.kept.unavailable
    }

    /// Whether events arrive.
    pub(crate) fn is_live(&self) -> bool {
        !self.kept.down
    }

    /// Whether events would arrive if the connection were up.
    pub(crate) fn waits_for_connection(&self) -> bool {
        self.kept.down && !self.kept.unavailable && !self.kept.unannounced
    }

    /// The guild was announced. Returns whether it was known before.
    pub(crate) fn announce(&mut self, now: Timestamp) -> bool {
        let known = self.kept.known;
        if !known {
            self.announced = Some(now);
        }
        self.kept.known = true;
        self.kept.unavailable = false;
        self.kept.unannounced = false;
        known
    }

    /// A new session began. The guild will be announced in it.
    pub(crate) fn begin_session(&mut self) {
        self.kept.down = true;
        self.kept.unannounced = true;
    }

    /// The guild is not available.
    pub(crate) fn lose(&mut self) {
        self.kept.unavailable = true;
        self.kept.down = true;
    }

    /// The bot is no longer in the guild.
    pub(crate) fn leave(&mut self) {
        self.kept.unavailable = true;
    }

    /// The guild is known from a state of another version.
    pub(crate) fn set_known(&mut self) {
        self.kept.known = true;
    }

    /// Events arrive. Returns whether they did not before.
    pub(crate) fn set_live(&mut self, now: Timestamp) -> bool {
        let was_down = self.kept.down;
        self.kept.down = false;
        if was_down {
            self.live_since = Some(now);
        }
        was_down
    }

    /// Whether events have arrived for so long. After an outage those that were kept back
    /// come first.
    pub(crate) fn is_live_for(&self, span: Duration, now: Timestamp) -> bool {
        let since = self.live_since.map(|since| after(since, span));
        self.is_live() && since.is_none_or(|since| since <= now)
    }

    /// Events do not arrive.
    pub(crate) fn set_down(&mut self) {
        self.kept.down = true;
    }

    /// Something told of this time of Discord's.
    pub(crate) fn learn_time(&mut self, at: Timestamp, now: Timestamp) {
        self.compare_clocks(at, now);
        if self.kept.down && self.kept.heard.is_none() {
            // Nobody knows what happened until then.
            let Some(seen) = self.kept.seen else {
                return;
            };
            self.kept.heard = Some(seen);
        }
        if self.discord_now() < Some(at) {
            self.kept.seen = Some(at);
        }
    }

    /// What is told now cannot be in Discord's future.
    fn compare_clocks(&mut self, at: Timestamp, now: Timestamp) {
        let ahead = at.as_micros().saturating_sub(now.as_micros());
        self.ahead = self.ahead.max(Some(ahead));
    }

    /// What Discord's clock shows at the least at this time, if that can be told.
    pub(crate) fn discord_at(&self, now: Timestamp) -> Option<Timestamp> {
        let ahead = self.ahead?;
        Some(Timestamp::from_micros(
            now.as_micros().saturating_add(ahead),
        ))
    }

    /// About what Discord's clock shows at this time, if the events of so many joins have told of
    /// that in this process that some of them came soon.
    pub(crate) fn discord_around(&self, now: Timestamp) -> Option<Timestamp> {
        self.discord_at(now).filter(|_| self.timed >= ENOUGH)
    }

    /// Whether this time of Discord's is from before the guild was announced.
    pub(crate) fn is_before_announced(&self, at: Timestamp) -> bool {
        let announced = self
            .announced
            .and_then(|announced| self.discord_at(announced));
        announced.is_some_and(|announced| at < announced)
    }

    /// An event told of this time of Discord's.
    pub(crate) fn hear(&mut self, at: Timestamp, now: Timestamp) {
        self.compare_clocks(at, now);
        if !self.kept.told {
            self.kept.told = true;
        }
        let now = self.discord_now().max(Some(at));
        if self.kept.heard < Some(at) {
            self.kept.heard = Some(at);
        }
        let seen = now.filter(|now| self.kept.heard < Some(*now));
        if self.kept.seen != seen {
            self.kept.seen = seen;
        }
    }

    /// The event of a join told of this time of Discord's. Events come within `settle`, but for
    /// those that were kept back while the connection was down: these say little of the time.
    pub(crate) fn hear_join(&mut self, at: Timestamp, now: Timestamp, settle: Duration) {
        self.hear(at, now);
        let is_prompt = self.is_live_for(settle, now);
        self.timed = self.timed.saturating_add(u32::from(is_prompt));
    }

    /// The clock may have stood still for a while, so what it shows is compared anew.
    pub(crate) fn clock_stopped(&mut self) {
        self.timed = 0;
    }

    /// Events are heard from this moment on, as a state of another version has it.
    pub(crate) fn set_heard(&mut self, at: Option<Timestamp>) {
        self.kept.seen = self.discord_now();
        self.kept.heard = at;
    }

    /// The latest of Discord's times that was seen.
    pub(crate) fn discord_now(&self) -> Option<Timestamp> {
        self.kept.heard.max(self.kept.seen)
    }

    /// The same, if an event has told of one: all joins before the guild was known are earlier.
    pub(crate) fn discord_told(&self) -> Option<Timestamp> {
        self.discord_now().filter(|_| self.kept.told)
    }

    /// The latest of Discord's times until which nothing was missed, as far as is known.
    pub(crate) fn last_known(&self) -> Option<Timestamp> {
        self.heard().or(self.discord_now())
    }

    /// The latest of Discord's times that an event told of.
    pub(crate) fn heard(&self) -> Option<Timestamp> {
        self.kept.heard
    }

    /// Collects the part, if it changed.
    pub(crate) fn take_changed(&mut self, changes: &mut Changes) {
        changes.value("head", &mut self.kept);
    }

    /// Reads what was stored.
    pub(crate) fn restore(parts: &Reader<'_>) -> Result<Self, StateError> {
        let mut presence = Self::default();
        parts.value("head", &mut presence.kept)?;
        Ok(presence)
    }
}
