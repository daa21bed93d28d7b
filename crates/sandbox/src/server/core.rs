//! What all connections share: the world, the sessions, limits and faults.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{
    distort::Lists,
    fault::{EventFault, FaultRule, Faults},
    frames::Frames,
    identify_limit::Starts,
    log::RequestLog,
    rate_limit::RateLimiter,
    record::Recorder,
};
use crate::{
    Clock, Options,
    gateway::Sessions,
    json,
    oauth::Grants,
    world::{Effect, EventKind, Micros, World, scenario::Scenario},
};

/// Shared by every task of a sandbox.
pub(crate) struct Shared {
    pub(crate) options: Options,
    pub(crate) gateway_url: String,
    pub(crate) stop: CancellationToken,
    /// Whether somebody looks at the frames.
    watched: AtomicBool,
    /// How much of its time the world was made to skip.
    stepped: watch::Sender<Micros>,
    core: Mutex<Core>,
}

impl Shared {
    pub(crate) fn new(options: Options, gateway_url: String, core: Core) -> Self {
        Self {
            options,
            gateway_url,
            stop: CancellationToken::new(),
            watched: AtomicBool::new(false),
            stepped: watch::Sender::new(0),
            core: Mutex::new(core),
        }
    }

    /// Somebody looks at the frames from now on.
    pub(crate) fn watch(&self) {
        self.watched.store(true, Ordering::Relaxed);
    }

    /// Whether frames are to be written down.
    pub(crate) fn is_watched(&self) -> bool {
        self.watched.load(Ordering::Relaxed) || self.options.record.is_some()
    }

    /// The state, with its clock set, unless the world has much to catch up with. Never held over
    /// an await.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Core> {
        let mut core = self.core.lock().unwrap_or_else(PoisonError::into_inner);
        // A request takes the lock several times, and is not the one to catch up.
        if !core.behind {
            core.sync();
        }
        core
    }

    /// The state, with its clock set, or further on its way to where it is to be.
    fn drive(&self) -> MutexGuard<'_, Core> {
        let mut core = self.core.lock().unwrap_or_else(PoisonError::into_inner);
        core.sync();
        core
    }

    /// Skips ahead. Everything that has become due has happened afterwards; others get their turn
    /// on the way.
    pub(crate) async fn advance(&self, by: Micros) {
        let target = self.skip(by);
        while self.drive().world.now() < target {
            tokio::time::sleep(TURN).await;
        }
    }

    /// Lets the clock be further on by so much, and tells when that is.
    fn skip(&self, by: Micros) -> Micros {
        let mut core = self.lock();
        let target = core.skip(by);
        self.stepped.send_replace(core.skipped);
        target
    }

    /// Tells when the world is made to skip time, and how much it was in all.
    pub(crate) fn steps(&self) -> watch::Receiver<Micros> {
        self.stepped.subscribe()
    }

    /// Skips ahead, on this thread.
    pub(crate) fn advance_here(&self, by: Micros) {
        let target = self.skip(by);
        while self.drive().world.now() < target {
            // To yield is not enough: who waits for a lock is slower than who takes it again.
            std::thread::sleep(TURN);
        }
    }
}

/// The state behind the lock.
pub(crate) struct Core {
    pub(crate) world: World,
    pub(crate) sessions: Sessions,
    pub(crate) limiter: RateLimiter,
    /// The sessions that each bot started.
    pub(crate) starts: HashMap<u64, Starts>,
    pub(crate) faults: Faults,
    /// Lists of invites that were told.
    pub(crate) lists: Lists,
    pub(crate) log: RequestLog,
    pub(crate) recorder: Option<Recorder>,
    pub(crate) frames: Frames,
    pub(crate) scenario: Option<Scenario>,
    pub(crate) grants: Grants,
    clock: Clock,
    speed: u32,
    started: Instant,
    origin: Micros,
    skipped: Micros,
    behind: bool,
    held: Option<(Effect, Instant)>,
}

/// A world that has much to catch up with moves on for so long at a stretch: nobody waits longer
/// for a step of the clock, however much happens in it.
const SLICE: Duration = Duration::from_millis(3);

/// And others get so long to come between.
const TURN: Duration = Duration::from_millis(1);

/// An event held back to be swapped with the next one waits no longer.
const LONGEST_HOLD: Duration = Duration::from_millis(400);

impl Core {
    pub(crate) fn new(world: World, sessions: Sessions, options: &Options) -> Self {
        Self {
            origin: world.now(),
            grants: Grants::new(world.seed()),
            sessions,
            limiter: RateLimiter::default(),
            starts: HashMap::new(),
            faults: Faults::new(world.seed()),
            lists: Lists::default(),
            world,
            log: RequestLog::default(),
            recorder: None,
            frames: Frames::default(),
            scenario: None,
            clock: options.clock,
            speed: options.speed,
            started: Instant::now(),
            skipped: 0,
            behind: false,
            held: None,
        }
    }

