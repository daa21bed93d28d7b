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
    /// Snowflake; its time is when the account was made.
    pub id: u64,
    /// The unique name.
    pub username: String,
    /// The display name, if one is set.
    pub global_name: Option<String>,
    /// `"0"` for people; four digits for bots, which kept theirs.
    pub discriminator: String,
    /// Whether this is a bot account.
    pub bot: bool,
    /// Avatar hash.
    pub avatar: Option<String>,
}

/// Permissions a channel gives to, or takes from, a role or a member.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Overwrite {
    /// The role or the user.
    pub id: u64,
    /// 0 for a role, 1 for a user.
    pub kind: u8,
    /// Permissions given.
    pub allow: u64,
    /// Permissions taken.
    pub deny: u64,
}

impl Overwrite {
    /// An overwrite for a role (kind 0) or a user (kind 1).
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
    /// Snowflake.
    pub id: u64,
    /// 0 text, 2 voice, 4 category, 5 announcements, 13 stage, 15 forum.
    pub kind: u8,
    /// Its name.
    pub name: String,
    /// Its place in the list.
    pub position: u32,
    /// Permission overwrites.
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
    /// Snowflake.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// Permission bits.
    pub permissions: u64,
    /// 0 for `@everyone`, higher is mightier.
    pub position: u32,
    /// Colour, 0 for none.
    pub color: u32,
    /// The bot this role belongs to, for a bot's own role.
    pub bot_id: Option<u64>,
}

/// How somebody came into a guild.
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
    /// All of them.
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

    /// The way with this name.
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

/// What members-search tells about how a member came in.
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

/// Somebody in a guild.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Member {
    /// Who.
    pub user: Arc<User>,
    /// The name in this guild, if another.
    pub nick: Option<String>,
    /// Since when.
    pub joined_at: Micros,
    /// Roles, without `@everyone`.
    pub roles: Vec<u64>,
    /// Member flags: 1<<0 has been here before, 1<<4 guest.
    pub flags: u64,
    /// Whether membership screening is still to be passed.
    pub pending: bool,
    /// Whether the membership ends when the member disconnects.
    pub temporary: bool,
    /// For a guest, the only channel to enter: the one that the invite led to.
    pub guest_of: Option<u64>,
    /// What the search index knows.
    pub source: JoinSource,
    /// When the search index has it.
    pub indexed_at: Micros,
}

/// Member flag: has left and come back.
pub const MEMBER_DID_REJOIN: u64 = 1 << 0;
/// Member flag: a guest, who never becomes a member.
pub const MEMBER_IS_GUEST: u64 = 1 << 4;
/// Invite flag: admits guests.
pub const INVITE_IS_GUEST: u64 = 1 << 0;
/// Invite flag: bypasses a member application.
pub const INVITE_APPLICATION_BYPASS: u64 = 1 << 3;

/// An invite.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Invite {
    /// Its code.
    pub code: String,
    /// Where it leads.
    pub channel_id: u64,
    /// Who made it; nobody for the widget's.
    pub inviter: Option<Arc<User>>,
    /// When it was made.
    pub created_at: Micros,
    /// Seconds it lives; 0 for ever.
    pub max_age: u32,
    /// When it ends: whole seconds, as Discord tells it.
    pub expires_at: Option<Micros>,
    /// How often it may be used; 0 without limit.
    pub max_uses: u32,
    /// How often it was used, in truth.
    pub uses: u32,
    /// Moments at which uses that happened become visible in lists.
    pub unseen_uses: Vec<Micros>,
    /// Whether it grants temporary membership only.
    pub temporary: bool,
    /// Invite flags.
    pub flags: u64,
    /// Roles it grants.
    pub role_ids: Vec<u64>,
    /// 1 stream, 2 embedded application.
    pub target_type: Option<u8>,
    /// Whose stream.
    pub target_user: Option<Arc<User>>,
    /// Which application.
    pub target_application: Option<u64>,
    /// Who may use it, if not everybody.
    pub target_users: Option<TargetUsers>,
}

impl Invite {
    /// Uses that a list shows at this moment.
    #[must_use]
    pub fn visible_uses(&self, now: Micros) -> u32 {
        let unseen = self.unseen_uses.iter().filter(|at| **at > now).count();
        self.uses
            .saturating_sub(u32::try_from(unseen).unwrap_or(u32::MAX))
    }

    /// Whether it has ended by age.
    #[must_use]
    pub fn is_expired(&self, now: Micros) -> bool {
        self.expires_at.is_some_and(|at| at <= now)
    }
}

/// The users an invite is restricted to, and the job that reads them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TargetUsers {
    /// The users.
    pub users: Vec<u64>,
    /// When the file was handed in.
    pub created_at: Micros,
    /// When the job is through.
    pub done_at: Micros,
    /// Why the job fails, if it does.
    pub failure: Option<String>,
}

impl TargetUsers {
    /// Users read from a file; done at that moment.
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
    /// Its time was up.
    Expired,
    /// It was used as often as it may.
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
    /// As it was last.
    pub invite: Invite,
    /// Why.
    pub ending: Ending,
    /// When.
    pub at: Micros,
    /// Who revoked it.
    pub by: Option<u64>,
}

/// A server.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Guild {
    /// Snowflake.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub owner_id: u64,
    /// Feature names as Discord writes them.
    pub features: BTreeSet<String>,
    /// The vanity code, if one is set.
    pub vanity_code: Option<String>,
    /// Uses of the vanity code since it was set.
    pub vanity_uses: u32,
    /// Whether members have to pass screening.
    pub screening: bool,
    /// Whether the search index is ready.
    pub indexed: bool,
    /// Until when invites are paused.
    pub invites_disabled_until: Option<Micros>,
    /// Until when direct messages are paused.
    pub dms_disabled_until: Option<Micros>,
    /// Channels by id.
    pub channels: BTreeMap<u64, Channel>,
    /// Roles by id.
    pub roles: BTreeMap<u64, Role>,
    /// Members by user id.
    pub members: BTreeMap<u64, Member>,
    /// Living invites by code (expired ones leave when the clock passes them).
    pub invites: BTreeMap<String, Invite>,
    /// Invites that ended, in order.
    pub ended: Vec<EndedInvite>,
    /// The audit log, oldest first.
    pub audit: Vec<AuditEntry>,
    /// Banned users, and why.
    pub bans: BTreeMap<u64, Option<String>>,
    /// Who is in which voice channel.
    pub voice: BTreeMap<u64, u64>,
    /// Scheduled events by id.
    pub events: BTreeMap<u64, ScheduledEvent>,
    /// Users who have been members before.
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

    /// What is in the list of features: those that were set, and those that follow from settings.
    #[must_use]
    pub fn all_features(&self) -> Vec<&str> {
        let screening = self.screening.then_some("MEMBER_VERIFICATION_GATE_ENABLED");
        let mut all: Vec<&str> = self.features.iter().map(String::as_str).collect();
        all.extend(screening.filter(|it| !self.features.contains(*it)));
        all
    }

    /// How often the guild is boosted: as often as a vanity link takes.
    #[must_use]
    pub fn boosts(&self) -> u32 {
        if self.may_have_vanity() { 14 } else { 0 }
    }

    /// The level its boosts give it.
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

    /// The place of somebody's highest role: 0 is `@everyone`'s.
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

    /// The first channel people can be invited to.
    #[must_use]
    pub fn first_text_channel(&self) -> Option<&Channel> {
        self.channels.values().find(|channel| channel.kind == 0)
    }
}
