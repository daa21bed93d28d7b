//! Where events come from.

use std::{error::Error, future::Future};

use guestlist_ledger::Position;
use guestlist_model::{RawFrame, ShardId};
use guestlist_tracker::BarrierId;

use crate::GatewaySession;

/// Opens a source of events, once, when the service starts.
///
/// [`Discord`](crate::Discord) is the one that connects to the gateway. A queue
/// of frames that other processes fill would be another.
pub trait Connect: Send {
    /// The opened source.
    type Source: EventSource<Error = Self::Error>;
    /// Why a source cannot be opened or cannot go on.
    type Error: Error + Send + Sync + 'static;

    /// Whether the source answers [`EventSource::barrier`]. Without that, an answer that is
    /// deduced rests on events not being held up for longer than
    /// [`Config::settle`](guestlist_tracker::Config::settle). The service sets
    /// [`Config::barriers`](guestlist_tracker::Config::barriers) to this.
    fn barriers(&self) -> bool {
        false
    }

    /// Opens the source, to go on behind what these sessions have seen.
    ///
    /// # Errors
    ///
    /// When it cannot be opened.
    fn connect(
        self,
        resume: Vec<GatewaySession>,
    ) -> impl Future<Output = Result<Self::Source, Self::Error>> + Send;
}

/// Events of one or more shards; each shard's in the order they happened.
pub trait EventSource: Send {
    /// Why a shard cannot go on.
    type Error: Error + Send + Sync + 'static;

    /// The next signal; none when all shards have ended.
    ///
    /// Must be cancel safe: what is not returned is returned by the next call.
    fn next(&mut self) -> impl Future<Output = Option<Signal<Self::Error>>> + Send;

    /// Asks a shard for the proof that nothing is on its way:
    /// [`SignalKind::Barrier`] follows once everything that had happened by now has been
    /// returned.
    fn barrier(&mut self, shard: ShardId, barrier: BarrierId) {
        let _ = (shard, barrier);
    }

    /// Tells that everything which was returned up to these positions is stored, with what
    /// it led to. A queue can forget it.
    fn committed(&mut self, positions: &[Position]) {
        let _ = positions;
    }

    /// Asks the source to end such that it can be resumed. What
    /// [`next`](Self::next) still returns afterwards is not taken in, so it must
    /// come again after a resumption.
    fn close(&mut self);
}

/// Something that a shard has to tell.
#[derive(Debug)]
#[non_exhaustive]
pub struct Signal<E> {
    /// The shard.
    pub shard: ShardId,
    /// What.
    pub kind: SignalKind<E>,
}

impl<E> Signal<E> {
    /// A shard has something to tell.
    pub const fn new(shard: ShardId, kind: SignalKind<E>) -> Self {
        Self { shard, kind }
    }
}

/// What a shard has to tell.
#[derive(Debug)]
#[non_exhaustive]
pub enum SignalKind<E> {
    /// A frame with an event, as it came. The service decodes it, once.
    Frame(RawFrame),
    /// Everything was returned that had happened when
    /// [`barrier`](EventSource::barrier) was called with this.
    Barrier(BarrierId),
    /// A new session began; sequences are of this one from now on. Comes before
    /// the `READY` event.
    Session {
        /// What to resume it by.
        session_id: String,
        /// Where to resume it.
        resume_url: String,
        /// Whose it is, in the source's own words, which come back with it; a source
        /// resumes only what is its own.
        owner: Option<String>,
    },
    /// The session cannot be resumed: events were missed.
    SessionLost,
    /// The connection is gone and will be made again.
    Reconnecting {
        /// Why.
        reason: String,
    },
    /// The shard cannot go on.
    Fatal(E),
}
