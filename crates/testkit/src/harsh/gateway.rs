//! Sessions of the gateway: events take their places in one, and arrive in this order or
//! not at all.

use std::collections::{BTreeSet, VecDeque};

use guestlist_tracker::BarrierId;

use super::delay::Micros;

/// What a session carries.
#[derive(Clone, Debug)]
pub(super) enum Frame {
    Event {
        name: &'static str,
        body: String,
        /// The guild, and which of its joins this tells.
        guild: Option<usize>,
        join: Option<usize>,
    },
    /// It cannot be decoded; its head may be read.
    Garbled { guild: usize, frame: String },
    /// All that was sent before has arrived.
    Acknowledged(BarrierId),
}

/// The connection as it really is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Link {
    Up,
    /// Nothing arrives, and nobody has noticed.
    Dead,
    /// Nothing arrives, and the tracker knows.
    Down,
}

/// One shard's session.
#[derive(Clone, Debug)]
pub(super) struct Shard {
    pub(super) link: Link,
    /// Which session this is.
    pub(super) epoch: u32,
    /// Whether it is kept at Discord: else nothing takes a place in it.
    pub(super) kept: bool,
    /// The guilds that GUILD_CREATE told in it.
    pub(super) announced: BTreeSet<usize>,
    pub(super) queue: VecDeque<Frame>,
    /// When the latest frame arrives: none overtakes another.
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

    /// Whether an event takes a place in the session.
    pub(super) fn takes(&self, frame: &Frame) -> bool {
        let of = match frame {
            Frame::Event { guild, name, .. } => guild.filter(|_| *name != "GUILD_DELETE"),
            Frame::Garbled { guild, .. } => Some(*guild),
            Frame::Acknowledged(_) => return self.kept && self.link == Link::Up,
        };
        self.kept && of.is_none_or(|guild| self.announced.contains(&guild))
    }

    /// Begins anew.
    pub(super) fn begin(&mut self) {
        self.epoch += 1;
        self.link = Link::Up;
        self.kept = true;
        self.announced.clear();
        self.queue.clear();
    }

    /// What is handed over when the session is resumed.
    pub(super) fn resume(&mut self) -> VecDeque<Frame> {
        self.link = Link::Up;
        let mut queue = std::mem::take(&mut self.queue);
        queue.retain(|frame| !matches!(frame, Frame::Acknowledged(_)));
        queue
    }
}
