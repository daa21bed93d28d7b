//! With the feature `metrics`.

use std::sync::Once;

use guestlist_tracker::{Evidence, Record};
use metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};
use tokio::time::Instant;

use crate::{Status, open::OpenJoins};

const JOINS: &str = "guestlist_joins_total";
const ANSWERS: &str = "guestlist_answers_total";
const ANSWER_SECONDS: &str = "guestlist_answer_seconds";
const CONTRADICTIONS: &str = "guestlist_contradictions_total";
const REQUESTS: &str = "guestlist_requests_total";
const REQUEST_SECONDS: &str = "guestlist_request_seconds";
const EVENTS: &str = "guestlist_events_total";
const UNDECODABLE: &str = "guestlist_undecodable_events_total";
const COMMITS: &str = "guestlist_commits_total";
const PENDING: &str = "guestlist_pending_joins";
const SHARDS: &str = "guestlist_connected_shards";
const GUILDS: &str = "guestlist_guilds";
const UNCOMMITTED: &str = "guestlist_uncommitted_records";

/// The joins that wait for their first final answer, with the times at which they were stated.
#[derive(Debug)]
pub(crate) struct Meters(OpenJoins<Instant>);

impl Default for Meters {
    fn default() -> Self {
        describe();
        Self(OpenJoins::default())
    }
}

impl Meters {
    /// An event was received.
    pub(crate) fn saw(&self) {
        counter!(EVENTS).increment(1);
    }

    /// An event was received that cannot be decoded.
    pub(crate) fn skipped(&self) {
        counter!(UNDECODABLE).increment(1);
    }

    /// Measures a record of the tracker.
    pub(crate) fn stated(&mut self, record: &Record) {
        match record {
            Record::Join(join) => {
                counter!(JOINS).increment(1);
                self.0.open(join.key, Instant::now());
            }
            Record::Attribution(said) => {
                counter!(ANSWERS, "certainty" => said.certainty.label()).increment(1);
                let contradicts =
                    |evidence: &Evidence| matches!(evidence, Evidence::Contradicts { .. });
                if said.evidence.iter().any(contradicts) {
                    counter!(CONTRADICTIONS).increment(1);
                }
            }
            _ => {}
        }
    }

    /// Measures stored records.
    pub(crate) fn stored(&mut self, records: &[Record]) {
        counter!(COMMITS).increment(1);
        self.0.stored(records, |said, since| {
            histogram!(ANSWER_SECONDS, "certainty" => said.certainty.label())
                .record(since.elapsed());
        });
    }

    /// Measures the status.
    #[expect(clippy::cast_precision_loss, reason = "gauges are floats")]
    pub(crate) fn status(&self, status: &Status) {
        gauge!(PENDING).set(status.pending as f64);
        gauge!(SHARDS).set(status.connected() as f64);
        gauge!(GUILDS).set(status.guilds as f64);
        gauge!(UNCOMMITTED).set(status.uncommitted as f64);
    }
}

/// Measures a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timer(Instant);

impl Timer {
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// Measures a finished request.
    pub(crate) fn request(self, request: &'static str, succeeded: bool) {
        let outcome = if succeeded { "success" } else { "failure" };
        counter!(REQUESTS, "request" => request, "outcome" => outcome).increment(1);
        histogram!(REQUEST_SECONDS, "request" => request).record(self.0.elapsed());
    }
}

/// Describes the metrics to the installed recorder, once.
fn describe() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        describe_counter!(JOINS, "Joins that were observed");
        describe_counter!(
            ANSWERS,
            "Answers by certainty, including revisions of earlier ones"
        );
        describe_histogram!(
            ANSWER_SECONDS,
            Unit::Seconds,
            "Time from a join until its first final answer is stored"
        );
        describe_counter!(CONTRADICTIONS, "Deduced answers that Discord contradicted");
        describe_counter!(REQUESTS, "Requests to Discord by kind and outcome");
        describe_histogram!(
            REQUEST_SECONDS,
            Unit::Seconds,
            "Duration of requests to Discord"
        );
        describe_counter!(EVENTS, "Gateway events");
        describe_counter!(UNDECODABLE, "Gateway events that could not be decoded");
        describe_counter!(COMMITS, "Transactions of the ledger");
        describe_gauge!(PENDING, "Joins without a final answer");
        describe_gauge!(SHARDS, "Connected shards");
        describe_gauge!(GUILDS, "Available servers");
        describe_gauge!(UNCOMMITTED, "Records that are not stored yet");
    });
}
