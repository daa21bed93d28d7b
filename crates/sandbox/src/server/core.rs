//! What all connections share: the world, the sessions, limits and faults.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio_util::sync::CancellationToken;

use super::{fault::Faults, identify_limit::Starts, log::RequestLog, rate_limit::RateLimiter};
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
    pub(crate) token: String,
    /// What the application proves itself with, in OAuth2.
    pub(crate) client_secret: String,
    pub(crate) gateway_url: String,
    pub(crate) stop: CancellationToken,
    core: Mutex<Core>,
}

impl Shared {
    pub(crate) fn new(
        options: Options,
        (token, client_secret): (String, String),
        gateway_url: String,
        core: Core,
    ) -> Self {
        Self {
            options,
            token,
            client_secret,
            gateway_url,
            stop: CancellationToken::new(),
            core: Mutex::new(core),
        }
    }

    /// The state, with its clock set. Never held over an await.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Core> {
        let mut core = self.core.lock().unwrap_or_else(PoisonError::into_inner);
        core.sync();
        core
    }
}

/// The state behind the lock.
pub(crate) struct Core {
    pub(crate) world: World,
    pub(crate) sessions: Sessions,
    pub(crate) limiter: RateLimiter,
    pub(crate) starts: Starts,
    pub(crate) faults: Faults,
    pub(crate) log: RequestLog,
    pub(crate) scenario: Option<Scenario>,
    pub(crate) grants: Grants,
    /// Where OAuth2 may lead back to; any loopback address if there are none.
    pub(crate) redirects: Vec<String>,
    clock: Clock,
    started: Instant,
    origin: Micros,
    skipped: Micros,
    held: Option<(Effect, Instant)>,
}

/// An event held back to be swapped with the next one waits no longer.
const LONGEST_HOLD: Duration = Duration::from_millis(400);

impl Core {
    pub(crate) fn new(world: World, sessions: Sessions, clock: Clock) -> Self {
        Self {
            origin: world.now(),
            grants: Grants::new(world.seed()),
            redirects: Vec::new(),
            world,
            sessions,
            limiter: RateLimiter::default(),
            starts: Starts::default(),
            faults: Faults::default(),
            log: RequestLog::default(),
            scenario: None,
            clock,
            started: Instant::now(),
            skipped: 0,
            held: None,
        }
    }

    /// Whether OAuth2 may lead back to this address.
    pub(crate) fn leads_back(&self, redirect: &str) -> bool {
        let is_local = || {
            let rest = redirect.strip_prefix("http://");
            let host = rest.and_then(|it| it.split(['/', ':', '?', '#']).next());
            matches!(host, Some("127.0.0.1" | "localhost"))
        };
        match self.redirects.as_slice() {
            [] => is_local(),
            known => known.iter().any(|it| it == redirect),
        }
    }

    /// Sets the world's clock and hands out what has become due.
    fn sync(&mut self) {
        if self.clock == Clock::Live {
            let elapsed = i64::try_from(self.started.elapsed().as_micros()).unwrap_or(i64::MAX);
            let now = self
                .origin
                .saturating_add(self.skipped)
                .saturating_add(elapsed);
            self.run_to(now);
        }
        if let Some((effect, _)) = self
            .held
            .take_if(|(_, since)| since.elapsed() > LONGEST_HOLD)
        {
            self.dispatch(&effect);
        }
        self.sessions.forget_stale(Instant::now());
    }

    /// Moves the world to a moment. What a scenario has planned on the way
    /// happens at its own time, however late we are.
    fn run_to(&mut self, now: Micros) {
        while let Some(scenario) = &mut self.scenario {
            if scenario.next_at().is_none_or(|at| at > now) {
                break;
            }
            let Some(step) = scenario.step(&mut self.world) else {
                break;
            };
            self.deliver(step.effects);
        }
        let due = self.world.advance_to(now);
        self.send(due);
    }

    /// Skips ahead.
    pub(crate) fn advance(&mut self, by: Micros) {
        match self.clock {
            Clock::Live => {
                self.skipped = self.skipped.saturating_add(by.max(0));
                self.sync();
            }
            Clock::Manual => {
                let now = self.world.now().saturating_add(by.max(0));
                self.run_to(now);
            }
        }
    }

    /// Sends events to the sessions they concern, subject to the faults.
    pub(crate) fn deliver(&mut self, effects: Vec<Effect>) {
        if self.faults.event_delay.is_zero() {
            self.send(effects);
            return;
        }
        let delay = i64::try_from(self.faults.event_delay.as_micros()).unwrap_or(i64::MAX);
        let at = self.world.now().saturating_add(delay);
        for effect in effects {
            self.world.emit_later(at, effect);
        }
    }

    fn send(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            if !effect.visible {
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
            self.sessions.welcome(&self.world, effect.guild_id);
            return;
        }
        let (name, body) = json::dispatch(&self.world, effect);
        self.sessions
            .dispatch(effect.guild_id, effect.intent(), name, &body);
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
    loop {
        tokio::select! {
            () = shared.stop.cancelled() => return,
            _ = interval.tick() => drop(shared.lock()),
        }
    }
}
