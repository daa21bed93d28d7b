//! The things a world holds. Plain data: the JSON is made elsewhere.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{AuditEntry, Micros, ScheduledEvent};

/// A person or a bot.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct User {
    /// The id. Its time is when the account was created.
    pub id: u64,
    /// The unique name.
    pub username: String,
    /// The display name, if the user has one.
    pub global_name: Option<String>,
    /// `"0"` for people; four digits for bots, which kept theirs.
    pub discriminator: String,
    /// Whether this is a bot account.
    pub bot: bool,
    /// The hash of the avatar.
    pub avatar: Option<String>,
}

/// The permissions that a channel grants to, or takes from, a role or a member.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Overwrite {
    /// The id of the role or the user.
    pub id: u64,
    /// The kind: 0 for a role, 1 for a user.
    pub kind: u8,
    /// The permissions that are granted.
    pub allow: u64,
    /// The permissions that are taken.
    pub deny: u64,
}

impl Overwrite {
    /// Creates an overwrite for a role (kind 0) or a user (kind 1).
    #[must_use]
    pub const fn new(id: u64, kind: u8, allow: u64, deny: u64) -> Self {
        Self {
            id,
            kind,
            allow,
            deny,
        }
    }
}

/// A channel of a guild.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Channel {
    /// The id.
    pub id: u64,
    /// The type: 0 text, 2 voice, 4 category, 5 announcements, 13 stage, 15 forum.
    pub kind: u8,
    /// The name.
    pub name: String,
    /// The position in the list.
    pub position: u32,
    /// The permission overwrites.
    pub overwrites: Vec<Overwrite>,
}

impl Channel {
    /// Whether people can talk in it.
    #[must_use]
    pub const fn has_voice(&self) -> bool {
        matches!(self.kind, 2 | 13)
    }
}

/// A role of a guild. The role with the guild's own id is `@everyone`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Role {
    /// The id.
    pub id: u64,
    /// The name.
    pub name: String,
    /// The permissions.
    pub permissions: u64,
    /// The position: 0 for `@everyone`; a higher role can act on lower ones.
    pub position: u32,
    /// The colour; 0 for none.
    pub color: u32,
    /// The bot that the role belongs to, if it is a bot's own role.
    pub bot_id: Option<u64>,
}

/// How a user joined a guild.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Via {
    /// Through an invite.
    Invite,
    /// Through the guild's vanity link.
    Vanity,
    /// A bot account, added by a person through OAuth2.
    Bot,
    /// A person, added by a bot with the `guilds.join` scope.
    GuildsJoin,
    /// Through server discovery.
    Discovery,
    /// Through a student hub.
    Hub,
    /// Through an integration (Twitch, YouTube).
    Integration,
    /// Through a lobby linked to a channel.
    LinkedLobby,
    /// After applying and being accepted.
    ManualVerification,
}

impl Via {
    /// All variants.
    pub const ALL: [Self; 9] = [
        Self::Invite,
        Self::Vanity,
        Self::Bot,
        Self::GuildsJoin,
        Self::Discovery,
        Self::Hub,
        Self::Integration,
        Self::LinkedLobby,
        Self::ManualVerification,
    ];

    /// The name used by the control API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invite => "invite",
            Self::Vanity => "vanity",
            Self::Bot => "bot",
            Self::GuildsJoin => "guilds_join",
            Self::Discovery => "discovery",
            Self::Hub => "hub",
            Self::Integration => "integration",
            Self::LinkedLobby => "linked_lobby",
            Self::ManualVerification => "manual_verification",
        }
    }

    /// Returns the variant with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|via| via.name() == name)
    }

    /// `join_source_type` of members-search. Bot accounts carry no source.
    #[must_use]
    pub const fn join_source_type(self) -> u8 {
        match self {
            Self::Bot => 0,
            Self::GuildsJoin => 1,
            Self::Integration => 2,
            Self::Discovery => 3,
            Self::Hub => 4,
            Self::Invite => 5,
            Self::Vanity => 6,
            Self::ManualVerification => 7,
            Self::LinkedLobby => 8,
        }
    }
}

