//! The world's time: the next events, and who receives them.

use std::collections::BTreeMap;

use guestlist_model::Timestamp;
use guestlist_tracker::{BarrierId, Config, Failure, PhantomUses, Request, RequestId, Response};

use super::answers::{Desk, Told};
use super::brief;
use super::delay::{MILLI, Micros, SECOND, local};
use super::gateway::{Frame, Link, Shard};
use super::guild::Guild;
use super::judge::Judge;
use super::payload;
use super::plan::Plan;
use super::switch::{Switch, Switches};
use super::watcher::Watcher;
use super::weather::Weather;
use crate::{Random, here::Here};

/// How long the world continues after the last event.
const AFTERWARDS: Micros = 2400 * SECOND;

/// The next thing to happen.
pub(super) enum Coming {
    Happens(usize),
    /// A member or a bot joins again.
    Returns {
        guild: usize,
        user: u64,
        bot: bool,
        seed: u64,
    },
    JoinBy {
        guild: usize,
        code: String,
        seed: u64,
    },
    RolesEnd(usize, String),
    Expires(usize, String, u64),
    /// An event enters the session.
    Placed(usize, Frame),
    Arrives(usize),
    /// The tracker learns that the connection is down.
    Noticed(usize),
    Back(usize, bool),
    Announced(usize, u32),
    BackIn(usize),
    Restarted(bool),
    Barrier(usize, BarrierId, u32),
    Asked(RequestId, Request),
    Answered(RequestId, Result<Response, Failure>, Told),
}

pub(super) struct World<'a> {
    pub(super) plan: &'a Plan,
    pub(super) switches: Switches,
    pub(super) weather: Weather,
    pub(super) random: Random,
    pub(super) now: Micros,
    pub(super) guilds: Vec<Guild>,
    pub(super) shards: Vec<Shard>,
    pub(super) judge: Judge,
    pub(super) watcher: Watcher,
    /// The members according to the records.
    here: Here,
    /// Whether the tracker runs.
    pub(super) running: bool,
    /// The error of our clock.
    pub(super) step: Micros,
    /// The requests in progress: the guild, the time by our clock, the kind.
    asked: BTreeMap<RequestId, (usize, Micros, &'static str)>,
    coming: BTreeMap<(Micros, u64), Coming>,
    number: u64,
    story: Option<Vec<String>>,
}

impl<'a> World<'a> {
    pub(super) fn new(plan: &'a Plan, mut config: Config, with_story: bool) -> Self {
        config.barriers = plan.barriers;
        if let Some(few) = plan.max_joins() {
            config.max_joins = few;
        }
        let mut random = Random::new(plan.seed ^ 0x51AB);
        let weather = Weather::draw(&mut random, plan.switches, plan.barriers);
        let max_joins = config.max_joins;
        let trusts_counts = config.phantom_uses != PhantomUses::Anywhere;
        let mut world = Self {
            plan,
            switches: plan.switches,
            weather,
            now: 0,
            guilds: Vec::new(),
            shards: (0..plan.shards).map(|_| Shard::new()).collect(),
            judge: Judge::new(plan.guilds, plan.switches, trusts_counts, max_joins),
            watcher: Watcher::new(config, plan.shards),
            here: Here::default(),
            running: true,
            step: 0,
            asked: BTreeMap::new(),
            coming: BTreeMap::new(),
            number: 0,
            random,
            story: with_story.then(Vec::new),
        };
        world.furnish();
        for shard in 0..world.shards.len() {
            world.begin_session(shard);
        }
        // Otherwise, everything waits until the guilds have been announced and listed.
        let early = plan.switches.has(Switch::EarlyJoins);
        for (index, planned) in plan.planned.iter().enumerate() {
            let at = planned.at + if early { 0 } else { 30 * SECOND };
            world.at(at, Coming::Happens(index));
        }
        world
    }

    /// Our clock.
    pub(super) fn local(&self) -> Timestamp {
        Timestamp::from_micros(local(self.now) + self.step)
    }

    pub(super) fn at(&mut self, at: Micros, coming: Coming) {
        self.number += 1;
        self.coming.insert((at.max(self.now), self.number), coming);
    }

