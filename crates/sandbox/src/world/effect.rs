//! What a command causes: events, and which bots may see them.

use std::sync::Arc;

use super::{
    AuditEntry, Channel, Guild, Interaction, Invite, Member, Message, ScheduledEvent, User, World,
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
    /// GUILD_VOICE_STATES.
    pub const GUILD_VOICE_STATES: u64 = 1 << 7;
    /// GUILD_MESSAGES.
    pub const GUILD_MESSAGES: u64 = 1 << 9;
    /// GUILD_SCHEDULED_EVENTS.
    pub const GUILD_SCHEDULED_EVENTS: u64 = 1 << 16;
    /// A bit without a meaning, which Discord ignores: some older clients set
    /// it by default.
    pub const TOLERATED: u64 = 1 << 17;
    /// MESSAGE_CONTENT (privileged).
    pub const MESSAGE_CONTENT: u64 = 1 << 15;
    /// All bits with a meaning.
    pub const KNOWN: u64 = 0b11_0011_0001_1111_1111_1111_1111;
}

/// Something that happened in a guild.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum EventKind {
    /// GUILD_CREATE: a bot came into the guild.
    GuildCreate,
    /// GUILD_UPDATE.
    GuildUpdate,
    /// GUILD_DELETE; the flag says whether it is only an outage.
    GuildDelete {
        /// Whether the guild still exists but is unavailable.
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
        /// The channel.
        channel_id: u64,
        /// The code.
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
    /// GUILD_ROLE_DELETE: the id of the role.
    RoleDelete(u64),
    /// GUILD_BAN_ADD.
    BanAdd(Arc<User>),
    /// GUILD_BAN_REMOVE.
    BanRemove(Arc<User>),
    /// VOICE_STATE_UPDATE: who, as a member, and the voice channel; `None` if they left it.
    VoiceState(Box<Member>, Option<u64>),
    /// MESSAGE_CREATE.
    MessageCreate(Box<Message>),
    /// GUILD_SCHEDULED_EVENT_CREATE.
    ScheduledEventCreate(Box<ScheduledEvent>),
    /// GUILD_SCHEDULED_EVENT_DELETE.
    ScheduledEventDelete(Box<ScheduledEvent>),
    /// INTERACTION_CREATE.
    InteractionCreate(Box<Interaction>),
}

/// An event and the bots that may see it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Effect {
    /// The guild.
    pub guild_id: u64,
    /// The event.
    pub kind: EventKind,
    /// The ids of the bots that may see it: they are in the guild and have the permissions.
    pub viewers: Vec<u64>,
}

impl Effect {
    /// Whether any bot may see it.
    #[must_use]
    pub const fn is_visible(&self) -> bool {
        !self.viewers.is_empty()
    }

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
            EventKind::RoleDelete(_) => "GUILD_ROLE_DELETE",
            EventKind::VoiceState(..) => "VOICE_STATE_UPDATE",
            EventKind::BanAdd(_) => "GUILD_BAN_ADD",
            EventKind::BanRemove(_) => "GUILD_BAN_REMOVE",
            EventKind::MessageCreate(_) => "MESSAGE_CREATE",
            EventKind::ScheduledEventCreate(_) => "GUILD_SCHEDULED_EVENT_CREATE",
            EventKind::ScheduledEventDelete(_) => "GUILD_SCHEDULED_EVENT_DELETE",
            EventKind::InteractionCreate(_) => "INTERACTION_CREATE",
        }
    }

    /// The intent that a session needs to receive it; 0 for none.
    #[must_use]
    pub const fn intent(&self) -> u64 {
        match self.kind {
            EventKind::GuildCreate
            | EventKind::GuildUpdate
            | EventKind::GuildDelete { .. }
            | EventKind::ChannelCreate(_)
            | EventKind::RoleCreate(_)
            | EventKind::RoleUpdate(_)
            | EventKind::RoleDelete(_) => intents::GUILDS,
            EventKind::VoiceState(..) => intents::GUILD_VOICE_STATES,
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
    /// Adds an event, for the bots that may see it as things are now.
    pub(crate) fn emit(&self, guild_id: u64, kind: EventKind, effects: &mut Vec<Effect>) {
        let viewers = match self.guild(guild_id) {
            Some(guild) => self
                .bots()
                .map(|bot| bot.user.id)
                .filter(|bot| may_see(guild, *bot, &kind))
                .collect(),
            None => Vec::new(),
        };
        self.emit_to(guild_id, kind, viewers, effects);
    }

    /// Adds an event, for these bots alone.
    pub(super) fn emit_to(
        &self,
        guild_id: u64,
        kind: EventKind,
        viewers: Vec<u64>,
        effects: &mut Vec<Effect>,
    ) {
        effects.push(Effect {
            guild_id,
            kind,
            viewers,
        });
    }
}

/// Whether a bot may see an event.
///
/// INVITE_CREATE and INVITE_DELETE take MANAGE_CHANNELS in the channel: MANAGE_GUILD is not enough.
/// See Discord Docs/Gateway Events#invites.
fn may_see(guild: &Guild, bot: u64, kind: &EventKind) -> bool {
    if !guild.members.contains_key(&bot) {
        return false;
    }
    let may = |channel: &Channel, what| permissions::in_channel(guild, channel, bot) & what != 0;
    let may_in = |id: u64, what| guild.channels.get(&id).is_some_and(|it| may(it, what));
    let in_guild = |any_of| permissions::in_guild(guild, bot) & any_of != 0;
    match kind {
        EventKind::InviteCreate(invite) => may_in(invite.channel_id, permissions::MANAGE_CHANNELS),
        EventKind::InviteDelete { channel_id, .. } => {
            may_in(*channel_id, permissions::MANAGE_CHANNELS)
        }
        EventKind::AuditLogEntry(_) => in_guild(permissions::VIEW_AUDIT_LOG),
        EventKind::BanAdd(_) | EventKind::BanRemove(_) => {
            in_guild(permissions::BAN_MEMBERS | permissions::VIEW_AUDIT_LOG)
        }
        EventKind::ChannelCreate(channel) => may(channel, permissions::VIEW_CHANNEL),
        EventKind::MessageCreate(message) if message.is_hidden() => message.author.id == bot,
        EventKind::MessageCreate(message) => may_in(message.channel_id, permissions::VIEW_CHANNEL),
        EventKind::ScheduledEventCreate(event) | EventKind::ScheduledEventDelete(event) => event
            .channel_id
            .is_none_or(|channel| may_in(channel, permissions::VIEW_CHANNEL)),
        // A command is its own bot's business.
        EventKind::InteractionCreate(it) => it.command.application_id == bot,
        _ => true,
    }
}