/// What members-search says about how a member joined.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct JoinSource {
    /// `join_source_type`.
    pub kind: u8,
    /// `source_invite_code`.
    pub code: Option<String>,
    /// `inviter_id`.
    pub inviter: Option<u64>,
}

/// A member of a guild.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Member {
    /// The account.
    pub user: Arc<User>,
    /// The nickname in this guild.
    pub nick: Option<String>,
    /// When the member joined.
    pub joined_at: Micros,
    /// The roles, without `@everyone`.
    pub roles: Vec<u64>,
    /// The member flags: 1<<0 has been a member before, 1<<4 guest.
    pub flags: u64,
    /// Whether the member still has to pass membership screening.
    pub pending: bool,
    /// Whether the membership ends when the member disconnects.
    pub temporary: bool,
    /// For a guest, the only channel that it may enter: that of the invite.
    pub guest_of: Option<u64>,
    /// What the search index says about the join.
    pub source: JoinSource,
    /// When the search index contains the member.
    pub indexed_at: Micros,
}

/// The member flag of somebody who left and came back.
pub const MEMBER_DID_REJOIN: u64 = 1 << 0;
/// The member flag of a guest.
pub const MEMBER_IS_GUEST: u64 = 1 << 4;
/// The invite flag of an invite for guests.
pub const INVITE_IS_GUEST: u64 = 1 << 0;
/// The invite flag of an invite that bypasses the member application.
pub const INVITE_APPLICATION_BYPASS: u64 = 1 << 3;

/// An invite.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Invite {
    /// The code.
    pub code: String,
    /// The channel.
    pub channel_id: u64,
    /// The user who created it; nobody for an invite of the widget.
    pub inviter: Option<Arc<User>>,
    /// When it was created.
    pub created_at: Micros,
    /// For how many seconds it is valid; 0 means forever.
    pub max_age: u32,
    /// When it expires, in whole seconds, as on Discord.
    pub expires_at: Option<Micros>,
    /// How often it can be used; 0 means without limit.
    pub max_uses: u32,
    /// How often it was really used.
    pub uses: u32,
    /// When recent uses become visible in lists.
    pub unseen_uses: Vec<Micros>,
    /// Whether it grants only temporary membership.
    pub temporary: bool,
    /// The invite flags.
    pub flags: u64,
    /// The roles that it grants.
    pub role_ids: Vec<u64>,
    /// The kind of target: 1 stream, 2 embedded application.
    pub target_type: Option<u8>,
    /// The user whose stream is the target.
    pub target_user: Option<Arc<User>>,
    /// The application that is the target.
    pub target_application: Option<u64>,
    /// The users who can use it, if not everybody.
    pub target_users: Option<TargetUsers>,
}

impl Invite {
    /// The number of uses that a list shows at this moment.
    #[must_use]
    pub fn visible_uses(&self, now: Micros) -> u32 {
        let unseen = self.unseen_uses.iter().filter(|at| **at > now).count();
        self.uses
            .saturating_sub(u32::try_from(unseen).unwrap_or(u32::MAX))
    }

    /// Whether it has expired.
    #[must_use]
    pub fn is_expired(&self, now: Micros) -> bool {
        self.expires_at.is_some_and(|at| at <= now)
    }
}

/// The users that an invite is restricted to, and the job that reads them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TargetUsers {
    /// The users.
    pub users: Vec<u64>,
    /// When the file was uploaded.
    pub created_at: Micros,
    /// When the job is completed.
    pub done_at: Micros,
    /// The error of the job, if it fails.
    pub failure: Option<String>,
}

impl TargetUsers {
    /// Creates a list of users whose job is completed at that moment.
    #[must_use]
    pub const fn new(users: Vec<u64>, created_at: Micros, done_at: Micros) -> Self {
        Self {
            users,
            created_at,
            done_at,
            failure: None,
        }
    }
}

