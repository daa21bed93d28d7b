//! What a command causes: events for those who listen.

use std::sync::Arc;

use super::{
    AuditEntry, Channel, Interaction, Invite, Member, Message, ScheduledEvent, User, World,
    permissions,
};

/// Gateway intents an event belongs to.
///
/// See Discord Docs/Gateway#gateway-intents.
pub mod intents {
    /// GUILDS.
    pub const GUILDS: u64 = 1 << 0;
    /// GUILD_MEMBERS (privileged).
    pub const GUILD_MEMBERS: u64 = 1 << 1;
    /// GUILD_MODERATION.
    pub const GUILD_MODERATION: u64 = 1 << 2;
    /// GUILD_INVITES.
    pub const GUILD_INVITES: u64 = 1 << 6;
    /// GUILD_PRESENCES (privileged).
    pub const GUILD_PRESENCES: u64 = 1 << 8;
    /// GUILD_MESSAGES.
    pub const GUILD_MESSAGES: u64 = 1 << 9;
    /// GUILD_SCHEDULED_EVENTS.
    pub const GUILD_SCHEDULED_EVENTS: u64 = 1 << 16;
    /// A bit without a meaning, which Discord lets pass all the same: some older clients ask for
    /// it by default.
    pub const TOLERATED: u64 = 1 << 17;
    /// MESSAGE_CONTENT (privileged).
    pub const MESSAGE_CONTENT: u64 = 1 << 15;
    /// Every bit that Discord has given a meaning.
    pub const KNOWN: u64 = 0b11_0011_0001_1111_1111_1111_1111;
}

/// Something that happened in a guild.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum EventKind {
    /// GUILD_CREATE: the bot came into the guild.
    GuildCreate,
    /// GUILD_UPDATE.
    GuildUpdate,
    /// GUILD_DELETE; the flag says whether it is an outage only.
    GuildDelete {
        /// Whether the guild is still there but not reachable.
        unavailable: bool,
    },
    /// CHANNEL_CREATE.
    ChannelCreate(Channel),
    /// GUILD_ROLE_CREATE.
    RoleCreate(super::Role),
    /// INVITE_CREATE.
    InviteCreate(Box<Invite>),
    /// INVITE_DELETE.
    InviteDelete {
        /// Its channel.
        channel_id: u64,
        /// Its code.
        code: String,
    },
    /// GUILD_MEMBER_ADD.
    MemberAdd(Box<Member>),
    /// GUILD_MEMBER_UPDATE.
    MemberUpdate(Box<Member>),
    /// GUILD_MEMBER_REMOVE.
    MemberRemove(Arc<User>),
    /// GUILD_AUDIT_LOG_ENTRY_CREATE.
    AuditLogEntry(AuditEntry),
    /// GUILD_ROLE_UPDATE.
    RoleUpdate(super::Role),
    /// GUILD_BAN_ADD.
    BanAdd(Arc<User>),
    /// GUILD_BAN_REMOVE.
    BanRemove(Arc<User>),
    /// MESSAGE_CREATE.
    MessageCreate(Box<Message>),
    /// GUILD_SCHEDULED_EVENT_CREATE.
    ScheduledEventCreate(Box<ScheduledEvent>),
    /// GUILD_SCHEDULED_EVENT_DELETE.
    ScheduledEventDelete(Box<ScheduledEvent>),
    /// INTERACTION_CREATE.
    InteractionCreate(Box<Interaction>),
}

/// An event and where it belongs.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Effect {
    /// In which guild.
    pub guild_id: u64,
    /// What.
    pub kind: EventKind,
    /// Whether the bot's permissions let it see this.
    pub visible: bool,
}

