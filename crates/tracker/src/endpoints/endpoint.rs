//! One endpoint of one guild.

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
}

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

    pub(super) fn succeeded(&mut self) {
        *self = Self::default();
    }

    pub(super) fn failed(&mut self, now: Timestamp, failure: &Failure, config: &Config) {
        self.failures = self.failures.saturating_add(1);
        // 1, 2, 4 … seconds, at most a minute.
        let backoff = after(
            now,
            millis(1000 << (self.failures - 1).min(6)).min(millis(60_000)),
        );
        let (refused, until) = match failure {
            Failure::MissingPermission | Failure::MissingAccess => {
                (Some(Refusal::Forbidden), after(now, config.refused_for))
            }
            Failure::NotFound | Failure::Unavailable => {
                (Some(Refusal::Absent), after(now, config.refused_for))
            }
            Failure::RateLimited { retry_after } | Failure::NotReady { retry_after } => {
                self.failures -= 1;
                let least = millis(500);
                (
                    None,
                    after(now, (*retry_after).clamp(least, config.refused_for)),
                )
            }
            Failure::Other { status, .. } if (400..500).contains(status) => {
                (Some(Refusal::Absent), after(now, config.refused_for))
            }
            Failure::Transport(_) | Failure::Other { .. } => (None, backoff),
        };
        self.refused = refused;
        self.not_before = Some(until);
    }

    /// Forgets refusals.
    pub(super) fn forgive(&mut self) {
        *self = Self::default();
    }
}
