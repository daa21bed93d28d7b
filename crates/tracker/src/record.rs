//! What the tracker has to say: the vocabulary of the ledger.
//!
//! Every type here is plain data with serde. Times called `observed_at` and
//! `decided_at` are the local time that was handed to the tracker; all others are
//! Discord's.

use std::fmt;

use guestlist_model::{ChannelId, GuildId, InviteCode, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::evidence::Evidence;

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
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct JoinKey {
    /// The guild joined.
    pub guild: GuildId,
    /// Who joined.
    pub user: UserId,
    /// When, by Discord's clock.
    pub joined_at: Timestamp,
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

/// The answer to "how did this member come in".
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Attribution {
    /// The join.
    pub key: JoinKey,
    /// The answer and how sure it is.
    pub certainty: Certainty,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
    /// 0 for the first answer, more for each refinement.
    pub revision: u32,
    /// When the tracker decided it.
    pub decided_at: Timestamp,
}

impl Attribution {
    /// A first answer without evidence.
    #[must_use]
    pub const fn new(key: JoinKey, certainty: Certainty, decided_at: Timestamp) -> Self {
        Self {
            key,
            certainty,
            evidence: Vec::new(),
            revision: 0,
            decided_at,
        }
    }

    /// The same with its evidence.
    #[must_use]
    pub fn with_evidence(mut self, evidence: Vec<Evidence>) -> Self {
        self.evidence = evidence;
        self
    }

    /// The same as a refinement.
    #[must_use]
    pub const fn with_revision(mut self, revision: u32) -> Self {
        self.revision = revision;
        self
    }
}

/// How sure an answer is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "certainty", content = "answer", rename_all = "snake_case")]
pub enum Certainty {
    /// Discord said so.
    Confirmed(Origin),
    /// The only possibility that the evidence leaves.
    Deduced(Origin),
    /// One of several; the likeliest first. The weights sum to 1 and are an estimate.
    Ambiguous(Vec<Candidate>),
    /// Not known.
    Unknown(Reason),
}

impl Certainty {
    /// The name in the ledger.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Confirmed(_) => "confirmed",
            Self::Deduced(_) => "deduced",
            Self::Ambiguous(_) => "ambiguous",
            Self::Unknown(_) => "unknown",
        }
    }

    /// The origin, if it is confirmed or deduced.
    #[must_use]
    pub const fn origin(&self) -> Option<&Origin> {
        match self {
            Self::Confirmed(origin) | Self::Deduced(origin) => Some(origin),
            Self::Ambiguous(_) | Self::Unknown(_) => None,
        }
    }
}

/// A person reads it as a sentence.
impl fmt::Display for Certainty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Confirmed(origin) => write!(f, "confirmed: {origin}"),
            Self::Deduced(origin) => write!(f, "deduced: {origin}"),
            Self::Ambiguous(candidates) => {
                f.write_str("ambiguous: ")?;
                for (index, candidate) in candidates.iter().enumerate() {
                    let before = if index == 0 { "" } else { ", or " };
                    let percent = candidate.weight * 100.0;
                    write!(f, "{before}{} ({percent:.0} %)", candidate.origin)?;
                }
                Ok(())
            }
            Self::Unknown(reason) => write!(f, "unknown, because {reason}"),
        }
    }
}

/// One of several possible answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Candidate {
    /// The possible answer.
    pub origin: Origin,
    /// How likely it is, from 0 to 1.
    pub weight: f64,
}

impl Candidate {
    /// A possible answer.
    #[must_use]
    pub const fn new(origin: Origin, weight: f64) -> Self {
        Self { origin, weight }
    }
}

/// The way in.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(tag = "origin", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Origin {
    /// By an invite.
    Invite {
        /// Its code.
        code: InviteCode,
        /// Who made it, if known and if there is such a person.
        inviter: Option<UserId>,
        /// The channel it leads to, if known.
        channel: Option<ChannelId>,
    },
    /// By the guild's vanity link.
    Vanity {
        /// The vanity code, if known.
        code: Option<InviteCode>,
    },
    /// A bot's account that somebody added, or a member whom a bot added.
    Bot {
        /// Who added it, if known.
        added_by: Option<UserId>,
    },
    /// By an integration, such as a Twitch subscription.
    Integration,
    /// By server discovery.
    Discovery,
    /// By a student hub.
    Hub,
    /// By a linked lobby.
    LinkedLobby,
    /// By a join request that a moderator accepted.
    ManualVerification,
    /// In another way that Discord names by a number.
    Other {
        /// Discord's number.
        join_source_type: u64,
    },
    /// In a way that moves no count that can be seen: without any invite, or by an
    /// invite that was never listed. Only ever a candidate among others.
    Unseen,
}