impl Effect {
    /// The event's name on the gateway.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self.kind {
            EventKind::GuildCreate => "GUILD_CREATE",
            EventKind::GuildUpdate => "GUILD_UPDATE",
            EventKind::GuildDelete { .. } => "GUILD_DELETE",
            EventKind::ChannelCreate(_) => "CHANNEL_CREATE",
            EventKind::RoleCreate(_) => "GUILD_ROLE_CREATE",
            EventKind::InviteCreate(_) => "INVITE_CREATE",
            EventKind::InviteDelete { .. } => "INVITE_DELETE",
            EventKind::MemberAdd(_) => "GUILD_MEMBER_ADD",
            EventKind::MemberUpdate(_) => "GUILD_MEMBER_UPDATE",
            EventKind::MemberRemove(_) => "GUILD_MEMBER_REMOVE",
            EventKind::AuditLogEntry(_) => "GUILD_AUDIT_LOG_ENTRY_CREATE",
            EventKind::RoleUpdate(_) => "GUILD_ROLE_UPDATE",
            EventKind::BanAdd(_) => "GUILD_BAN_ADD",
            EventKind::BanRemove(_) => "GUILD_BAN_REMOVE",
            EventKind::MessageCreate(_) => "MESSAGE_CREATE",
            EventKind::ScheduledEventCreate(_) => "GUILD_SCHEDULED_EVENT_CREATE",
            EventKind::ScheduledEventDelete(_) => "GUILD_SCHEDULED_EVENT_DELETE",
            EventKind::InteractionCreate(_) => "INTERACTION_CREATE",
        }
    }

    /// The intent that has to be declared to receive it; 0 for none.
    #[must_use]
    pub const fn intent(&self) -> u64 {
        match self.kind {
            EventKind::GuildCreate
            | EventKind::GuildUpdate
            | EventKind::GuildDelete { .. }
            | EventKind::ChannelCreate(_)
            | EventKind::RoleCreate(_)
            | EventKind::RoleUpdate(_) => intents::GUILDS,
            EventKind::InviteCreate(_) | EventKind::InviteDelete { .. } => intents::GUILD_INVITES,
            EventKind::MemberAdd(_) | EventKind::MemberUpdate(_) | EventKind::MemberRemove(_) => {
                intents::GUILD_MEMBERS
            }
            EventKind::AuditLogEntry(_) | EventKind::BanAdd(_) | EventKind::BanRemove(_) => {
                intents::GUILD_MODERATION
            }
            EventKind::MessageCreate(_) => intents::GUILD_MESSAGES,
            EventKind::ScheduledEventCreate(_) | EventKind::ScheduledEventDelete(_) => {
                intents::GUILD_SCHEDULED_EVENTS
            }
            EventKind::InteractionCreate(_) => 0,
        }
    }
}

impl World {
    /// Adds an event, marked with whether the bot may see it as things are now.
    pub(crate) fn emit(&self, guild_id: u64, kind: EventKind, effects: &mut Vec<Effect>) {
        let visible = self.bot_may_see(guild_id, &kind);
        effects.push(Effect {
            guild_id,
            kind,
            visible,
        });
    }

    fn bot_may_see(&self, guild_id: u64, kind: &EventKind) -> bool {
        let bot = self.bot().id;
        let Some(guild) = self.guild(guild_id) else {
            return matches!(kind, EventKind::GuildDelete { .. });
        };
        if !guild.members.contains_key(&bot) {
            return matches!(kind, EventKind::GuildDelete { .. });
        }
        let manages = |channel: u64| {
            guild.channels.get(&channel).is_some_and(|channel| {
                permissions::in_channel(guild, channel, bot) & permissions::MANAGE_CHANNELS != 0
            })
        };
        match kind {
            EventKind::InviteCreate(invite) => manages(invite.channel_id),
            EventKind::InviteDelete { channel_id, .. } => manages(*channel_id),
            EventKind::AuditLogEntry(_) => {
                permissions::in_guild(guild, bot) & permissions::VIEW_AUDIT_LOG != 0
            }
            EventKind::ChannelCreate(channel) => {
                permissions::in_channel(guild, channel, bot) & permissions::VIEW_CHANNEL != 0
            }
            EventKind::MessageCreate(message) => {
                guild.channels.get(&message.channel_id).is_some_and(|it| {
                    permissions::in_channel(guild, it, bot) & permissions::VIEW_CHANNEL != 0
                })
            }
            EventKind::BanAdd(_) | EventKind::BanRemove(_) => {
                let any_of = permissions::BAN_MEMBERS | permissions::VIEW_AUDIT_LOG;
                permissions::in_guild(guild, bot) & any_of != 0
            }
            _ => true,
        }
    }
}
