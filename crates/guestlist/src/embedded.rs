//! The tracker with JSON in and out.

use std::collections::HashMap;
use std::time::Duration;

use guestlist_model::{DecodeError, Decoder, Envelope, GuildId, ShardId, Timestamp};
use guestlist_tracker::{
    BarrierId, Config, Failure, GuildChange, GuildState, Record, Request, RequestId, StateError,
    Tracker,
};

use crate::Call;

/// The tracker for a bot on any library: gateway JSON and HTTP responses go in, HTTP
/// calls and records come out.
///
/// After each input, drain [`next_call`] and [`next_record`], and schedule a call of
/// [`wake`] at [`wake_at`]. `now` is the time of your clock. It is used for timers and
/// for the timestamps of records, and never compared with Discord's times.
///
/// `shard` is the shard that received a frame, as in Discord's IDENTIFY; [`ShardId::ONE`]
/// if the bot is not sharded.
///
/// # What to report
///
/// Counts prove who used an invite only if no other join was missed. So pass every event,
/// including READY and RESUMED, in order and without delay, and report immediately when a
/// connection is [`disconnected`](Self::disconnected). From then on, nothing is deduced
/// until RESUMED or GUILD_CREATE arrives on that shard.
///
/// The bot needs the intents `GUILDS`, `GUILD_MEMBERS`, `GUILD_INVITES` and
/// `GUILD_MODERATION`, and the permissions Manage Server, Manage Channels and View Audit
/// Log. With fewer permissions, answers say what was missing.
///
/// [`next_call`]: Embedded::next_call
/// [`next_record`]: Embedded::next_record
/// [`wake`]: Embedded::wake
/// [`wake_at`]: Embedded::wake_at
///
/// # Example
///
/// ```
/// use guestlist::{Config, Embedded, Record, ShardId, Timestamp};
///
/// let mut tracker = Embedded::new(Config::default());
/// let now = Timestamp::parse("2026-03-01T12:00:00Z")?;
/// tracker.event(now, ShardId::ONE, "GUILD_CREATE", br#"{"id": "1", "name": "Rust"}"#)?;
/// while let Some(call) = tracker.next_call() {
///     println!("{} {}", call.method, call.path);
///     tracker.lost(now, call.id, "this example sends no requests");
/// }
/// while let Some(record) = tracker.next_record() {
///     if let Record::Attribution(answer) = record {
///         println!("{}", answer.certainty);
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Embedded {
    tracker: Tracker,
    /// One decoder per shard, so that repeated users and channels are shared.
    decoders: HashMap<ShardId, Decoder>,
    waiting: HashMap<RequestId, Request>,
}