    pub(super) fn later(&mut self, delay: Micros, coming: Coming) {
        self.at(self.now + delay, coming);
    }

    /// Adds a line to the story, if it will be printed.
    pub(super) fn note(&mut self, text: impl FnOnce(&Self) -> String) {
        if self.story.is_some() {
            let text = text(self);
            let line = format!("{:>10} {text}", brief::seconds(self.now));
            self.story.get_or_insert_default().push(line);
        }
    }

    pub(super) fn shard_of(&self, guild: usize) -> usize {
        let number = self.guilds[guild].id >> 22;
        usize::try_from(number % self.shards.len() as u64).unwrap()
    }

    /// Runs the world. Returns the judge's findings and the story.
    pub(super) fn play(mut self) -> (Judge, Vec<String>) {
        let end = self.plan.planned.last().map_or(0, |last| last.at) + AFTERWARDS;
        self.poll();
        let mut spinning = 0_u32;
        loop {
            let timer = self.watcher.timeout().filter(|_| self.running);
            let timer = timer.map(|at| (at.as_micros() - local(0) - self.step).max(self.now) + 1);
            let next = self.coming.first_key_value().map(|((at, _), _)| *at);
            let timer = timer.filter(|timer| *timer <= end);
            match (next.filter(|at| *at <= end), timer) {
                // Input that has arrived is handled before a timer.
                (Some(at), timer) if timer.is_none_or(|timer| at <= timer) => {
                    self.now = at;
                    let (_, coming) = self.coming.pop_first().unwrap();
                    self.step(coming);
                }
                (_, Some(timer)) => {
                    // A timer that is always due immediately would keep a processor busy.
                    spinning = if timer < self.now + MILLI {
                        spinning + 1
                    } else {
                        0
                    };
                    if spinning == 1000 {
                        self.judge.spins(self.now);
                    }
                    let rest = if spinning < 1000 { 0 } else { SECOND };
                    self.now = next.unwrap_or(end).min(timer + rest);
                    let now = self.local();
                    self.watcher.wake(now);
                }
                _ => break,
            }
            self.poll();
        }
        self.now = end;
        let pending = self.watcher.pending();
        let Self {
            mut judge,
            guilds,
            story,
            here,
            ..
        } = self;
        judge.finish(&guilds, &here, pending);
        (judge, story.unwrap_or_default())
    }

    fn step(&mut self, coming: Coming) {
        match coming {
            Coming::Happens(index) => self.happens(self.plan.planned[index]),
            Coming::Returns {
                guild,
                user,
                bot,
                seed,
            } => self.returns(guild, user, bot, seed),
            Coming::JoinBy { guild, code, seed } => self.join_by(guild, &code, seed),
            Coming::RolesEnd(guild, code) => self.set_roles(guild, &code, false),
            Coming::Expires(guild, code, seed) => self.expires(guild, &code, seed),
            Coming::Placed(shard, frame) => self.placed(shard, frame),
            Coming::Arrives(shard) => {
                if self.running
                    && self.shards[shard].link == Link::Up
                    && let Some(frame) = self.shards[shard].queue.pop_front()
                {
                    self.hand_over(shard, frame);
                }
            }
            Coming::Noticed(shard) => {
                if self.shards[shard].link == Link::Dead {
                    self.shards[shard].link = Link::Down;
                    self.note(|_| format!("shard {shard}: the connection is known to be down"));
                    self.missed(shard);
                    let now = self.local();
                    self.watcher.disconnected(now, shard);
                }
            }
            Coming::Back(shard, lost) => {
                if lost {
                    self.begin_session(shard);
                } else {
                    self.resume_session(shard);
                }
            }
            Coming::Announced(guild, epoch) => self.announced(guild, epoch),
            Coming::BackIn(guild) => {
                self.guilds[guild].available = true;
                if !self.guilds[guild].bot_is_in {
                    self.guilds[guild].bot_is_in = true;
                    self.guilds[guild].bot_since = self.now;
                }
                let epoch = self.shards[self.shard_of(guild)].epoch;
                self.announced(guild, epoch);
            }
            Coming::Restarted(lost) => {
                self.running = true;
                let now = self.local();
                self.note(|_| String::from("the tracker is started again"));
                self.watcher.restore(now);
                for shard in 0..self.shards.len() {
                    if lost {
                        self.begin_session(shard);
                    } else {
                        self.resume_session(shard);
                    }
                }
            }
            Coming::Barrier(shard, id, epoch) => {
                if self.shards[shard].epoch == epoch {
                    self.placed(shard, Frame::Acknowledged(id));
                }
            }
            Coming::Asked(id, request) => self.is_asked(id, &request),
            Coming::Answered(id, answer, told) => {
                let Some((guild, sent, _)) = self.asked.remove(&id) else {
                    return;
                };
                let received = self.local().as_micros();
                self.note(|_| match &answer {
                    Ok(_) => format!("{id} is answered: {told:?}"),
                    Err(failure) => format!("{id} is answered: {failure}"),
                });
                self.judge.told(guild, self.now, sent, received, told);
                let now = self.local();
                self.watcher.answer(now, id, answer);
            }
        }
    }

