//! The tracker with JSON at its edges.

use std::collections::HashMap;

use guestlist_model::{DecodeError, Event, GuildId, Timestamp};
use guestlist_tracker::{Config, Failure, GuildSnapshot, Record, Request, RequestId, Tracker};

use crate::call::{self, Call};

/// The tracker for a bot on any library: gateway JSON and HTTP answers in,
/// HTTP calls and records out.
///
/// After each method that takes something in, drain [`next_call`] and
/// [`next_record`], and arrange for [`wake`] at [`wake_at`]. `now` is your
/// clock's time; it is used for timers and for what records say of when they
/// were made, never compared with Discord's times.
///
/// The bot needs the intents `GUILDS`, `GUILD_MEMBERS`, `GUILD_INVITES` and
/// `GUILD_MODERATION`, and the permissions Manage Server, Manage Channels and
/// View Audit Log. With fewer, answers say what was missing.
///
/// [`next_call`]: Embedded::next_call
/// [`next_record`]: Embedded::next_record
/// [`wake`]: Embedded::wake
/// [`wake_at`]: Embedded::wake_at
#[derive(Debug)]
pub struct Embedded {
    tracker: Tracker,
    waiting: HashMap<RequestId, Request>,
}

impl Embedded {
    /// A tracker that knows nothing yet. Guilds make themselves known by
    /// GUILD_CREATE, which Discord sends after connecting.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            tracker: Tracker::new(config),
            waiting: HashMap::new(),
        }
    }

    /// Takes in a frame of the gateway: `{"op": 0, "t": …, "d": …}`. Frames
    /// that are no events, and events that say nothing about joins, are fine.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if it is not JSON, or an event that matters is not
    /// understood. Log it and go on.
    pub fn frame(&mut self, now: Timestamp, json: &[u8]) -> Result<(), DecodeError> {
        if let Some(frame) = Event::from_frame(json)? {
            self.tracker.handle_event(now, &frame.event);
        }
        Ok(())
    }

    /// Takes in an event by its name, `GUILD_MEMBER_ADD` for instance, and the
    /// JSON of its `d`.
    ///
    /// # Errors
    ///
    /// As [`frame`](Self::frame).
    pub fn event(&mut self, now: Timestamp, name: &str, data: &[u8]) -> Result<(), DecodeError> {
        let event = Event::from_parts(name, data)?;
        self.tracker.handle_event(now, &event);
        Ok(())
    }

    /// The next HTTP call to make, if there is one.
    ///
    /// Give each to [`answer`](Self::answer) or [`lost`](Self::lost) once, in
    /// any order. Several may be under way. Do not repeat a failed one: the
    /// tracker asks again when it wants to know.
    #[must_use]
    pub fn next_call(&mut self) -> Option<Call> {
        let (id, request) = self.tracker.poll_request()?;
        let call = Call::new(id, &request);
        self.waiting.insert(id, request);
        Some(call)
    }

    /// Takes in the answer to a call: its HTTP status and body, whatever they
    /// are. An answer to a call that is not under way is ignored.
    pub fn answer(&mut self, now: Timestamp, id: RequestId, status: u16, body: &[u8]) {
        if let Some(request) = self.waiting.remove(&id) {
            let result = call::read(&request, status, body);
            self.tracker.handle_response(now, id, result);
        }
    }

    /// Takes in that a call got no answer, and why.
    pub fn lost(&mut self, now: Timestamp, id: RequestId, why: impl Into<String>) {
        if self.waiting.remove(&id).is_some() {
            let failure = Failure::Transport(why.into());
            self.tracker.handle_response(now, id, Err(failure));
        }
    }

    /// What was found out, in order.
    #[must_use]
    pub fn next_record(&mut self) -> Option<Record> {
        self.tracker.poll_output()
    }

    /// When to call [`wake`](Self::wake). Changes with everything taken in.
    #[must_use]
    pub fn wake_at(&self) -> Option<Timestamp> {
        self.tracker.poll_timeout()
    }

    /// Lets timers run out. Too early or for nothing does no harm.
    pub fn wake(&mut self, now: Timestamp) {
        self.tracker.handle_timeout(now);
    }

    /// The states of guilds that changed since the last call, to be stored if
    /// answers are to survive a restart.
    #[must_use]
    pub fn take_changed(&mut self) -> Vec<(GuildId, GuildSnapshot)> {
        self.tracker.take_changed()
    }

    /// Restores the state of a guild after a restart.
    pub fn restore(&mut self, now: Timestamp, guild: GuildId, snapshot: GuildSnapshot) {
        self.tracker.restore(now, guild, snapshot);
    }
}
