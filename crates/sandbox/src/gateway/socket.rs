//! One connection, from HELLO to its end.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use serde_json::{Map, Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::{
    close::{self, Close},
    encode::Encoding,
    session::{Identify, Outgoing},
};
use crate::{
    FaultTarget, json,
    server::{Shared, Start},
    world::{Guild, Member, PrivilegedIntent, intents},
};

/// What a handler decides about the connection.
enum Next {
    Go,
    Send(Value),
    /// INVALID_SESSION, but only after a pause.
    Refuse(Duration),
    Close(Close),
}

/// Who identifies too early learns it "after a few seconds", as those report who tried: when the
/// next IDENTIFY would be in time, but not at once. A client that tries again right away is then
/// slow instead of asking a thousand times.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

struct Connection {
    shared: Arc<Shared>,
    number: u64,
    sender: UnboundedSender<Outgoing>,
    version: u8,
    session: Option<String>,
    compress_payloads: bool,
    commands: VecDeque<Instant>,
    /// When an IDENTIFY is answered with INVALID_SESSION. Until then, others are passed over.
    refused_at: Option<tokio::time::Instant>,
}

/// Serves a connection until it ends.
pub(crate) async fn serve(socket: WebSocket, shared: Arc<Shared>, query: Vec<(String, String)>) {
    let value = |name: &str| {
        query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    };
    let version = match value("v") {
        None | Some("10") => Some(10),
        Some("9") => Some(9),
        Some("8") => Some(8),
        Some("7") => Some(7),
        Some("6") => Some(6),
        Some(_) => None,
    };
    let json = value("encoding").is_none_or(|encoding| encoding == "json");
    let encoding = Encoding::from_query(value("compress"));
    let (sender, receiver) = unbounded_channel();
    let number = shared.lock().sessions.next_socket();
    let mut connection = Connection {
        shared,
        number,
        sender,
        version: version.unwrap_or(10),
        session: None,
        compress_payloads: false,
        commands: VecDeque::new(),
        refused_at: None,
    };
    let for_good = match encoding {
        Some(encoding) if version.is_some() && json => {
            connection.run(socket, receiver, encoding).await
        }
        Some(_) if !json => {
            // Only JSON is spoken here, no ETF.
            send_close(
                socket,
                (close::INVALID_VERSION.0, "Only encoding=json is served."),
            )
            .await;
            true
        }
        Some(_) => {
            send_close(socket, close::INVALID_VERSION).await;
            true
        }
        None => {
            send_close(socket, close::DECODE_ERROR).await;
            true
        }
    };
    if let Some(session) = connection.session {
        connection
            .shared
            .lock()
            .sessions
            .detach(&session, number, for_good);
    }
}

async fn send_close(mut socket: WebSocket, (code, reason): Close) {
    let frame = CloseFrame {
        code,
        reason: Utf8Bytes::from_static(reason),
    };
    if socket.send(Message::Close(Some(frame))).await.is_ok() {
        // The other side answers with its own close; then it is over.
        let answer = async { while let Some(Ok(_)) = socket.recv().await {} };
        let _late = tokio::time::timeout(Duration::from_secs(1), answer).await;
    }
}

