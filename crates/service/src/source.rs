//! Sources of events.

use std::{error::Error, future::Future};

use guestlist_client::Cause;
use guestlist_ledger::Position;
use guestlist_model::{RawFrame, ShardId};
use guestlist_tracker::BarrierId;

use crate::{GatewaySession, Starting};

/// Opens a source of events when the service starts.
///
/// [`Discord`](crate::Discord) connects to the gateway. Another implementation could read
/// frames from a queue that other processes fill.
pub trait Connect: Send {
    /// The source.
    type Source: EventSource<Error = Self::Error>;
    /// The error if a source cannot be opened or cannot continue.
    type Error: Error + Send + Sync + 'static;

    /// Whether the source supports [`EventSource::barrier`]. If not, deduced answers assume
    /// that events are not delayed for longer than
    /// [`Config::settle`](guestlist_tracker::Config::settle). The service sets
    /// [`Config::barriers`](guestlist_tracker::Config::barriers) to this.
    fn barriers(&self) -> bool {
        false
    }

    /// Receives a handle that reports to the service's status why the source cannot be
    /// opened yet. The service calls this before [`connect`](Self::connect). A source that
    /// does not try again can ignore it.
    fn report_to(&mut self, starting: Starting) {
        let _ = starting;
    }

    /// Opens the source and continues after the events that these sessions have received.
    ///
    /// # Errors
    ///
    /// An error if the source cannot be opened.
    fn connect(
        self,
        resume: Vec<GatewaySession>,
    ) -> impl Future<Output = Result<Self::Source, Self::Error>> + Send;
}

/// The events of one or more shards. The events of each shard are in order.
pub trait EventSource: Send {
    /// The error if a shard cannot continue.
    type Error: Error + Send + Sync + 'static;

    /// Returns the next signal, or `None` when all shards have ended.
    ///
    /// It must be cancel safe: no signal may be lost.
    fn next(&mut self) -> impl Future<Output = Option<Signal<Self::Error>>> + Send;

    /// Requests a barrier from a shard: the source returns [`SignalKind::Barrier`] after
    /// every event that had happened at the time of this call.
    fn barrier(&mut self, shard: ShardId, barrier: BarrierId) {
        let _ = (shard, barrier);
    }

    /// Reports that everything up to these positions is stored, including its outcome. A
    /// queue can discard it.
    fn committed(&mut self, positions: &[Position]) {
        let _ = positions;
    }

    /// Ends the source so that it can be resumed. The service ignores what
    /// [`next`](Self::next) returns afterwards, so the source must return it again after
    /// resuming.
    fn close(&mut self);
}

/// A signal from a shard.
#[derive(Debug)]
#[non_exhaustive]
pub struct Signal<E> {
    /// The shard.
    pub shard: ShardId,
    /// The signal.
    pub kind: SignalKind<E>,
}

impl<E> Signal<E> {
    /// Creates a signal.
    pub const fn new(shard: ShardId, kind: SignalKind<E>) -> Self {
        Self { shard, kind }
    }
}

/// What a shard reports.
#[derive(Debug)]
#[non_exhaustive]
pub enum SignalKind<E> {
    /// A frame with an event, as it was received. The service decodes it.
    Frame(RawFrame),
    /// Every event has been returned that had happened when
    /// [`barrier`](EventSource::barrier) was called with this id.
    Barrier(BarrierId),
    /// A new session started. From now on, sequence numbers belong to it. This signal
    /// comes before the `READY` event.
    Session {
        /// The session id.
        session_id: String,
        /// The URL to resume at.
        resume_url: String,
        /// The owner of the session, in a format of the source. The source gets it back
        /// with the session, and must resume only its own sessions.
        owner: Option<String>,
    },
    /// The session cannot be resumed: events were missed.
    SessionLost,
    /// The connection was lost. The shard reconnects automatically. The source logs it.
    Reconnecting {
        /// The reason.
        reason: Cause,
    },
    /// The shard cannot continue.
    Fatal(E),
}
