//! One endpoint of one guild.

use std::time::Duration;

use guestlist_model::Timestamp;
use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::io::Failure;
use crate::state::shape;
use crate::time::{NEVER, after, millis};

/// Why an endpoint is left alone.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub(crate) enum Refusal {
    /// The permission is missing.
    #[serde(rename = "f")]
    Forbidden,
    /// It does not exist for this guild.
    #[serde(rename = "a")]
    Absent,
}

/// See the module's documentation.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Endpoint {
    /// Not to be asked before.
    #[serde(rename = "b", with = "shape::maybe_at")]
    #[serde(default, skip_serializing_if = "shape::is_default")]
    not_before: Option<Timestamp>,
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    refused: Option<Refusal>,
    #[serde(rename = "f", default, skip_serializing_if = "shape::is_default")]
    failures: u32,
    /// How often in a row it was not ready.
    #[serde(rename = "u", default, skip_serializing_if = "shape::is_default")]
    unready: u32,
}

/// After so many replies that it is not ready, nothing waits for an endpoint any more.
const UNREADY: u32 = 2;
/// How long it is left alone then, for the first time.
const UNREADY_FOR: Duration = Duration::from_secs(15);
/// The waits of an endpoint that keeps refusing, or is never ready, grow up to this.
const LONGEST: Duration = Duration::from_secs(3600);

impl Endpoint {
    /// Why it is left alone at this time, if it is.
    pub(super) fn refused(&self, now: Timestamp) -> Option<Refusal> {
        self.refused.filter(|_| Some(now) < self.not_before)
    }

    /// When a refusal that holds now is over.
    pub(super) fn refused_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.not_before.filter(|_| self.refused(now).is_some())
    }

    /// The first moment, from `wanted` on, at which it may be asked; `None` if it must
    /// be left alone.
    pub(super) fn from(&self, now: Timestamp, wanted: Timestamp) -> Option<Timestamp> {
        if self.refused(now).is_some() {
            return None;
        }
        Some(wanted.max(self.not_before.unwrap_or(NEVER)))
    }

    /// Until when it is left alone.
    pub(super) const fn rests_until(&self) -> Option<Timestamp> {
        self.not_before
    }

    /// Whether it was not ready again and again, so that nothing is to wait for it.
    pub(super) const fn is_doubtful(&self) -> bool {
        self.unready >= UNREADY
    }

    pub(super) fn succeeded(&mut self) {
        *self = Self::default();
    }

    pub(super) fn failed(&mut self, now: Timestamp, failure: &Failure, config: &Config) {
        self.failures = self.failures.saturating_add(1);
        let refusal = doubled(config.refused_for, self.failures - 1, LONGEST);
        let (refused, wait) = match failure {
            Failure::MissingPermission | Failure::MissingAccess => {
                (Some(Refusal::Forbidden), refusal)
            }
            Failure::NotFound | Failure::Unavailable => (Some(Refusal::Absent), refusal),
            Failure::RateLimited { retry_after } => {
                self.failures -= 1;
                (None, (*retry_after).clamp(millis(500), config.refused_for))
            }
            Failure::NotReady { retry_after } => {
                self.failures -= 1;
                self.unready = self.unready.saturating_add(1);
                let told = (*retry_after).clamp(millis(500), config.refused_for);
                let own = match self.unready.checked_sub(UNREADY) {
                    Some(more) => doubled(UNREADY_FOR, more, LONGEST),
                    None => Duration::ZERO,
                };
                (None, told.max(own))
            }
            Failure::Other { status, .. } if (400..500).contains(status) => {
                (Some(Refusal::Absent), refusal)
            }
            // 1, 2, 4 … seconds, at most a minute.
            Failure::Transport(_) | Failure::Other { .. } => {
                let longest = millis(60_000);
                (None, doubled(millis(1000), self.failures - 1, longest))
            }
        };
        self.refused = refused;
        self.not_before = Some(after(now, wait));
    }

    /// Forgets refusals.
    pub(super) fn forgive(&mut self) {
        *self = Self::default();
    }
}

/// A wait that doubles with each time it was in vain.
fn doubled(first: Duration, times: u32, longest: Duration) -> Duration {
    first
        .saturating_mul(1 << times.min(16))
        .min(longest.max(first))
}