    fn is_asked(&mut self, id: RequestId, request: &Request) {
        let Some((guild, ..)) = self.asked.get(&id).copied() else {
            return;
        };
        let mut desk = Desk {
            switches: self.switches,
            weather: &self.weather,
            random: &mut self.random,
            now: self.now,
        };
        let failing = self.switches.has(Switch::Failures) && desk.random.chance(80);
        let (answer, told) = if failing {
            if desk.random.chance(300) {
                // No response arrives.
                return;
            }
            (Err(desk.failure()), Told::Nothing)
        } else if let Some(answer) = self.here.answer(request) {
            (Ok(answer), Told::Nothing)
        } else {
            let (answer, told) = desk.answer(&self.guilds[guild], request);
            (
                answer.map(|answer| self.here.compare(request, answer)),
                told,
            )
        };
        let latency = self.weather.latency(&mut self.random);
        self.later(latency, Coming::Answered(id, answer, told));
    }

    /// Adds an event to its session, if there is one.
    fn placed(&mut self, shard: usize, frame: Frame) {
        if !self.shards[shard].takes(&frame) {
            self.note(|_| format!("never told: {}", brief::frame(&frame)));
            return;
        }
        let net = self.weather.net(&mut self.random);
        let state = &mut self.shards[shard];
        state.queue.push_back(frame);
        state.floor = state.floor.max(self.now + net);
        let floor = state.floor;
        self.at(floor, Coming::Arrives(shard));
    }

    pub(super) fn hand_over(&mut self, shard: usize, frame: Frame) {
        let now = self.local();
        self.note(|_| format!("told: {}", brief::frame(&frame)));
        match frame {
            Frame::Event {
                name,
                body,
                guild,
                join,
            } => {
                if let (Some(guild), Some(join)) = (guild, join) {
                    let handed = &mut self.guilds[guild].joins[join].handed;
                    handed.get_or_insert(self.now);
                }
                if let Some(guild) = guild {
                    self.judge.event(guild, self.now, name, &body);
                }
                self.watcher.event(now, shard, name, &body);
            }
            Frame::Garbled { frame, .. } => {
                self.missed(shard);
                self.watcher.undecoded(now, shard, frame.as_bytes());
            }
            Frame::Acknowledged(id) => self.watcher.barrier(now, id),
        }
    }

    /// From now on, events of a shard's guilds may be missed.
    fn missed(&mut self, shard: usize) {
        for guild in 0..self.guilds.len() {
            if self.shard_of(guild) == shard {
                self.judge.missed(guild);
            }
        }
    }

    /// Starts a new session: READY, then each guild.
    fn begin_session(&mut self, shard: usize) {
        self.shards[shard].begin();
        let epoch = self.shards[shard].epoch;
        if epoch > 1 {
            self.missed(shard);
        }
        self.note(|_| format!("shard {shard}: session {epoch} begins"));
        let of_shard = |guild: &usize| self.shard_of(*guild) == shard;
        let guilds: Vec<usize> = (0..self.guilds.len()).filter(of_shard).collect();
        let ids: Vec<u64> = guilds.iter().map(|guild| self.guilds[*guild].id).collect();
        let number = u32::try_from(shard).unwrap();
        let body = payload::ready(number, self.plan.shards, &ids);
        self.placed(
            shard,
            Frame::Event {
                name: "READY",
                body,
                guild: None,
                join: None,
            },
        );
        for guild in guilds {
            let most = if self.switches.has(Switch::EarlyJoins) {
                8 * SECOND
            } else {
                SECOND / 10
            };
            let delay = self.random.between(0, most);
            self.later(delay, Coming::Announced(guild, epoch));
        }
    }

