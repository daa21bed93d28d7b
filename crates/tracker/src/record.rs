//! What the tracker has to say: the vocabulary of the ledger.
//!
//! Every type here is plain data with serde. Times called `observed_at` and
//! `decided_at` are the local time that was handed to the tracker; all others are
//! Discord's.

use guestlist_model::{ChannelId, GuildId, InviteCode, Timestamp, UserId};
use serde::{Deserialize, Deserializer, Serialize};

pub(crate) use crate::attribution::{Attribution, Candidate, Certainty, Origin, Reason};

/// One thing to store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Record {
    /// Somebody came in.
    Join(Join),
    /// Somebody left.
    Leave(Leave),
    /// An invite began, changed or ended.
    Invite(InviteRecord),
    /// How somebody came in. One join has several of these if later evidence refines
    /// the answer: the one with the highest [`revision`](Attribution::revision) holds.
    Attribution(Attribution),
    /// A time in which events were missed.
    Gap(Gap),
}

impl Record {
    /// The guild that this is about.
    #[must_use]
    pub const fn guild(&self) -> GuildId {
        match self {
            Self::Join(join) => join.key.guild,
            Self::Leave(leave) => leave.guild,
            Self::Invite(invite) => invite.guild,
            Self::Attribution(attribution) => attribution.key.guild,
            Self::Gap(gap) => gap.guild,
        }
    }
}

/// What makes a join one and the same: the same member joining again has another
/// `joined_at`.
///
/// The gateway tells microseconds, a search for members perhaps only milliseconds. So
/// a key has whole milliseconds, and both name the same join. Nobody can leave and
/// join again within one.
///
/// ```
/// use guestlist_model::{Id, Timestamp};
/// use guestlist_tracker::JoinKey;
///
/// let (guild, user) = (Id::new_checked(1).ok_or("zero")?, Id::new_checked(2).ok_or("zero")?);
/// let by_gateway = JoinKey::new(guild, user, Timestamp::from_micros(1_700_000_000_123_456));
/// let by_search = JoinKey::new(guild, user, Timestamp::from_millis(1_700_000_000_123));
/// assert_eq!(by_gateway, by_search);
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[non_exhaustive]
pub struct JoinKey {
    /// The guild joined.
    pub guild: GuildId,
    /// Who joined.
    pub user: UserId,
    /// When, by Discord's clock, in whole milliseconds.
    #[serde(deserialize_with = "whole_millis")]
    pub joined_at: Timestamp,
}

impl JoinKey {
    /// The join of a user to a guild at this time, of which milliseconds count.
    #[must_use]
    pub const fn new(guild: GuildId, user: UserId, joined_at: Timestamp) -> Self {
        Self {
            guild,
            user,
            joined_at: whole(joined_at),
        }
    }
}

/// The time of a join, as precisely as joins are distinguished.
pub(crate) const fn whole(joined_at: Timestamp) -> Timestamp {
    Timestamp::from_millis(joined_at.as_millis())
}

fn whole_millis<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    Timestamp::deserialize(deserializer).map(whole)
}

/// How a join became known.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Observation {
    /// By GUILD_MEMBER_ADD.
    Gateway,
    /// Afterwards, by a search for members who joined while events were missed.
    CatchUp,
}

impl Observation {
    /// The name in the ledger.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::CatchUp => "catch_up",
        }
    }
}

/// Somebody came in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Join {
    /// Which join this is.
    pub key: JoinKey,
    /// When, by Discord's clock, as precisely as it was told.
    pub joined_at: Timestamp,
    /// The user's name as the event told it.
    pub name: Option<String>,
    /// Whether it is a bot's account.
    pub bot: bool,
    /// Whether membership screening is not yet completed.
    pub pending: bool,
    /// Whether Discord says that the member has been here before; `None` if it did
    /// not say.
    pub rejoined: Option<bool>,
    /// Whether it is a guest, who never becomes a member.
    pub guest: bool,
    /// When the tracker learnt of it.
    pub observed_at: Timestamp,
    /// How the tracker learnt of it.
    pub observed_by: Observation,
}

impl Join {
    /// A join of a human, seen on the gateway, about whom nothing else is known.
    #[must_use]
    pub const fn new(key: JoinKey, observed_at: Timestamp) -> Self {
        Self {
            key,
            joined_at: key.joined_at,
            name: None,
            bot: false,
            pending: false,
            rejoined: None,
            guest: false,
            observed_at,
            observed_by: Observation::Gateway,
        }
    }
}

