//! The tracker for any number of guilds.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::num::NonZeroU32;

use guestlist_model::{Envelope, Event, GuildId, ShardId, Timestamp};

use crate::barrier::{BarrierId, Barriers};
use crate::clock::Clock;
use crate::config::Config;
use crate::ends;
use crate::facts::{self, GuildFacts, JoinFacts, Listed};
use crate::guild::{Guild, Now, Out, Stored};
use crate::io::{Failure, Request, RequestId, Response};
use crate::record::{Observation, Record};
use crate::state::{GuildChange, GuildState, StateError};
use crate::stats::Stats;
use crate::time::EVER;

/// The attribution engine: events, responses and times go in; records to store and
/// requests to send come out. It performs no I/O and reads no clock, and the same inputs
/// give the same outputs.
///
/// After every `handle_…` and after [`restore`](Self::restore), call these methods until
/// they return nothing: [`poll_request`](Self::poll_request),
/// [`poll_output`](Self::poll_output), [`take_changed`](Self::take_changed), then
/// [`poll_timeout`](Self::poll_timeout). Pass events that have arrived before you handle
/// a timeout, because deductions assume that events are not delayed.
///
/// ```
/// use guestlist_model::{Event, ShardId, Timestamp};
/// use guestlist_tracker::{Config, Failure, Tracker};
///
/// let mut tracker = Tracker::new(Config::default());
/// let now = Timestamp::from_secs(1_700_000_000);
/// let guild = br#"{"id": "613425648685547541", "name": "Rust", "member_count": 3}"#;
/// tracker.handle_event(now, ShardId::ONE, &Event::from_parts("GUILD_CREATE", guild)?);
/// while let Some((id, request)) = tracker.poll_request() {
///     // Send the request with `request.to_http()`, and read the response with
///     // `request.read_answer(status, body)`.
///     println!("{}", request.to_http().path);
///     tracker.handle_response(now, id, Err(Failure::MissingPermission));
/// }
/// while let Some(record) = tracker.poll_output() {
///     println!("{record:?}");
/// }
/// // Call `handle_timeout` no later than this.
/// println!("{:?}", tracker.poll_timeout());
/// # Ok::<(), guestlist_model::DecodeError>(())
/// ```
#[derive(Debug)]
pub struct Tracker {
    config: Config,
    clock: Clock,
    /// Boxed, because the map leaves much of its room empty.
    guilds: BTreeMap<GuildId, Box<Guild>>,
    timers: BTreeSet<(Timestamp, GuildId)>,
    requests: VecDeque<(RequestId, Request)>,
    /// Whose answer is awaited, and whether the request has been handed out.
    awaited: BTreeMap<RequestId, (GuildId, bool)>,
    in_flight: usize,
    /// The joins of all guilds that are not done with.
    pending: usize,
    /// How much there is to weigh in all guilds.
    work: usize,
    next_request: u64,
    records: VecDeque<Record>,
    changed: BTreeSet<GuildId>,
    /// How many shards there are, by the last event.
    shards: NonZeroU32,
    barriers: Barriers,
    stats: Stats,
}

