//! A tiny Discord of one guild with a hidden truth, and a tracker that watches it.
//!
//! Its own clock is hours off the local one. What happens is told late, early, twice or
//! out of order, as the [`Weather`] has it. Everything comes from a seed.

#![expect(dead_code, reason = "each test binary uses a part of this")]

mod json;
mod random;
mod said;
mod server;
mod weather;

use std::collections::{BTreeMap, VecDeque};

use guestlist_model::{Event, GuildId, InviteCode, Timestamp, UserId};
use guestlist_tracker::{
    BarrierId, Config, Connection, Failure, GuildSnapshot, JoinKey, Origin, Record, Request,
    RequestId, Response, Tracker,
};

pub(crate) use random::Random;
pub(crate) use server::{Ended, How, Invite, Lists, Server};
pub(crate) use weather::Weather;

/// Discord's clock is ahead of the local one by this many seconds.
const AHEAD: i64 = 5 * 3600 + 17;
/// When the local clock starts, in seconds.
const START: i64 = 1_700_000_000;

/// Milliseconds since the start.
pub(crate) type Ms = i64;

/// What comes next.
enum Coming {
    /// An event, or one that cannot be decoded.
    Event(Option<Event>),
    Connection(Connection),
    Barrier(BarrierId),
    Quiet(bool),
    Count(Box<dyn FnOnce(&mut Server)>),
    /// A request reaches Discord.
    Request(RequestId, Request),
    Answer(RequestId, Result<Response, Failure>),
}

/// The guild, the tracker that watches it, and all that the tracker said.
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) tracker: Tracker,
    pub(crate) random: Random,
    pub(crate) weather: Weather,
    config: Config,
    now: Ms,
    coming: BTreeMap<(Ms, u64), Coming>,
    number: u64,
    in_flight: BTreeMap<RequestId, &'static str>,
    /// Events are neither told nor kept.
    pub(crate) deaf: bool,
    /// The tracker is not running.
    killed: bool,
    /// Events are kept until the connection is up again.
    held: Option<VecDeque<Option<Event>>>,
    /// What the tracker said, in order.
    pub(crate) records: Vec<Record>,
    pub(crate) states: BTreeMap<GuildId, GuildSnapshot>,
    /// Start a new tracker from the stored state after every so many steps.
    pub(crate) cut_every: Option<u64>,
    steps: u64,
    /// All requests that were sent.
    pub(crate) sent: Vec<Request>,
    pub(crate) log: Vec<String>,
}

pub(crate) fn guild() -> GuildId {
    GuildId::new_checked(1 << 40).unwrap()
}

pub(crate) fn code(text: &str) -> InviteCode {
    text.parse().unwrap()
}

pub(crate) fn user(number: u64) -> UserId {
    UserId::new_checked(number).unwrap()
}

impl World {
    pub(crate) fn new(seed: u64, config: Config, weather: Weather) -> Self {
        Self {
            server: Server::new(),
            tracker: Tracker::new(config.clone()),
            random: Random::new(seed),
            weather,
            config,
            now: 0,
            coming: BTreeMap::new(),
            number: 0,
            in_flight: BTreeMap::new(),
            deaf: false,
            killed: false,
            held: None,
            records: Vec::new(),
            states: BTreeMap::new(),
            cut_every: None,
            steps: 0,
            sent: Vec::new(),
            log: Vec::new(),
        }
    }

    /// A calm world with the default settings.
    pub(crate) fn calm() -> Self {
        Self::new(1, Config::default(), Weather::CALM)
    }

    /// A calm world with these settings.
    pub(crate) fn with(config: Config) -> Self {
        Self::new(1, config, Weather::CALM)
    }

    pub(crate) const fn config(&self) -> &Config {
        &self.config
    }

    // Time.

    fn local(&self) -> Timestamp {
        Timestamp::from_millis(START * 1000 + self.now)
    }

    /// Discord's time.
    pub(crate) fn discord(&self) -> Timestamp {
        Timestamp::from_millis((START + AHEAD) * 1000 + self.now)
    }

    fn within(&mut self, bounds: (Ms, Ms)) -> Ms {
        self.random.between(bounds.0, bounds.1)
    }

    fn later(&mut self, delay: Ms, coming: Coming) {
        self.number += 1;
        self.coming
            .insert((self.now + delay.max(0), self.number), coming);
    }

