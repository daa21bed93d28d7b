//! Faults that were ordered through the control API, or in Rust.

use std::time::Duration;

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// What a rule is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FaultTarget {
    /// Requests to the API.
    #[default]
    Request,
    /// Events on their way to the clients.
    Event,
    /// Heartbeats of clients.
    Heartbeat,
    /// IDENTIFY.
    Identify,
    /// RESUME.
    Resume,
}

impl FaultTarget {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Request,
        Self::Event,
        Self::Heartbeat,
        Self::Identify,
        Self::Resume,
    ];

    /// The name used by the control API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Event => "event",
            Self::Heartbeat => "heartbeat",
            Self::Identify => "identify",
            Self::Resume => "resume",
        }
    }
}

/// What happens to the body of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BodyFault {
    /// An HTML page replaces it, as from the proxy in front of Discord, with status 502 unless the
    /// rule has another one.
    Html,
    /// It ends in the middle, and the connection is cut.
    Truncated,
    /// It stops in the middle, and the connection stays open.
    Stalled,
    /// A list of invites is the one from before the last change.
    Earlier,
    /// A list lacks a row.
    RowMissing,
    /// A list has a row twice.
    RowDoubled,
}

impl BodyFault {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Html,
        Self::Truncated,
        Self::Stalled,
        Self::Earlier,
        Self::RowMissing,
        Self::RowDoubled,
    ];

    /// The name used by the control API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Truncated => "truncated",
            Self::Stalled => "stalled",
            Self::Earlier => "earlier",
            Self::RowMissing => "row_missing",
            Self::RowDoubled => "row_doubled",
        }
    }
}

/// What happens to an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventFault {
    /// It is lost.
    Dropped,
    /// It comes twice.
    Duplicated,
    /// It comes after the next one.
    Reordered,
}

impl EventFault {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Dropped, Self::Duplicated, Self::Reordered];

    /// The name used by the control API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dropped => "dropped",
            Self::Duplicated => "duplicated",
            Self::Reordered => "reordered",
        }
    }
}

/// What happens to a connection to the gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConnectionFault {
    /// The client gets no answer. For a heartbeat, this looks like a dead connection.
    Ignored,
    /// The connection is cut.
    Aborted,
    /// The client is told to reconnect (opcode 7).
    Reconnect,
    /// The session is invalid (opcode 9). The flag says whether the client may resume it.
    InvalidSession(bool),
    /// The connection is closed with this code.
    Closed(u16),
}

/// Makes matching requests, events or connections fail. The first rule that matches applies.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct FaultRule {
    /// What it is about.
    pub target: FaultTarget,
    /// Only this method.
    pub method: Option<String>,
    /// Only paths that match this pattern: `*` matches any text. A pattern without `*` matches a
    /// path that contains it.
    pub path: Option<String>,
    /// Only events whose name matches this pattern, in the same way.
    pub event: Option<String>,
    /// Only events of this guild.
    pub guild: Option<u64>,
    /// How many more times it applies; `None` for no limit.
    pub times: Option<u32>,
    /// The share of the matching cases to which it applies, 0 to 1; `None` for all. In the other
    /// cases, the next rules are tried.
    pub probability: Option<f64>,
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
    /// The delay of a response or an event.
    pub delay: Duration,
    /// The longest delay. Delays are distributed evenly between the two.
    pub delay_up_to: Option<Duration>,
    /// The mean of an exponentially distributed delay that is added.
    pub delay_mean: Option<Duration>,
    /// Whether to cut the connection instead of answering.
    pub drop_connection: bool,
    /// What happens to the body of the response.
    pub body: Option<BodyFault>,
    /// What happens to the event.
    pub event_fault: Option<EventFault>,
    /// What happens to the connections that receive the event, or to the one on which the client
    /// sends a heartbeat, IDENTIFY or RESUME.
    pub connection: Option<ConnectionFault>,
}

impl FaultRule {
    /// A rule for all requests, which only delays.
    #[must_use]
    pub fn delay(delay: Duration) -> Self {
        Self {
            delay,
            ..Self::default()
        }
    }

