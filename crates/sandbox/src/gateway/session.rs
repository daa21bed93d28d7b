//! Sessions outlive their sockets, so that a client can resume.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use serde_json::{Value, json};

use super::{
    close::{self, Close},
    content::Bare,
    line::Line,
};
use crate::{
    ConnectionFault, json,
    server::micros,
    world::{Bot, Effect, Micros, World, intents},
};

/// What a socket is told to do.
#[derive(Clone, Debug)]
pub(crate) enum Outgoing {
    /// Send this frame.
    Frame(Arc<str>),
    /// Send this INVALID_SESSION; the socket has no session from then on.
    Invalidate(Arc<str>),
    /// Close with this code.
    Close(Close),
    /// Vanish, as when a cable is cut.
    Abort,
}

impl Outgoing {
    /// What a socket is told by a fault, and whether its session can be resumed afterwards.
    pub(crate) fn of_fault(fault: ConnectionFault) -> Option<(Self, bool)> {
        Some(match fault {
            ConnectionFault::Ignored => return None,
            ConnectionFault::Aborted => (Self::Abort, true),
            ConnectionFault::Reconnect => (Self::Frame(frame(7, &Value::Null)), true),
            ConnectionFault::InvalidSession(resumable) => {
                (Self::Invalidate(frame(9, &json!(resumable))), resumable)
            }
            ConnectionFault::Closed(code) => (Self::Close((code, "Closed by a fault.")), true),
        })
    }
}

/// A frame that is not an event.
pub(crate) fn frame(op: u8, data: &Value) -> Arc<str> {
    json!({"t": null, "s": null, "op": op, "d": data})
        .to_string()
        .into()
}

/// So many sessions may wait for a RESUME, and a session keeps so many bytes for it.
const MOST_DETACHED: usize = 2_000;
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// What IDENTIFY asks for.
#[derive(Clone, Debug)]
pub(crate) struct Identify {
    pub(crate) bot: u64,
    /// The version of the gateway that the URL asked for.
    pub(crate) version: u8,
    pub(crate) intents: u64,
    pub(crate) shard: u64,
    pub(crate) shards: u64,
    pub(crate) explicit_shard: bool,
    pub(crate) large_threshold: u64,
}

#[derive(Debug)]
struct Session {
    identify: Identify,
    sequence: u64,
    replay: VecDeque<(u64, Arc<str>)>,
    replay_bytes: usize,
    socket: Option<Line>,
    detached: Micros,
}

impl Session {
    const fn concerns(&self, guild_id: u64) -> bool {
        (guild_id >> 22) % self.identify.shards == self.identify.shard
    }

    fn send(&mut self, name: &str, body: &str, limit: usize) {
        self.sequence += 1;
        let sequence = self.sequence;
        let frame: Arc<str> =
            format!("{{\"t\":\"{name}\",\"s\":{sequence},\"op\":0,\"d\":{body}}}").into();
        self.replay_bytes += frame.len();
        self.replay.push_back((sequence, Arc::clone(&frame)));
        while self.replay.len() > limit || self.replay_bytes > MOST_BYTES {
            let Some((_, oldest)) = self.replay.pop_front() else {
                break;
            };
            self.replay_bytes -= oldest.len();
        }
        self.tell(Outgoing::Frame(frame));
    }

    fn tell(&self, outgoing: Outgoing) {
        if let Some(line) = &self.socket {
            line.tell(outgoing);
        }
    }

    /// Something happens to the connection. With INVALID_SESSION, the session loses it.
    fn disturb(&mut self, how: &Outgoing, now: Micros) {
        self.tell(how.clone());
        if matches!(how, Outgoing::Invalidate(_)) {
            self.socket = None;
            self.detached = now;
        }
    }
}

/// Why a RESUME fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CannotResume {
    /// Nobody knows the session (any more).
    Unknown,
    /// The client claims to have seen what was not sent yet.
    Sequence,
}

/// Which sessions are meant: of a bot, or of a shard, or of any.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Which {
    pub(crate) bot: Option<u64>,
    pub(crate) shard: Option<u64>,
}

impl Which {
    fn has(self, session: &Session) -> bool {
        self.bot.is_none_or(|bot| bot == session.identify.bot)
            && self.shard.is_none_or(|it| it == session.identify.shard)
    }
}

/// All sessions. Their clock is the world's.
#[derive(Debug)]
pub(crate) struct Sessions {
    sessions: BTreeMap<String, Session>,
    url: String,
    made: u64,
    sockets: u64,
    seed: u64,
    replay_limit: usize,
    resume_window: Duration,
    refused_until: Option<Micros>,
    /// As of the last look.
    now: Micros,
}

