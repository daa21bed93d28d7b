//! Errors of commands.

/// The error of a command that was rejected. The world is then unchanged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// No such guild.
    #[error("there is no guild with the id {0}")]
    UnknownGuild(u64),
    /// No such channel in that guild.
    #[error("the guild has no channel with the id {0}")]
    UnknownChannel(u64),
    /// No such user.
    #[error("there is no user with the id {0}")]
    UnknownUser(u64),
    /// No such role in that guild.
    #[error("the guild has no role with the id {0}")]
    UnknownRole(u64),
    /// No guild has this name.
    #[error("there is no guild with the name {0:?}")]
    UnknownName(String),
    /// No bot with a token has this name.
    #[error("there is no bot with the name {0:?}")]
    UnknownBot(String),
    /// The user is not in the guild.
    #[error("the user {0} is not a member of the guild")]
    NotAMember(u64),
    /// The user is already in the guild.
    #[error("the user {0} is already a member of the guild")]
    AlreadyAMember(u64),
    /// No active invite has this code.
    #[error("there is no active invite with the code {0:?}")]
    UnknownInvite(String),
    /// The user is banned.
    #[error("the user {0} is banned from the guild")]
    Banned(u64),
    /// Invites are paused.
    #[error("the guild has paused its invites")]
    InvitesPaused,
    /// The invite is restricted to other users.
    #[error("the invite is restricted to other users; {0} is not one of them")]
    NotTargeted(u64),
    /// Bots cannot accept invites.
    #[error("{0} is a bot, and bots cannot accept invites")]
    BotsUseOAuth(u64),
    /// Only bots can be added.
    #[error("{0} is not a bot that can be added")]
    NotABot(u64),
    /// The guild has the maximum number of invites.
    #[error("the guild already has 1000 invites, the maximum")]
    InviteLimit,
    /// The guild has no vanity code.
    #[error("the guild has no vanity code")]
    NoVanity,
    /// The guild may not have a vanity code.
    #[error("the guild lacks the feature VANITY_URL")]
    VanityNotAllowed,
    /// The code is already in use.
    #[error("the code {0:?} is already in use")]
    CodeTaken(String),
    /// The guild is not in discovery.
    #[error("the guild lacks the feature DISCOVERABLE")]
    NotDiscoverable,
    /// No bot has registered such a command.
    #[error("no bot in the guild has a command {0:?}")]
    UnknownCommand(String),
    /// Owners cannot leave.
    #[error("the owner of a guild cannot leave it")]
    Owner,
    /// A value out of range.
    #[error("{field}: {problem}")]
    Invalid {
        /// The value.
        field: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
}

impl Refusal {
    /// The field of a control request that caused this, if one did.
    #[must_use]
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Self::UnknownChannel(_) => Some("channel_id"),
            Self::UnknownUser(_)
            | Self::AlreadyAMember(_)
            | Self::NotAMember(_)
            | Self::Banned(_)
            | Self::NotTargeted(_)
            | Self::BotsUseOAuth(_)
            | Self::NotABot(_) => Some("user_id"),
            Self::UnknownRole(_) => Some("role_ids"),
            Self::UnknownInvite(_) => Some("code"),
            Self::CodeTaken(_) | Self::VanityNotAllowed => Some("vanity_url_code"),
            Self::NotDiscoverable | Self::NoVanity => Some("via"),
            Self::UnknownCommand(_) => Some("command"),
            Self::Invalid { field, .. } => Some(field),
            Self::UnknownName(_)
            | Self::UnknownBot(_)
            | Self::UnknownGuild(_)
            | Self::InvitesPaused
            | Self::InviteLimit
            | Self::Owner => None,
        }
    }
}
