//! How a sandbox is set up.

use std::{path::PathBuf, time::Duration};

use crate::{server::RateLimits, world::WorldOptions};

/// What makes time pass. Expiry, rate limits, sessions and heartbeats follow it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Clock {
    /// The machine's clock; the control API can still skip ahead.
    #[default]
    Live,
    /// The control API alone.
    Manual,
}

/// How to start a [`Sandbox`](crate::Sandbox).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// The port on 127.0.0.1; 0 lets the system pick one.
    pub port: u16,
    /// What makes time pass.
    pub clock: Clock,
    /// How many times as fast as the machine's clock the world's clock runs, with [`Clock::Live`]:
    /// 1 to 10,000.
    pub speed: u32,
    /// The world at the start. With [`Clock::Live`] its `start` is replaced
    /// by the machine's time.
    pub world: WorldOptions,
    /// The token of the first bot; made from the seed if absent.
    pub token: Option<String>,
    /// Rate limits.
    pub rate_limits: RateLimits,
    /// How many shards `/gateway/bot` recommends.
    pub shards: u32,
    /// How often clients have to send a heartbeat, by the sandbox's clock.
    pub heartbeat_interval: Duration,
    /// How long a session can be resumed after its socket is gone, by the sandbox's clock.
    pub resume_window: Duration,
    /// How many events a session keeps for a resume.
    pub replay_limit: usize,
    /// How long a client may take to send the head of a request, and how long to send its body. A
    /// slower connection is closed. An idle one is closed after twelve times as long.
    pub patience: Duration,
    /// Where to write all calls and frames, for [`Sandbox::replay`](crate::Sandbox::replay).
    pub record: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            clock: Clock::Live,
            speed: 1,
            world: WorldOptions {
                guilds: 3,
                ..WorldOptions::default()
            },
            token: None,
            rate_limits: RateLimits::default(),
            shards: 1,
            heartbeat_interval: Duration::from_millis(41_250),
            resume_window: Duration::from_secs(180),
            replay_limit: 10_000,
            patience: Duration::from_secs(30),
            record: None,
        }
    }
}

impl Options {
    /// Creates the default options with this seed.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        let mut options = Self::default();
        options.world.seed = seed;
        options
    }

    /// Sets the port.
    #[must_use]
    pub const fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets what makes time pass.
    #[must_use]
    pub const fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Sets how many times as fast as the machine's clock time passes.
    #[must_use]
    pub const fn speed(mut self, times: u32) -> Self {
        self.speed = times;
        self
    }

    /// A speed that is possible: a clock that stands still has none.
    pub(crate) fn settle_speed(&mut self) {
        self.speed = match self.clock {
            Clock::Live => self.speed.clamp(1, 10_000),
            Clock::Manual => 1,
        };
    }

    /// Sets the number of guilds at the start.
    #[must_use]
    pub const fn guilds(mut self, guilds: usize) -> Self {
        self.world.guilds = guilds;
        self
    }

    /// Sets the rate limits.
    #[must_use]
    pub fn rate_limits(mut self, limits: RateLimits) -> Self {
        self.rate_limits = limits;
        self
    }

    /// Sets how many shards `/gateway/bot` recommends.
    #[must_use]
    pub const fn shards(mut self, shards: u32) -> Self {
        self.shards = shards;
        self
    }
}
