//! CPU time by kind of thread, as Linux tells it.

use std::{collections::BTreeMap, fs, time::Duration};

/// The CPU time (user and system) of each kind of thread, by the name of its threads.
pub(crate) fn cpu_times() -> BTreeMap<String, Duration> {
    let mut times = BTreeMap::new();
    let threads = fs::read_dir("/proc/self/task").into_iter().flatten();
    for thread in threads.flatten() {
        let read = |file| fs::read_to_string(thread.path().join(file)).unwrap_or_default();
        let name = read("comm");
        let nanos = read("schedstat");
        let nanos = nanos
            .split_whitespace()
            .next()
            .and_then(|it| it.parse().ok());
        *times.entry(kind(name.trim())).or_default() += Duration::from_nanos(nanos.unwrap_or(0));
    }
    times
}

/// Without the number: `sqlx-sqlite-worker-0` and `-1` are of one kind.
fn kind(name: &str) -> String {
    let plain = name.trim_end_matches(|it: char| it.is_ascii_digit() || it == '-');
    // The system keeps 15 letters.
    let plain = if plain.starts_with("sqlx-sqlite") {
        "sqlite"
    } else {
        plain
    };
    plain.to_owned()
}

/// How much each grew.
pub(crate) fn since(before: &BTreeMap<String, Duration>) -> BTreeMap<String, Duration> {
    let grown = cpu_times().into_iter().map(|(name, time)| {
        let was = before.get(&name).copied().unwrap_or_default();
        (name, time.saturating_sub(was))
    });
    grown.collect()
}

/// The bytes that this process caused to be written to a disk.
pub(crate) fn bytes_written() -> u64 {
    let told = fs::read_to_string("/proc/self/io").unwrap_or_default();
    let line = told
        .lines()
        .find_map(|line| line.strip_prefix("write_bytes: "));
    line.and_then(|it| it.parse().ok()).unwrap_or(0)
}

/// The load of the machine in the last minute.
pub(crate) fn load() -> f64 {
    let told = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let first = told.split_whitespace().next();
    first.and_then(|it| it.parse().ok()).unwrap_or(0.0)
}
