//! A tiny Discord of one guild with a hidden truth, and a tracker that watches it.
//!
//! Its own clock is hours off the local one. What happens is told late, early, twice or
//! out of order, as the [`Weather`] has it. Everything comes from a seed.

mod happen;
mod json;
mod life;
mod said;
mod server;
mod weather;

use std::collections::{BTreeMap, VecDeque};

use crate::here::Here;
use guestlist_model::{Envelope, Event, GuildId, InviteCode, ShardId, Timestamp, UserId};
use guestlist_tracker::{
    BarrierId, Config, Failure, GuildChange, GuildState, Origin, Record, Request, RequestId,
    Response, Tracker,
};

pub use crate::Random;
pub use life::{live, live_calmly};
pub use server::{Ended, Entry, How, Invite, Lists, Member, Permissions, Server};
pub use weather::Weather;

/// Discord's clock is ahead of the local one by this many seconds.
const AHEAD: i64 = 5 * 3600 + 17;
/// When the local clock starts, in seconds.
const START: i64 = 1_700_000_000;

/// Milliseconds since the start.
pub type Ms = i64;

/// The next thing to happen.
enum Coming {
    /// An event, or one that cannot be decoded.
    Event(Option<Event>),
    /// The connection is lost, or resumed.
    Connected(bool),
    Barrier(BarrierId),
    Quiet(bool),
    Count(Box<dyn FnOnce(&mut Server)>),
    /// A request reaches Discord.
    Request(RequestId, Request),
    Answer(RequestId, Result<Response, Failure>),
}

/// The guild, the tracker that watches it, and all that the tracker said.
pub struct World {
    /// Discord's side.
    pub server: Server,
    /// The tracker under test.
    pub tracker: Tracker,
    /// Where all chance comes from.
    pub random: Random,
    /// How fast and how faithfully things are told.
    pub weather: Weather,
    config: Config,
    now: Ms,
    coming: BTreeMap<(Ms, u64), Coming>,
    number: u64,
    in_flight: BTreeMap<RequestId, &'static str>,
    /// Events are neither told nor kept.
    pub deaf: bool,
    /// The tracker is not running.
    killed: bool,
    /// Events are kept until the connection is up again.
    held: Option<VecDeque<Option<Event>>>,
    /// What the tracker said, in order.
    pub records: Vec<Record>,
    /// Who is a member, as far as that tells.
    here: Here,
    /// The latest stored state of each guild.
    pub states: BTreeMap<GuildId, GuildState>,
    /// When states were written, and how many bytes each time.
    pub written: Vec<(Ms, usize)>,
    /// Start a new tracker from the stored state after every so many steps.
    pub cut_every: Option<u64>,
    steps: u64,
    /// All requests that were sent.
    pub sent: Vec<Request>,
    /// All that the tracker stated and asked for, and when, a line each.
    pub trace: Vec<String>,
}

/// The one guild of this world.
pub fn guild() -> GuildId {
    GuildId::new_checked(1 << 40).unwrap()
}

/// An invite code.
pub fn code(text: &str) -> InviteCode {
    text.parse().unwrap()
}

/// A user id.
pub fn user(number: u64) -> UserId {
    UserId::new_checked(number).unwrap()
}

impl World {
    /// A world from a seed.
    pub fn new(seed: u64, config: Config, weather: Weather) -> Self {
        Self {
            server: Server::default(),
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
            here: Here::default(),
            states: BTreeMap::new(),
            written: Vec::new(),
            cut_every: None,
            steps: 0,
            sent: Vec::new(),
            trace: Vec::new(),
        }
    }

    /// A calm world with the default settings.
    pub fn calm() -> Self {
        Self::new(1, Config::default(), Weather::CALM)
    }

    /// A calm world with these settings.
    pub fn with(config: Config) -> Self {
        Self::new(1, config, Weather::CALM)
    }

    /// The settings of the tracker.
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// The settings of the next tracker.
    pub const fn config_mut(&mut self) -> &mut Config {
        &mut self.config
    }

    // Time.

    /// The tracker's time.
    #[must_use]
    pub fn local(&self) -> Timestamp {
        Timestamp::from_millis(START * 1000 + self.now)
    }

