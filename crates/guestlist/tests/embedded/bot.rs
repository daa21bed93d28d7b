//! A bot with a gateway and an HTTP client, and the Discord that it talks to.

use std::time::Duration;

use guestlist::tracker::Attribution;
use guestlist::{Config, Embedded, Record, ShardId, Timestamp};
use guestlist_sandbox::world::{Effect, World, WorldOptions};
use guestlist_testkit::offline;
use serde_json::{Value, json};

pub(crate) struct Bot {
    pub(crate) world: World,
    pub(crate) tracker: Embedded,
    /// The first guild, which has a vanity link and is in discovery.
    pub(crate) guild: u64,
    /// Whether frames arrive. Those that do not wait here for a RESUME.
    pub(crate) connected: bool,
    pub(crate) waiting: Vec<Value>,
    pub(crate) records: Vec<Record>,
}

impl Bot {
    /// Connected, and the invites are known.
    pub(crate) fn new(config: Config) -> Self {
        let world = World::new(&WorldOptions::seeded(7));
        let guild = world.guild_ids().remove(0);
        let mut bot = Self {
            world,
            tracker: Embedded::new(config),
            guild,
            connected: true,
            waiting: Vec::new(),
            records: Vec::new(),
        };
        bot.begin_session();
        bot.run(20);
        bot
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.world.now())
    }

    /// READY and GUILD_CREATE. What was missed stays missed.
    pub(crate) fn begin_session(&mut self) {
        self.connected = true;
        self.waiting.clear();
        let ready = json!({
            "v": 10, "session_id": "a", "resume_gateway_url": "wss://gateway.discord.gg",
            "user": {"id": "1", "username": "bot"}, "shard": ShardId::ONE,
            "guilds": [{"id": self.guild.to_string(), "unavailable": true}],
        });
        self.event("READY", &ready);
        let guild = offline::guild_create(&self.world, self.guild);
        self.event("GUILD_CREATE", &guild);
    }

    /// Hands over what waits, and RESUMED.
    pub(crate) fn resume(&mut self) {
        self.connected = true;
        for frame in std::mem::take(&mut self.waiting) {
            self.frame(&frame);
        }
        self.event("RESUMED", &json!({}));
    }

    pub(crate) fn event(&mut self, name: &str, data: &Value) {
        self.frame(&json!({"op": 0, "s": 1, "t": name, "d": data}));
    }

    pub(crate) fn frame(&mut self, frame: &Value) {
        if self.connected {
            let now = self.now();
            let frame = frame.to_string();
            self.tracker
                .frame(now, ShardId::ONE, frame.as_bytes())
                .unwrap();
        } else {
            self.waiting.push(frame.clone());
        }
        self.poll();
    }

    pub(crate) fn tell(&mut self, effects: &[Effect]) {
        let mut told = effects.to_vec();
        told.retain(|effect| effect.guild_id == self.guild);
        for (name, data) in offline::events(&self.world, &told) {
            self.event(name, &data);
        }
    }

    /// Somebody accepts an invite.
    pub(crate) fn accept(&mut self, code: &str) -> u64 {
        let joined = self.world.accept_invite(code, None).unwrap();
        self.tell(&joined.effects);
        joined.user_id
    }

    /// Somebody accepts an invite that was there from the beginning.
    pub(crate) fn accept_any(&mut self) -> u64 {
        let guild = self.world.guild(self.guild).unwrap();
        let code = guild.invites.keys().next().unwrap().clone();
        self.accept(&code)
    }

    /// Lets so many seconds pass.
    pub(crate) fn run(&mut self, seconds: u64) {
        let end = self.now().saturating_add(Duration::from_secs(seconds));
        loop {
            self.poll();
            let due = self.world.next_due().map(Timestamp::from_micros);
            let next = [self.tracker.wake_at(), due].into_iter().flatten().min();
            let next = next.filter(|next| *next < end).unwrap_or(end);
            let effects = self.world.advance_to(next.as_micros());
            self.tell(&effects);
            let now = self.now();
            self.tracker.wake(now);
            if now >= end {
                return self.poll();
            }
        }
    }

    fn poll(&mut self) {
        while let Some(call) = self.tracker.next_call() {
            let (status, body) = offline::answer(
                &mut self.world,
                call.method.as_str(),
                &call.path,
                call.body.as_deref(),
            );
            let now = self.now();
            self.tracker.answer(now, call.id, status, body.as_bytes());
        }
        while let Some(record) = self.tracker.next_record() {
            self.records.push(record);
        }
    }

    /// What was said about a member, in order.
    pub(crate) fn said(&self, user: u64) -> impl Iterator<Item = &Attribution> {
        self.records.iter().filter_map(move |record| match record {
            Record::Attribution(said)
                if said.key.user.get() == user && said.certainty.is_final() =>
            {
                Some(said)
            }
            _ => None,
        })
    }
}
