//! The sandbox's lively servers, without sockets: whatever is called confirmed or deduced
//! must be what the sandbox knows to be true.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    reason = "a test that cannot go on stops"
)]

use std::collections::BTreeMap;

use guestlist_model::{Event, GuildId, JoinSource, ShardId, Timestamp, UserId};
use guestlist_sandbox::world::scenario::{Scenario, ScenarioOptions};
use guestlist_sandbox::world::time::MILLISECOND;
use guestlist_sandbox::world::{Effect, Micros, Quirks, TrueJoin, Via, World, WorldOptions};
use guestlist_testkit::{Random, number, offline};
use guestlist_tracker::{
    Attribution, Certainty, Config, ConfirmPolicy, Failure, JoinKey, Origin, Record, Request,
    RequestId, Response, Tracker,
};
use serde_json::Value;

/// The local clock is behind the sandbox's by this.
const BEHIND: Micros = 11 * 3600 * 1000 * MILLISECOND;

enum Coming {
    Event(Event),
    Request(RequestId, Request),
    Answer(RequestId, Result<Response, Failure>),
}

/// A tracker that watches a sandbox.
struct Watch {
    world: World,
    tracker: Tracker,
    coming: BTreeMap<(Micros, u64), Coming>,
    number: u64,
    random: Random,
    attributions: BTreeMap<JoinKey, Vec<Attribution>>,
    joins: BTreeMap<JoinKey, u32>,
}

impl Watch {
    fn new(seed: u64, config: Config, quirks: Quirks) -> Self {
        let mut options = WorldOptions::seeded(seed);
        options.guilds = 3;
        options.quirks = quirks;
        let mut watch = Self {
            world: World::new(&options),
            tracker: Tracker::new(config),
            coming: BTreeMap::new(),
            number: 0,
            random: Random::new(seed),
            attributions: BTreeMap::new(),
            joins: BTreeMap::new(),
        };
        for guild in watch.world.bot_guild_ids() {
            let body = offline::guild_create(&watch.world, guild);
            watch.tell("GUILD_CREATE", &body);
        }
        watch
    }

    fn between(&mut self, from: i64, to: i64) -> i64 {
        self.random.between(from, to)
    }

    fn later(&mut self, from: i64, to: i64, coming: Coming) {
        let delay = self.between(from, to) * MILLISECOND;
        self.number += 1;
        let at = self.world.now() + delay;
        self.coming.insert((at, self.number), coming);
    }

    fn local(&self) -> Timestamp {
        Timestamp::from_micros(self.world.now() - BEHIND)
    }

    fn tell(&mut self, name: &str, body: &Value) {
        let body = body.to_string();
        let event = Event::from_parts(name, body.as_bytes())
            .unwrap_or_else(|error| panic!("{error}: {body}"));
        self.later(5, 60, Coming::Event(event));
    }

    fn tell_effects(&mut self, effects: &[Effect]) {
        for (name, body) in offline::events(&self.world, effects) {
            self.tell(name, &body);
        }
    }

    /// Lets the traffic flow, and then everything settle.
    fn run(&mut self, traffic: ScenarioOptions) {
        self.until(self.world.now() + 5_000 * MILLISECOND);
        let mut scenario = Scenario::new(&self.world, traffic);
        while let Some(at) = scenario.next_at() {
            self.until(at);
            let step = scenario.step(&mut self.world).unwrap();
            self.tell_effects(&step.effects);
        }
        self.until(self.world.now() + 180_000 * MILLISECOND);
    }

    fn until(&mut self, end: Micros) {
        self.poll();
        loop {
            let timer = self
                .tracker
                .poll_timeout()
                .map(|at| at.as_micros() + BEHIND);
            let coming = self.coming.keys().next().map(|(at, _)| *at);
            let next = [timer, coming, self.world.next_due()]
                .into_iter()
                .flatten()
                .min()
                .filter(|at| *at <= end);
            let Some(next) = next else { break };
            let effects = self.world.advance_to(next);
            self.tell_effects(&effects);
            let now = self.local();
            if coming.is_some_and(|at| at <= next) {
                let (_, coming) = self.coming.pop_first().unwrap();
                match coming {
                    Coming::Event(event) => self.tracker.handle_event(now, ShardId::ONE, &event),
                    Coming::Request(id, request) => {
                        let answer = self.answer(&request);
                        self.later(10, 60, Coming::Answer(id, answer));
                    }
                    Coming::Answer(id, answer) => self.tracker.handle_response(now, id, answer),
                }
            } else {
                self.tracker.handle_timeout(now);
            }
            self.poll();
        }
        let effects = self.world.advance_to(end);
        self.tell_effects(&effects);
    }

    fn poll(&mut self) {
        while let Some((id, request)) = self.tracker.poll_request() {
            self.later(10, 60, Coming::Request(id, request));
        }
        while let Some(record) = self.tracker.poll_output() {
            match record {
                Record::Attribution(said) => {
                    self.attributions.entry(said.key).or_default().push(said);
                }
                Record::Join(join) => *self.joins.entry(join.key).or_default() += 1,
                _ => {}
            }
        }
        self.tracker.take_changed();
    }