    /// Discord's time.
    pub fn discord(&self) -> Timestamp {
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
    pub fn run(&mut self, span: Ms) {
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
                Coming::Connected(up) => println!("{:>7} connected: {up}", self.now),
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
            Coming::Barrier(_) | Coming::Quiet(_) | Coming::Connected(_) if self.killed => {}
            // It comes behind the events.
            Coming::Barrier(id) if self.held.is_some() => self.later(100, Coming::Barrier(id)),
            Coming::Barrier(id) => self.tracker.handle_barrier(now, id),
            Coming::Quiet(true) => {
                self.held.get_or_insert_default();
            }
            Coming::Quiet(false) => self.hand_over_held(),
            Coming::Connected(false) => {
                self.held.get_or_insert_default();
                self.tracker.handle_disconnected(now, ShardId::ONE);
            }
            // A session that is lost is not resumed.
            Coming::Connected(true) if self.deaf => {}
            Coming::Connected(true) => {
                self.hand_over_held();
                self.tracker
                    .handle_event(now, ShardId::ONE, &Event::Resumed);
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
                } else if let Some(answer) = self.here.answer(&request) {
                    Ok(answer)
                } else {
                    let answer = self.server.answer(&request, self.discord());
                    answer.map(|answer| self.here.compare(&request, answer))
                };
                let delay = self.within(self.weather.reply.unwrap_or(self.weather.latency));
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
            Some(event) => self.tracker.handle_event(now, ShardId::ONE, event),
            None => {
                // Whose event it was can sometimes be told.
                let mut frame = Envelope::default();
                frame.guild = self.random.chance(500).then(guild);
                self.tracker.handle_undecoded(now, ShardId::ONE, &frame);
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
    pub fn poll(&mut self) {
        while let Some((id, request)) = self.tracker.poll_request() {
            let label = request.label();
            let alike = self.in_flight.values().filter(|other| **other == label);
            let most = if label == "list_invites" { 2 } else { 0 };
            assert!(
                alike.count() <= most,
                "too many requests for {label} under way"
            );
            self.in_flight.insert(id, label);
            self.trace.push(format!("{} asks {request:?}", self.now));
            self.sent.push(request.clone());
            let delay = self.within(self.weather.latency);
            self.later(delay, Coming::Request(id, request));
        }
        while let Some((id, _)) = self.tracker.poll_barrier() {
            self.trace.push(format!("{} asks for a barrier", self.now));
            let delay = self.within(self.weather.latency);
            self.later(delay, Coming::Barrier(id));
        }
        while let Some(record) = self.tracker.poll_output() {
            if std::env::var_os("WORLD_LOG").is_some() {
                println!("{:>7} {record:?}", self.now);
            }
            let stated = serde_json::to_string(&record).unwrap();
            self.trace.push(format!("{} states {stated}", self.now));
            self.here.hear(&record);
            self.records.push(record);
        }
        for change in self.tracker.take_changed() {
            self.store(&change);
        }
    }

    /// Stores a change, as a driver does in one transaction with the records before it.
    pub fn store(&mut self, change: &GuildChange) {
        let stored = serde_json::to_string(change).unwrap();
        let change: GuildChange = serde_json::from_str(&stored).unwrap();
        self.written.push((self.now, change.len()));
        self.states.entry(change.guild).or_default().apply(&change);
    }

    /// Kills the tracker, and starts another one only after this time. The session is
    /// resumed, and tells what happened meanwhile.
    pub fn restart_after(&mut self, pause: Ms) {
        self.kill();
        self.run(pause);
        self.restart();
    }

    /// Kills the tracker, until [`restart`](Self::restart).
    pub fn kill(&mut self) {
        self.killed = true;
        self.held.get_or_insert_default();
        self.in_flight.clear();
        self.coming
            .retain(|_, coming| !matches!(coming, Coming::Barrier(_)));
        self.tracker = Tracker::new(self.config.clone());
    }

    /// Kills the tracker and starts another one from what was stored. The session is
    /// resumed: events go on where they were.
    pub fn restart(&mut self) -> bool {
        self.killed = false;
        self.in_flight.clear();
        self.tracker = Tracker::new(self.config.clone());
        let now = self.local();
        let mut whole = true;
        for (guild, state) in &self.states {
            whole &= self.tracker.restore(now, *guild, state).unwrap();
        }
        if self.deaf {
            // Its session will turn out to be lost.
            self.poll();
            return whole;
        }
        self.hand_over_held();
        self.tracker
            .handle_event(now, ShardId::ONE, &Event::Resumed);
        self.poll();
        whole
    }

    /// How many inputs the tracker has been given.
    pub fn steps(&self) -> u64 {
        self.steps
    }
}

/// An origin by an invite, as a story names it.
pub fn by(text: &str) -> How {
    How::Invite(text.to_owned())
}

/// Whether an answer is this certainty of this invite.
pub fn is_invite(origin: &Origin, text: &str) -> bool {
    matches!(origin, Origin::Invite { code, .. } if code == text)
}
