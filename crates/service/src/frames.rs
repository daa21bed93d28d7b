//! Frames: decoded once for the tracker, and passed to other listeners.

use std::{collections::BTreeMap, fmt};

use guestlist_model::{Decoder, Envelope, Event, RawFrame, ShardId};
use tokio::sync::broadcast::{self, error::RecvError};

/// The number of frames kept for a slow listener.
const KEPT: usize = 1024;

/// The frames that a service receives, for a bot in the same process, which then needs no
/// second connection. See [`Service::frames`](crate::Service::frames).
///
/// A listener never slows down the service. If it is more than 1,024 frames behind, it
/// misses the oldest ones and receives their number as [`Heard::Missed`].
///
/// ```no_run
/// # async fn example(running: guestlist_service::Running) -> Result<(), Box<dyn std::error::Error>> {
/// use guestlist_service::Heard;
///
/// let mut frames = running.frames();
/// while let Some(heard) = frames.next().await {
///     match heard {
///         Heard::Frame(frame) => println!("{} bytes", frame.bytes.len()),
///         Heard::Missed(frames) => println!("{frames} frames missed"),
///         _ => {}
///     }
/// }
/// # Ok(())
/// # }
/// ```
pub struct Frames {
    frames: broadcast::Receiver<RawFrame>,
}

/// An item for a listener.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Heard {
    /// A frame, as it was received. The frames of each shard are in order.
    Frame(RawFrame),
    /// The listener was too slow and missed this many frames.
    Missed(u64),
}

impl Frames {
    /// Returns the next item, or `None` when the service has ended.
    ///
    /// This method is cancel safe: no item is lost.
    pub async fn next(&mut self) -> Option<Heard> {
        match self.frames.recv().await {
            Ok(frame) => Some(Heard::Frame(frame)),
            Err(RecvError::Lagged(frames)) => Some(Heard::Missed(frames)),
            Err(RecvError::Closed) => None,
        }
    }
}

impl fmt::Debug for Frames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frames").finish_non_exhaustive()
    }
}

/// The channel for listeners.
pub(crate) type Listeners = broadcast::Sender<RawFrame>;

pub(crate) fn listeners() -> Listeners {
    broadcast::Sender::new(KEPT)
}

pub(crate) fn listen(listeners: &Listeners) -> Frames {
    Frames {
        frames: listeners.subscribe(),
    }
}

/// The same, but it does not keep the channel open once the service has ended.
pub(crate) type WeakListeners = broadcast::WeakSender<RawFrame>;

/// As [`listen`]; returns nothing once the service has ended.
pub(crate) fn listen_weakly(listeners: &WeakListeners) -> Frames {
    let frames = match listeners.upgrade() {
        Some(listeners) => listeners.subscribe(),
        None => broadcast::channel(1).1,
    };
    Frames { frames }
}

/// Decodes the frames of all shards.
pub(crate) struct Decoding {
    /// The decoder of each shard, which decodes repeated parts once.
    decoders: BTreeMap<ShardId, Decoder>,
    listeners: Listeners,
}

/// A frame that could not be decoded: its envelope, and the error.
pub(crate) struct Undecodable {
    pub(crate) envelope: Envelope,
    pub(crate) reason: String,
}

impl Decoding {
    pub(crate) const fn new(listeners: Listeners) -> Self {
        Self {
            decoders: BTreeMap::new(),
            listeners,
        }
    }

    /// Decodes a frame. Listeners get it even if it cannot be decoded.
    pub(crate) fn decode(&mut self, frame: &RawFrame) -> Result<Event, Undecodable> {
        if self.listeners.receiver_count() > 0 {
            // An error means that the last listener has just gone.
            let _ = self.listeners.send(frame.clone());
        }
        let decoder = self.decoders.entry(frame.shard).or_default();
        let reason = match decoder.frame(&frame.bytes) {
            Ok(Some(decoded)) => return Ok(decoded.event),
            Ok(None) => "it names no event".to_owned(),
            // Without the place in the text, so that equal errors read equal.
            Err(error) => format!("{}: {}", error.path(), error.kind()),
        };
        Err(Undecodable {
            envelope: Envelope::read(&frame.bytes),
            reason,
        })
    }
}
