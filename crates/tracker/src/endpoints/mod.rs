//! The endpoints that are asked for a guild: what is under way and why, and when
//! asking makes sense again.

mod endpoint;

use guestlist_model::{Timestamp, UserId};
use serde::{Deserialize, Serialize};

pub(crate) use endpoint::Refusal;

use crate::config::Config;
use crate::io::{Failure, RequestId};
use crate::state::{Changes, Marked, Reader, StateError, shape};
use crate::time::{EVER, after, before};
use endpoint::Endpoint;

/// One of the endpoints.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Which {
    /// The list of invites.
    List,
    /// The vanity link.
    Vanity,
    /// The search for members.
    Search,
    /// The audit log.
    Audit,
    /// The list of members.
    Members,
}

/// So many lists may be under way at once: on a long way somebody else joins before the
/// list for the one before has come.
const LISTS: usize = 3;

const ALL: [Which; 5] = [
    Which::List,
    Which::Vanity,
    Which::Search,
    Which::Audit,
    Which::Members,
];

/// Why a request is under way.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Purpose {
    /// To list the invites. The latest of Discord's times that was seen then.
    List(Option<Timestamp>),
    /// To read the vanity link's count.
    Vanity,
    /// To confirm how these joined.
    Confirm(Vec<(UserId, Timestamp)>),
    /// To find who joined while events were missed.
    CatchUp,
    /// To read the audit log.
    Audit,
    /// To find who left while events were missed. The latest of Discord's times at which a
    /// join is old enough to be compared.
    Compare(Option<Timestamp>),
}

impl Purpose {
    /// The endpoint that is asked.
    pub(crate) const fn which(&self) -> Which {
        match self {
            Self::List(_) => Which::List,
            Self::Vanity => Which::Vanity,
            Self::Confirm(_) | Self::CatchUp => Which::Search,
            Self::Audit => Which::Audit,
            Self::Compare(_) => Which::Members,
        }
    }
}

/// A request under way. It does not survive a restart.
#[derive(Debug)]
struct Flight {
    id: RequestId,
    sent: Timestamp,
    /// Whether it has been handed out to be sent.
    out: bool,
    purpose: Purpose,
}

/// See the module's documentation.
#[derive(Debug, Default)]
pub(crate) struct Endpoints {
    kept: Marked<Five>,
    flights: Vec<Flight>,
    /// When the latest list that was answered since the start had been asked for.
    latest_list: Option<Timestamp>,
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Five {
    #[serde(rename = "l", default, skip_serializing_if = "shape::is_default")]
    list: Endpoint,
    #[serde(rename = "v", default, skip_serializing_if = "shape::is_default")]
    vanity: Endpoint,
    #[serde(rename = "s", default, skip_serializing_if = "shape::is_default")]
    search: Endpoint,
    #[serde(rename = "a", default, skip_serializing_if = "shape::is_default")]
    audit: Endpoint,
    #[serde(rename = "m", default, skip_serializing_if = "shape::is_default")]
    members: Endpoint,
    /// Until when the lists that were asked for would reach, had each been asked for after
    /// the least time from the one before. More than some are not asked for in advance.
    #[serde(rename = "t", with = "shape::maybe_at")]
    #[serde(default, skip_serializing_if = "shape::is_default")]
    listed_until: Option<Timestamp>,
}

impl Five {
    const fn get(&self, which: Which) -> &Endpoint {
        match which {
            Which::List => &self.list,
            Which::Vanity => &self.vanity,
            Which::Search => &self.search,
            Which::Audit => &self.audit,
            Which::Members => &self.members,
        }
    }

    const fn get_mut(&mut self, which: Which) -> &mut Endpoint {
        match which {
            Which::List => &mut self.list,
            Which::Vanity => &mut self.vanity,
            Which::Search => &mut self.search,
            Which::Audit => &mut self.audit,
            Which::Members => &mut self.members,
        }
    }
}

impl Endpoints {
    // What is under way.

    /// Notes that a request is made.
    pub(crate) fn start(
        &mut self,
        id: RequestId,
        purpose: Purpose,
        now: Timestamp,
        config: &Config,
    ) {
        if purpose.which() == Which::List {
            let from = self.kept.listed_until.map_or(now, |until| until.max(now));
            self.kept.listed_until = Some(after(from, config.list_interval));
        }
        self.flights.push(Flight {
            id,
            sent: now,
            out: false,
            purpose,
        });
    }

    /// Notes that a request is being sent. Returns when it counts as lost.
    pub(crate) fn handed_out(
        &mut self,
        id: RequestId,
        now: Timestamp,
        config: &Config,
    ) -> Option<Timestamp> {
        let flight = self.flights.iter_mut().find(|flight| flight.id == id)?;
        flight.out = true;
        flight.sent = now;
        Some(after(now, config.request_timeout))
    }

    /// A request is under way no more. Returns when it was sent, and why.
    pub(crate) fn landed(&mut self, id: RequestId) -> Option<(Timestamp, Purpose)> {
        let place = self.flights.iter().position(|flight| flight.id == id)?;
        let flight = self.flights.remove(place);
        Some((flight.sent, flight.purpose))
    }

