//! Why a command did nothing.

/// Why a command was refused. Nothing has changed then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// No such guild.
    #[error("no guild has the id {0}")]
    UnknownGuild(u64),
    /// No such channel in that guild.
    #[error("no channel has the id {0} there")]
    UnknownChannel(u64),
    /// No such user.
    #[error("no user has the id {0}")]
    UnknownUser(u64),
    /// No such role in that guild.
    #[error("no role has the id {0} there")]
    UnknownRole(u64),
    /// No guild has this name.
    #[error("no guild has the name {0:?}")]
    UnknownName(String),
    /// No bot with a token has this name.
    #[error("no bot has the name {0:?}")]
    UnknownBot(String),
    /// The user is not in the guild.
    #[error("the user {0} is not a member there")]
    NotAMember(u64),
    /// The user is in the guild already.
    #[error("the user {0} is a member there already")]
    AlreadyAMember(u64),
    /// No living invite has this code.
    #[error("no living invite has the code {0:?}")]
    UnknownInvite(String),
    /// The user is banned.
    #[error("the user {0} is banned there")]
    Banned(u64),
    /// Invites are paused.
    #[error("the guild has paused its invites")]
    InvitesPaused,
    /// The invite is for others.
    #[error("the invite is restricted to other users than {0}")]
    NotTargeted(u64),
    /// Bots cannot accept invites.
    #[error("{0} is a bot, and bots accept no invites")]
    BotsUseOAuth(u64),
    /// People are not added like bots.
    #[error("{0} is not a bot that can be added")]
    NotABot(u64),
    /// The guild has a thousand invites.
    #[error("the guild has 1000 invites, which is the most it may have")]
    InviteLimit,
    /// The guild has no vanity code.
    #[error("the guild has no vanity code")]
    NoVanity,
    /// The guild may not have a vanity code.
    #[error("the guild lacks the feature VANITY_URL")]
    VanityNotAllowed,
    /// Somebody else has this code.
    #[error("the code {0:?} is taken")]
    CodeTaken(String),
    /// The guild is not in discovery.
    #[error("the guild lacks the feature DISCOVERABLE")]
    NotDiscoverable,
    /// No bot has registered such a command.
    #[error("no bot has a command {0:?} there")]
    UnknownCommand(String),
    /// Owners cannot leave.
    #[error("the owner of a guild cannot leave it")]
    Owner,
    /// A value out of range.
    #[error("{field}: {problem}")]
    Invalid {
        /// Which value.
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