    /// Where the world's clock is to be.
    fn target(&self) -> Micros {
        let passed = match self.clock {
            Clock::Live => {
                let elapsed = self.started.elapsed().as_micros();
                i64::try_from(elapsed.saturating_mul(self.speed.into())).unwrap_or(i64::MAX)
            }
            Clock::Manual => 0,
        };
        self.origin
            .saturating_add(self.skipped)
            .saturating_add(passed)
    }

    /// Moves the world's clock on, and hands out what has become due.
    fn sync(&mut self) {
        self.run_to(self.target());
        if let Some((effect, _)) = self
            .held
            .take_if(|(_, since)| since.elapsed() > LONGEST_HOLD)
        {
            self.dispatch(&effect);
        }
        self.sessions.forget_stale(self.world.now());
    }

    /// Moves the world to a moment, or as far as one slice reaches. What a scenario has planned on
    /// the way happens at its own time, however late we are.
    fn run_to(&mut self, now: Micros) {
        let began = Instant::now();
        loop {
            let due = self.world.next_due().filter(|at| *at <= now);
            let planned = self.scenario.as_ref().and_then(Scenario::next_at);
            let planned = planned.filter(|at| *at <= now);
            if due.is_none() && planned.is_none() {
                break;
            }
            if began.elapsed() > SLICE {
                self.behind = true;
                return;
            }
            match (due, planned) {
                (Some(due), planned) if planned.is_none_or(|planned| due <= planned) => {
                    let effects = self.world.advance_to(due.max(self.world.now()));
                    self.send(effects);
                }
                _ => {
                    let step = match &mut self.scenario {
                        Some(scenario) => scenario.step(&mut self.world),
                        None => None,
                    };
                    let Some(step) = step else {
                        break;
                    };
                    self.deliver(step.effects);
                }
            }
        }
        self.behind = false;
        let due = self.world.advance_to(now);
        self.send(due);
    }

    /// Lets the clock be further on by so much, and tells when that is.
    fn skip(&mut self, by: Micros) -> Micros {
        self.skipped = self.skipped.saturating_add(by.max(0));
        self.target()
    }

    /// How much time was skipped so far.
    pub(crate) const fn skipped(&self) -> Micros {
        self.skipped
    }

    /// Sends events to the sessions they concern, subject to the faults.
    pub(crate) fn deliver(&mut self, effects: Vec<Effect>) {
        for effect in effects.into_iter().filter(Effect::is_visible) {
            match self.faults.take_event(effect.name(), effect.guild_id) {
                Some(rule) => self.deliver_with(effect, &rule),
                None => self.deliver_after(effect, self.faults.event_delay),
            }
        }
    }

    fn deliver_after(&mut self, effect: Effect, delay: Duration) {
        if delay.is_zero() {
            self.send(vec![effect]);
            return;
        }
        let delay = i64::try_from(delay.as_micros()).unwrap_or(i64::MAX);
        let at = self.world.now().saturating_add(delay);
        self.world.emit_later(at, effect);
    }

    fn deliver_with(&mut self, effect: Effect, rule: &FaultRule) {
        let (guild, viewers) = (effect.guild_id, effect.viewers.clone());
        match rule.event_fault {
            Some(EventFault::Dropped) => {}
            Some(EventFault::Duplicated) => {
                self.deliver_after(effect.clone(), rule.delay);
                self.deliver_after(effect, rule.delay);
            }
            Some(EventFault::Reordered) => {
                self.faults.swap_events += 1;
                self.deliver_after(effect, rule.delay);
            }
            None => self.deliver_after(effect, rule.delay),
        }
        if let Some(fault) = rule.connection {
            self.sessions.disturb((guild, &viewers), fault);
        }
    }

    fn send(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            if !effect.is_visible() {
                continue;
            }
            if let Some((earlier, _)) = self.held.take() {
                self.dispatch(&effect);
                self.dispatch(&earlier);
            } else if self.faults.swap_events > 0 {
                self.faults.swap_events -= 1;
                self.held = Some((effect, Instant::now()));
            } else {
                self.dispatch(&effect);
            }
        }
    }

    fn dispatch(&mut self, effect: &Effect) {
        if matches!(effect.kind, EventKind::GuildCreate) {
            self.sessions.welcome(&self.world, effect);
            return;
        }
        let (name, body) = json::dispatch(&self.world, effect);
        self.sessions.dispatch(effect, name, body);
    }

    /// Does something in the world and delivers what comes of it.
    pub(crate) fn act<T, E>(
        &mut self,
        act: impl FnOnce(&mut World) -> Result<(T, Vec<Effect>), E>,
    ) -> Result<T, E> {
        let (value, effects) = act(&mut self.world)?;
        self.deliver(effects);
        Ok(value)
    }
}

/// Keeps the clock going while nobody asks.
pub(crate) async fn tick(shared: Arc<Shared>) {
    let mut interval = tokio::time::interval(Duration::from_millis(20));
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shared.stop.cancelled() => return,
            _ = interval.tick() => {}
        }
        while shared.drive().behind && !shared.stop.is_cancelled() {
            tokio::time::sleep(TURN).await;
        }
    }
}
