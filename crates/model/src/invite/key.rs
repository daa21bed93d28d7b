//! The keys of an invite that have their own place in memory.

/// A known key of an invite; its number is its bit in a [`Keys`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub(super) enum Key {
    Type,
    Code,
    Inviter,
    MaxAge,
    CreatedAt,
    ExpiresAt,
    Guild,
    GuildId,
    Channel,
    ChannelId,
    Uses,
    MaxUses,
    Temporary,
    TargetType,
    TargetUserType,
    TargetUser,
    TargetApplication,
    ScheduledEvent,
    StageInstance,
    Flags,
    Roles,
    RoleIds,
    MemberCount,
    PresenceCount,
}

impl Key {
    /// All keys, in the order of their numbers.
    pub(super) const ALL: [Self; 24] = [
        Self::Type,
        Self::Code,
        Self::Inviter,
        Self::MaxAge,
        Self::CreatedAt,
        Self::ExpiresAt,
        Self::Guild,
        Self::GuildId,
        Self::Channel,
        Self::ChannelId,
        Self::Uses,
        Self::MaxUses,
        Self::Temporary,
        Self::TargetType,
        Self::TargetUserType,
        Self::TargetUser,
        Self::TargetApplication,
        Self::ScheduledEvent,
        Self::StageInstance,
        Self::Flags,
        Self::Roles,
        Self::RoleIds,
        Self::MemberCount,
        Self::PresenceCount,
    ];

    /// Their names, in the same order.
    #[expect(clippy::indexing_slicing, reason = "evaluated at compile time")]
    pub(super) const NAMES: [&str; Self::ALL.len()] = {
        let mut names = [""; Self::ALL.len()];
        let mut index = 0;
        while index < names.len() {
            names[index] = Self::ALL[index].name();
            index += 1;
        }
        names
    };

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Code => "code",
            Self::Inviter => "inviter",
            Self::MaxAge => "max_age",
            Self::CreatedAt => "created_at",
            Self::ExpiresAt => "expires_at",
            Self::Guild => "guild",
            Self::GuildId => "guild_id",
            Self::Channel => "channel",
            Self::ChannelId => "channel_id",
            Self::Uses => "uses",
            Self::MaxUses => "max_uses",
            Self::Temporary => "temporary",
            Self::TargetType => "target_type",
            Self::TargetUserType => "target_user_type",
            Self::TargetUser => "target_user",
            Self::TargetApplication => "target_application",
            Self::ScheduledEvent => "guild_scheduled_event",
            Self::StageInstance => "stage_instance",
            Self::Flags => "flags",
            Self::Roles => "roles",
            Self::RoleIds => "role_ids",
            Self::MemberCount => "approximate_member_count",
            Self::PresenceCount => "approximate_presence_count",
        }
    }

    pub(super) fn find(name: &str) -> Option<Self> {
        Some(match name {
            "type" => Self::Type,
            "code" => Self::Code,
            "inviter" => Self::Inviter,
            "max_age" => Self::MaxAge,
            "created_at" => Self::CreatedAt,
            "expires_at" => Self::ExpiresAt,
            "guild" => Self::Guild,
            "guild_id" => Self::GuildId,
            "channel" => Self::Channel,
            "channel_id" => Self::ChannelId,
            "uses" => Self::Uses,
            "max_uses" => Self::MaxUses,
            "temporary" => Self::Temporary,
            "target_type" => Self::TargetType,
            "target_user_type" => Self::TargetUserType,
            "target_user" => Self::TargetUser,
            "target_application" => Self::TargetApplication,
            "guild_scheduled_event" => Self::ScheduledEvent,
            "stage_instance" => Self::StageInstance,
            "flags" => Self::Flags,
            "roles" => Self::Roles,
            "role_ids" => Self::RoleIds,
            "approximate_member_count" => Self::MemberCount,
            "approximate_presence_count" => Self::PresenceCount,
            _ => return None,
        })
    }
}

/// A set of keys.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Keys(u32);

impl Keys {
    pub(super) const fn has(self, key: Key) -> bool {
        self.0 & 1 << key as u8 != 0
    }

    pub(super) const fn set(&mut self, key: Key) {
        self.0 |= 1 << key as u8;
    }

    pub(super) const fn clear(&mut self, key: Key) {
        self.0 &= !(1 << key as u8);
    }

    pub(super) const fn put(&mut self, key: Key, on: bool) {
        if on { self.set(key) } else { self.clear(key) }
    }
}
