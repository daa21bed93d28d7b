//! Permission bits and how roles and channel overwrites combine.
//!
//! See Discord Docs/Permissions.

use super::{Channel, Guild};

/// CREATE_INSTANT_INVITE.
pub const CREATE_INSTANT_INVITE: u64 = 1 << 0;
/// KICK_MEMBERS.
pub const KICK_MEMBERS: u64 = 1 << 1;
/// BAN_MEMBERS.
pub const BAN_MEMBERS: u64 = 1 << 2;
/// ADMINISTRATOR: everything.
pub const ADMINISTRATOR: u64 = 1 << 3;
/// MANAGE_CHANNELS.
pub const MANAGE_CHANNELS: u64 = 1 << 4;
/// MANAGE_GUILD.
pub const MANAGE_GUILD: u64 = 1 << 5;
/// VIEW_AUDIT_LOG.
pub const VIEW_AUDIT_LOG: u64 = 1 << 7;
/// VIEW_CHANNEL.
pub const VIEW_CHANNEL: u64 = 1 << 10;
/// SEND_MESSAGES.
pub const SEND_MESSAGES: u64 = 1 << 11;
/// READ_MESSAGE_HISTORY.
pub const READ_MESSAGE_HISTORY: u64 = 1 << 16;
/// MANAGE_NICKNAMES.
pub const MANAGE_NICKNAMES: u64 = 1 << 27;
/// MANAGE_ROLES.
pub const MANAGE_ROLES: u64 = 1 << 28;

/// MANAGE_EVENTS.
pub const MANAGE_EVENTS: u64 = 1 << 33;
/// CREATE_EVENTS.
pub const CREATE_EVENTS: u64 = 1 << 44;

/// The permissions of `@everyone` in a new guild.
pub const EVERYONE: u64 =
    CREATE_INSTANT_INVITE | VIEW_CHANNEL | SEND_MESSAGES | READ_MESSAGE_HISTORY;

/// The permissions of a bot unless others are set:
/// everything that concerns invites and new members.
pub const BOT: u64 = CREATE_INSTANT_INVITE
    | KICK_MEMBERS
    | BAN_MEMBERS
    | MANAGE_NICKNAMES
    | MANAGE_EVENTS
    | CREATE_EVENTS
    | MANAGE_CHANNELS
    | MANAGE_GUILD
    | VIEW_AUDIT_LOG
    | VIEW_CHANNEL
    | SEND_MESSAGES
    | MANAGE_ROLES;

const ALL: u64 = (1 << 53) - 1;

/// The permissions of a member in the guild; 0 for other users.
#[must_use]
pub fn in_guild(guild: &Guild, user: u64) -> u64 {
    if guild.owner_id == user {
        return ALL;
    }
    let Some(member) = guild.members.get(&user) else {
        return 0;
    };
    let everyone = guild
        .roles
        .get(&guild.id)
        .map_or(0, |role| role.permissions);
    let permissions = member
        .roles
        .iter()
        .filter_map(|role| guild.roles.get(role))
        .fold(everyone, |all, role| all | role.permissions);
    if permissions & ADMINISTRATOR == 0 {
        permissions
    } else {
        ALL
    }
}

/// Whether a user with these permissions may grant a role: one that has
/// no other permissions.
#[must_use]
pub const fn may_grant(own: u64, role: u64) -> bool {
    own & ADMINISTRATOR != 0 || role & !own == 0
}

/// The permissions of a member in a channel.
#[must_use]
pub fn in_channel(guild: &Guild, channel: &Channel, user: u64) -> u64 {
    let base = in_guild(guild, user);
    let Some(member) = guild.members.get(&user) else {
        return base;
    };
    if base == ALL {
        return base;
    }
    let mut permissions = base;
    let everyone = channel.overwrites.iter().filter(|it| it.id == guild.id);
    for overwrite in everyone {
        permissions = permissions & !overwrite.deny | overwrite.allow;
    }
    let (mut allow, mut deny) = (0, 0);
    for overwrite in channel
        .overwrites
        .iter()
        .filter(|it| member.roles.contains(&it.id))
    {
        allow |= overwrite.allow;
        deny |= overwrite.deny;
    }
    permissions = permissions & !deny | allow;
    for overwrite in channel.overwrites.iter().filter(|it| it.id == user) {
        permissions = permissions & !overwrite.deny | overwrite.allow;
    }
    if permissions & VIEW_CHANNEL == 0 {
        0
    } else {
        permissions
    }
}