/// Somebody left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Leave {
    /// The guild left.
    pub guild: GuildId,
    /// Who left.
    pub user: UserId,
    /// Which join this ends, if the tracker still remembers it. If `None`, it is the
    /// user's latest join.
    pub joined_at: Option<Timestamp>,
    /// When the tracker learnt of it. Discord does not tell when a member left.
    pub observed_at: Timestamp,
}

impl Leave {
    /// A leave.
    #[must_use]
    pub const fn new(
        guild: GuildId,
        user: UserId,
        joined_at: Option<Timestamp>,
        observed_at: Timestamp,
    ) -> Self {
        Self {
            guild,
            user,
            joined_at,
            observed_at,
        }
    }
}

/// Where an invite is in its life.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum InviteState {
    /// It can be used.
    Active,
    /// Its time was over.
    Expired,
    /// It was used as often as it might be.
    Exhausted,
    /// Somebody deleted it.
    Revoked,
    /// It ended; why is not known.
    Gone,
}

impl InviteState {
    /// The name in the ledger.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Exhausted => "exhausted",
            Self::Revoked => "revoked",
            Self::Gone => "gone",
        }
    }

    /// Whether the invite can no longer be used.
    #[must_use]
    pub const fn has_ended(self) -> bool {
        !matches!(self, Self::Active)
    }
}

/// What is known of an invite at one moment.
///
/// `None` means that Discord did not tell just now, not that there is nothing: what
/// an earlier record told still holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct InviteRecord {
    /// The guild it leads to.
    pub guild: GuildId,
    /// Its code.
    pub code: InviteCode,
    /// The channel it leads to.
    pub channel: Option<ChannelId>,
    /// Who made it.
    pub inviter: Option<UserId>,
    /// The name of who made it.
    pub inviter_name: Option<String>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// When it expires.
    pub expires_at: Option<Timestamp>,
    /// How often it may be used; 0 is without limit.
    pub max_uses: Option<u64>,
    /// For how many seconds it lives; 0 is forever.
    pub max_age: Option<u64>,
    /// Whether members who came by it are removed when they disconnect.
    pub temporary: Option<bool>,
    /// How often it has been used.
    pub uses: Option<u64>,
    /// Where it is in its life.
    pub state: InviteState,
    /// When it ended, by Discord's clock.
    pub ended_at: Option<Timestamp>,
    /// Who ended it.
    pub ended_by: Option<UserId>,
    /// When the tracker learnt of this.
    pub observed_at: Timestamp,
}

impl InviteRecord {
    /// An active invite of which nothing else is known.
    #[must_use]
    pub const fn new(guild: GuildId, code: InviteCode, observed_at: Timestamp) -> Self {
        Self {
            guild,
            code,
            channel: None,
            inviter: None,
            inviter_name: None,
            created_at: None,
            expires_at: None,
            max_uses: None,
            max_age: None,
            temporary: None,
            uses: None,
            state: InviteState::Active,
            ended_at: None,
            ended_by: None,
            observed_at,
        }
    }
}

/// A time in which events of a guild were missed, so that joins may be missing and
/// counts may have moved for nobody known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Gap {
    /// The guild.
    pub guild: GuildId,
    /// The latest moment, by Discord's clock, of which anything was known before.
    pub last_known: Option<Timestamp>,
    /// When the tracker noticed.
    pub observed_at: Timestamp,
    /// When the tracker had done what it could about it.
    pub closed_at: Timestamp,
    /// Joins found afterwards by a search for members.
    pub joins_found: u64,
    /// How many more joined at least, and were not found: the server had so many more
    /// members after the gap than the joins and leaves that are known make. Who left
    /// meanwhile hides as many.
    #[serde(default)]
    pub joins_missing: u64,
    /// Whether the search for those who joined meanwhile was read to its end, and neither
    /// the number of members nor the counts of invites tell of others. Who joined and left
    /// again in a gap is never known.
    pub caught_up: bool,
    /// By how much the counts of listed invites moved over the gap, if known.
    pub uses_moved: Option<u64>,
}

impl Gap {
    /// A gap about which nothing could be done.
    #[must_use]
    pub const fn new(guild: GuildId, observed_at: Timestamp, closed_at: Timestamp) -> Self {
        Self {
            guild,
            last_known: None,
            observed_at,
            closed_at,
            joins_found: 0,
            joins_missing: 0,
            caught_up: false,
            uses_moved: None,
        }
    }
}
