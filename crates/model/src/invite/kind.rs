//! Types and flags of invites, which also hold values that Discord adds later.

use bitflags::bitflags;
use serde::{Deserialize, Serialize};

/// A number that this version has no name for.
///
/// ```
/// use guestlist_model::{Invite, InviteKind};
///
/// let invite: Invite = r#"{"code": "abc", "type": 77}"#.parse()?;
/// let InviteKind::Unknown(number) = invite.kind() else { panic!() };
/// assert_eq!(number.get(), 77);
/// # Ok::<(), guestlist_model::DecodeError>(())
/// ```
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

/// The type of an invite.
///
/// See [Discord Docs/Invite Types](https://discord.com/developers/docs/resources/invite#invite-object-invite-types).
///
/// ```
/// use guestlist_model::{Invite, InviteKind};
///
/// let invite: Invite = r#"{"code": "abc", "type": 1}"#.parse()?;
/// assert_eq!(invite.kind(), InviteKind::GroupDm);
/// # Ok::<(), guestlist_model::DecodeError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(from = "i64", into = "i64")]
#[non_exhaustive]
pub enum InviteKind {
    /// An invite to a guild (0; also if the type is absent).
    #[default]
    Guild,
    /// An invite to a group DM (1).
    GroupDm,
    /// A friend invite (2).
    Friend,
    /// Another type.
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

/// What an invite to a voice channel opens.
///
/// See [Discord Docs/Invite Target Types](https://discord.com/developers/docs/resources/invite#invite-object-invite-target-types).
///
/// ```
/// use guestlist_model::{Invite, TargetType};
///
/// let invite: Invite = r#"{"code": "abc", "target_type": 1}"#.parse()?;
/// assert_eq!(invite.target_type(), Some(TargetType::Stream));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    /// Another type.
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
    /// The flags of an invite, including those without a name.
    ///
    /// See [Discord Docs/Guild Invite Flags](https://discord.com/developers/docs/resources/invite#invite-object-guild-invite-flags).
    ///
    /// ```
    /// use guestlist_model::{Invite, InviteFlags};
    ///
    /// let invite: Invite = r#"{"code": "abc", "flags": 513}"#.parse()?;
    /// assert!(invite.flags().contains(InviteFlags::GUEST));
    /// // A flag without a name is kept.
    /// assert_eq!(invite.flags().bits(), 513);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
    pub struct InviteFlags: u64 {
        /// Users who accept the invite are guests of one voice channel and do not become
        /// members.
        const GUEST = 1 << 0;
        /// The invite was viewed.
        const VIEWED = 1 << 1;
        /// Discord documents only the name.
        const ENHANCED = 1 << 2;
        /// Users who accept the invite skip the application to join.
        const APPLICATION_BYPASS = 1 << 3;

        const _ = !0;
    }
}

crate::serde_text::flags_as_number!(InviteFlags);
