//! The driver's loop: it passes inputs to the tracker, sends its requests, and stores its records.

use std::{collections::BTreeSet, error::Error, sync::Arc, time::Duration};

use guestlist_ledger::{
    Batch, Claim, Committed, Cursor, GuildInfo, Ledger, LedgerError, ResumePoint,
};
use guestlist_model::{Event, GuildId, RawFrame, ShardId, Timestamp};
use guestlist_tracker::{Config, Record, StateError, Tracker};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{
    EventSource, GatewaySession, Report, Requester, ServiceError, ShardState, Signal, SignalKind,
    Status,
    clock::{Clock, Step},
    commit::{Commit, finished},
    frames::{Decoding, Listeners, Undecodable},
    limits::Limits,
    meters::Meters,
    progress::Progress,
    requests::{Ended, Reply, Requests},
    spans::Spans,
    trouble::{self, Affected, Log, Troubles},
};

/// How many records may wait for a slow commit before the driver stops reading events.
const MOST_UNCOMMITTED: usize = 10_000;
/// How many inputs are handled before timers, if there are always more.
const MOST_INPUTS: usize = 1_000;
/// How many records are stored without waiting for more.
const ENOUGH: usize = 512;
/// How often to check that an idle ledger can still be written.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How long a sequence number may wait to be stored if nothing else changed: replaying events
/// that changed nothing does no harm.
const SEQUENCE_EVERY: Duration = Duration::from_secs(2);
/// How long a source may take to close.
const FAREWELL: Duration = Duration::from_secs(3);

/// The reason why the loop ended.
enum End<E: Error + 'static> {
    Asked,
    Failed(ServiceError<E>),
}

/// The channels through which others follow the service.
#[derive(Debug)]
pub(crate) struct Outlets {
    /// The end of the part of the feed that this service has stored.
    pub(crate) stored: watch::Sender<Cursor>,
    pub(crate) status: watch::Sender<Status>,
    pub(crate) listeners: Listeners,
}

pub(crate) struct Driver<R, L> {
    ledger: Arc<L>,
    claim: Claim,
    tracker: Tracker,
    decoding: Decoding,
    clock: Clock,
    limits: Limits,
    requests: Requests<R, L>,
    progress: Progress,
    spans: Spans,
    meters: Meters,
    /// Records that the tracker stated and that are not in a batch yet.
    records: Vec<Record>,
    guild_names: Vec<GuildInfo>,
    guilds: BTreeSet<GuildId>,
    /// Guilds that READY named and whose GUILD_CREATE has not arrived yet.
    awaited: BTreeSet<GuildId>,
    /// When the tracker got its first input since the last commit.
    touched: Option<Instant>,
    /// When sequence numbers were last stored.
    sequences_at: Instant,
    /// When the last commit started.
    stored_at: Instant,
    commit: Option<Commit>,
    /// Cancelled when the service must stop.
    stop: CancellationToken,
    /// The number of records in the commit in progress.
    committing: usize,
    started: Instant,
    report: Report,
    stored: watch::Sender<Cursor>,
    status: watch::Sender<Status>,
    /// The number of inputs since timers were last handled.
    inputs: usize,
    troubles: Troubles,
    log: Log,
}

