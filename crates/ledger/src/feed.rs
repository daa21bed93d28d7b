//! The one ordered feed of everything new.

use std::fmt;

use guestlist_model::GuildId;
use guestlist_tracker::{InviteRecord, Leave};

use crate::{GapRow, JoinRow};

/// A place in the feed: behind the entry of this number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cursor(u64);

impl Cursor {
    /// Before everything.
    pub const START: Self = Self(0);

    /// Behind the entry of this number, as [`get`](Self::get) gave it.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number, to be kept elsewhere.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Part of the feed. See [`Reports::changes`](crate::Reports::changes).
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Changes {
    /// What is new, in the order in which it was stored.
    pub entries: Vec<Change>,
    /// Where to go on. Behind the last entry if the page is full, else behind
    /// everything that was stored by then, also of other kinds.
    pub next: Cursor,
}

/// An entry of the feed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Change {
    /// Its place: behind this entry.
    pub cursor: Cursor,
    /// What is new.
    pub news: News,
}

/// What is new.
///
/// An entry names what it is about, and shows it as the ledger has it when the entry is
/// read: names are the latest known, and nobody who was forgotten is named.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum News {
    /// A join was stored for the first time. Its `attribution` is none: that comes as
    /// entries of its own.
    Join(Box<JoinRow>),
    /// A leave.
    Leave(Leave),
    /// An attribution that stood from then on. The row's `attribution` is as it was
    /// stated, also if a later one stands by now.
    Attribution(Box<JoinRow>),
    /// A life of an invite was seen for the first time.
    InviteSeen(Box<InviteRecord>),
    /// An invite has ended, or it became known why.
    InviteEnded(Box<InviteRecord>),
    /// A time in which joins may have been missed.
    Gap(GapRow),
}

impl News {
    /// Of which kind it is.
    #[must_use]
    pub const fn kind(&self) -> ChangeKind {
        match self {
            Self::Join(_) => ChangeKind::Join,
            Self::Leave(_) => ChangeKind::Leave,
            Self::Attribution(_) => ChangeKind::Attribution,
            Self::InviteSeen(_) => ChangeKind::InviteSeen,
            Self::InviteEnded(_) => ChangeKind::InviteEnded,
            Self::Gap(_) => ChangeKind::Gap,
        }
    }

    /// The guild that it is about.
    #[must_use]
    pub const fn guild(&self) -> GuildId {
        match self {
            Self::Join(row) | Self::Attribution(row) => row.join.key.guild,
            Self::Leave(leave) => leave.guild,
            Self::InviteSeen(invite) | Self::InviteEnded(invite) => invite.guild,
            Self::Gap(row) => row.gap.guild,
        }
    }
}

/// The kinds of [`News`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ChangeKind {
    /// [`News::Join`].
    Join,
    /// [`News::Leave`].
    Leave,
    /// [`News::Attribution`].
    Attribution,
    /// [`News::InviteSeen`].
    InviteSeen,
    /// [`News::InviteEnded`].
    InviteEnded,
    /// [`News::Gap`].
    Gap,
}

impl ChangeKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Join,
        Self::Leave,
        Self::Attribution,
        Self::InviteSeen,
        Self::InviteEnded,
        Self::Gap,
    ];

    /// The word for it, as the ledger stores it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Join => "join",
            Self::Leave => "leave",
            Self::Attribution => "attribution",
            Self::InviteSeen => "invite_seen",
            Self::InviteEnded => "invite_ended",
            Self::Gap => "gap",
        }
    }

    /// The kind that a word names.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Which entries of the feed; all by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChangeFilter {
    /// Only of this guild.
    pub guild: Option<GuildId>,
    /// Only of these kinds; of all if none is named.
    pub kinds: Vec<ChangeKind>,
}

impl ChangeFilter {
    /// Every entry.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only entries of this kind, and of others named so.
    #[must_use]
    pub fn kind(mut self, kind: ChangeKind) -> Self {
        self.kinds.push(kind);
        self
    }

    /// Only entries of this guild.
    #[must_use]
    pub const fn guild(mut self, guild: GuildId) -> Self {
        self.guild = Some(guild);
        self
    }

    /// The kinds that pass.
    pub fn kinds(&self) -> impl Iterator<Item = ChangeKind> + '_ {
        let passes = |kind: &ChangeKind| self.kinds.is_empty() || self.kinds.contains(kind);
        ChangeKind::ALL.into_iter().filter(passes)
    }
}
