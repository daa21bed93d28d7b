//! The tracker's output: the records that the ledger stores.
//!
//! Every type here is plain data with serde. `observed_at` and `decided_at` are local
//! times, as passed to the tracker; all other times are Discord's.

use guestlist_model::{ChannelId, GuildId, InviteCode, Timestamp, UserId};
use serde::{Deserialize, Deserializer, Serialize};

use crate::tagged::tagged;

pub(crate) use crate::attribution::{Attribution, Candidate, Certainty, Origin, Reason};

tagged! {
    "Record" as (tag = "record");

    /// A record to store.
    ///
    /// ```
    /// use guestlist_model::{Id, Timestamp};
    /// use guestlist_tracker::{Join, JoinKey, Record};
    ///
    /// let (guild, user) = (Id::new_checked(1).ok_or("zero")?, Id::new_checked(2).ok_or("zero")?);
    /// let now = Timestamp::from_secs(1_700_000_000);
    /// let record = Record::Join(Join::new(JoinKey::new(guild, user, now), now));
    /// assert_eq!(record.guild(), guild);
    /// let stored = serde_json::to_string(&record)?;
    /// assert_eq!(serde_json::from_str::<Record>(&stored)?, record);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[derive(Clone, Debug, PartialEq)]
    #[non_exhaustive]
    pub enum Record {
        /// A member joined.
        Join(Join),
        /// A member left.
        Leave(Leave),
        /// An invite was created, changed or ended.
        Invite(InviteRecord),
        /// How a member joined. A join has several of these if later evidence refines the
        /// answer; the one with the highest [`revision`](Attribution::revision) is valid.
        Attribution(Attribution),
        /// Events were missed for a while.
        Gap(Gap),
    }
}

impl Record {
    /// The guild that the record is about.
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

/// The identity of a join. If the same member joins again, `joined_at` differs.
///
/// The gateway sends microseconds, but a search for members may return only milliseconds.
/// A key therefore has whole milliseconds, so that both give the same key. Nobody can
/// leave and join again within a millisecond.
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
    /// The guild.
    pub guild: GuildId,
    /// The member.
    pub user: UserId,
    /// The join time by Discord's clock, in whole milliseconds.
    #[serde(deserialize_with = "whole_millis")]
    pub joined_at: Timestamp,
}

impl JoinKey {
    /// Creates a key. The time is truncated to milliseconds.
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

/// How the tracker learned of a join.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Observation {
    /// From GUILD_MEMBER_ADD.
    Gateway,
    /// From a later search for members who joined while events were missed.
    CatchUp,
}

impl Observation {
    /// The name, as the ledger stores it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::CatchUp => "catch_up",
        }
    }
}

/// A member joined.
///
/// ```
/// use guestlist_model::Timestamp;
/// use guestlist_tracker::{Join, JoinKey, Observation};
///
/// let now = Timestamp::parse("2026-03-01T12:00:00Z")?;
/// let key = JoinKey::new("613425648685547541".parse()?, "80351110224678912".parse()?, now);
/// let join = Join::new(key, now);
/// assert_eq!(join.observed_by, Observation::Gateway);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Join {
    /// The identity of the join.
    pub key: JoinKey,
    /// The join time by Discord's clock, with full precision.
    pub joined_at: Timestamp,
    /// The user's name in the event.
    pub name: Option<String>,
    /// Whether the account is a bot.
    pub bot: bool,
    /// Whether the member has not yet completed membership screening.
    pub pending: bool,
    /// Whether the member has rejoined, according to Discord; `None` if Discord did not
    /// say.
    pub rejoined: Option<bool>,
    /// Whether this is a guest, who does not become a member.
    pub guest: bool,
    /// When the tracker learned of it.
    pub observed_at: Timestamp,
    /// How the tracker learned of the join.
    pub observed_by: Observation,
}

impl Join {
    /// Creates a join of a human, seen on the gateway, without further data.
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

/// A member left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Leave {
    /// The guild.
    pub guild: GuildId,
    /// The member.
    pub user: UserId,
    /// The time of the join that this ends, if the tracker still knows it. `None` means
    /// the user's latest join until then; see [`joined_before`](Self::joined_before).
    pub joined_at: Option<Timestamp>,
    /// If the tracker no longer knows the join: a time by Discord's clock that is not earlier
    /// than that join and not later than the user's next one. Without it, only `observed_at`
    /// tells which joins came before the leave.
    #[serde(default)]
    pub joined_before: Option<Timestamp>,
    /// When the tracker learned of it. Discord does not say when a member left.
    pub observed_at: Timestamp,
    /// If no event reported the leave: the earliest time at which the member can have left, by
    /// Discord's clock. The member then left between this time and `observed_at`.
    #[serde(default)]
    pub since: Option<Timestamp>,
}