    fn resume_session(&mut self, shard: usize) {
        self.note(|_| format!("shard {shard}: the session is resumed"));
        for frame in self.shards[shard].resume() {
            self.hand_over(shard, frame);
            self.poll();
        }
        let now = self.local();
        self.watcher.resumed(now, shard);
    }

    /// Adds a GUILD_CREATE to the session.
    fn announced(&mut self, guild: usize, epoch: u32) {
        let shard = self.shard_of(guild);
        let state = &self.guilds[guild];
        if self.shards[shard].epoch != epoch || !state.available || !state.bot_is_in {
            return;
        }
        let vanity = state.vanity.shown(self.now).map(|(code, ..)| code);
        let body = payload::guild(
            state.id,
            vanity,
            state.present.len() as u64,
            state.bot_since,
        );
        self.shards[shard].announced.insert(guild);
        self.placed(
            shard,
            Frame::Event {
                name: "GUILD_CREATE",
                body,
                guild: Some(guild),
                join: None,
            },
        );
    }

    /// Does what a host does after each input.
    pub(super) fn poll(&mut self) {
        if !self.running {
            return;
        }
        while let Some((id, request)) = self.watcher.poll_request() {
            let number = request.guild().get();
            let guild = self.guilds.iter().position(|guild| guild.id == number);
            let guild = guild.unwrap();
            let label = request.label();
            self.judge.asked(guild, label);
            self.note(|_| format!("{id}: {}", brief::request(&request)));
            self.asked
                .insert(id, (guild, self.local().as_micros(), label));
            let latency = self.weather.latency(&mut self.random);
            self.later(latency, Coming::Asked(id, request));
        }
        while let Some((id, shard)) = self.watcher.poll_barrier() {
            let net = self.weather.net(&mut self.random);
            let epoch = self.shards[shard].epoch;
            self.later(net, Coming::Barrier(shard, id, epoch));
        }
        while let Some(record) = self.watcher.poll_output() {
            self.note(|_| format!("SAID {}", brief::record(&record)));
            self.here.hear(&record);
            let faults = self.judge.faults.len();
            self.judge.hear(&self.guilds, self.now, &record);
            for index in faults..self.judge.faults.len() {
                self.note(|world| format!("FAULT {}", world.judge.faults[index]));
            }
        }
        self.watcher.store();
    }

    /// Kills the tracker, unless a connection is already down.
    pub(super) fn restart(&mut self, pause: Micros, lost: bool) {
        if !self.running || self.shards.iter().any(|shard| shard.link != Link::Up) {
            return;
        }
        self.note(|_| String::from("the tracker is killed"));
        self.running = false;
        // The next tracker uses the same numbers for other requests and barriers.
        self.asked.clear();
        self.coming.retain(|_, coming| {
            !matches!(
                coming,
                Coming::Asked(..) | Coming::Answered(..) | Coming::Barrier(..)
            )
        });
        for shard in &mut self.shards {
            shard
                .queue
                .retain(|frame| !matches!(frame, Frame::Acknowledged(_)));
        }
        self.watcher.kill();
        self.later(pause, Coming::Restarted(lost));
    }

    /// Ends a shard's connection; the bot notices it and later connects again.
    pub(super) fn outage(&mut self, shard: usize, noticed: Micros, back: Micros, lost: bool) {
        if !self.running || self.shards[shard].link != Link::Up {
            return;
        }
        self.note(|_| format!("shard {shard}: the connection dies"));
        self.shards[shard].link = Link::Dead;
        self.later(noticed, Coming::Noticed(shard));
        self.later(noticed + back, Coming::Back(shard, lost));
    }
}