    /// A rule that fails the next requests, `times` of them.
    #[must_use]
    pub fn fail(status: u16, times: u32) -> Self {
        Self {
            status: Some(status),
            times: Some(times),
            ..Self::default()
        }
    }

    /// A rule that changes the bodies of responses.
    #[must_use]
    pub fn body(fault: BodyFault) -> Self {
        Self {
            body: Some(fault),
            ..Self::default()
        }
    }

    /// A rule for events whose name matches this pattern; `*` matches any text.
    #[must_use]
    pub fn event(name: &str, fault: EventFault) -> Self {
        Self {
            target: FaultTarget::Event,
            event: Some(String::from(name)),
            event_fault: Some(fault),
            ..Self::default()
        }
    }

    /// A rule for connections to the gateway.
    #[must_use]
    pub fn connection(target: FaultTarget, fault: ConnectionFault) -> Self {
        Self {
            target,
            connection: Some(fault),
            ..Self::default()
        }
    }

    /// Limits it to a method and to paths that match a pattern.
    #[must_use]
    pub fn on(mut self, method: &str, path: &str) -> Self {
        self.method = Some(String::from(method));
        self.path = Some(String::from(path));
        self
    }

    /// Limits how many times it applies.
    #[must_use]
    pub const fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Limits it to a share of the matching cases, 0 to 1.
    #[must_use]
    pub const fn probability(mut self, probability: f64) -> Self {
        self.probability = Some(probability);
        self
    }

    /// Whether it answers as the global rate limit does.
    pub(crate) fn is_global_limit(&self) -> bool {
        self.status == Some(429) && self.global
    }

    fn matches_request(&self, method: &str, path: &str) -> bool {
        self.target == FaultTarget::Request
            && self
                .method
                .as_deref()
                .is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && self.path.as_deref().is_none_or(|wanted| like(path, wanted))
    }

    fn matches_event(&self, name: &str, guild: u64) -> bool {
        self.target == FaultTarget::Event
            && self
                .event
                .as_deref()
                .is_none_or(|wanted| like(name, wanted))
            && self.guild.is_none_or(|wanted| wanted == guild)
    }
}

/// The faults in force.
#[derive(Debug)]
pub(crate) struct Faults {
    rules: Vec<(u64, FaultRule)>,
    added: u64,
    rng: ChaCha8Rng,
    /// How many pairs of events are still to be swapped.
    pub(crate) swap_events: u32,
    /// How long events are held back.
    pub(crate) event_delay: Duration,
}

impl Faults {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            rules: Vec::new(),
            added: 0,
            rng: ChaCha8Rng::seed_from_u64(seed ^ 0xfa17),
            swap_events: 0,
            event_delay: Duration::ZERO,
        }
    }

    /// Adds a rule after those that there are, and gives its number.
    pub(crate) fn add(&mut self, rule: FaultRule) -> u64 {
        self.added += 1;
        self.rules.push((self.added, rule));
        self.added
    }

    /// Takes a rule back; says whether it was still there.
    pub(crate) fn remove(&mut self, id: u64) -> bool {
        let before = self.rules.len();
        self.rules.retain(|(number, _)| *number != id);
        self.rules.len() < before
    }

    /// Takes everything back.
    pub(crate) fn clear(&mut self) {
        self.rules.clear();
        self.swap_events = 0;
        self.event_delay = Duration::ZERO;
    }

    /// The rules, with their numbers.
    pub(crate) fn rules(&self) -> &[(u64, FaultRule)] {
        &self.rules
    }

    /// The rule for a request.
    pub(crate) fn take(&mut self, method: &str, path: &str) -> Option<FaultRule> {
        self.take_first(|rule| rule.matches_request(method, path))
    }

    /// The rule for an event.
    pub(crate) fn take_event(&mut self, name: &str, guild: u64) -> Option<FaultRule> {
        self.take_first(|rule| rule.matches_event(name, guild))
    }

    /// The rule for what a client of the gateway sends.
    pub(crate) fn take_command(&mut self, target: FaultTarget) -> Option<ConnectionFault> {
        self.take_first(|rule| rule.target == target)?.connection
    }

    /// The first rule that matches, with the delay that came of it; its count goes down.
    fn take_first(&mut self, matches: impl Fn(&FaultRule) -> bool) -> Option<FaultRule> {
        let rng = &mut self.rng;
        let index = self.rules.iter().position(|(_, rule)| {
            matches(rule)
                && rule
                    .probability
                    .is_none_or(|often| rng.random_bool(often.clamp(0.0, 1.0)))
        })?;
        let (_, rule) = self.rules.get_mut(index)?;
        let mut taken = rule.clone();
        if let Some(times) = &mut rule.times {
            *times = times.saturating_sub(1);
            if *times == 0 {
                self.rules.remove(index);
            }
        }
        if let Some(most) = taken.delay_up_to.filter(|most| *most > taken.delay) {
            taken.delay = self.rng.random_range(taken.delay..=most);
        }
        if let Some(mean) = taken.delay_mean {
            // Never the logarithm of zero.
            let chance: f64 = 1.0 - self.rng.random::<f64>();
            taken.delay += mean.mul_f64(-chance.ln());
        }
        Some(taken)
    }

    /// One of so many.
    pub(crate) fn pick(&mut self, of: usize) -> usize {
        self.rng.random_range(0..of.max(1))
    }
}