impl Embedded {
    /// Creates a tracker without guilds. It adds a guild when it receives its
    /// GUILD_CREATE, which Discord sends after connecting.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            tracker: Tracker::new(config),
            decoders: HashMap::new(),
            waiting: HashMap::new(),
        }
    }

    /// Handles a gateway frame: `{"op": 0, "t": …, "d": …}`. Pass all frames: those that
    /// do not concern joins are ignored.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the frame is not JSON, or an event that concerns joins cannot
    /// be decoded. Log the error and continue: the tracker searches for members who may
    /// have joined with this event.
    pub fn frame(
        &mut self,
        now: Timestamp,
        shard: ShardId,
        json: &[u8],
    ) -> Result<(), DecodeError> {
        match self.decoders.entry(shard).or_default().frame(json) {
            Ok(Some(frame)) => self.tracker.handle_event(now, shard, &frame.event),
            Ok(None) => {
                let frame = Envelope::read(json);
                self.tracker.handle_undecoded(now, shard, &frame);
            }
            Err(error) => {
                let frame = Envelope::read(json);
                self.tracker.handle_undecoded(now, shard, &frame);
                return Err(error);
            }
        }
        Ok(())
    }

    /// Handles an event, given its name, such as `GUILD_MEMBER_ADD`, and the JSON of its
    /// `d`.
    ///
    /// # Errors
    ///
    /// As [`frame`](Self::frame).
    pub fn event(
        &mut self,
        now: Timestamp,
        shard: ShardId,
        name: &str,
        data: &[u8],
    ) -> Result<(), DecodeError> {
        match self.decoders.entry(shard).or_default().event(name, data) {
            Ok(event) => self.tracker.handle_event(now, shard, &event),
            Err(error) => {
                let frame = Envelope::of_event(name, data);
                self.tracker.handle_undecoded(now, shard, &frame);
                return Err(error);
            }
        }
        Ok(())
    }

    /// Reports that the connection of a shard is lost: closed by either side, broken, or
    /// timed out. Reporting it twice has no effect.
    ///
    /// This call is required: while events are missed, Discord still counts uses, and a
    /// use could be attributed to a member who joined another way. [`frame`](Self::frame)
    /// detects by itself when Discord requests a reconnect, when a session is invalid,
    /// and when a new connection begins (opcodes 7, 9 and 10), if you pass these frames.
    pub fn disconnected(&mut self, now: Timestamp, shard: ShardId) {
        self.tracker.handle_disconnected(now, shard);
    }

    /// With [`Config::barriers`]: the next shard that needs a barrier, which proves that
    /// no event is still on its way. [`Tracker::poll_barrier`] says how. Set the option
    /// only if you do this: nothing is deduced until you call
    /// [`barrier_passed`](Self::barrier_passed).
    #[must_use]
    pub fn next_barrier(&mut self) -> Option<(BarrierId, ShardId)> {
        self.tracker.poll_barrier()
    }

    /// Reports that every event has been passed that was on its way when
    /// [`next_barrier`](Self::next_barrier) returned this barrier.
    pub fn barrier_passed(&mut self, now: Timestamp, id: BarrierId) {
        self.tracker.handle_barrier(now, id);
    }

    /// Returns the next HTTP call to make, if there is one.
    ///
    /// Report the outcome of each call once, with [`answer`](Self::answer) or
    /// [`lost`](Self::lost), in any order. Several calls may be in progress. Do not retry
    /// a failed call: the tracker requests it again if necessary.
    #[must_use]
    pub fn next_call(&mut self) -> Option<Call> {
        let (id, request) = self.tracker.poll_request()?;
        let call = Call::new(id, &request);
        self.waiting.insert(id, request);
        Some(call)
    }

    /// Handles the response to a call: its HTTP status and body, also those of an error.
    /// The response to an unknown call is ignored.
    pub fn answer(&mut self, now: Timestamp, id: RequestId, status: u16, body: &[u8]) {
        if let Some(request) = self.waiting.remove(&id) {
            let result = request.read_answer(status, body);
            self.tracker.handle_response(now, id, result);
        }
    }

    /// Reports that a call got no response, and why.
    pub fn lost(&mut self, now: Timestamp, id: RequestId, why: impl Into<String>) {
        if self.waiting.remove(&id).is_some() {
            let failure = Failure::Transport(why.into());
            self.tracker.handle_response(now, id, Err(failure));
        }
    }

    /// Returns the next record, in order, if there is one.
    #[must_use]
    pub fn next_record(&mut self) -> Option<Record> {
        self.tracker.poll_output()
    }

    /// When to call [`wake`](Self::wake). Every input can change it.
    #[must_use]
    pub fn wake_at(&self) -> Option<Timestamp> {
        self.tracker.poll_timeout()
    }

    /// The same as [`wake_at`](Self::wake_at), as the duration from `now`.
    #[must_use]
    pub fn wake_in(&self, now: Timestamp) -> Option<Duration> {
        let at = self.wake_at()?;
        Some(at.duration_since(now).unwrap_or_default())
    }

    /// Handles expired timers. Calling it early or unnecessarily has no effect.
    pub fn wake(&mut self, now: Timestamp) {
        self.tracker.handle_timeout(now);
    }

    /// Returns what changed in the state of guilds since the last call. To survive a
    /// restart, store all of it, in this order, together with the records so far.
    /// [`GuildState`] collects the changes.
    #[must_use]
    pub fn take_changed(&mut self) -> Vec<GuildChange> {
        self.tracker.take_changed()
    }

    /// Restores the state of a guild after a restart. Nothing is deduced for the guild
    /// until RESUMED or GUILD_CREATE arrives on its shard.
    ///
    /// Returns `false` if another version stored the state and this version cannot use
    /// it. Then start a new session on the guild's shard instead of resuming, so that
    /// GUILD_CREATE arrives: the tracker searches for members who joined in the meantime.
    ///
    /// # Errors
    ///
    /// [`StateError`] if the state cannot be read.
    pub fn restore(
        &mut self,
        now: Timestamp,
        guild: GuildId,
        state: &GuildState,
    ) -> Result<bool, StateError> {
        self.tracker.restore(now, guild, state)
    }

    /// Removes a guild so that another process can continue with it. Returns its last
    /// change; store it like those of [`take_changed`](Self::take_changed).
    pub fn unload(&mut self, guild: GuildId) -> Option<GuildChange> {
        self.tracker.unload(guild)
    }
}