    fn answer(&mut self, request: &Request) -> Result<Response, Failure> {
        let http = request.to_http();
        let (status, body) = offline::answer(
            &mut self.world,
            http.method.as_str(),
            &http.path,
            http.body.as_deref(),
        );
        request.read_answer(status, body.as_bytes())
    }

    /// Compares all statements with the truth: confirmed, deduced, ambiguous, unknown.
    fn check(&self, seed: u64) -> [usize; 4] {
        let mut counts = [0; 4];
        let truth = self.world.true_joins();
        for join in truth {
            let key = JoinKey::new(
                GuildId::new_checked(join.guild_id).unwrap(),
                UserId::new_checked(join.user_id).unwrap(),
                Timestamp::from_micros(join.joined_at),
            );
            assert_eq!(self.joins.get(&key), Some(&1), "seed {seed}: {join:?} once");
            let said = &self.attributions[&key];
            for said in said {
                if let Some(origin) = said.certainty.origin() {
                    assert!(
                        is(join, origin),
                        "seed {seed}: {} by {:?}, in truth {join:?}",
                        said.certainty,
                        said.evidence
                    );
                }
            }
            let place = match said.last().unwrap().certainty {
                Certainty::Confirmed(_) => 0,
                Certainty::Deduced(_) => 1,
                Certainty::Ambiguous(_) => 2,
                Certainty::Unknown(_) => 3,
                Certainty::Provisional(_) => panic!("{:?} has no final answer", said.last()),
            };
            counts[place] += 1;
        }
        assert_eq!(self.joins.len(), truth.len(), "seed {seed}");
        counts
    }
}

fn is(join: &TrueJoin, origin: &Origin) -> bool {
    let source = i64::from(join.via.join_source_type());
    match origin {
        Origin::Invite { code, inviter, .. } => {
            join.via == Via::Invite
                && join.code.as_deref() == Some(code.as_str())
                && inviter.map(UserId::get) == join.inviter_id
        }
        Origin::Vanity { .. } => join.via == Via::Vanity,
        Origin::Bot { added_by } => {
            (join.via == Via::Bot
                && added_by.is_none_or(|user| Some(user.get()) == join.inviter_id))
                || join.via == Via::GuildsJoin
        }
        Origin::Integration => join.via == Via::Integration,
        Origin::Discovery => join.via == Via::Discovery,
        Origin::Hub => join.via == Via::Hub,
        Origin::LinkedLobby => join.via == Via::LinkedLobby,
        Origin::ManualVerification => JoinSource::from(source) == JoinSource::ManualVerification,
        _ => false,
    }
}

fn many(policy: ConfirmPolicy, seeds: u64, per_second: f64, quirks: impl Fn(u64) -> Quirks) -> f64 {
    let mut all = [0; 4];
    let mut requests = 0;
    for seed in 0..seeds {
        let mut config = Config::default();
        config.confirm = policy;
        let mut watch = Watch::new(seed, config, quirks(seed));
        watch.run(ScenarioOptions::new(60).seed(seed).per_second(per_second));
        for (all, one) in all.iter_mut().zip(watch.check(seed)) {
            *all += one;
        }
        requests += watch.tracker.stats().requests();
        assert_eq!(watch.tracker.pending(), 0, "seed {seed}");
    }
    let joins: usize = all.iter().sum();
    let [confirmed, deduced, ambiguous, unknown] = all;
    println!(
        "{policy:?}, {per_second} a second: {seeds} seeds, {joins} joins: {confirmed} confirmed, \
         {deduced} deduced, {ambiguous} ambiguous, {unknown} unknown; {:.2} requests a join",
        requests as f64 / joins as f64
    );
    (confirmed + deduced) as f64 / joins as f64
}

fn seeds() -> u64 {
    number("SANDBOX_SEEDS", 4)
}

#[test]
fn with_the_search_nearly_all_is_decided_and_nothing_is_wrong() {
    for per_second in [0.2, 2.0, 20.0] {
        let decided = many(ConfirmPolicy::Always, seeds(), per_second, |seed| {
            let mut quirks = Quirks::default();
            quirks.uses_lag = i64::try_from(seed % 4).unwrap() * 700 * MILLISECOND;
            quirks
        });
        // Who left before the index knew them stays open.
        assert!(decided >= 0.98, "{decided}");
    }
}

#[test]
fn with_searches_only_where_needed_nothing_is_wrong() {
    for per_second in [0.2, 2.0] {
        let decided = many(ConfirmPolicy::WhenAmbiguous, seeds(), per_second, |seed| {
            let mut quirks = Quirks::default();
            quirks.uses_lag = i64::try_from(seed % 4).unwrap() * 700 * MILLISECOND;
            quirks
        });
        assert!(decided >= 0.98, "{decided}");
    }
}

#[test]
fn with_counts_alone_nothing_is_wrong() {
    many(ConfirmPolicy::Never, seeds(), 0.2, |_| Quirks::default());
}