/// Whether a text is like a pattern.
pub(crate) fn like(path: &str, pattern: &str) -> bool {
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
        let mut faults = Faults::new(1);
        faults.add(FaultRule::fail(500, 2).on("GET", "/guilds/*"));
        assert!(faults.take("PUT", "/guilds/1").is_none());
        assert!(faults.take("GET", "/guilds/1").is_some());
        assert!(faults.take("get", "/guilds/1").is_some());
        assert!(faults.take("GET", "/guilds/1").is_none());
    }

    #[test]
    fn the_first_rule_that_matches_holds_until_it_is_taken_back() {
        let mut faults = Faults::new(1);
        let first = faults.add(FaultRule::fail(500, 9));
        faults.add(FaultRule::fail(502, 9));
        let status = |faults: &mut Faults| faults.take("GET", "/x").and_then(|it| it.status);
        assert_eq!(status(&mut faults), Some(500));
        assert!(faults.remove(first) && !faults.remove(first));
        assert_eq!(status(&mut faults), Some(502));
        assert_eq!(faults.take_event("GUILD_CREATE", 1), None);
    }

    #[test]
    fn delays_are_spread_as_the_rule_says() {
        let mut faults = Faults::new(1);
        let millis = Duration::from_millis;
        let mut rule = FaultRule::delay(millis(10));
        rule.delay_up_to = Some(millis(20));
        let even = faults.add(rule);
        let draw = |faults: &mut Faults| faults.take("GET", "/x").unwrap().delay;
        let drawn: Vec<Duration> = (0..1000).map(|_| draw(&mut faults)).collect();
        assert!(
            drawn
                .iter()
                .all(|it| (millis(10)..=millis(20)).contains(it))
        );
        let mean = drawn.iter().sum::<Duration>() / 1000;
        assert!(mean > millis(14) && mean < millis(16), "{mean:?}");
        faults.remove(even);
        let mut rule = FaultRule::delay(Duration::ZERO);
        rule.delay_mean = Some(millis(100));
        rule.probability = Some(0.5);
        faults.add(rule);
        let drawn: Vec<Duration> = (0..2000)
            .filter_map(|_| faults.take("GET", "/x"))
            .map(|it| it.delay)
            .collect();
        assert!((900..1100).contains(&drawn.len()), "{}", drawn.len());
        let mean = drawn.iter().sum::<Duration>() / u32::try_from(drawn.len()).unwrap();
        assert!(mean > millis(85) && mean < millis(115), "{mean:?}");
        assert!(drawn.iter().any(|it| *it > millis(300)));
    }
}