impl Origin {
    /// An invite of which no more than the code is known.
    #[must_use]
    pub const fn invite(code: InviteCode) -> Self {
        Self::Invite {
            code,
            inviter: None,
            channel: None,
        }
    }

    /// The code that was used, vanity codes included.
    #[must_use]
    pub const fn code(&self) -> Option<&InviteCode> {
        match self {
            Self::Invite { code, .. } => Some(code),
            Self::Vanity { code } => code.as_ref(),
            _ => None,
        }
    }

    /// The person behind it: who made the invite, or who added the bot.
    #[must_use]
    pub const fn inviter(&self) -> Option<UserId> {
        match self {
            Self::Invite { inviter, .. } => *inviter,
            Self::Bot { added_by } => *added_by,
            _ => None,
        }
    }

    /// The name in the ledger.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Invite { .. } => "invite",
            Self::Vanity { .. } => "vanity",
            Self::Bot { .. } => "bot",
            Self::Integration => "integration",
            Self::Discovery => "discovery",
            Self::Hub => "hub",
            Self::LinkedLobby => "linked_lobby",
            Self::ManualVerification => "manual_verification",
            Self::Other { .. } => "other",
            Self::Unseen => "unseen",
        }
    }

    /// Whether both name the same way in, however much else either of them tells.
    #[must_use]
    pub fn same_way(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Invite { code: a, .. }, Self::Invite { code: b, .. }) => a == b,
            (Self::Vanity { .. }, Self::Vanity { .. }) | (Self::Bot { .. }, Self::Bot { .. }) => {
                true
            }
            (a, b) => a == b,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invite { code, .. } => write!(f, "invite {code}"),
            Self::Vanity { code: Some(code) } => write!(f, "vanity link {code}"),
            Self::Vanity { code: None } => f.write_str("vanity link"),
            Self::Bot {
                added_by: Some(user),
            } => write!(f, "added by {user}"),
            Self::Bot { added_by: None } => f.write_str("bot"),
            Self::Integration => f.write_str("integration"),
            Self::Discovery => f.write_str("server discovery"),
            Self::Hub => f.write_str("student hub"),
            Self::LinkedLobby => f.write_str("linked lobby"),
            Self::ManualVerification => f.write_str("accepted join request"),
            Self::Other { join_source_type } => write!(f, "join source {join_source_type}"),
            Self::Unseen => f.write_str("a way that moves no count"),
        }
    }
}

/// Why an answer is not known.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// The bot may not list the guild's invites.
    MissingPermission,
    /// Discord lists the invites without their uses.
    UsesHidden,
    /// The invites had not been listed yet when the member joined.
    NoBaseline,
    /// The invites could not be listed.
    Unreachable,
    /// No count moved that could be the member's.
    NoCountMoved,
    /// What was seen does not fit together.
    Contradiction,
    /// Events were missed around the join.
    Offline,
    /// Too many joins at once to tell.
    TooMany,
    /// The bot is no longer in the guild.
    LeftGuild,
    /// There is nothing to go by.
    NoEvidence,
}

impl Reason {
    /// The name in the ledger.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::MissingPermission => "missing_permission",
            Self::UsesHidden => "uses_hidden",
            Self::NoBaseline => "no_baseline",
            Self::Unreachable => "unreachable",
            Self::NoCountMoved => "no_count_moved",
            Self::Contradiction => "contradiction",
            Self::Offline => "offline",
            Self::TooMany => "too_many",
            Self::LeftGuild => "left_guild",
            Self::NoEvidence => "no_evidence",
        }
    }
}

/// Reads on after "unknown, because".
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MissingPermission => {
                "the bot may not list this server's invites (it needs Manage Server)"
            }
            Self::UsesHidden => {
                "Discord hides how often invites were used (the bot needs Manage Server)"
            }
            Self::NoBaseline => "the invites had not been listed yet when the member joined",
            Self::Unreachable => "the invites could not be listed in time",
            Self::NoCountMoved => "no invite's count moved when the member joined",
            Self::Contradiction => "the counts and the joins do not fit together",
            Self::Offline => "events were missed around the join",
            Self::TooMany => "too many members joined at once",
            Self::LeftGuild => "the bot is no longer in this server",
            Self::NoEvidence => "there is nothing to go by",
        })
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
    /// Whether all who joined meanwhile and stayed have been found. Who joined and
    /// left again in a gap is never known.
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
            caught_up: false,
            uses_moved: None,
        }
    }
}