    /// Lets time pass.
    pub(crate) fn run(&mut self, span: Ms) {
        let end = self.now + span;
        self.poll();
        loop {
            let timer = self
                .tracker
                .poll_timeout()
                .map(|at| (at.as_millis() - START * 1000).max(self.now) + 1)
                .filter(|at| *at <= end);
            let next = self.coming.first_key_value().map(|(key, _)| *key);
            let next = next.filter(|(at, _)| *at <= end);
            match (next, timer) {
                (Some((at, _)), timer) if timer.is_none_or(|timer| at <= timer) => {
                    self.now = self.now.max(at);
                    let (_, coming) = self.coming.pop_first().unwrap();
                    self.step(coming);
                }
                (_, Some(timer)) => {
                    self.now = timer;
                    let now = self.local();
                    self.tracker.handle_timeout(now);
                }
                _ => break,
            }
            self.poll();
            self.steps += 1;
            if self
                .cut_every
                .is_some_and(|every| self.steps.is_multiple_of(every))
                && !self.killed
            {
                self.restart();
            }
        }
        self.now = end;
    }

    fn step(&mut self, coming: Coming) {
        let now = self.local();
        if std::env::var_os("WORLD_LOG").is_some() {
            match &coming {
                Coming::Event(event) => println!("{:>7} event {event:?}", self.now),
                Coming::Barrier(id) => println!("{:>7} {id:?}", self.now),
                Coming::Quiet(quiet) => println!("{:>7} quiet: {quiet}", self.now),
                Coming::Connection(up) => println!("{:>7} connection {up:?}", self.now),
                Coming::Count(_) => println!("{:>7} count", self.now),
                Coming::Request(id, request) => println!("{:>7} {id} {request:?}", self.now),
                Coming::Answer(id, answer) => {
                    println!("{:>7} {id} answered {}", self.now, answer.is_ok())
                }
            }
        }
        match coming {
            Coming::Event(event) => {
                if let Some(held) = &mut self.held {
                    held.push_back(event);
                } else if !self.deaf {
                    self.hand_over(event.as_ref());
                }
            }
            Coming::Barrier(_) | Coming::Quiet(_) | Coming::Connection(_) if self.killed => {}
            // It comes behind the events.
            Coming::Barrier(id) if self.held.is_some() => self.later(100, Coming::Barrier(id)),
            Coming::Barrier(id) => self.tracker.handle_barrier(now, id),
            Coming::Quiet(true) => {
                self.held.get_or_insert_default();
            }
            Coming::Quiet(false) => self.hand_over_held(),
            Coming::Connection(Connection::Down) => {
                self.held.get_or_insert_default();
                self.tracker
                    .handle_connection(now, [0, 1], Connection::Down);
            }
            // A session that is lost is not resumed.
            Coming::Connection(Connection::Up) if self.deaf => {}
            Coming::Connection(Connection::Up) => {
                self.hand_over_held();
                self.tracker.handle_event(now, &Event::Resumed);
            }
            Coming::Count(work) => work(&mut self.server),
            Coming::Request(id, request) => {
                let answer = if self.random.chance(self.weather.failing) {
                    match self.random.below(3) {
                        0 => Err(Failure::Transport(String::from("reset"))),
                        1 => Err(Failure::RateLimited {
                            retry_after: std::time::Duration::from_millis(1500),
                        }),
                        _ => Err(Failure::Transport(String::from("status 500"))),
                    }
                } else {
                    self.server.answer(&request, self.discord())
                };
                let delay = self.within(self.weather.latency);
                self.later(delay, Coming::Answer(id, answer));
            }
            Coming::Answer(id, answer) => {
                if self.in_flight.remove(&id).is_some() {
                    self.tracker.handle_response(now, id, answer);
                }
            }
        }
    }

    fn hand_over(&mut self, event: Option<&Event>) {
        let now = self.local();
        match event {
            Some(event) => self.tracker.handle_event(now, event),
            None => {
                // Whose event it was can sometimes be told.
                let whose = self.random.chance(500).then(guild);
                self.tracker.handle_undecodable(now, [0, 1], whose);
            }
        }
    }

