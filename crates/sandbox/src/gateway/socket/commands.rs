//! What a client says, and what comes of it.

use std::time::Duration;

use serde_json::{Map, Value};

use super::{Connection, Next, invalid_session};
use crate::{
    Clock, FaultTarget,
    gateway::{
        close,
        session::{Identify, Outgoing, Which, frame},
    },
    server::{Start, forget_before},
    world::{Micros, PrivilegedIntent, intents, time::SECOND},
};

/// Who identifies too early learns it "after a few seconds", as those report who tried: when the
/// next IDENTIFY would be in time, but not at once. A client that tries again right away is then
/// slow instead of asking a thousand times.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

impl Connection {
    pub(super) fn hear(&mut self, text: &str) -> Next {
        self.record(true, text);
        let Ok(Value::Object(told)) = serde_json::from_str(text) else {
            return Next::Close(close::DECODE_ERROR);
        };
        let Some(op) = told.get("op").and_then(Value::as_u64) else {
            return Next::Close(close::DECODE_ERROR);
        };
        // While the clock stands still, heartbeats go on by the client's: they are not counted.
        let counts = op != 1 || self.shared.options.clock == Clock::Live;
        if counts && self.is_too_much() {
            return Next::Close(close::RATE_LIMITED);
        }
        let data = told.get("d").unwrap_or(&Value::Null);
        match op {
            1 => {
                self.note_heartbeat();
                if self.is_disturbed(FaultTarget::Heartbeat) {
                    Next::Go
                } else {
                    Next::Send(frame(11, &Value::Null))
                }
            }
            2 | 6 if self.session.is_some() => Next::Close(close::ALREADY_AUTHENTICATED),
            2 | 6 if self.refused_at.is_some() => Next::Go,
            2 if self.is_disturbed(FaultTarget::Identify) => Next::Go,
            2 => self.identify(data),
            6 if self.is_disturbed(FaultTarget::Resume) => Next::Go,
            6 => self.resume(data),
            3 | 4 | 8 | 31 | 43 if self.session.is_none() => Next::Close(close::NOT_AUTHENTICATED),
            8 => self.request_members(data),
            // Presence, voice state, soundboard sounds, channel info: heard,
            // and of no consequence here.
            3 | 4 | 31 | 43 => Next::Go,
            _ => Next::Close(close::UNKNOWN_OPCODE),
        }
    }

    /// Whether the client has sent more than 120 payloads in a minute.
    fn is_too_much(&mut self) -> bool {
        let now = self.shared.lock().world.now();
        forget_before(&mut self.commands, now, 60 * SECOND);
        self.commands.push_back(now);
        self.commands.len() > 120
    }

    /// Whether a fault takes the place of the answer to something that the client sent.
    fn is_disturbed(&self, target: FaultTarget) -> bool {
        let Some(fault) = self.shared.lock().faults.take_command(target) else {
            return false;
        };
        if let Some((outgoing, _)) = Outgoing::of_fault(fault) {
            // Through the queue, so that it comes after what is in it.
            self.line.tell(outgoing);
        }
        true
    }

    /// The bot whose token it is.
    fn bot(&self, data: &Map<String, Value>) -> Option<u64> {
        let token = data.get("token").and_then(Value::as_str).unwrap_or("");
        let token = token.strip_prefix("Bot ").unwrap_or(token);
        self.shared.lock().world.bot_by_token(token.trim())
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
        let Some(bot) = self.bot(data) else {
            return Next::Close(close::AUTHENTICATION_FAILED);
        };
        let Some(wanted) = data.get("intents").and_then(Value::as_u64) else {
            return Next::Close(close::INVALID_INTENTS);
        };
        if wanted & !(intents::KNOWN | intents::TOLERATED) != 0 {
            return Next::Close(close::INVALID_INTENTS);
        }
        let mut core = self.shared.lock();
        let Some(bot) = core.world.bot_with(bot).cloned() else {
            return Next::Close(close::AUTHENTICATION_FAILED);
        };
        let privileged = [
            (intents::GUILD_PRESENCES, PrivilegedIntent::Presences),
            (intents::GUILD_MEMBERS, PrivilegedIntent::Members),
            (intents::MESSAGE_CONTENT, PrivilegedIntent::MessageContent),
        ];
        if privileged
            .into_iter()
            .any(|(bit, intent)| wanted & bit != 0 && !bot.has_intent(intent))
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
        let guilds = core.world.guild_ids_of(bot.id());
        let mine = guilds
            .iter()
            .filter(|guild| (**guild >> 22) % count == number)
            .count();
        if mine > 2500 {
            return Next::Close(close::SHARDING_REQUIRED);
        }
        if let Some(left) = core.sessions.refuses() {
            return Next::Refuse(duration(left).min(SHORTEST_PAUSE));
        }
        if let Some(limit) = &self.shared.options.rate_limits.identify {
            let now = core.world.now();
            let starts = core.starts.entry(bot.id()).or_default();
            match starts.grant(limit, now, number) {
                Start::Granted => {}
                Start::TooSoon(left) => {
                    return Next::Refuse(duration(left).clamp(SHORTEST_PAUSE, LONGEST_PAUSE));
                }
                Start::UsedUp => {
                    // Discord ends all sessions of the bot and resets its token.
                    let end = Outgoing::Close(close::AUTHENTICATION_FAILED);
                    let all = Which {
                        bot: Some(bot.id()),
                        shard: None,
                    };
                    core.sessions.drop_sockets(all, false, &end);
                    return Next::Close(close::AUTHENTICATION_FAILED);
                }
            }
        }
        self.compress_payloads = data.get("compress") == Some(&Value::Bool(true));
        let identify = Identify {
            bot: bot.id(),
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
        let socket = self.line.clone();
        self.session = Some(core.sessions.identify(&core.world, &bot, identify, socket));
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
        let Some(bot) = self.bot(data) else {
            return Next::Close(close::AUTHENTICATION_FAILED);
        };
        let socket = self.line.clone();
        let resumed = self
            .shared
            .lock()
            .sessions
            .resume((bot, session), seen, socket);
        match resumed {
            Ok(()) => {
                self.session = Some(String::from(session));
                Next::Go
            }
            Err(error) => match error.close() {
                Some(reason) => Next::Close(reason),
                None => invalid_session(),
            },
        }
    }
}

fn duration(micros: Micros) -> Duration {
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}
