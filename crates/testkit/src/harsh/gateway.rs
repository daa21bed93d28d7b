//! Sessions of the gateway: a session contains events, which arrive in this order or
//! not at all.

use std::collections::{BTreeSet, VecDeque};

use guestlist_tracker::BarrierId;

use super::delay::Micros;

/// An item of a session.
#[derive(Clone, Debug)]
pub(super) enum Frame {
    Event {
        name: &'static str,
        body: String,
        /// The guild, and the number of the join in it.
        guild: Option<usize>,
        join: Option<usize>,
    },
    /// It cannot be decoded, but its envelope may be readable.
    Garbled { guild: usize, frame: String },
    /// Everything that was sent before has arrived.
    Acknowledged(BarrierId),
}

/// The true state of the connection.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Link {
    Up,
    /// Nothing arrives, and the bot has not noticed it.
    Dead,
    /// Nothing arrives, and the tracker knows it.
    Down,
}

/// One shard's session.
#[derive(Clone, Debug)]
pub(super) struct Shard {
    pub(super) link: Link,
    /// The number of the session.
    pub(super) epoch: u32,
    /// Whether Discord keeps it; otherwise it receives no more events.
    pub(super) kept: bool,
    /// The guilds with a GUILD_CREATE in it.
    pub(super) announced: BTreeSet<usize>,
    pub(super) queue: VecDeque<Frame>,
    /// When the latest frame arrives. Frames do not overtake each other.
    pub(super) floor: Micros,
}

impl Shard {
    pub(super) fn new() -> Self {
        Self {
            link: Link::Down,
            epoch: 0,
            kept: false,
            announced: BTreeSet::new(),
            queue: VecDeque::new(),
            floor: 0,
        }
    }

    /// Whether an event enters the session.
    pub(super) fn takes(&self, frame: &Frame) -> bool {
        let of = match frame {
            Frame::Event { guild, name, .. } => guild.filter(|_| *name != "GUILD_DELETE"),
            Frame::Garbled { guild, .. } => Some(*guild),
            Frame::Acknowledged(_) => return self.kept && self.link == Link::Up,
        };
        self.kept && of.is_none_or(|guild| self.announced.contains(&guild))
    }

    /// Starts again.
    pub(super) fn begin(&mut self) {
        self.epoch += 1;
        self.link = Link::Up;
        self.kept = true;
        self.announced.clear();
        self.queue.clear();
    }

    /// The events that are replayed when the session is resumed.
    pub(super) fn resume(&mut self) -> VecDeque<Frame> {
        self.link = Link::Up;
        let mut queue = std::mem::take(&mut self.queue);
        queue.retain(|frame| !matches!(frame, Frame::Acknowledged(_)));
        queue
    }
}