    fn hand_over_held(&mut self) {
        for event in self.held.take().unwrap_or_default() {
            self.hand_over(event.as_ref());
            self.poll();
        }
    }

    /// Does what a driver does after every input.
    pub(crate) fn poll(&mut self) {
        while let Some((id, request)) = self.tracker.poll_request() {
            let label = request.label();
            assert!(
                !self.in_flight.values().any(|other| *other == label),
                "two requests for {label} under way"
            );
            self.in_flight.insert(id, label);
            self.sent.push(request.clone());
            let delay = self.within(self.weather.latency);
            self.later(delay, Coming::Request(id, request));
        }
        while let Some((id, _)) = self.tracker.poll_barrier() {
            let delay = self.within(self.weather.latency);
            self.later(delay, Coming::Barrier(id));
        }
        while let Some(record) = self.tracker.poll_output() {
            if std::env::var_os("WORLD_LOG").is_some() {
                println!("{:>7} {record:?}", self.now);
            }
            self.records.push(record);
        }
        for (guild, state) in self.tracker.take_changed() {
            self.states.insert(guild, state);
        }
    }

    /// Kills the tracker, and starts another one only after this time. The session is
    /// resumed, and tells what happened meanwhile.
    pub(crate) fn restart_after(&mut self, pause: Ms) {
        self.kill();
        self.run(pause);
        self.restart();
    }

    /// Kills the tracker, until [`restart`](Self::restart).
    pub(crate) fn kill(&mut self) {
        self.killed = true;
        self.held.get_or_insert_default();
        self.in_flight.clear();
        self.coming
            .retain(|_, coming| !matches!(coming, Coming::Barrier(_)));
        self.tracker = Tracker::new(self.config.clone());
    }

    /// Kills the tracker and starts another one from what was stored. The session is
    /// resumed: events go on where they were.
    pub(crate) fn restart(&mut self) -> bool {
        self.killed = false;
        self.in_flight.clear();
        self.tracker = Tracker::new(self.config.clone());
        let now = self.local();
        let mut whole = true;
        for (guild, state) in &self.states {
            let stored = serde_json::to_string(state).unwrap();
            whole &= self
                .tracker
                .restore(now, *guild, serde_json::from_str(&stored).unwrap());
        }
        if self.deaf {
            // Its session will turn out to be lost.
            self.poll();
            return whole;
        }
        self.hand_over_held();
        self.tracker.handle_event(now, &Event::Resumed);
        self.poll();
        whole
    }

    // What happens.

    /// A use shows in the counts.
    pub(crate) fn count_later(&mut self, delay: Ms, how: How) {
        let work = move |server: &mut Server| server.count(&how);
        self.later(delay, Coming::Count(Box::new(work)));
    }

    pub(crate) fn tell(&mut self, delay: Ms, event: Event) {
        self.later(delay, Coming::Event(Some(event)));
    }

    /// The guild is announced, and listed for the first time.
    pub(crate) fn begin(&mut self) {
        self.announce();
        self.run(10_000);
    }

    pub(crate) fn announce(&mut self) {
        let event = json::guild_create(&self.server);
        self.tell(0, event);
    }

    /// The session is lost, and a new one begins.
    pub(crate) fn new_session(&mut self) {
        self.deaf = false;
        self.held = None;
        self.tell(0, json::ready());
        self.announce();
    }

    pub(crate) fn disconnect(&mut self) {
        self.later(0, Coming::Connection(Connection::Down));
    }

    /// For this long, events come to nobody's ears, and nobody notices.
    pub(crate) fn hang_for(&mut self, span: Ms) {
        self.later(0, Coming::Quiet(true));
        self.later(span, Coming::Quiet(false));
    }

    pub(crate) fn resume_after(&mut self, delay: Ms) {
        self.later(delay, Coming::Connection(Connection::Up));
    }

    /// Somebody makes an invite, and the event comes.
    pub(crate) fn create(&mut self, invite: Invite) {
        let event = json::invite_create(&invite, self.discord());
        self.create_silently(invite);
        let delay = self.within(self.weather.event);
        self.tell(delay, event);
    }

    /// Somebody makes an invite, and no event comes.
    pub(crate) fn create_silently(&mut self, mut invite: Invite) {
        invite.created_at = self.discord();
        self.server.invites.insert(invite.code.clone(), invite);
    }

