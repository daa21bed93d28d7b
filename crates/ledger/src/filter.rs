//! Which rows a question is about. An empty filter asks for everything.

use guestlist_model::{GuildId, InviteCode, Timestamp, UserId};
use guestlist_tracker::JoinKey;

/// The four answers to "how sure", without what they carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum CertaintyKind {
    /// Discord said so.
    Confirmed,
    /// The only possibility that the evidence leaves.
    Deduced,
    /// Several candidates.
    Ambiguous,
    /// Not known, for a reason.
    Unknown,
}

impl CertaintyKind {
    /// Every kind, from sure to unsure.
    pub const ALL: [Self; 4] = [
        Self::Confirmed,
        Self::Deduced,
        Self::Ambiguous,
        Self::Unknown,
    ];

    /// The word for it, as the ledger stores it and as reports print it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Deduced => "deduced",
            Self::Ambiguous => "ambiguous",
            Self::Unknown => "unknown",
        }
    }
}

impl std::fmt::Display for CertaintyKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that names no certainty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not one of confirmed, deduced, ambiguous, unknown")]
pub struct NotACertainty(String);

impl std::str::FromStr for CertaintyKind {
    type Err = NotACertainty;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str().eq_ignore_ascii_case(word))
            .ok_or_else(|| NotACertainty(word.to_owned()))
    }
}

/// Which joins. See [`Reports::joins`](crate::Reports::joins).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct JoinFilter {
    /// Only this guild.
    pub guild: Option<GuildId>,
    /// Only this member.
    pub user: Option<UserId>,
    /// Only joins attributed (confirmed or deduced) to this inviter.
    pub inviter: Option<UserId>,
    /// Only joins attributed (confirmed or deduced) to this code.
    pub code: Option<InviteCode>,
    /// Joined at this time or later.
    pub since: Option<Timestamp>,
    /// Joined before this time.
    pub until: Option<Timestamp>,
    /// Only joins that are known this surely.
    pub certainty: Option<CertaintyKind>,
    /// At most so many; all if none.
    pub limit: Option<u32>,
    /// Only what comes after this join in the answer's order (newest first):
    /// the key of the last row of the page before.
    pub after: Option<JoinKey>,
}

/// Which joins the inviters' report counts. See
/// [`Reports::inviters`](crate::Reports::inviters).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct InviterFilter {
    /// Only joins to this guild.
    pub guild: Option<GuildId>,
    /// Only this inviter.
    pub inviter: Option<UserId>,
    /// Only joins through this code.
    pub code: Option<InviteCode>,
    /// Joined at this time or later.
    pub since: Option<Timestamp>,
    /// Joined before this time.
    pub until: Option<Timestamp>,
    /// At most so many inviters, those with most joins first; all if none.
    pub limit: Option<u32>,
}

/// Which invites. See [`Reports::invites`](crate::Reports::invites).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct InviteFilter {
    /// Only this guild's.
    pub guild: Option<GuildId>,
    /// Only this inviter's.
    pub inviter: Option<UserId>,
    /// Only this code (every life of it).
    pub code: Option<InviteCode>,
    /// Only invites that are active (true), or ended or past their expiry (false).
    pub active: Option<bool>,
    /// Created at this time or later.
    pub since: Option<Timestamp>,
    /// Created before this time.
    pub until: Option<Timestamp>,
    /// At most so many, those with most joins first; all if none.
    pub limit: Option<u32>,
}

/// Writes the setters of a filter: `fn name(mut self, name: T) -> Self`.
macro_rules! setters {
    ($filter:ident: $($(#[$doc:meta])* $name:ident: $type:ty),+ $(,)?) => {
        impl $filter {
            /// Everything.
            #[must_use]
            pub fn new() -> Self {
                Self::default()
            }
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $name(mut self, $name: $type) -> Self {
                    self.$name = Some($name);
                    self
                }
            )+
        }
    };
}

setters! { JoinFilter:
    /// Only this guild.
    guild: GuildId,
    /// Only this member.
    user: UserId,
    /// Only joins attributed to this inviter.
    inviter: UserId,
    /// Only joins attributed to this code.
    code: InviteCode,
    /// Joined at this time or later.
    since: Timestamp,
    /// Joined before this time.
    until: Timestamp,
    /// Only joins that are known this surely.
    certainty: CertaintyKind,
    /// At most so many.
    limit: u32,
    /// Only what comes after this join, newest first.
    after: JoinKey,
}

setters! { InviterFilter:
    /// Only joins to this guild.
    guild: GuildId,
    /// Only this inviter.
    inviter: UserId,
    /// Only joins through this code.
    code: InviteCode,
    /// Joined at this time or later.
    since: Timestamp,
    /// Joined before this time.
    until: Timestamp,
    /// At most so many.
    limit: u32,
}

setters! { InviteFilter:
    /// Only this guild's.
    guild: GuildId,
    /// Only this inviter's.
    inviter: UserId,
    /// Only this code.
    code: InviteCode,
    /// Only active (true) or ended (false) ones.
    active: bool,
    /// Created at this time or later.
    since: Timestamp,
    /// Created before this time.
    until: Timestamp,
    /// At most so many.
    limit: u32,
}