/// Why an invite ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ending {
    /// It expired.
    Expired,
    /// It was used as often as possible.
    Exhausted,
    /// Somebody deleted it.
    Revoked,
}

impl Ending {
    /// The name used by the control API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Exhausted => "exhausted",
            Self::Revoked => "revoked",
        }
    }
}

/// An invite that no longer exists.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EndedInvite {
    /// The last state of the invite.
    pub invite: Invite,
    /// Why it ended.
    pub ending: Ending,
    /// When it ended.
    pub at: Micros,
    /// The user who deleted it.
    pub by: Option<u64>,
}

/// A server.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Guild {
    /// The id.
    pub id: u64,
    /// The name.
    pub name: String,
    /// The owner.
    pub owner_id: u64,
    /// The features, as Discord writes them.
    pub features: BTreeSet<String>,
    /// The vanity code, if the guild has one.
    pub vanity_code: Option<String>,
    /// How often the vanity code was used since it was set.
    pub vanity_uses: u32,
    /// Whether members have to pass membership screening.
    pub screening: bool,
    /// Whether the search index is ready.
    pub indexed: bool,
    /// Until when invites are paused.
    pub invites_disabled_until: Option<Micros>,
    /// Until when direct messages are paused.
    pub dms_disabled_until: Option<Micros>,
    /// The channels by id.
    pub channels: BTreeMap<u64, Channel>,
    /// The roles by id.
    pub roles: BTreeMap<u64, Role>,
    /// The members by user id.
    pub members: BTreeMap<u64, Member>,
    /// The valid invites by code.
    pub invites: BTreeMap<String, Invite>,
    /// The invites that ended, oldest first.
    pub ended: Vec<EndedInvite>,
    /// The audit log, oldest first.
    pub audit: Vec<AuditEntry>,
    /// The banned users, with reasons.
    pub bans: BTreeMap<u64, Option<String>>,
    /// The voice channel of each user who is in one.
    pub voice: BTreeMap<u64, u64>,
    /// The scheduled events by id.
    pub events: BTreeMap<u64, ScheduledEvent>,
    /// The users who have been members before.
    pub former: BTreeSet<u64>,
}

impl Guild {
    /// Whether invites are paused now.
    #[must_use]
    pub fn invites_paused(&self, now: Micros) -> bool {
        self.features.contains("INVITES_DISABLED")
            || self.invites_disabled_until.is_some_and(|until| until > now)
    }

    /// Whether the guild may have a vanity link.
    #[must_use]
    pub fn may_have_vanity(&self) -> bool {
        self.features.contains("VANITY_URL")
    }

    /// All features: those that were set, and those that follow from other settings.
    #[must_use]
    pub fn all_features(&self) -> Vec<&str> {
        let screening = self.screening.then_some("MEMBER_VERIFICATION_GATE_ENABLED");
        let mut all: Vec<&str> = self.features.iter().map(String::as_str).collect();
        all.extend(screening.filter(|it| !self.features.contains(*it)));
        all
    }

    /// The number of boosts: as many as a vanity link requires.
    #[must_use]
    pub fn boosts(&self) -> u32 {
        if self.may_have_vanity() { 14 } else { 0 }
    }

    /// The level that the boosts give.
    ///
    /// See Discord Docs/Guild#premium-tier.
    #[must_use]
    pub fn premium_tier(&self) -> u8 {
        match self.boosts() {
            0..2 => 0,
            2..7 => 1,
            7..14 => 2,
            _ => 3,
        }
    }

    /// The position of a user's highest role: 0 is that of `@everyone`.
    #[must_use]
    pub fn highest_position(&self, user: u64) -> u32 {
        let roles = self.members.get(&user).map(|member| member.roles.iter());
        roles
            .into_iter()
            .flatten()
            .filter_map(|role| self.roles.get(role))
            .map(|role| role.position)
            .max()
            .unwrap_or(0)
    }

    /// The first text channel.
    #[must_use]
    pub fn first_text_channel(&self) -> Option<&Channel> {
        self.channels.values().find(|channel| channel.kind == 0)
    }
}
