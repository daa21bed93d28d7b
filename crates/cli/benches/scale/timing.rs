//! How long things take.

use std::time::{Duration, Instant};

use guestlist_testkit::http::Request;
use serde_json::{Value, json};

use crate::{addresses::Address, serving::Serving};

/// Times in order, in milliseconds.
#[derive(Clone, Debug)]
pub(crate) struct Times(Vec<f64>);

impl Times {
    pub(crate) fn of(times: impl IntoIterator<Item = Duration>) -> Self {
        let mut times: Vec<f64> = (times.into_iter())
            .map(|time| time.as_secs_f64() * 1_000.0)
            .collect();
        times.sort_by(f64::total_cmp);
        Self(times)
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// The time that this share took at most.
    pub(crate) fn at(&self, share: f64) -> f64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a place in a list"
        )]
        let place = (self.0.len() as f64 * share).ceil() as usize;
        let place = place.max(1) - 1;
        self.0.get(place).or(self.0.last()).copied().unwrap_or(0.0)
    }

    pub(crate) fn median(&self) -> f64 {
        self.at(0.5)
    }

    pub(crate) fn line(&self, name: &str) -> String {
        let (median, late, most) = (self.median(), self.at(0.99), self.at(1.0));
        format!("{median:>9.1} {late:>9.1} {most:>9.1} ms  {name}")
    }

    pub(crate) fn json(&self, name: &str) -> Value {
        json!({"name": name, "times": self.count(), "median_ms": self.median(), "p99_ms": self.at(0.99), "most_ms": self.at(1.0)})
    }
}

/// Asks an address so often; gives the CPU time of an answer, too, in milliseconds. The first
/// answer of a process is among them.
pub(crate) fn ask(server: &Serving, address: &Address, rounds: u32) -> (Times, f64) {
    let before = server.cpu();
    let times = Times::of((0..rounds).map(|round| {
        let target = (address.target)(u64::from(round));
        let started = Instant::now();
        let answer = Request::new("GET", &target).send(server.address());
        let took = started.elapsed();
        // It may say that this is too much at once, and to choose a server.
        let is_answer = answer.status == 200 || (answer.status == 422 && address.may_refuse);
        assert!(is_answer, "{target}: {} {}", answer.status, answer.text());
        took
    }));
    (times, (server.cpu() - before) / f64::from(rounds))
}
