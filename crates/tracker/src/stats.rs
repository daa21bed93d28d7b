//! Counters of what a tracker has done since it was created.

use serde::{Deserialize, Serialize};

use crate::io::Request;
use crate::record::Certainty;

/// Counters of what a tracker has done since it was created. They are not stored.
///
/// ```
/// use guestlist_tracker::{Config, Tracker};
///
/// let tracker = Tracker::new(Config::default());
/// println!("{} joins, {} requests", tracker.stats().joins, tracker.stats().requests());
/// ```
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Stats {
    /// Joins.
    pub joins: u64,
    /// Leaves.
    pub leaves: u64,
    /// Join events for joins that were already known.
    pub duplicates: u64,
    /// Joins whose latest answer is confirmed.
    pub confirmed: u64,
    /// Joins whose latest answer is deduced.
    pub deduced: u64,
    /// Joins whose latest answer is ambiguous.
    pub ambiguous: u64,
    /// Joins whose latest answer is unknown.
    pub unknown: u64,
    /// Joins whose latest answer is provisional.
    pub provisional: u64,
    /// Deduced answers, stated or held back, that Discord contradicted later. Each is a
    /// bug in the tracker or an assumption that does not hold.
    pub contradictions: u64,
    /// Requested lists of invites.
    pub list_requests: u64,
    /// Requested vanity counts.
    pub vanity_requests: u64,
    /// Requested searches for members.
    pub search_requests: u64,
    /// Requested pages of the audit log.
    pub audit_requests: u64,
    /// Requested pages of the list of members.
    pub member_requests: u64,
}

impl Stats {
    /// The sum of all requests.
    #[must_use]
    pub const fn requests(&self) -> u64 {
        self.list_requests
            + self.vanity_requests
            + self.search_requests
            + self.audit_requests
            + self.member_requests
    }

    pub(crate) const fn count_request(&mut self, request: &Request) {
        match request {
            Request::ListInvites { .. } => self.list_requests += 1,
            Request::VanityUrl { .. } => self.vanity_requests += 1,
            Request::SearchMembers { .. } => self.search_requests += 1,
            Request::AuditLog { .. } => self.audit_requests += 1,
            Request::ListMembers { .. } => self.member_requests += 1,
        }
    }

    pub(crate) fn count_answer(&mut self, before: Option<&Certainty>, now: &Certainty) {
        if let Some(before) = before {
            let count = self.of(before);
            *count = count.saturating_sub(1);
        }
        *self.of(now) += 1;
    }

    const fn of(&mut self, certainty: &Certainty) -> &mut u64 {
        match certainty {
            Certainty::Confirmed(_) => &mut self.confirmed,
            Certainty::Deduced(_) => &mut self.deduced,
            Certainty::Ambiguous(_) => &mut self.ambiguous,
            Certainty::Unknown(_) => &mut self.unknown,
            Certainty::Provisional(_) => &mut self.provisional,
        }
    }
}