impl Connection {
    /// Runs the connection; says whether its session ends with it.
    async fn run(
        &mut self,
        mut socket: WebSocket,
        mut receiver: UnboundedReceiver<Outgoing>,
        mut encoding: Encoding,
    ) -> bool {
        let interval = self.shared.options.heartbeat_interval;
        let millis = u64::try_from(interval.as_millis()).unwrap_or(u64::MAX);
        let hello = json!({
            "t": null,
            "s": null,
            "op": 10,
            "d": {"heartbeat_interval": millis, "_trace": ["[\"guestlist-sandbox\",{}]"]},
        });
        let Ok(hello) = encoding.encode(&hello.to_string()) else {
            return true;
        };
        if socket.send(hello).await.is_err() {
            return false;
        }
        let stop = self.shared.stop.clone();
        // A heartbeat may be late by half; then the client is taken for dead.
        let patience = interval + interval / 2;
        let mut heard = tokio::time::Instant::now();
        loop {
            let next = tokio::select! {
                () = stop.cancelled() => {
                    send_close(socket, (1001, "The sandbox stops.")).await;
                    return true;
                }
                () = tokio::time::sleep_until(heard + patience) => {
                    Next::Close(close::SESSION_TIMED_OUT)
                }
                () = tokio::time::sleep_until(self.refused_at.unwrap_or(heard)),
                        if self.refused_at.is_some() => {
                    self.refused_at = None;
                    Next::Send(invalid_session())
                }
                outgoing = receiver.recv() => match outgoing {
                    Some(Outgoing::Frame(text)) => {
                        self.record(false, &text);
                        let Ok(message) = encoding.encode(&text) else {
                            return true;
                        };
                        if socket.send(message).await.is_err() {
                            return false;
                        }
                        Next::Go
                    }
                    Some(Outgoing::Invalidate(text)) => {
                        // The client may resume, or identify, right here.
                        self.session = None;
                        self.record(false, &text);
                        let Ok(message) = encoding.encode(&text) else {
                            return true;
                        };
                        if socket.send(message).await.is_err() {
                            return false;
                        }
                        Next::Go
                    }
                    Some(Outgoing::Close(close)) => Next::Close(close),
                    Some(Outgoing::Abort) | None => return false,
                },
                incoming = socket.recv() => match incoming {
                    None => return false,
                    // Too long, or not what the protocol allows. Where the connection is gone,
                    // nobody hears it.
                    Some(Err(_)) => Next::Close(close::DECODE_ERROR),
                    Some(Ok(Message::Close(frame))) => {
                        // 1000 and 1001 mean: I am not coming back.
                        return frame.is_some_and(|frame| matches!(frame.code, 1000 | 1001));
                    }
                    Some(Ok(Message::Text(text))) => self.hear(text.as_str(), &mut heard),
                    Some(Ok(Message::Binary(bytes))) => match std::str::from_utf8(&bytes) {
                        Ok(text) => self.hear(text, &mut heard),
                        Err(_) => Next::Close(close::DECODE_ERROR),
                    },
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => Next::Go,
                },
            };
            if self.compress_payloads && matches!(encoding, Encoding::Plain) {
                encoding = Encoding::Payload;
            }
            match next {
                Next::Go => {}
                Next::Refuse(pause) => {
                    let pause = pause / self.shared.options.speed;
                    self.refused_at = Some(tokio::time::Instant::now() + pause);
                }
                Next::Send(value) => {
                    let text = value.to_string();
                    self.record(false, &text);
                    let Ok(message) = encoding.encode(&text) else {
                        return true;
                    };
                    if socket.send(message).await.is_err() {
                        return false;
                    }
                }
                Next::Close(reason) => {
                    send_close(socket, reason).await;
                    return matches!(reason.0, 4004 | 4007 | 4009..=4014);
                }
            }
        }
    }

    /// Writes a frame down where that is wanted.
    fn record(&self, from_client: bool, frame: &str) {
        if self.shared.is_watched() {
            let mut core = self.shared.lock();
            let at = core.world.now();
            core.frames.note(at, self.number, from_client, frame);
            if let Some(recorder) = &mut core.recorder {
                recorder.frame(at, self.number, from_client, frame);
            }
        }
    }

    fn hear(&mut self, text: &str, heard: &mut tokio::time::Instant) -> Next {
        self.record(true, text);
        let now = Instant::now();
        let minute = Duration::from_secs(60);
        while self
            .commands
            .front()
            .is_some_and(|at| now.duration_since(*at) > minute)
        {
            self.commands.pop_front();
        }
        self.commands.push_back(now);
        if self.commands.len() > 120 {
            return Next::Close(close::RATE_LIMITED);
        }
        let Ok(Value::Object(frame)) = serde_json::from_str(text) else {
            return Next::Close(close::DECODE_ERROR);
        };
        let Some(op) = frame.get("op").and_then(Value::as_u64) else {
            return Next::Close(close::DECODE_ERROR);
        };
        let data = frame.get("d").unwrap_or(&Value::Null);
        match op {
            1 => {
                *heard = tokio::time::Instant::now();
                if let Some(fault) = self.fault(FaultTarget::Heartbeat) {
                    return fault;
                }
                Next::Send(json!({"t": null, "s": null, "op": 11, "d": null}))
            }
            2 | 6 if self.session.is_some() => Next::Close(close::ALREADY_AUTHENTICATED),
            2 | 6 if self.refused_at.is_some() => Next::Go,
            2 => match self.fault(FaultTarget::Identify) {
                Some(fault) => fault,
                None => self.identify(data),
            },
            6 => match self.fault(FaultTarget::Resume) {
                Some(fault) => fault,
                None => self.resume(data),
            },
            3 | 4 | 8 | 31 | 43 if self.session.is_none() => Next::Close(close::NOT_AUTHENTICATED),
            8 => self.request_members(data),
            // Presence, voice state, soundboard sounds, channel info: heard,
            // and of no consequence here.
            3 | 4 | 31 | 43 => Next::Go,
            _ => Next::Close(close::UNKNOWN_OPCODE),
        }
    }