impl Sessions {
    pub(crate) const fn new(
        seed: u64,
        url: String,
        replay_limit: usize,
        resume_window: Duration,
    ) -> Self {
        Self {
            sessions: BTreeMap::new(),
            url,
            made: 0,
            sockets: 0,
            seed,
            replay_limit,
            resume_window,
            refused_until: None,
            now: 0,
        }
    }

    /// Lets no new session begin for so long.
    pub(crate) fn refuse_for(&mut self, how_long: Duration) {
        self.refused_until = Some(self.now.saturating_add(micros(how_long)));
    }

    /// How long no new session may begin.
    pub(crate) fn refuses(&self) -> Option<Micros> {
        let left = self.refused_until? - self.now;
        (left > 0).then_some(left)
    }

    /// A number for a new socket.
    pub(crate) const fn next_socket(&mut self) -> u64 {
        self.sockets += 1;
        self.sockets
    }

    /// Begins a session: READY, then GUILD_CREATE for each guild.
    pub(crate) fn identify(
        &mut self,
        world: &World,
        bot: &Bot,
        identify: Identify,
        socket: Line,
    ) -> String {
        self.made += 1;
        let mixed = (self.seed ^ self.made.rotate_left(32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let id = format!("{mixed:016x}{:016x}", mixed.rotate_left(29) ^ self.made);
        let mut session = Session {
            identify,
            sequence: 0,
            replay: VecDeque::new(),
            replay_bytes: 0,
            socket: Some(socket),
            detached: self.now,
        };
        let mine: Vec<u64> = world
            .guild_ids_of(bot.id())
            .into_iter()
            .filter(|guild| session.concerns(*guild))
            .collect();
        let unavailable: Vec<Value> = mine
            .iter()
            .map(|guild| json!({"id": guild.to_string(), "unavailable": true}))
            .collect();
        let mut ready = json!({
            "v": session.identify.version,
            "user": json::current_user(bot),
            "user_settings": {},
            "session_type": "normal",
            "session_id": id,
            "resume_gateway_url": self.url,
            "relationships": [],
            "private_channels": [],
            "presences": [],
            "guilds": unavailable,
            "guild_join_requests": [],
            "geo_ordered_rtc_regions": ["us-east"],
            "game_relationships": [],
            "auth": {},
            "application": json::partial_application(bot),
            "_trace": ["[\"guestlist-sandbox\",{\"micros\":0}]"],
        });
        if session.identify.explicit_shard
            && let Some(ready) = ready.as_object_mut()
        {
            let shard = json!([session.identify.shard, session.identify.shards]);
            ready.insert(String::from("shard"), shard);
        }
        session.send("READY", &ready.to_string(), self.replay_limit);
        self.sessions.insert(id.clone(), session);
        for guild in mine {
            self.welcome_one(world, &id, guild);
        }
        id
    }

    fn welcome_one(&mut self, world: &World, id: &str, guild: u64) {
        if let (Some(session), Some(guild)) = (self.sessions.get_mut(id), world.guild(guild)) {
            let identify = &session.identify;
            if identify.intents & intents::GUILDS != 0 {
                let Identify {
                    bot,
                    intents,
                    large_threshold,
                    ..
                } = *identify;
                let body = json::gateway_guild(world, guild, bot, intents, large_threshold);
                session.send("GUILD_CREATE", &body.to_string(), self.replay_limit);
            }
        }
    }

    /// Bots came into a guild: GUILD_CREATE to their sessions that serve it.
    pub(crate) fn welcome(&mut self, world: &World, effect: &Effect) {
        let guild = effect.guild_id;
        let concerned: Vec<String> = self
            .sessions
            .iter()
            .filter(|(_, session)| {
                session.concerns(guild) && effect.viewers.contains(&session.identify.bot)
            })
            .map(|(id, _)| id.clone())
            .collect();
        for id in concerned {
            self.welcome_one(world, &id, guild);
        }
    }

    /// Sends an event to the sessions that serve the guild, may see it and asked for it.
    pub(crate) fn dispatch(&mut self, effect: &Effect, name: &str, body: Value) {
        let intent = effect.intent();
        let whole = body.to_string();
        let mut bare = Bare::of(effect, body);
        for session in self.sessions.values_mut() {
            let identify = &session.identify;
            let wanted = intent == 0 || identify.intents & intent != 0;
            if wanted && session.concerns(effect.guild_id) && effect.viewers.contains(&identify.bot)
            {
                let bare = bare.as_mut().and_then(|bare| bare.text_for(identify));
                let body = bare.unwrap_or(&whole);
                session.send(name, body, self.replay_limit);
            }
        }
    }

    /// Sends an event to one session.
    pub(crate) fn dispatch_to(&mut self, id: &str, name: &str, body: &Value) {
        if let Some(session) = self.sessions.get_mut(id) {
            session.send(name, &body.to_string(), self.replay_limit);
        }
    }

    /// Takes a session up again and sends what was missed.
    pub(crate) fn resume(
        &mut self,
        (bot, id): (u64, &str),
        seen: u64,
        socket: Line,
    ) -> Result<(), CannotResume> {
        let session = self.sessions.get_mut(id);
        let session = session.filter(|it| it.identify.bot == bot);
        let session = session.ok_or(CannotResume::Unknown)?;
        if seen > session.sequence {
            self.sessions.remove(id);
            return Err(CannotResume::Sequence);
        }
        let oldest = session
            .replay
            .front()
            .map_or(session.sequence + 1, |(number, _)| *number);
        if seen + 1 < oldest {
            self.sessions.remove(id);
            return Err(CannotResume::Unknown);
        }
        // One session, one socket: the older one is stale.
        session.tell(Outgoing::Abort);
        session.socket = Some(socket);
        for (number, frame) in &session.replay {
            if *number > seen {
                session.tell(Outgoing::Frame(Arc::clone(frame)));
            }
        }
        let trace = json!({"_trace": ["[\"guestlist-sandbox\",{\"micros\":0}]"]});
        session.send("RESUMED", &trace.to_string(), self.replay_limit);
        Ok(())
    }

    /// The bot of a session; 0 if there is no such session.
    pub(crate) fn bot(&self, id: &str) -> u64 {
        let session = self.sessions.get(id);
        session.map_or(0, |session| session.identify.bot)
    }

    /// The intents of a session.
    pub(crate) fn intents(&self, id: &str) -> u64 {
        self.sessions
            .get(id)
            .map_or(0, |session| session.identify.intents)
    }

    /// A socket has gone. The session waits for a resume, unless the client
    /// closed it for good.
    pub(crate) fn detach(&mut self, id: &str, socket: u64, for_good: bool) {
        let Some(session) = self.sessions.get_mut(id) else {
            return;
        };
        if session
            .socket
            .as_ref()
            .is_some_and(|line| line.number == socket)
        {
            session.socket = None;
            session.detached = self.now;
            if for_good {
                self.sessions.remove(id);
            }
        }
    }

    /// Forgets sessions that nobody came back to.
    pub(crate) fn forget_stale(&mut self, now: Micros) {
        self.now = now;
        let window = micros(self.resume_window);
        let mut waiting = 0;
        self.sessions.retain(|_, session| {
            let stays = session.socket.is_some() || now - session.detached < window;
            waiting += usize::from(stays && session.socket.is_none());
            stays
        });
        while waiting > MOST_DETACHED {
            let detached = self.sessions.iter().filter(|(_, it)| it.socket.is_none());
            let oldest = detached.min_by_key(|(_, it)| it.detached);
            let Some(oldest) = oldest.map(|(id, _)| id.clone()) else {
                break;
            };
            self.sessions.remove(&oldest);
            waiting -= 1;
        }
    }

    /// Cuts connections; says how many there were.
    /// Sessions that are not to be resumed are forgotten.
    pub(crate) fn drop_sockets(&mut self, which: Which, resumable: bool, how: &Outgoing) -> usize {
        let (mut dropped, now) = (0, self.now);
        self.sessions.retain(|_, session| {
            if !which.has(session) {
                return true;
            }
            dropped += usize::from(session.socket.is_some());
            session.disturb(how, now);
            resumable
        });
        dropped
    }

    /// Connections that receive an event go wrong.
    pub(crate) fn disturb(&mut self, (guild, viewers): (u64, &[u64]), fault: ConnectionFault) {
        let Some((how, resumable)) = Outgoing::of_fault(fault) else {
            return;
        };
        let now = self.now;
        self.sessions.retain(|_, session| {
            let receives = session.concerns(guild) && viewers.contains(&session.identify.bot);
            if !receives || session.socket.is_none() {
                return true;
            }
            session.disturb(&how, now);
            resumable
        });
    }

    /// Whether a client of a bot, or of any, is connected.
    pub(crate) fn any_connected(&self, which: Which) -> bool {
        let mut sessions = self.sessions.values();
        sessions.any(|it| it.socket.is_some() && which.has(it))
    }

    /// The sessions, for the control API.
    pub(crate) fn to_json(&self) -> Value {
        self.sessions
            .iter()
            .map(|(id, session)| {
                json!({
                    "session_id": id,
                    "bot_id": session.identify.bot.to_string(),
                    "shard": [session.identify.shard, session.identify.shards],
                    "intents": session.identify.intents,
                    "sequence": session.sequence,
                    "connected": session.socket.is_some(),
                })
            })
            .collect()
    }
}

impl CannotResume {
    /// The close code for it, or none if INVALID_SESSION says it.
    pub(crate) const fn close(self) -> Option<Close> {
        match self {
            Self::Unknown => None,
            Self::Sequence => Some(close::INVALID_SEQUENCE),
        }
    }
}
