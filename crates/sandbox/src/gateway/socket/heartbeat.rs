//! Heartbeats: a client that sends none is taken for dead.
//!
//! They follow the sandbox's clock. When it skips time, a client cannot have sent the heartbeats that
//! would have been due: it is asked for one (opcode 1), as Discord does, and has a moment to answer.

use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::{Connection, Next};
use crate::{
    Clock,
    gateway::{close, session::frame},
    server::micros,
    world::Micros,
};

/// So long a client may take to answer a request for a heartbeat, unless the sandbox has less
/// patience.
const TO_ANSWER: Duration = Duration::from_secs(5);

/// What is known of a client's heartbeats.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heartbeat {
    /// When the last one came, by the sandbox's clock.
    heard: Micros,
    /// How much time had been skipped then.
    skipped: Micros,
    /// Whether one was asked for since.
    asked: bool,
    /// When the next one is missed; never as long as the clock stands still.
    pub(super) missed_at: Option<Instant>,
}

impl Heartbeat {
    pub(super) const fn at(heard: Micros, skipped: Micros) -> Self {
        Self {
            heard,
            skipped,
            asked: false,
            missed_at: None,
        }
    }
}

impl Connection {
    /// Finds out when the next heartbeat is missed. It may be late by half.
    pub(super) fn await_heartbeat(&mut self) {
        if self.heartbeat.asked {
            return;
        }
        let options = &self.shared.options;
        let due = self.heartbeat.heard + micros(options.heartbeat_interval) * 3 / 2;
        let left = due - self.shared.lock().world.now();
        let left = u64::try_from(left).unwrap_or(0);
        let passes = options.clock == Clock::Live || left == 0;
        // A little later rather than a little too early.
        let wait = Duration::from_micros(left / u64::from(options.speed) + 1);
        self.heartbeat.missed_at = passes.then(|| Instant::now() + wait);
    }

    /// The heartbeat came.
    pub(super) fn note_heartbeat(&mut self) {
        let core = self.shared.lock();
        self.heartbeat = Heartbeat::at(core.world.now(), core.skipped());
        drop(core);
        self.await_heartbeat();
    }

    /// No heartbeat came in time.
    pub(super) fn miss_heartbeat(&mut self) -> Next {
        let skipped = self.shared.lock().skipped() - self.heartbeat.skipped;
        if self.heartbeat.asked || skipped == 0 {
            return Next::Close(close::SESSION_TIMED_OUT);
        }
        self.heartbeat.asked = true;
        let patience = TO_ANSWER.min(self.shared.options.patience);
        self.heartbeat.missed_at = Some(Instant::now() + patience);
        Next::Send(frame(1, &Value::Null))
    }
}