    /// What a fault makes of something that the client sent.
    fn fault(&self, target: FaultTarget) -> Option<Next> {
        let fault = self.shared.lock().faults.take_command(target)?;
        Some(match Outgoing::of_fault(fault) {
            None => Next::Go,
            Some((outgoing, _)) => {
                // Through the queue, so that it comes after what is in it.
                let _gone = self.sender.send(outgoing);
                Next::Go
            }
        })
    }

    fn knows_token(&self, data: &Map<String, Value>) -> bool {
        let token = data.get("token").and_then(Value::as_str).unwrap_or("");
        let token = token.strip_prefix("Bot ").unwrap_or(token);
        token.trim() == self.shared.token
    }

    fn identify(&mut self, data: &Value) -> Next {
        let Value::Object(data) = data else {
            return Next::Close(close::DECODE_ERROR);
        };
        if !data.get("token").is_some_and(Value::is_string)
            || !data.get("properties").is_some_and(Value::is_object)
        {
            return Next::Close(close::DECODE_ERROR);
        }
        if !self.knows_token(data) {
            return Next::Close(close::AUTHENTICATION_FAILED);
        }
        let Some(wanted) = data.get("intents").and_then(Value::as_u64) else {
            return Next::Close(close::INVALID_INTENTS);
        };
        if wanted & !(intents::KNOWN | intents::TOLERATED) != 0 {
            return Next::Close(close::INVALID_INTENTS);
        }
        let mut core = self.shared.lock();
        let privileged = [
            (intents::GUILD_PRESENCES, PrivilegedIntent::Presences),
            (intents::GUILD_MEMBERS, PrivilegedIntent::Members),
            (intents::MESSAGE_CONTENT, PrivilegedIntent::MessageContent),
        ];
        if privileged
            .into_iter()
            .any(|(bit, intent)| wanted & bit != 0 && !core.world.has_intent(intent))
        {
            return Next::Close(close::DISALLOWED_INTENTS);
        }
        let shard = data.get("shard").filter(|value| !value.is_null());
        let (number, count) = match shard {
            None => (0, 1),
            Some(shard) => {
                let part = |index| shard.get(index).and_then(Value::as_u64);
                match (part(0), part(1)) {
                    (Some(number), Some(count)) if number < count => (number, count),
                    _ => return Next::Close(close::INVALID_SHARD),
                }
            }
        };
        // Discord allows 2500 guilds a shard.
        let guilds = core.world.bot_guild_ids();
        let mine = guilds
            .iter()
            .filter(|guild| (**guild >> 22) % count == number)
            .count();
        if mine > 2500 {
            return Next::Close(close::SHARDING_REQUIRED);
        }
        if let Some(left) = core.sessions.refuses(Instant::now()) {
            return Next::Refuse(left.min(SHORTEST_PAUSE));
        }
        if let Some(limit) = &self.shared.options.rate_limits.identify {
            match core.starts.grant(limit, Instant::now(), number) {
                Start::Granted => {}
                Start::TooSoon(left) => {
                    return Next::Refuse(
                        (left * self.shared.options.speed).clamp(SHORTEST_PAUSE, LONGEST_PAUSE),
                    );
                }
                Start::UsedUp => {
                    // Discord ends all sessions and resets the token.
                    let end = Outgoing::Close(close::AUTHENTICATION_FAILED);
                    core.sessions.drop_sockets(None, false, &end);
                    return Next::Close(close::AUTHENTICATION_FAILED);
                }
            }
        }
        self.compress_payloads = data.get("compress") == Some(&Value::Bool(true));
        let identify = Identify {
            version: self.version,
            intents: wanted,
            shard: number,
            shards: count,
            explicit_shard: shard.is_some(),
            large_threshold: data
                .get("large_threshold")
                .and_then(Value::as_u64)
                .unwrap_or(50),
        };
        let core = &mut *core;
        let socket = (self.number, self.sender.clone());
        self.session = Some(core.sessions.identify(&core.world, identify, socket));
        Next::Go
    }

