//! Types and flags of invites, open to what Discord adds.

use bitflags::bitflags;
use serde::{Deserialize, Serialize};

/// A number that had no name when this was written.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Unnamed(i64);

impl Unnamed {
    pub(crate) const fn new(number: i64) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}

/// What an invite leads to.
///
/// See [Discord Docs/Invite Types](https://discord.com/developers/docs/resources/invite#invite-object-invite-types).
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(from = "i64", into = "i64")]
#[non_exhaustive]
pub enum InviteKind {
    /// Into a guild (0, also where the type is absent).
    #[default]
    Guild,
    /// Into a group DM (1).
    GroupDm,
    /// To a friendship (2).
    Friend,
    /// Somewhere else.
    Unknown(Unnamed),
}

impl InviteKind {
    /// Discord's number for it.
    #[must_use]
    pub const fn number(self) -> i64 {
        match self {
            Self::Guild => 0,
            Self::GroupDm => 1,
            Self::Friend => 2,
            Self::Unknown(number) => number.get(),
        }
    }
}

impl From<InviteKind> for i64 {
    fn from(it: InviteKind) -> Self {
        it.number()
    }
}

impl From<i64> for InviteKind {
    fn from(number: i64) -> Self {
        match number {
            0 => Self::Guild,
            1 => Self::GroupDm,
            2 => Self::Friend,
            other => Self::Unknown(Unnamed(other)),
        }
    }
}

/// What an invite into a voice channel opens.
///
/// See [Discord Docs/Invite Target Types](https://discord.com/developers/docs/resources/invite#invite-object-invite-target-types).
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(from = "i64", into = "i64")]
#[non_exhaustive]
pub enum TargetType {
    /// The stream of the target user (1).
    Stream,
    /// The target application (2).
    EmbeddedApplication,
    /// The page of role subscriptions (3).
    RoleSubscriptions,
    /// Something else.
    Unknown(Unnamed),
}

impl TargetType {
    /// Discord's number for it.
    #[must_use]
    pub const fn number(self) -> i64 {
        match self {
            Self::Stream => 1,
            Self::EmbeddedApplication => 2,
            Self::RoleSubscriptions => 3,
            Self::Unknown(number) => number.get(),
        }
    }
}

impl From<TargetType> for i64 {
    fn from(it: TargetType) -> Self {
        it.number()
    }
}

impl From<i64> for TargetType {
    fn from(number: i64) -> Self {
        match number {
            1 => Self::Stream,
            2 => Self::EmbeddedApplication,
            3 => Self::RoleSubscriptions,
            other => Self::Unknown(Unnamed(other)),
        }
    }
}

bitflags! {
    /// The flags of an invite, those without a name included.
    ///
    /// See [Discord Docs/Guild Invite Flags](https://discord.com/developers/docs/resources/invite#invite-object-guild-invite-flags).
    #[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
    pub struct InviteFlags: u64 {
        /// Who comes is a guest: into one voice channel, never a member.
        const GUEST = 1 << 0;
        /// The invite was looked at.
        const VIEWED = 1 << 1;
        /// Not documented beyond its name.
        const ENHANCED = 1 << 2;
        /// Who comes need not apply to join.
        const APPLICATION_BYPASS = 1 << 3;

        const _ = !0;
    }
}

crate::serde_text::flags_as_number!(InviteFlags);
