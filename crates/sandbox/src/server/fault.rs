//! Faults that were ordered through the control API.

use std::time::Duration;

/// Requests that match are to fail, or to be slow.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FaultRule {
    /// Only this method.
    pub method: Option<String>,
    /// Only paths like this one; `*` stands for any text. Without a `*` it
    /// has to be found somewhere in the path.
    pub path: Option<String>,
    /// How many more times; `None` for ever.
    pub times: Option<u32>,
    /// The status to answer with; `None` only delays.
    pub status: Option<u16>,
    /// `code` of the error body.
    pub code: u64,
    /// `message` of the error body.
    pub message: Option<String>,
    /// For 429: seconds to wait.
    pub retry_after: Option<f64>,
    /// For 429: whether it is the global limit.
    pub global: bool,
    /// How long to wait before answering.
    pub delay: Duration,
    /// Whether to cut the connection instead of answering.
    pub drop_connection: bool,
}

impl FaultRule {
    /// A rule for everything, which only delays.
    #[must_use]
    pub const fn delay(delay: Duration) -> Self {
        Self {
            method: None,
            path: None,
            times: None,
            status: None,
            code: 0,
            message: None,
            retry_after: None,
            global: false,
            delay,
            drop_connection: false,
        }
    }

    /// A rule that fails the next so many requests.
    #[must_use]
    pub fn fail(status: u16, times: u32) -> Self {
        Self {
            status: Some(status),
            times: Some(times),
            ..Self::delay(Duration::ZERO)
        }
    }

    /// Only on such paths.
    #[must_use]
    pub fn on(mut self, method: &str, path: &str) -> Self {
        self.method = Some(String::from(method));
        self.path = Some(String::from(path));
        self
    }

    fn matches(&self, method: &str, path: &str) -> bool {
        self.method
            .as_deref()
            .is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && self.path.as_deref().is_none_or(|wanted| like(path, wanted))
    }
}

/// The faults in force.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    pub(crate) rules: Vec<FaultRule>,
    /// How many pairs of events are still to be swapped.
    pub(crate) swap_events: u32,
    /// How long events are held back.
    pub(crate) event_delay: Duration,
}

impl Faults {
    /// The rule for a request; its count goes down.
    pub(crate) fn take(&mut self, method: &str, path: &str) -> Option<FaultRule> {
        let index = self
            .rules
            .iter()
            .position(|rule| rule.matches(method, path))?;
        let rule = self.rules.get_mut(index)?;
        let taken = rule.clone();
        if let Some(times) = &mut rule.times {
            *times = times.saturating_sub(1);
            if *times == 0 {
                self.rules.remove(index);
            }
        }
        Some(taken)
    }
}

fn like(path: &str, pattern: &str) -> bool {
    if !pattern.contains('*') {
        return path.contains(pattern);
    }
    let mut pieces = pattern.split('*');
    let Some(mut rest) = pieces.next().and_then(|first| path.strip_prefix(first)) else {
        return false;
    };
    let mut ends_open = false;
    for piece in pieces {
        ends_open = piece.is_empty();
        match rest.find(piece) {
            Some(at) => rest = rest.get(at + piece.len()..).unwrap_or(""),
            None => return false,
        }
    }
    ends_open || rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_paths() {
        assert!(like("/guilds/1/invites", "/guilds/*/invites"));
        assert!(like("/guilds/1/invites", "invites"));
        assert!(like("/guilds/1/invites", "/guilds/*"));
        assert!(!like("/guilds/1/invites/x", "/guilds/*/invites"));
        assert!(!like("/channels/1/invites", "/guilds/*"));
    }

    #[test]
    fn a_rule_is_used_up() {
        let mut faults = Faults::default();
        faults
            .rules
            .push(FaultRule::fail(500, 2).on("GET", "/guilds/*"));
        assert!(faults.take("PUT", "/guilds/1").is_none());
        assert!(faults.take("GET", "/guilds/1").is_some());
        assert!(faults.take("get", "/guilds/1").is_some());
        assert!(faults.take("GET", "/guilds/1").is_none());
    }
}