    fn resume(&mut self, data: &Value) -> Next {
        let Value::Object(data) = data else {
            return Next::Close(close::DECODE_ERROR);
        };
        let session = data.get("session_id").and_then(Value::as_str);
        let seen = data.get("seq").and_then(Value::as_u64);
        let (Some(session), Some(seen)) = (session, seen) else {
            return Next::Close(close::DECODE_ERROR);
        };
        if !self.knows_token(data) {
            return Next::Close(close::AUTHENTICATION_FAILED);
        }
        let socket = (self.number, self.sender.clone());
        match self.shared.lock().sessions.resume(session, seen, socket) {
            Ok(()) => {
                self.session = Some(String::from(session));
                Next::Go
            }
            Err(error) => match error.close() {
                Some(reason) => Next::Close(reason),
                None => Next::Send(invalid_session()),
            },
        }
    }

    /// Opcode 8: members in chunks of a thousand.
    fn request_members(&self, data: &Value) -> Next {
        let Some(session) = &self.session else {
            return Next::Close(close::NOT_AUTHENTICATED);
        };
        let guild = match data.get("guild_id") {
            Some(Value::Array(ids)) => ids.first(),
            other => other,
        };
        let id = |value: &Value| value.as_u64().or_else(|| value.as_str()?.parse().ok());
        let Some(guild_id) = guild.and_then(id) else {
            return Next::Close(close::DECODE_ERROR);
        };
        let users: Option<Vec<u64>> = match data.get("user_ids") {
            None | Some(Value::Null) => None,
            Some(Value::Array(ids)) => Some(ids.iter().filter_map(id).take(100).collect()),
            Some(one) => Some(id(one).into_iter().collect()),
        };
        let query = data.get("query").and_then(Value::as_str);
        let limit = data.get("limit").and_then(Value::as_u64).unwrap_or(0);
        let mut core = self.shared.lock();
        let core = &mut *core;
        let Some(guild) = core.world.guild(guild_id) else {
            return Next::Go;
        };
        let whole_list = users.is_none() && limit == 0 && query.is_none_or(str::is_empty);
        if whole_list && core.sessions.intents(session) & intents::GUILD_MEMBERS == 0 {
            // Discord does not answer those who did not declare the intent.
            return Next::Go;
        }
        let (found, missing) = pick(guild, users.as_deref(), query, limit);
        let nonce = data.get("nonce").filter(|nonce| nonce.is_string());
        let presences = data.get("presences") == Some(&Value::Bool(true));
        for body in chunks(guild_id, &found, &missing, nonce, presences) {
            core.sessions
                .dispatch_to(session, "GUILD_MEMBERS_CHUNK", &body);
        }
        Next::Go
    }
}

fn invalid_session() -> Value {
    json!({"t": null, "s": null, "op": 9, "d": false})
}

fn pick<'a>(
    guild: &'a Guild,
    users: Option<&[u64]>,
    query: Option<&str>,
    limit: u64,
) -> (Vec<&'a Member>, Vec<u64>) {
    if let Some(users) = users {
        let found = users
            .iter()
            .filter_map(|user| guild.members.get(user))
            .collect();
        let missing = users
            .iter()
            .filter(|user| !guild.members.contains_key(user))
            .copied()
            .collect();
        return (found, missing);
    }
    let query = query.unwrap_or("").to_lowercase();
    let most = match (limit, query.is_empty()) {
        (0, true) => usize::MAX,
        (limit, _) => usize::try_from(limit.clamp(1, 100)).unwrap_or(100),
    };
    let found = guild
        .members
        .values()
        .filter(|member| member.user.username.to_lowercase().starts_with(&query))
        .take(most)
        .collect();
    (found, Vec::new())
}

fn chunks(
    guild_id: u64,
    found: &[&Member],
    missing: &[u64],
    nonce: Option<&Value>,
    presences: bool,
) -> Vec<Value> {
    let mut parts: Vec<&[&Member]> = found.chunks(1000).collect();
    if parts.is_empty() {
        parts.push(&[]);
    }
    let count = parts.len();
    let body = |(index, part): (usize, &&[&Member])| {
        let members: Vec<Value> = part.iter().map(|member| json::member(member)).collect();
        let mut body = json!({
            "guild_id": guild_id.to_string(),
            "members": members,
            "chunk_index": index,
            "chunk_count": count,
        });
        if let Some(body) = body.as_object_mut() {
            if !missing.is_empty() {
                let missing: Vec<String> = missing.iter().map(u64::to_string).collect();
                body.insert(String::from("not_found"), json!(missing));
            }
            if presences {
                body.insert(String::from("presences"), json!([]));
            }
            if let Some(nonce) = nonce {
                body.insert(String::from("nonce"), nonce.clone());
            }
        }
        body
    };
    parts.iter().enumerate().map(body).collect()
}
