//! What a guild's state is given to work with.

use std::collections::VecDeque;
use std::time::Duration;

use guestlist_model::Timestamp;

use crate::config::Config;
use crate::io::{Request, RequestId};
use crate::record::Record;
use crate::stats::Stats;
use crate::time::after;

/// The time and the settings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Now<'a> {
    at: Timestamp,
    local: Timestamp,
    config: &'a Config,
    work: usize,
}

impl<'a> Now<'a> {
    /// `at` is the inner time, which never runs backwards, and `local` the time as it was
    /// handed in. `work` is how much there is to weigh in all guilds together.
    pub(crate) const fn new(
        at: Timestamp,
        local: Timestamp,
        config: &'a Config,
        work: usize,
    ) -> Self {
        Self {
            at,
            local,
            config,
            work,
        }
    }

    /// How many pairs of a join and a movement there are in all guilds.
    pub(crate) const fn work(self) -> usize {
        self.work
    }

    /// The inner time.
    pub(crate) const fn at(self) -> Timestamp {
        self.at
    }

    /// The time for records.
    pub(crate) const fn local(self) -> Timestamp {
        self.local
    }

    /// A time of the inner clock, for records.
    pub(crate) fn told(self, at: Timestamp) -> Timestamp {
        let ahead = self.at.as_micros().saturating_sub(self.local.as_micros());
        Timestamp::from_micros(at.as_micros().saturating_sub(ahead))
    }

    pub(crate) const fn config(self) -> &'a Config {
        self.config
    }

    /// The inner time after so long.
    pub(crate) fn after(self, span: Duration) -> Timestamp {
        after(self.at, span)
    }
}

/// What comes out.
#[derive(Debug)]
pub(crate) struct Out<'a> {
    records: &'a mut VecDeque<Record>,
    next_request: &'a mut u64,
    stats: &'a mut Stats,
    asked: Vec<(RequestId, Request)>,
    lost: Vec<RequestId>,
    barrier: bool,
}

/// What a guild wants of the tracker.
#[derive(Debug)]
pub(crate) struct Wants {
    asked: Vec<(RequestId, Request)>,
    lost: Vec<RequestId>,
    barrier: bool,
}

impl<'a> Out<'a> {
    pub(crate) const fn new(
        records: &'a mut VecDeque<Record>,
        next_request: &'a mut u64,
        stats: &'a mut Stats,
    ) -> Self {
        Self {
            records,
            next_request,
            stats,
            asked: Vec::new(),
            lost: Vec::new(),
            barrier: false,
        }
    }

    /// States something.
    pub(crate) fn state(&mut self, record: Record) {
        self.records.push_back(record);
    }

    /// Asks for something.
    pub(crate) fn ask(&mut self, request: Request) -> RequestId {
        *self.next_request += 1;
        let id = RequestId::new(*self.next_request);
        self.stats.count_request(&request);
        self.asked.push((id, request));
        id
    }

    /// No longer waits for replies to these.
    pub(crate) fn lose(&mut self, requests: Vec<RequestId>) {
        self.lost.extend(requests);
    }

    /// Wants proof that no event is on its way.
    pub(crate) const fn want_barrier(&mut self) {
        self.barrier = true;
    }

    /// Counts of what was done.
    pub(crate) const fn stats(&mut self) -> &mut Stats {
        self.stats
    }

    /// What the tracker is to do.
    pub(crate) fn into_wants(self) -> Wants {
        Wants {
            asked: self.asked,
            lost: self.lost,
            barrier: self.barrier,
        }
    }
}

impl Wants {
    /// Whether proof is wanted that no event is on its way.
    pub(crate) const fn barrier(&self) -> bool {
        self.barrier
    }

    /// Requests to which replies are no longer waited for.
    pub(crate) fn lost(&self) -> &[RequestId] {
        &self.lost
    }

    /// Requests to send.
    pub(crate) fn into_asked(self) -> Vec<(RequestId, Request)> {
        self.asked
    }
}
