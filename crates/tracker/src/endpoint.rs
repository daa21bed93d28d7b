//! What is known of one endpoint for one guild: what is under way, and when asking
//! makes sense again.

use guestlist_model::Timestamp;
use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::io::{Failure, RequestId};
use crate::time::{EVER, NEVER, after, millis};

/// Why an endpoint is left alone.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Refusal {
    /// The permission is missing.
    Forbidden,
    /// It does not exist for this guild.
    Absent,
}

/// One endpoint of one guild.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Endpoint {
    /// The request under way. It does not survive a restart.
    #[serde(skip)]
    pub(crate) flight: Option<Flight>,
    /// Not to be asked before.
    #[serde(default = "never", skip_serializing_if = "is_never")]
    not_before: Timestamp,
    /// When the latest request was made.
    #[serde(default = "never", skip_serializing_if = "is_never")]
    pub(crate) last_sent: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refused: Option<Refusal>,
    #[serde(default, skip_serializing_if = "is_zero")]
    failures: u32,
}

/// A request under way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Flight {
    pub(crate) id: RequestId,
    pub(crate) sent: Timestamp,
    /// Whether it has been handed out to be sent.
    pub(crate) out: bool,
}

const fn never() -> Timestamp {
    NEVER
}
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_never(at: &Timestamp) -> bool {
    *at == NEVER
}
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
const fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl Default for Endpoint {
    fn default() -> Self {
        Self {
            flight: None,
            not_before: NEVER,
            last_sent: NEVER,
            refused: None,
            failures: 0,
        }
    }
}

impl Endpoint {
    /// Why it is left alone at this time, if it is.
    pub(crate) fn refused(&self, now: Timestamp) -> Option<Refusal> {
        self.refused.filter(|_| now < self.not_before)
    }

    /// When a refusal that holds now is over.
    pub(crate) fn refused_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.refused(now).map(|_| self.not_before)
    }

    /// The first moment, from `wanted` on, at which it may be asked; `None` if it must
    /// be left alone or is being asked.
    pub(crate) fn from(&self, now: Timestamp, wanted: Timestamp) -> Option<Timestamp> {
        if self.flight.is_some() || self.refused(now).is_some() {
            return None;
        }
        Some(wanted.max(self.not_before))
    }

    pub(crate) fn start(&mut self, id: RequestId, now: Timestamp) {
        self.flight = Some(Flight {
            id,
            sent: now,
            out: false,
        });
        self.last_sent = now;
    }

    pub(crate) fn succeeded(&mut self) {
        self.flight = None;
        self.failures = 0;
        self.refused = None;
        self.not_before = NEVER;
    }

    pub(crate) fn failed(&mut self, now: Timestamp, failure: &Failure, config: &Config) {
        self.flight = None;
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
        self.not_before = until;
    }

    /// When the request under way counts as lost.
    pub(crate) fn lost_at(&self, config: &Config) -> Timestamp {
        self.flight
            .filter(|flight| flight.out)
            .map_or(EVER, |flight| after(flight.sent, config.request_timeout))
    }

    /// Forgets refusals: the guild has been told anew, perhaps with other permissions.
    pub(crate) fn forgive(&mut self) {
        self.refused = None;
        self.not_before = NEVER;
        self.failures = 0;
    }
}
