//! Which requests were made.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};

use crate::world::{Micros, time};

const KEPT: usize = 10_000;
/// More of a path is not kept.
const LONGEST: usize = 500;
const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

struct Entry {
    at: Micros,
    method: String,
    route: &'static str,
    path: String,
    status: u16,
    /// The bot that made it.
    bot: Option<u64>,
}

/// The last requests, and counts of all.
#[derive(Default)]
pub(crate) struct RequestLog {
    total: u64,
    counts: BTreeMap<String, BTreeMap<u16, u64>>,
    recent: VecDeque<Entry>,
}

impl RequestLog {
    pub(crate) fn note(
        &mut self,
        at: Micros,
        method: &str,
        route: &'static str,
        path: &str,
        (status, bot): (u16, Option<u64>),
    ) {
        self.total += 1;
        // What a client makes up does not fill the memory.
        let method = if KNOWN.contains(&method) {
            method
        } else {
            "OTHER"
        };
        let key = format!("{method} {route}");
        *self
            .counts
            .entry(key)
            .or_default()
            .entry(status)
            .or_default() += 1;
        if self.recent.len() == KEPT {
            self.recent.pop_front();
        }
        self.recent.push_back(Entry {
            at,
            method: String::from(method),
            route,
            path: path.chars().take(LONGEST).collect(),
            status,
            bot,
        });
    }

    /// Method, path, status and bot of the latest, oldest first.
    pub(crate) fn recent(&self) -> impl Iterator<Item = (&str, &str, u16, Option<u64>)> {
        self.recent
            .iter()
            .map(|it| (it.method.as_str(), it.path.as_str(), it.status, it.bot))
    }

    pub(crate) const fn total(&self) -> u64 {
        self.total
    }

    /// All counts, and the last so many requests.
    pub(crate) fn to_json(&self, last: usize) -> Value {
        let counts: BTreeMap<&str, Value> = self
            .counts
            .iter()
            .map(|(route, by_status)| {
                let all: u64 = by_status.values().sum();
                let by_status: BTreeMap<String, u64> = by_status
                    .iter()
                    .map(|(status, n)| (status.to_string(), *n))
                    .collect();
                (
                    route.as_str(),
                    json!({"total": all, "by_status": by_status}),
                )
            })
            .collect();
        let log: Vec<Value> = self
            .recent
            .iter()
            .skip(self.recent.len().saturating_sub(last))
            .map(|entry| {
                json!({
                    "at": time::format(entry.at),
                    "method": entry.method,
                    "route": entry.route,
                    "path": entry.path,
                    "status": entry.status,
                    "bot_id": entry.bot.map(|id| id.to_string()),
                })
            })
            .collect();
        json!({"total": self.total, "counts": counts, "requests": log})
    }
}