    /// Gives up on requests to which no reply came. Returns them, and when the next one is
    /// given up.
    pub(crate) fn lose(&mut self, now: Timestamp, config: &Config) -> (Vec<RequestId>, Timestamp) {
        let lost_at = |flight: &Flight| {
            if flight.out {
                after(flight.sent, config.request_timeout)
            } else {
                EVER
            }
        };
        let lost: Vec<Flight> = self
            .flights
            .extract_if(.., |flight| lost_at(flight) <= now)
            .collect();
        let failure = Failure::Transport(String::from("timed out"));
        for flight in &lost {
            self.failed(flight.purpose.which(), now, &failure, config);
        }
        let next = self.flights.iter().map(lost_at).min().unwrap_or(EVER);
        (lost.into_iter().map(|flight| flight.id).collect(), next)
    }

    fn flights_to(&self, which: Which) -> impl Iterator<Item = &Flight> + Clone {
        let flights = self.flights.iter();
        flights.filter(move |flight| flight.purpose.which() == which)
    }

    /// Whether it is being found out who joined or left while events were missed.
    pub(crate) fn is_catching_up(&self) -> bool {
        let mut flights = self.flights.iter();
        flights.any(|flight| matches!(flight.purpose, Purpose::CatchUp | Purpose::Compare(_)))
    }

    // When asking makes sense.

    /// Why an endpoint is left alone now, if it is.
    pub(crate) fn refused(&self, which: Which, now: Timestamp) -> Option<Refusal> {
        self.kept.get(which).refused(now)
    }

    /// When a refusal that holds now is over.
    pub(crate) fn refused_until(&self, which: Which, now: Timestamp) -> Option<Timestamp> {
        self.kept.get(which).refused_until(now)
    }

    /// The first moment, from `wanted` on, at which an endpoint may be asked; `None` if it
    /// must be left alone or is being asked so often that an answer has to come first.
    pub(crate) fn from(
        &self,
        which: Which,
        now: Timestamp,
        wanted: Timestamp,
    ) -> Option<Timestamp> {
        let flights = self.flights_to(which);
        let has_room = match which {
            Which::List => {
                flights.clone().count() < LISTS && flights.clone().all(|flight| flight.out)
            }
            _ => flights.clone().next().is_none(),
        };
        has_room.then(|| self.kept.get(which).from(now, wanted))?
    }

    /// Takes note of a list that was asked for at a time. Returns whether one that was asked
    /// for later has been answered sooner.
    pub(crate) fn is_overtaken(&mut self, sent: Timestamp) -> bool {
        let is_overtaken = self.latest_list > Some(sent);
        self.latest_list = self.latest_list.max(Some(sent));
        is_overtaken
    }

    /// When the latest list was asked for of those that are under way.
    pub(crate) fn listing_since(&self) -> Option<Timestamp> {
        self.flights_to(Which::List).map(|flight| flight.sent).max()
    }

    /// Whether nothing is to wait for an endpoint, though it may be asked.
    pub(crate) fn is_doubtful(&self, which: Which) -> bool {
        self.kept.get(which).is_doubtful()
    }

    /// Until when an endpoint is left alone, whatever is wanted.
    pub(crate) fn rests_until(&self, which: Which) -> Option<Timestamp> {
        self.kept.get(which).rests_until()
    }

    /// From when on a list may be asked for that is wanted from a moment on, so that no
    /// more than [`Config::list_burst`] come without the least time between them.
    pub(crate) fn spaced(&self, wanted: Timestamp, config: &Config) -> Timestamp {
        let ahead = u32::try_from(config.list_burst.max(1) - 1).unwrap_or(u32::MAX);
        let ahead = config.list_interval.saturating_mul(ahead);
        let until = self.kept.listed_until.map(|until| before(until, ahead));
        until.map_or(wanted, |until| until.max(wanted))
    }

    pub(crate) fn succeeded(&mut self, which: Which) {
        self.kept.get_mut(which).succeeded();
    }

    pub(crate) fn failed(
        &mut self,
        which: Which,
        now: Timestamp,
        failure: &Failure,
        config: &Config,
    ) {
        self.kept.get_mut(which).failed(now, failure, config);
    }

    /// Forgets refusals: the guild was announced anew, perhaps with other permissions.
    pub(crate) fn forgive(&mut self) {
        for which in ALL {
            self.kept.get_mut(which).forgive();
        }
    }

    // Storing.

    /// Collects the part, if it changed.
    pub(crate) fn take_changed(&mut self, changes: &mut Changes) {
        changes.value("endpoints", &mut self.kept);
    }

    /// Reads what was stored. Nothing is under way.
    pub(crate) fn restore(parts: &Reader<'_>) -> Result<Self, StateError> {
        let mut endpoints = Self::default();
        parts.value("endpoints", &mut endpoints.kept)?;
        Ok(endpoints)
    }
}
