//! Joins, and what the members search and the audit log show of them.

use super::brief;
use super::delay::Micros;

/// The true way in.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Way {
    Invite {
        code: String,
        inviter: Option<u64>,
        channel: u64,
    },
    Vanity {
        code: String,
    },
    /// A bot's account.
    Bot {
        added_by: u64,
    },
    /// A person whom a bot added.
    ByBot {
        bot: u64,
    },
    Integration,
    Discovery,
    Hub,
    LinkedLobby,
    /// Manually approved after an application through this invite, which counted or not.
    Manual {
        code: String,
        counted: bool,
    },
}

impl Way {
    /// Discord's number for it.
    pub(super) fn source(&self) -> u64 {
        match self {
            Self::Bot { .. } | Self::ByBot { .. } => 1,
            Self::Integration => 2,
            Self::Discovery => 3,
            Self::Hub => 4,
            Self::Invite { .. } => 5,
            Self::Vanity { .. } => 6,
            Self::Manual { .. } => 7,
            Self::LinkedLobby => 8,
        }
    }
}

/// A use that a join caused, and the count that shows it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Counted {
    Invite(String),
    /// The life of the vanity link.
    Vanity(usize),
}

/// A join that happened.
#[derive(Clone, Debug)]
pub(super) struct TrueJoin {
    pub(super) user: u64,
    /// By Discord's clock, in microseconds since 1970.
    pub(super) joined_at: Micros,
    /// In true time.
    pub(super) at: Micros,
    pub(super) way: Way,
    pub(super) pending: bool,
    pub(super) rejoined: bool,
    pub(super) counted: Option<Counted>,
    /// From when on its use is visible.
    pub(super) shown: Micros,
    /// When the member left.
    pub(super) left: Option<Micros>,
    /// When its event enters the session.
    pub(super) told: Micros,
    /// When the event of its end enters the session.
    pub(super) told_left: Micros,
    /// When the tracker received its event.
    pub(super) handed: Option<Micros>,
}

impl TrueJoin {
    /// A short description of the truth.
    pub(super) fn tell(&self) -> String {
        let left = self.left.map(brief::seconds);
        format!(
            "{} joined at {} by {:?} (counted from {}, left {left:?})",
            self.user,
            brief::seconds(self.at),
            self.way,
            self.counted
                .as_ref()
                .map_or_else(|| String::from("never"), |_| brief::seconds(self.shown)),
        )
    }
}

/// A result of the members search.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// Which join.
    pub(super) join: usize,
    pub(super) joined_at: Micros,
    pub(super) source: u64,
    pub(super) code: Option<String>,
    pub(super) inviter: Option<u64>,
    pub(super) from: Micros,
    pub(super) until: Micros,
}

/// An entry of the audit log.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) id: u64,
    /// By Discord's clock, in microseconds since 1970, as in its id.
    pub(super) at: Micros,
    pub(super) action: u64,
    pub(super) by: u64,
    pub(super) target: Option<u64>,
    pub(super) code: Option<String>,
    pub(super) shown: Micros,
}