impl Leave {
    /// Creates a leave that an event reported.
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
            joined_before: None,
            observed_at,
            since: None,
        }
    }

    /// Sets a time by Discord's clock between the join that the leave ends and the next one.
    #[must_use]
    pub const fn joined_before(mut self, before: Option<Timestamp>) -> Self {
        self.joined_before = before;
        self
    }

    /// Sets the earliest time at which the member can have left.
    #[must_use]
    pub const fn since(mut self, since: Option<Timestamp>) -> Self {
        self.since = since;
        self
    }
}

/// The state of an invite.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum InviteState {
    /// It can be used.
    Active,
    /// It has expired.
    Expired,
    /// It was used up.
    Exhausted,
    /// A user deleted it.
    Revoked,
    /// It ended for an unknown reason.
    Gone,
}

impl InviteState {
    /// The name, as the ledger stores it.
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

/// What is known about an invite at one time.
///
/// `None` means that Discord did not say, not that there is no value: the value of an
/// earlier record remains valid.
///
/// ```
/// use guestlist_model::Timestamp;
/// use guestlist_tracker::{InviteRecord, InviteState};
///
/// let now = Timestamp::parse("2026-03-01T12:00:00Z")?;
/// let invite = InviteRecord::new("613425648685547541".parse()?, "hB6mWNqr".parse()?, now);
/// assert_eq!(invite.state, InviteState::Active);
/// assert!(!invite.state.has_ended());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct InviteRecord {
    /// The guild.
    pub guild: GuildId,
    /// The code.
    pub code: InviteCode,
    /// The channel.
    pub channel: Option<ChannelId>,
    /// The user who created it.
    pub inviter: Option<UserId>,
    /// The name of the user who created it.
    pub inviter_name: Option<String>,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// When it expires.
    pub expires_at: Option<Timestamp>,
    /// How often it may be used; 0 means without limit.
    pub max_uses: Option<u64>,
    /// For how many seconds it is valid; 0 means forever.
    pub max_age: Option<u64>,
    /// Whether it grants temporary membership.
    pub temporary: Option<bool>,
    /// How often it was used.
    pub uses: Option<u64>,
    /// Its state.
    pub state: InviteState,
    /// When it ended, by Discord's clock.
    pub ended_at: Option<Timestamp>,
    /// The user who ended it.
    pub ended_by: Option<UserId>,
    /// When the tracker learned of this.
    pub observed_at: Timestamp,
}

impl InviteRecord {
    /// Creates a record of an active invite without further data.
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

/// A time span in which events of a guild were missed. Joins may be missing, and counts
/// may have risen for unknown members.
///
/// ```
/// use guestlist_model::{Id, Timestamp};
/// use guestlist_tracker::Gap;
///
/// let lost = Timestamp::parse("2026-03-01T12:00:00Z")?;
/// let back = Timestamp::parse("2026-03-01T12:05:00Z")?;
/// let gap = Gap::new(Id::new_checked(1).ok_or("zero")?, lost, back);
/// assert!(!gap.caught_up, "joins may be missing");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Gap {
    /// The guild.
    pub guild: GuildId,
    /// The time by Discord's clock until which events were received.
    pub last_known: Option<Timestamp>,
    /// When the tracker noticed the gap.
    pub observed_at: Timestamp,
    /// When the tracker finished the search for missed joins.
    pub closed_at: Timestamp,
    /// The number of missed joins that the search found.
    pub joins_found: u64,
    /// The minimum number of joins that the search did not find, but that the number of members
    /// or the counts of invites indicate: mostly members who joined and left within the gap.
    /// Members who joined through an invite that expired in the meantime, through the vanity
    /// link, or without an invite are not counted. Those who joined through an invite that was
    /// revoked are counted if the audit log says how often it was used.
    #[serde(default)]
    pub joins_missing: u64,
    /// The maximum number of these joins, if the counts were listed within the gap. It includes
    /// uses of invites that known members may have made, if it is not known how these members
    /// joined.
    #[serde(default)]
    pub joins_missing_at_most: Option<u64>,
    /// Whether the search was complete, and neither the number of members nor the counts
    /// of invites prove further joins. A member who joined and left within a gap is
    /// never found.
    pub caught_up: bool,
    /// By how much the counts of listed invites rose over the gap, if known.
    pub uses_moved: Option<u64>,
    /// The number of stored members who turned out to have left.
    #[serde(default)]
    pub leaves_found: u64,
    /// Whether all stored members were compared with the members of the guild, so that
    /// everyone who left within the gap is marked.
    #[serde(default)]
    pub compared: bool,
}

impl Gap {
    /// Creates a gap without a search.
    #[must_use]
    pub const fn new(guild: GuildId, observed_at: Timestamp, closed_at: Timestamp) -> Self {
        Self {
            guild,
            last_known: None,
            observed_at,
            closed_at,
            joins_found: 0,
            joins_missing: 0,
            joins_missing_at_most: None,
            caught_up: false,
            uses_moved: None,
            leaves_found: 0,
            compared: false,
        }
    }
}
