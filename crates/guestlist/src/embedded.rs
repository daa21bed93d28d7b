//! The tracker with JSON at its edges.

use std::collections::HashMap;
use std::time::Duration;

use guestlist_model::{DecodeError, Decoder, Envelope, GuildId, ShardId, Timestamp};
use guestlist_tracker::{
    BarrierId, Config, Failure, GuildChange, GuildState, Record, Request, RequestId, StateError,
    Tracker,
};

use crate::Call;

/// The tracker for a bot on any library: gateway JSON and HTTP answers in,
/// HTTP calls and records out.
///
/// After each method that takes something in, drain [`next_call`] and
/// [`next_record`], and arrange for [`wake`] at [`wake_at`]. `now` is your
/// clock's time; it is used for timers and for what records say of when they
/// were made, never compared with Discord's times.
///
/// `shard` is the shard on which a frame came, as in Discord's IDENTIFY;
/// [`ShardId::ONE`] if the bot is not sharded.
///
/// # What it has to be told
///
/// Counts prove who came in by an invite only if nobody else came in unseen.
/// So hand over every event, READY and RESUMED included, in order, and without
/// waiting for anything; and say at once when a connection is
/// [`disconnected`](Self::disconnected). From then on nothing is deduced until
/// RESUMED or GUILD_CREATE comes on that shard.
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
    /// One a shard, so that users and channels that come again are shared.
    decoders: HashMap<ShardId, Decoder>,
    waiting: HashMap<RequestId, Request>,
}

impl Embedded {
    /// A tracker that knows nothing yet. Guilds make themselves known by
    /// GUILD_CREATE, which Discord sends after connecting.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            tracker: Tracker::new(config),
            decoders: HashMap::new(),
            waiting: HashMap::new(),
        }
    }

    /// Takes in a frame of the gateway: `{"op": 0, "t": …, "d": …}`. Frames
    /// that are not events, and events that say nothing about joins, are fine.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if it is not JSON, or an event that matters is not
    /// understood. Log it and go on: whoever may have joined by it is searched
    /// for.
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

    /// Takes in an event by its name, `GUILD_MEMBER_ADD` for instance, and the
    /// JSON of its `d`.
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

    /// Takes in that the connection of a shard is gone: closed by either side,
    /// broken, or timed out. Saying it twice does no harm.
    ///
    /// It must be said: while events are missed, REST still counts the joins,
    /// and an invite's use would be put down to somebody who came another way.
    /// [`frame`](Self::frame) notices by itself when Discord asks to reconnect,
    /// when a session is invalid, and when a new connection begins (opcodes 7,
    /// 9 and 10), if it is given these frames.
    pub fn disconnected(&mut self, now: Timestamp, shard: ShardId) {
        self.tracker.handle_disconnected(now, shard);
    }

    /// With [`Config::barriers`]: the next shard which has to prove that no
    /// event is on its way. See [`Tracker::poll_barrier`] for how, and do not
    /// set it without: nothing is deduced until
    /// [`barrier_passed`](Self::barrier_passed).
    #[must_use]
    pub fn next_barrier(&mut self) -> Option<(BarrierId, ShardId)> {
        self.tracker.poll_barrier()
    }

    /// Takes in that all events have been handed over which were on their way
    /// when [`next_barrier`](Self::next_barrier) gave this barrier.
    pub fn barrier_passed(&mut self, now: Timestamp, id: BarrierId) {
        self.tracker.handle_barrier(now, id);
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
            let result = request.read_answer(status, body);
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

    /// The same as [`wake_at`](Self::wake_at), as the time from now on.
    #[must_use]
    pub fn wake_in(&self, now: Timestamp) -> Option<Duration> {
        let at = self.wake_at()?;
        Some(at.duration_since(now).unwrap_or_default())
    }

    /// Lets timers run out. Too early or for nothing does no harm.
    pub fn wake(&mut self, now: Timestamp) {
        self.tracker.handle_timeout(now);
    }

    /// What changed about the stored states of guilds since the last call, to be stored
    /// if answers are to survive a restart: all of it, in this order, together with the
    /// records until now. [`GuildState`] collects it.
    #[must_use]
    pub fn take_changed(&mut self) -> Vec<GuildChange> {
        self.tracker.take_changed()
    }

    /// Restores the state of a guild after a restart. Nothing is deduced for it
    /// until RESUMED or GUILD_CREATE comes on its shard.
    ///
    /// `false` if the state was stored by another version that this one cannot take up.
    /// Then do not resume the
    /// session of the guild's shard, but begin a new one, so that GUILD_CREATE comes: who
    /// joined meanwhile is searched for.
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

    /// Gives up a guild, for another process to take it up. Returns its last change, to be
    /// stored as those of [`take_changed`](Self::take_changed) are.
    pub fn unload(&mut self, guild: GuildId) -> Option<GuildChange> {
        self.tracker.unload(guild)
    }
}