impl<R: Requester, L: Ledger + 'static> Driver<R, L> {
    pub(crate) fn new(
        requester: R,
        ledger: Arc<L>,
        claim: Claim,
        config: Config,
        limits: Limits,
        outlets: Outlets,
    ) -> Self {
        Self {
            requests: Requests::new(requester, Arc::clone(&ledger), limits.requests),
            ledger,
            claim,
            tracker: Tracker::new(config),
            decoding: Decoding::new(outlets.listeners),
            clock: Clock::new(),
            limits,
            progress: Progress::default(),
            spans: Spans::default(),
            meters: Meters::default(),
            records: Vec::new(),
            guild_names: Vec::new(),
            guilds: BTreeSet::new(),
            awaited: BTreeSet::new(),
            touched: None,
            stored_at: Instant::now(),
            sequences_at: Instant::now(),
            commit: None,
            stop: CancellationToken::new(),
            committing: 0,
            started: Instant::now(),
            report: Report::default(),
            stored: outlets.stored,
            status: outlets.status,
            inputs: 0,
            troubles: Troubles::default(),
            log: Log::default(),
        }
    }

    /// Restores the state from the ledger. Returns the sessions to resume.
    pub(crate) fn restore(
        &mut self,
        point: ResumePoint,
    ) -> Result<Vec<GatewaySession>, StateError> {
        let now = self.now();
        let mut sessions = Vec::new();
        for position in &point.positions {
            match GatewaySession::of(position) {
                Some(session) => sessions.push(session),
                None => tracing::warn!(?position, "a stored position cannot be read"),
            }
        }
        let stored = sessions.clone();
        for (guild, state) in point.guild_states {
            // A session that goes on does not name its guilds again.
            self.guilds.insert(guild);
            if !self.tracker.restore(now, guild, &state)? {
                tracing::warn!(%guild, "another version stored the state; searching for missed joins");
                // A session that is resumed would not tell how the guild is.
                sessions.retain(|session| {
                    !ShardId::new(session.shard, session.shards)
                        .is_ok_and(|shard| shard.owns(guild))
                });
            }
        }
        for session in &stored {
            if sessions.contains(session) {
                self.progress.restore(session);
            } else {
                self.progress.leave(session);
            }
        }
        self.touched = Some(Instant::now());
        Ok(sessions)
    }

    pub(crate) async fn run<S: EventSource>(
        mut self,
        mut source: S,
        stop: CancellationToken,
    ) -> Result<Report, ServiceError<S::Error>> {
        self.stop = stop.child_token();
        let end = self.drive(&mut source).await;
        // Also if the source has ended: what cannot be stored by now is not waited for.
        self.stop.cancel();
        source.close();
        let outcome = match end {
            End::Asked => self.finish(&mut source).await,
            // What was taken in before a shard failed is worth keeping.
            End::Failed(error @ ServiceError::Shard { .. }) => {
                self.finish(&mut source).await.and(Err(error))
            }
            End::Failed(error) => Err(error),
        };
        // The connections are closed in an orderly way, or the sessions could not
        // be resumed.
        let closed = async { while source.next().await.is_some() {} };
        if timeout(FAREWELL, closed).await.is_err() {
            tracing::warn!("the gateway's connections did not close in time");
        }
        outcome.map(|()| self.report())
    }

    async fn drive<S: EventSource>(&mut self, source: &mut S) -> End<S::Error> {
        let stop = self.stop.clone();
        loop {
            self.drain();
            self.send_requests();
            self.send_barriers(source);
            self.begin_commit();
            self.tell_status();
            let wake = self.wake();
            let reads = self.records.len() < MOST_UNCOMMITTED;
            let mut quiet = false;
            tokio::select! {
                biased;
                () = stop.cancelled() => return End::Asked,
                committed = finished(&mut self.commit) => {
                    if let Err(error) = self.committed(source, committed) {
                        return End::Failed(ServiceError::Ledger(error));
                    }
                }
                Some(answer) = self.requests.next() => self.answered(answer),
                signal = source.next(), if reads => match signal {
                    Some(Signal { shard, kind: SignalKind::Fatal(error) }) => {
                        self.shard(shard, ShardState::Ended, None);
                        return End::Failed(ServiceError::Shard { shard, error });
                    }
                    Some(signal) => self.signal(signal),
                    None => return End::Asked,
                },
                // While events are not read, some may wait that have arrived.
                () = sleep_until(wake), if reads => quiet = true,
            }
            self.inputs += 1;
            if quiet || self.inputs >= MOST_INPUTS {
                self.inputs = 0;
                self.fire_timers();
            }
        }
    }

    /// The time for the tracker. Reports to the tracker if the clock was set.
    fn now(&mut self) -> Timestamp {
        if let Some(Step { from, to }) = self.clock.follow() {
            tracing::info!(%from, %to, "the system's clock was set, or the machine slept");
            self.tracker.clock_stepped(from, to);
        }
        self.clock.now()
    }

    /// Handles expired timers, after all inputs that have arrived: the tracker draws
    /// conclusions from events that have not arrived.
    fn fire_timers(&mut self) {
        self.log.catch_up();
        let now = self.now();
        if self.tracker.poll_timeout().is_some_and(|due| due <= now) {
            self.tracker.handle_timeout(now);
            self.touch();
        }
    }

    /// Finishes the requests in progress and then the commits, after the last event.
    async fn finish<S: EventSource>(
        &mut self,
        source: &mut S,
    ) -> Result<(), ServiceError<S::Error>> {
        let deadline = Instant::now() + self.limits.grace;
        let mut open = true;
        while !self.requests.is_empty() {
            tokio::select! {
                Some(answer) = self.requests.next() => self.answered(answer),
                // Read on, so that the source can say goodbye. Nothing of this is
                // taken in: it comes again when the session is resumed.
                signal = source.next(), if open => open = signal.is_some(),
                () = sleep_until(deadline) => break,
            }
        }
        self.report.abandoned = self.requests.len();
        self.requests.abort();
        let committed = match self.commit.as_mut() {
            Some(_) => {
                let committed = finished(&mut self.commit).await;
                self.committed(source, committed)
            }
            None => Ok(()),
        };
        committed.map_err(ServiceError::Ledger)?;
        self.drain();
        if let Some(batch) = self.batch(true) {
            self.commit = Some(self.commit(batch));
            let committed = finished(&mut self.commit).await;
            self.committed(source, committed)
                .map_err(ServiceError::Ledger)?;
        }
        self.tell_status();
        Ok(())
    }

    fn signal<E>(&mut self, signal: Signal<E>) {
        let now = self.now();
        let shard = signal.shard;
        match signal.kind {
            SignalKind::Frame(frame) => self.frame(now, &frame),
            SignalKind::Barrier(barrier) => self.tracker.handle_barrier(now, barrier),
            SignalKind::Session {
                session_id,
                resume_url,
                owner,
            } => {
                self.log.session_started(shard);
                let [number, count] = shard.into();
                let session = GatewaySession::new(number, count, session_id, resume_url, 0);
                self.progress.begin(session.owned_by(owner));
            }
            SignalKind::SessionLost => {
                self.log.session_lost(shard);
                self.report.lost += 1;
                self.progress.lose(shard.number());
                self.tracker.handle_disconnected(now, shard);
                self.shard(shard, ShardState::Connecting, None);
            }
            SignalKind::Reconnecting { reason } => {
                // The source has logged it.
                let about = Affected::Shard(shard);
                self.troubles.begin(about, reason, now);
                self.tracker.handle_disconnected(now, shard);
                self.shard(shard, ShardState::Connecting, None);
            }
            // Handled by the loop, which ends.
            SignalKind::Fatal(_) => {}
        }
        self.touch();
    }

    fn frame(&mut self, now: Timestamp, frame: &RawFrame) {
        let shard = frame.shard;
        match self.decoding.decode(frame) {
            Ok(event) => {
                self.report.events += 1;
                self.event(now, shard, &event);
                self.troubles.end(&Affected::Shard(shard));
                self.shard(shard, ShardState::Connected, frame.sequence);
            }
            Err(Undecodable { envelope, reason }) => {
                self.log.undecodable(shard, frame.name.as_deref(), &reason);
                self.report.undecodable += 1;
                self.meters.skipped();
                self.tracker.handle_undecoded(now, shard, &envelope);
            }
        }
        if let Some(sequence) = frame.sequence {
            self.progress.saw(shard.number(), sequence);
        }
    }

    fn event(&mut self, now: Timestamp, shard: ShardId, event: &Event) {
        self.meters.saw();
        match event {
            Event::Ready(ready) => {
                self.awaited.retain(|guild| !shard.owns(*guild));
                self.awaited.extend(&ready.guild_ids);
            }
            Event::GuildCreate(guild) | Event::GuildUpdate(guild) => {
                self.guilds.insert(guild.id);
                self.awaited.remove(&guild.id);
                if let Some(name) = &guild.name {
                    self.guild_names.push(GuildInfo::new(guild.id, name));
                }
            }
            Event::GuildDelete(guild) => {
                self.awaited.remove(&guild.id);
                if !guild.unavailable {
                    self.guilds.remove(&guild.id);
                }
            }
            Event::Resumed => {
                self.log.session_resumed(shard);
                self.report.resumed += 1;
            }
            _ => {}
        }
        self.tracker.handle_event(now, shard, event);
    }

    fn answered(&mut self, reply: Reply) {
        if let Some(Ended { id, about, result }) = self.requests.ended(reply) {
            let now = self.now();
            match result.as_ref().err().map(trouble::cause) {
                None => {
                    if self.troubles.end(&about.into()) {
                        self.log.succeeded(about);
                    }
                }
                Some(Some(cause)) => {
                    self.log.failed(about, &cause);
                    self.troubles.begin(about.into(), cause, now);
                }
                // What happens all the time.
                Some(None) => {}
            }
            self.tracker.handle_response(now, id, result);
            self.touch();
        }
    }

    fn send_requests(&mut self) {
        while self.requests.has_room() {
            let Some((id, request)) = self.tracker.poll_request() else {
                return;
            };
            self.requests.send(id, request);
        }
    }

    fn send_barriers<S: EventSource>(&mut self, source: &mut S) {
        while let Some((barrier, shard)) = self.tracker.poll_barrier() {
            source.barrier(shard, barrier);
        }
    }

    fn drain(&mut self) {
        while let Some(record) = self.tracker.poll_output() {
            trouble::warn_if_contradicted(&record);
            self.spans.stated(&record);
            self.meters.stated(&record);
            self.records.push(record);
        }
    }

    fn touch(&mut self) {
        self.touched.get_or_insert_with(Instant::now);
    }

    /// When to continue if nothing happens.
    fn wake(&mut self) -> Instant {
        let far = Instant::now() + Duration::from_secs(3600);
        let timer = self
            .tracker
            .poll_timeout()
            .map_or(far, |due| self.clock.instant(due));
        let commit = self
            .commit_due()
            .filter(|_| self.commit.is_none())
            .unwrap_or(far);
        timer.min(commit).min(self.log.due().unwrap_or(far))
    }

    fn commit_due(&self) -> Option<Instant> {
        if self.records.len() >= ENOUGH {
            return Some(Instant::now());
        }
        let touched = self.touched.map(|since| since + self.limits.commit_every);
        let moved = self
            .progress
            .has_moved()
            .then(|| self.sequences_at + SEQUENCE_EVERY);
        let idle = Some(self.stored_at + LOOK_EVERY);
        touched.into_iter().chain(moved).chain(idle).min()
    }

    fn begin_commit(&mut self) {
        if self.commit.is_none() && self.commit_due().is_some_and(|due| due <= Instant::now()) {
            let batch = self.batch(false);
            if batch.is_none() && self.stored_at.elapsed() < LOOK_EVERY {
                return;
            }
            // An empty one fails too if the ledger is no longer there, or no longer ours.
            let batch = batch.unwrap_or_default();
            self.stored_at = Instant::now();
            self.committing = batch.records.len();
            self.commit = Some(self.commit(batch));
        }
    }

    fn commit(&self, batch: Batch) -> Commit {
        let (ledger, status) = (Arc::clone(&self.ledger), self.status.clone());
        Commit::begin(ledger, self.claim, batch, status, self.stop.clone())
    }

    /// Creates a batch of everything so far, without waiting in between, so that the sequence
    /// numbers belong to the events that caused these records and states.
    fn batch(&mut self, all: bool) -> Option<Batch> {
        self.touched = None;
        let mut batch = Batch::new();
        batch.records = std::mem::take(&mut self.records);
        batch.guild_states = self.tracker.take_changed();
        batch.guilds = std::mem::take(&mut self.guild_names);
        if all || !batch.is_empty() || self.sequences_at.elapsed() >= SEQUENCE_EVERY {
            batch.positions = self.progress.take();
            self.sequences_at = Instant::now();
        }
        (!batch.is_empty()).then_some(batch)
    }

    fn committed<S: EventSource>(
        &mut self,
        source: &mut S,
        outcome: Result<(Batch, Committed), LedgerError>,
    ) -> Result<(), LedgerError> {
        let (batch, committed) = outcome?;
        self.committing = 0;
        if batch.is_empty() {
            return Ok(());
        }
        self.spans.stored(&batch.records);
        self.meters.stored(&batch.records);
        self.report.commits += 1;
        let now = self.now();
        self.status
            .send_modify(|status| status.committed_at = Some(now));
        self.report.records += committed.news() as u64;
        self.stored.send_replace(committed.cursor);
        source.committed(&batch.positions);
        Ok(())
    }

    fn shard(&self, shard: ShardId, state: ShardState, sequence: Option<u64>) {
        self.status.send_modify(|status| {
            let shard = status.shards.entry(shard).or_default();
            shard.state = state;
            shard.sequence = sequence.or(shard.sequence);
        });
    }

    fn tell_status(&mut self) {
        if let Some(troubles) = self.troubles.news() {
            self.status.send_modify(|status| status.troubles = troubles);
        }
        let now = Status {
            guilds: self.guilds.len(),
            awaited: self.awaited.len(),
            pending: self.tracker.pending(),
            requests: self.requests.len(),
            uncommitted: self.records.len() + self.committing,
            stats: self.tracker.stats(),
            ..Status::default()
        };
        self.status.send_if_modified(|status| {
            let changed = status.follow(now);
            if changed {
                self.meters.status(status);
            }
            changed
        });
    }

    pub(crate) fn report(&self) -> Report {
        Report {
            stats: self.tracker.stats(),
            pending: self.tracker.pending(),
            elapsed: self.started.elapsed(),
            ..self.report.clone()
        }
    }
}
