//! Sessions outlive their sockets, so that a client can resume.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedSender;

use super::close::{self, Close};
use crate::{ConnectionFault, json, world::World};

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

/// What IDENTIFY asks for.
#[derive(Clone, Debug)]
pub(crate) struct Identify {
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
    socket: Option<(u64, UnboundedSender<Outgoing>)>,
    detached: Instant,
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
        if self.replay.len() >= limit {
            self.replay.pop_front();
        }
        self.replay.push_back((sequence, Arc::clone(&frame)));
        self.tell(Outgoing::Frame(frame));
    }

    fn tell(&self, outgoing: Outgoing) {
        if let Some((_, socket)) = &self.socket {
            // A socket that is gone says so itself.
            let _gone = socket.send(outgoing);
        }
    }

    /// Something happens to the connection. With INVALID_SESSION, the session loses it.
    fn disturb(&mut self, how: &Outgoing) {
        self.tell(how.clone());
        if matches!(how, Outgoing::Invalidate(_)) {
            self.socket = None;
            self.detached = Instant::now();
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

/// All sessions.
#[derive(Debug)]
pub(crate) struct Sessions {
    sessions: BTreeMap<String, Session>,
    url: String,
    made: u64,
    sockets: u64,
    seed: u64,
    replay_limit: usize,
    resume_window: Duration,
    refused_until: Option<Instant>,
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
        }
    }

    /// Lets no new session begin for so long.
    pub(crate) fn refuse_for(&mut self, how_long: Duration) {
        self.refused_until = Instant::now().checked_add(how_long);
    }

    /// How long no new session may begin.
    pub(crate) fn refuses(&self, now: Instant) -> Option<Duration> {
        let left = self.refused_until?.saturating_duration_since(now);
        (!left.is_zero()).then_some(left)
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
        identify: Identify,
        socket: (u64, UnboundedSender<Outgoing>),
    ) -> String {
        self.made += 1;
        let mixed = (self.seed ^ self.made.rotate_left(32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let id = format!("{mixed:016x}{:016x}", mixed.rotate_left(29) ^ self.made);
        let mut session = Session {
            identify,
            sequence: 0,
            replay: VecDeque::new(),
            socket: Some(socket),
            detached: Instant::now(),
        };
        let mine: Vec<u64> = world
            .bot_guild_ids()
            .into_iter()
            .filter(|guild| session.concerns(*guild))
            .collect();
        let unavailable: Vec<Value> = mine
            .iter()
            .map(|guild| json!({"id": guild.to_string(), "unavailable": true}))
            .collect();
        let mut ready = json!({
            "v": session.identify.version,
            "user": json::current_user(world),
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
            "application": json::partial_application(world),
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
            if identify.intents & crate::world::intents::GUILDS != 0 {
                let body =
                    json::gateway_guild(world, guild, identify.intents, identify.large_threshold);
                session.send("GUILD_CREATE", &body.to_string(), self.replay_limit);
            }
        }
    }

    /// The bot came into a guild: GUILD_CREATE to those who serve it.
    pub(crate) fn welcome(&mut self, world: &World, guild: u64) {
        let concerned: Vec<String> = self
            .sessions
            .iter()
            .filter(|(_, session)| session.concerns(guild))
            .map(|(id, _)| id.clone())
            .collect();
        for id in concerned {
            self.welcome_one(world, &id, guild);
        }
    }

    /// Sends an event to the sessions that serve the guild and asked for it.
    pub(crate) fn dispatch(&mut self, guild: u64, intent: u64, name: &str, body: &Value) {
        let body = body.to_string();
        for session in self.sessions.values_mut() {
            let wanted = intent == 0 || session.identify.intents & intent != 0;
            if session.concerns(guild) && wanted {
                session.send(name, &body, self.replay_limit);
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
        id: &str,
        seen: u64,
        socket: (u64, UnboundedSender<Outgoing>),
    ) -> Result<(), CannotResume> {
        let session = self.sessions.get_mut(id).ok_or(CannotResume::Unknown)?;
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
            .is_some_and(|(number, _)| *number == socket)
        {
            session.socket = None;
            session.detached = Instant::now();
            if for_good {
                self.sessions.remove(id);
            }
        }
    }

    /// Forgets sessions that nobody came back to.
    pub(crate) fn forget_stale(&mut self, now: Instant) {
        let window = self.resume_window;
        self.sessions.retain(|_, session| {
            session.socket.is_some() || now.duration_since(session.detached) < window
        });
    }

    /// Cuts connections of one shard or of all; says how many there were.
    /// Sessions that are not to be resumed are forgotten.
    pub(crate) fn drop_sockets(
        &mut self,
        shard: Option<u64>,
        resumable: bool,
        how: &Outgoing,
    ) -> usize {
        let mut dropped = 0;
        self.sessions.retain(|_, session| {
            if shard.is_some_and(|shard| shard != session.identify.shard) {
                return true;
            }
            dropped += usize::from(session.socket.is_some());
            session.disturb(how);
            resumable
        });
        dropped
    }

    /// Connections that serve a guild go wrong.
    pub(crate) fn disturb(&mut self, guild: u64, fault: ConnectionFault) {
        let Some((how, resumable)) = Outgoing::of_fault(fault) else {
            return;
        };
        self.sessions.retain(|_, session| {
            if !session.concerns(guild) || session.socket.is_none() {
                return true;
            }
            session.disturb(&how);
            resumable
        });
    }

    /// Whether a client is connected.
    pub(crate) fn any_connected(&self) -> bool {
        self.sessions.values().any(|it| it.socket.is_some())
    }

    /// The sessions, for the control API.
    pub(crate) fn to_json(&self) -> Value {
        self.sessions
            .iter()
            .map(|(id, session)| {
                json!({
                    "session_id": id,
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