    /// Somebody deletes an invite.
    pub(crate) fn revoke(&mut self, text: &str) {
        if self.server.invites.remove(text).is_none() {
            return;
        }
        self.audit(42, text);
        self.ended(text);
    }

    /// Somebody gives an invite roles to grant.
    pub(crate) fn grant_roles(&mut self, text: &str) {
        if let Some(invite) = self.server.invites.get_mut(text) {
            invite.roles = true;
            self.audit(41, text);
        }
    }

    fn audit(&mut self, action: u64, text: &str) {
        let lag = self.within(self.weather.audit);
        let now = self.discord();
        let shown_at = Timestamp::from_millis(now.as_millis() + lag);
        self.server.audit_invite(action, text, now, shown_at);
    }

    /// INVITE_DELETE comes.
    fn ended(&mut self, text: &str) {
        if self.server.permissions.manage_channels {
            let delay = self.within(self.weather.event);
            self.tell(delay, json::invite_delete(text));
        }
    }

    /// An existing member accepts an invite.
    pub(crate) fn accept_again(&mut self, text: &str) {
        let Some(invite) = self.server.invites.get_mut(text) else {
            return;
        };
        invite.accepted += 1;
        let used_up = invite.accepted == invite.max_uses;
        self.server.count(&by(text));
        if used_up {
            self.ended(text);
        }
    }

    /// Somebody joins. Returns which join it is.
    pub(crate) fn join(&mut self, how: How) -> JoinKey {
        let number = self.server.next_user();
        self.join_as(user(number), how)
    }

    /// A certain user joins.
    pub(crate) fn join_as(&mut self, user: UserId, how: How) -> JoinKey {
        let event = self.within(self.weather.event);
        // What Discord does not do: an event that comes more than the settling time after
        // its count, or a count more than its lag after its event.
        let settle = i64::try_from(self.config.settle.as_millis()).unwrap();
        let lag = i64::try_from(self.config.count_lag.as_millis()).unwrap();
        let count = self.within(self.weather.count);
        let count = count.max(event - settle + 1).min(event + lag - 1).max(0);
        self.join_with(user, how, event, count)
    }

    /// A certain user joins, and event and count have these delays.
    pub(crate) fn join_with(&mut self, user: UserId, how: How, event: Ms, count: Ms) -> JoinKey {
        // Discord's microseconds are never the same for two joins here.
        self.number += 1;
        let micros = self.discord().as_micros() + i64::try_from(self.number % 1000).unwrap();
        let joined_at = Timestamp::from_micros(micros);
        let key = JoinKey {
            guild: guild(),
            user,
            joined_at,
        };
        let index = self.within(self.weather.index);
        let indexed_at = Timestamp::from_millis(self.discord().as_millis() + index);
        let ended = self.server.join(key, &how, indexed_at);
        if how.counted() {
            self.count_later(count, how.clone());
        }
        if let (Some(Ended::UsedUp), How::Invite(code)) = (ended, &how) {
            let code = code.clone();
            self.ended(&code);
        }
        if self.random.chance(self.weather.garbled) {
            self.later(event, Coming::Event(None));
        } else {
            let told = json::member_add(key, &how);
            self.tell(event, told);
        }
        if self.random.chance(self.weather.twice) {
            let again = json::member_add(key, &how);
            let delay = event + self.within((0, 60_000));
            self.tell(delay, again);
        }
        key
    }

    /// A member leaves.
    pub(crate) fn leave(&mut self, user: UserId) {
        self.server.members.remove(&user);
        let delay = self.within(self.weather.event);
        self.tell(delay, json::member_remove(user));
    }

    /// An entry of the audit log is told on the gateway.
    pub(crate) fn tell_audit(&mut self, index: usize) {
        let event = json::audit_entry(&self.server.audit[index]);
        let delay = self.within(self.weather.event);
        self.tell(delay, event);
    }

    pub(crate) fn steps(&self) -> u64 {
        self.steps
    }
}

/// An origin by an invite, as a story names it.
pub(crate) fn by(text: &str) -> How {
    How::Invite(text.to_owned())
}

/// Whether an answer is this certainty of this invite.
pub(crate) fn is_invite(origin: &Origin, text: &str) -> bool {
    matches!(origin, Origin::Invite { code, .. } if code == text)
}
