//! The metrics of a service.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use guestlist_ledger::SqliteLedger;
use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit,
};

use crate::{
    fake::Fake,
    support::{all_attributed, service, start, until},
};

/// The values of all metrics, by name and labels.
#[derive(Clone, Default)]
struct Values(Arc<Mutex<BTreeMap<String, Vec<f64>>>>);

impl Values {
    fn of(&self, name: &str) -> Vec<f64> {
        let values = self.0.lock().unwrap();
        values.get(name).cloned().unwrap_or_default()
    }

    fn count(&self, name: &str) -> f64 {
        self.of(name).iter().sum()
    }

    /// The values of a metric, over all labels.
    fn all(&self, name: &str) -> Vec<f64> {
        let values = self.0.lock().unwrap();
        let own = values.iter().filter(|(key, _)| {
            let rest = key.strip_prefix(name);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('{'))
        });
        own.flat_map(|(_, values)| values.clone()).collect()
    }
}

struct Meter(String, Values);

impl Meter {
    fn new(key: &Key, values: &Values) -> Arc<Self> {
        let labels: Vec<String> = key
            .labels()
            .map(|label| format!("{}={}", label.key(), label.value()))
            .collect();
        let name = match labels.is_empty() {
            true => key.name().to_owned(),
            false => format!("{}{{{}}}", key.name(), labels.join(",")),
        };
        Arc::new(Self(name, values.clone()))
    }

    fn push(&self, value: f64) {
        let mut values = self.1.0.lock().unwrap();
        values.entry(self.0.clone()).or_default().push(value);
    }
}

impl CounterFn for Meter {
    fn increment(&self, value: u64) {
        self.push(value as f64);
    }

    fn absolute(&self, _: u64) {}
}

impl GaugeFn for Meter {
    fn increment(&self, _: f64) {}

    fn decrement(&self, _: f64) {}

    fn set(&self, value: f64) {
        self.push(value);
    }
}

impl HistogramFn for Meter {
    fn record(&self, value: f64) {
        self.push(value);
    }
}

impl Recorder for Values {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(Meter::new(key, self))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(Meter::new(key, self))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(Meter::new(key, self))
    }
}

#[test]
fn a_join_its_answer_and_its_requests_are_measured() {
    let values = Values::default();
    // The recorder is that of this thread, so the runtime has to have just this one.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    metrics::with_local_recorder(&values, || {
        runtime.block_on(async {
            let fake = Fake::new(1);
            let ledger = Arc::new(SqliteLedger::in_memory().await.unwrap());
            let running = start(service(&fake, Arc::clone(&ledger)));
            running.counted(1).await;
            fake.join(0, "alpha");
            fake.join(0, "alpha");
            until("answers", || all_attributed(&ledger, 2)).await;
            running.stop().await.unwrap();
        });
    });

    assert_eq!(values.count("guestlist_joins_total"), 2.0);
    let seconds = values.all("guestlist_answer_seconds");
    assert_eq!(seconds.len(), 2, "one for each join");
    assert!(
        seconds.iter().all(|it| (0.0..60.0).contains(it)),
        "{seconds:?}"
    );
    let answers = values.all("guestlist_answers_total");
    assert!(answers.len() >= 2, "{answers:?}");
    let lists = "guestlist_requests_total{request=list_invites,outcome=success}";
    assert!(
        values.count(lists) >= 2.0,
        "the first list, and one for the joins"
    );
    let requests = values.all("guestlist_requests_total").len();
    assert_eq!(values.all("guestlist_request_seconds").len(), requests);
    assert!(values.count("guestlist_events_total") >= 3.0);
    assert!(values.count("guestlist_commits_total") >= 1.0);
    assert_eq!(values.of("guestlist_pending_joins").last(), Some(&0.0));
    assert_eq!(
        values.of("guestlist_uncommitted_records").last(),
        Some(&0.0)
    );
    assert_eq!(values.of("guestlist_guilds").last(), Some(&1.0));
    assert!(values.all("guestlist_contradictions_total").is_empty());
}
