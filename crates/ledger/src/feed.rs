//! The feed: all changes in one order.

use serde::{Deserialize, Serialize};
use std::fmt;

use guestlist_model::GuildId;
use guestlist_tracker::{InviteRecord, Leave};

use crate::{GapRow, JoinRow};

/// A position in the feed: after the entry with this number.
///
/// ```no_run
/// # async fn example(reports: &dyn guestlist_ledger::Reports) -> Result<(), guestlist_ledger::LedgerError> {
/// use guestlist_ledger::{ChangeFilter, Cursor};
///
/// let page = reports.changes(Cursor::START, &ChangeFilter::new(), 100).await?;
/// // Store the number, and continue from it after a restart.
/// let stored: u64 = page.next.get();
/// let more = reports.changes(Cursor::new(stored), &ChangeFilter::new(), 100).await?;
/// # let _ = more;
/// # Ok(()) }
/// ```
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
pub struct Cursor(u64);

impl Cursor {
    /// The start of the feed.
    pub const START: Self = Self(0);

    /// Creates a position from the number that [`get`](Self::get) returned.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number, for storing it.
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

/// A part of the feed. See [`Reports::changes`](crate::Reports::changes).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Changes {
    /// The entries, in the order in which they were stored.
    pub entries: Vec<Change>,
    /// The position to continue from: after the last entry if the page is full, or else
    /// after everything that was stored by then, including other kinds.
    pub next: Cursor,
}

/// An entry of the feed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Change {
    /// The position after this entry.
    pub cursor: Cursor,
    /// What has changed.
    pub news: News,
}

/// What has changed.
///
/// An entry shows the data as it is in the ledger when the entry is read: names are the
/// latest known ones, and people who were forgotten are not named.
///
/// ```no_run
/// # async fn example(reports: &dyn guestlist_ledger::Reports) -> Result<(), guestlist_ledger::LedgerError> {
/// use guestlist_ledger::{ChangeFilter, Cursor, News};
///
/// for change in reports.changes(Cursor::START, &ChangeFilter::new(), 100).await?.entries {
///     match change.news {
///         News::Join(row) => println!("{:?} joined", row.join.name),
///         News::Leave(leave) => println!("{} left", leave.user),
///         other => println!("{:?}", other.kind()),
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum News {
    /// A join was stored for the first time. Its `attribution` is `None`; attributions
    /// have their own entries.
    Join(Box<JoinRow>),
    /// A leave.
    Leave(Leave),
    /// A new attribution. The row contains this attribution even if a later one has
    /// replaced it.
    Attribution(Box<JoinRow>),
    /// An invite was seen for the first time.
    InviteSeen(Box<InviteRecord>),
    /// An invite has ended, or the reason became known.
    InviteEnded(Box<InviteRecord>),
    /// Joins may have been missed for a while.
    Gap(GapRow),
}

impl News {
    /// The kind of change.
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

    /// The guild.
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
///
/// ```
/// use guestlist_ledger::ChangeKind;
///
/// assert_eq!(ChangeKind::InviteSeen.as_str(), "invite_seen");
/// assert_eq!(ChangeKind::from_word("gap"), Some(ChangeKind::Gap));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    /// All kinds.
    pub const ALL: [Self; 6] = [
        Self::Join,
        Self::Leave,
        Self::Attribution,
        Self::InviteSeen,
        Self::InviteEnded,
        Self::Gap,
    ];

    /// The name, as the ledger stores it.
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

    /// The kind with a name.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// A filter for entries of the feed. By default, all entries match.
///
/// ```
/// use guestlist_ledger::{ChangeFilter, ChangeKind};
///
/// let filter = ChangeFilter::new().kind(ChangeKind::Join).kind(ChangeKind::Leave);
/// let kinds: Vec<_> = filter.kinds().collect();
/// assert_eq!(kinds, [ChangeKind::Join, ChangeKind::Leave]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ChangeFilter {
    /// Only entries of this guild match.
    pub guild: Option<GuildId>,
    /// Only entries of these kinds; all kinds if empty.
    pub kinds: Vec<ChangeKind>,
}

impl ChangeFilter {
    /// Creates a filter that matches all entries.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a kind. Entries match if they have one of the added kinds.
    #[must_use]
    pub fn kind(mut self, kind: ChangeKind) -> Self {
        self.kinds.push(kind);
        self
    }

    /// Only entries of this guild match.
    #[must_use]
    pub const fn guild(mut self, guild: GuildId) -> Self {
        self.guild = Some(guild);
        self
    }

    /// The kinds that match.
    pub fn kinds(&self) -> impl Iterator<Item = ChangeKind> + '_ {
        let passes = |kind: &ChangeKind| self.kinds.is_empty() || self.kinds.contains(kind);
        ChangeKind::ALL.into_iter().filter(passes)
    }
}