impl Tracker {
    /// Creates a tracker without guilds.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            config,
            clock: Clock::default(),
            guilds: BTreeMap::new(),
            timers: BTreeSet::new(),
            requests: VecDeque::new(),
            awaited: BTreeMap::new(),
            in_flight: 0,
            pending: 0,
            work: 0,
            next_request: 0,
            records: VecDeque::new(),
            changed: BTreeSet::new(),
            shards: ShardId::ONE.count(),
            barriers: Barriers::default(),
            stats: Stats::default(),
        }
    }

    /// The settings.
    #[must_use]
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// Handles a gateway event from this shard.
    pub fn handle_event(&mut self, now: Timestamp, shard: ShardId, event: &Event) {
        self.shards = shard.count();
        match event {
            // READY does not name guilds that the bot has left meanwhile.
            Event::Ready(_) => {
                for guild in self.of_shard(shard) {
                    self.touch(now, guild, |guild, now, _| guild.begin_session(now));
                }
            }
            Event::Resumed => self.set_live(now, shard),
            Event::GuildCreate(create) => {
                let facts = GuildFacts::new(create);
                self.touch(now, create.id, |guild, now, _| guild.announced(now, facts));
            }
            Event::GuildUpdate(update) => {
                if let Some(code) = facts::vanity_code(update)
                    && self.guilds.contains_key(&update.id)
                {
                    self.touch(now, update.id, |guild, now, _| guild.vanity_told(now, code));
                }
            }
            Event::GuildDelete(delete) if self.guilds.contains_key(&delete.id) => {
                self.touch(now, delete.id, |guild, now, out| {
                    if delete.unavailable {
                        guild.lost(now);
                    } else {
                        guild.left(now, out);
                    }
                });
            }
            Event::InviteCreate(create) => {
                if let Some(id) = create.guild_id() {
                    let listed = Listed::new(create);
                    self.touch(now, id, |guild, now, out| {
                        guild.invite_created(now, out, &listed);
                    });
                }
            }
            Event::InviteDelete(delete) => {
                if let Some(id) = delete.guild_id {
                    self.touch(now, id, |guild, now, _| {
                        guild.invite_deleted(now, &delete.code);
                    });
                }
            }
            Event::MemberAdd(add) => {
                let facts = JoinFacts::new(&add.member, Observation::Gateway);
                self.touch(now, add.guild_id, |guild, now, out| match facts {
                    Some(facts) => guild.joined(now, out, facts),
                    None => guild.missed_event(now),
                });
            }
            Event::MemberRemove(remove) => {
                let user = remove.user.id();
                self.touch(now, remove.guild_id, |guild, now, out| {
                    guild.leaves(now, out, user);
                });
            }
            Event::AuditLogEntry(entry) if ends::matters(&entry.entry) => {
                self.touch(now, entry.guild_id, |guild, now, out| {
                    guild.audit_entry(now, out, &entry.entry);
                });
            }
            _ => {}
        }
    }

    /// Reports that the connection of a shard was lost.
    ///
    /// This call is required: while events are missed, Discord still counts uses, and they
    /// could be attributed to the wrong members. From then on, nothing is deduced for a
    /// guild of the shard until RESUMED or GUILD_CREATE arrives on it.
    pub fn handle_disconnected(&mut self, now: Timestamp, shard: ShardId) {
        self.shards = shard.count();
        for guild in self.of_shard(shard) {
            self.touch(now, guild, |guild, now, _| guild.set_down(now));
        }
    }

    /// Handles a gateway frame from which no event was decoded, because it contains none
    /// or cannot be decoded. Pass all such frames; irrelevant ones are ignored.
    ///
    /// An event that cannot be decoded may be a join. Until such a join must have been
    /// counted, counts prove nothing, and the tracker searches for members who joined. If it
    /// may be a leave, the tracker finds out who has left. If the frame does not name its
    /// guild, this applies to all guilds of the shard. With
    /// opcodes 7 (reconnect), 9 (invalid session) and 10 (hello), a connection ends or
    /// begins, and events are missed, as with
    /// [`handle_disconnected`](Self::handle_disconnected).
    ///
    /// See [Discord Docs/Gateway Opcodes](https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway-gateway-opcodes).
    pub fn handle_undecoded(&mut self, now: Timestamp, shard: ShardId, frame: &Envelope) {
        match (frame.op, frame.name.as_deref()) {
            (Some(7 | 9 | 10), _) | (Some(0) | None, Some("READY")) => {
                self.handle_disconnected(now, shard);
            }
            (Some(0) | None, None | Some("" | "GUILD_MEMBER_ADD")) => {
                for guild in self.concerned(shard, frame) {
                    self.touch(now, guild, |guild, now, _| guild.missed_event(now));
                }
            }
            (Some(0) | None, Some("GUILD_MEMBER_REMOVE")) => {
                for guild in self.concerned(shard, frame) {
                    self.touch(now, guild, |guild, now, _| guild.missed_leave(now));
                }
            }
            (Some(0) | None, Some("GUILD_CREATE" | "GUILD_UPDATE")) => {
                let mut concerned = self.concerned(shard, frame);
                concerned.retain(|guild| self.guilds.contains_key(guild));
                for guild in concerned {
                    self.touch(now, guild, |guild, _, _| guild.doubt_vanity());
                }
            }
            _ => {}
        }
    }

    /// The guilds that a frame may be about.
    fn concerned(&self, shard: ShardId, frame: &Envelope) -> Vec<GuildId> {
        match frame.guild {
            Some(guild) => vec![guild],
            None => self.of_shard(shard),
        }
    }

    /// The known guilds of a shard.
    fn of_shard(&self, shard: ShardId) -> Vec<GuildId> {
        self.guilds
            .keys()
            .copied()
            .filter(|guild| shard.owns(*guild))
            .collect()
    }

    /// With [`Config::barriers`]: the next shard that needs a barrier, if there is one. A
    /// barrier proves that no event is still on its way.
    ///
    /// One way to get the proof is to send a heartbeat: its acknowledgement comes after
    /// every event that Discord sent before it. Call
    /// [`handle_barrier`](Self::handle_barrier) once those events have been passed. If
    /// that is not possible, do nothing; the tracker requests the barrier again.
    pub fn poll_barrier(&mut self) -> Option<(BarrierId, ShardId)> {
        self.barriers.ask(self.clock.now())
    }

    /// Reports that every event has been passed that was on its way when
    /// [`poll_barrier`](Self::poll_barrier) returned this barrier.
    pub fn handle_barrier(&mut self, now: Timestamp, id: BarrierId) {
        let Some((at, guilds)) = self.barriers.passed(id) else {
            return;
        };
        for guild in guilds {
            self.touch(now, guild, |guild, _, _| guild.barrier_passed(at));
        }
    }

    fn set_live(&mut self, now: Timestamp, shard: ShardId) {
        let down: Vec<GuildId> = self
            .guilds
            .iter()
            .filter(|(id, guild)| guild.waits_for_connection() && shard.owns(**id))
            .map(|(id, _)| *id)
            .collect();
        for guild in down {
            self.touch(now, guild, |guild, now, _| guild.resumed(now));
        }
    }

    /// Returns the next request to send, if there is one. At most
    /// [`Config::max_in_flight`] requests are in progress.
    pub fn poll_request(&mut self) -> Option<(RequestId, Request)> {
        while self.in_flight < self.config.max_in_flight.max(1) {
            let (id, request) = self.requests.pop_front()?;
            // It may have been given up meanwhile.
            let Some((guild, out)) = self.awaited.get_mut(&id) else {
                continue;
            };
            *out = true;
            let guild = *guild;
            self.in_flight += 1;
            let now = self.clock.now();
            if let Some(state) = self.guilds.get_mut(&guild) {
                let before = state.due();
                state.handed_out(id, now, &self.config);
                self.timers.remove(&(before, guild));
                self.arm(guild);
                self.changed.insert(guild);
            }
            return Some((id, request));
        }
        None
    }

    /// Handles the response to a request. Responses to unknown requests are ignored.
    pub fn handle_response(
        &mut self,
        now: Timestamp,
        id: RequestId,
        result: Result<Response, Failure>,
    ) {
        let Some((guild, out)) = self.awaited.remove(&id) else {
            return;
        };
        if out {
            self.in_flight = self.in_flight.saturating_sub(1);
        }
        self.touch(now, guild, |guild, now, out| {
            guild.replied(now, out, id, result);
        });
    }

    /// The latest time to call [`handle_timeout`](Self::handle_timeout).
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        let (at, _) = self.timers.first()?;
        Some(self.clock.outside(*at))
    }

    /// Reports that the clock whose times you pass was set, or that the machine slept: the time
    /// that would have been `from` is now `to`. Waiting times are not affected.
    ///
    /// Without this call, a clock that is set forwards shortens waiting times, so an answer may
    /// be wrong. A clock that is set back delays answers.
    pub fn clock_stepped(&mut self, from: Timestamp, to: Timestamp) {
        self.clock.stepped(from, to);
        for guild in self.guilds.values_mut() {
            guild.clock_stopped();
        }
    }

    /// Handles expired timers. Calling it early has no effect.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        let inner = self.clock.advance(now);
        // Each guild once, even if it wants to be looked at again at once.
        let due: Vec<GuildId> = self
            .timers
            .iter()
            .take_while(|(at, _)| *at <= inner)
            .map(|(_, guild)| *guild)
            .collect();
        for guild in due {
            self.touch(now, guild, |_, _, _| {});
        }
    }

    /// Returns the next record to store, if there is one.
    pub fn poll_output(&mut self) -> Option<Record> {
        self.records.pop_front()
    }

    /// Returns the changes to the stored state of guilds since the last call. Store them in
    /// the same transaction as all records so far. Do not skip any, because each builds on
    /// the previous one.
    pub fn take_changed(&mut self) -> Vec<GuildChange> {
        let now = self.clock.now();
        std::mem::take(&mut self.changed)
            .into_iter()
            .filter_map(|id| Some(self.guilds.get_mut(&id)?.take_changed(now)))
            .filter(|change| !change.is_empty())
            .collect()
    }

    /// Restores a guild from its stored state. Requests without a response are sent again.
    /// Nothing is deduced until the session is resumed or GUILD_CREATE arrives.
    ///
    /// Returns whether the state was restored completely. It returns `false` if another
    /// version stored the state and this version cannot use it. The guild then starts from
    /// scratch, and the tracker searches for members who joined in the meantime or wait
    /// for an answer. In this case, start a new session instead of resuming, because a
    /// resumed session sends no GUILD_CREATE.
    ///
    /// # Errors
    ///
    /// [`StateError`] if a part cannot be read. The tracker is then unchanged.
    pub fn restore(
        &mut self,
        now: Timestamp,
        guild: GuildId,
        state: &GuildState,
    ) -> Result<bool, StateError> {
        if state.is_empty() {
            return Ok(true);
        }
        let (mut restored, saved_at) = match Guild::read(guild, state)? {
            Stored::Whole(restored, saved_at) => (restored, saved_at),
            Stored::Brief(brief) => {
                if !brief.is_empty() {
                    self.touch(now, guild, |guild, now, _| guild.begin_anew(now, &brief));
                }
                return Ok(false);
            }
        };
        self.clock.advance(now);
        self.clock.not_before(saved_at);
        restored.wake(&self.config, saved_at, self.clock.now());
        self.forget(guild);
        self.guilds.insert(guild, restored);
        self.touch(now, guild, |_, _, _| {});
        Ok(true)
    }

    /// Removes a guild so that another tracker can continue with it. Its requests and
    /// timers are dropped, and later responses to them are ignored.
    ///
    /// Returns its last change, or `None` if there is none; store it like those of
    /// [`take_changed`](Self::take_changed). Records that were not polled yet are kept.
    /// Pass no more events of the guild: the next one would add it again.
    pub fn unload(&mut self, guild: GuildId) -> Option<GuildChange> {
        let mut state = self.forget(guild)?;
        self.changed.remove(&guild);
        let change = state.take_changed(self.clock.now());
        (!change.is_empty()).then_some(change)
    }

    /// Removes a guild, its timer, and all that is asked for it.
    fn forget(&mut self, id: GuildId) -> Option<Box<Guild>> {
        let guild = self.guilds.remove(&id)?;
        self.timers.remove(&(guild.due(), id));
        self.pending = self.pending.saturating_sub(guild.pending());
        self.work = self.work.saturating_sub(guild.work());
        self.requests.retain(|(_, request)| request.guild() != id);
        self.awaited.retain(|_, (guild, out)| {
            let is_own = *guild == id;
            if is_own && *out {
                self.in_flight = self.in_flight.saturating_sub(1);
            }
            !is_own
        });
        Some(guild)
    }

    /// The number of joins without an answer, or with one that is still being confirmed.
    #[must_use]
    pub const fn pending(&self) -> usize {
        self.pending
    }

    /// Returns the counters.
    #[must_use]
    pub const fn stats(&self) -> Stats {
        self.stats
    }

    /// Works on a guild, which is made if it is not known, and lets it do whatever follows.
    fn touch(
        &mut self,
        local: Timestamp,
        id: GuildId,
        change: impl FnOnce(&mut Guild, Now<'_>, &mut Out<'_>),
    ) {
        let at = self.clock.advance(local);
        let now = Now::new(at, local, &self.config, self.work);
        let guild = self
            .guilds
            .entry(id)
            .or_insert_with(|| Box::new(Guild::new(id)));
        let before = guild.due();
        let (pending, work) = (guild.pending(), guild.work());
        let mut out = Out::new(&mut self.records, &mut self.next_request, &mut self.stats);
        change(guild, now, &mut out);
        guild.advance(now, &mut out);
        self.pending = (self.pending + guild.pending()).saturating_sub(pending);
        self.work = (self.work + guild.work()).saturating_sub(work);
        let wants = out.into_wants();
        if wants.barrier() {
            self.barriers.want(id, id.shard(self.shards));
        }
        for request in wants.lost() {
            if let Some((_, true)) = self.awaited.remove(request) {
                self.in_flight = self.in_flight.saturating_sub(1);
            }
        }
        for (request, what) in wants.into_asked() {
            self.awaited.insert(request, (id, false));
            self.requests.push_back((request, what));
        }
        self.timers.remove(&(before, id));
        self.arm(id);
        self.changed.insert(id);
    }

    fn arm(&mut self, id: GuildId) {
        if let Some(guild) = self.guilds.get(&id)
            && guild.due() != EVER
        {
            self.timers.insert((guild.due(), id));
        }
    }
}
