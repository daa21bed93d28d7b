//! The gateway events that concern invites and joins.

mod envelope;
mod frame;
mod guild;
mod member;
mod raw;

pub use envelope::Envelope;
pub use frame::Frame;
pub use guild::{ChannelEvent, GuildCreate, GuildDelete, Ready};
pub use member::{MemberAdd, MemberRemove, MemberUpdate};
pub use raw::RawFrame;

use std::ops::Deref;

use serde::{Deserialize, Serialize};

use crate::audit_log::EntryParts;
use crate::json::Reader;
use crate::{
    AuditLogEntry, ChannelId, DecodeError, Decoder, ErrorKind, GuildId, Invite, InviteCode,
};

/// A gateway event.
///
/// See [Discord Docs/Gateway Events](https://discord.com/developers/docs/events/gateway-events#receive-events).
///
/// ```
/// use guestlist_model::Event;
///
/// let frame = br#"{"op": 0, "s": 7, "t": "INVITE_DELETE", "d": {"channel_id": "1", "code": "abc"}}"#;
/// if let Some(frame) = Event::from_frame(frame)? {
///     match frame.event {
///         Event::InviteDelete(deleted) => assert_eq!(deleted.code, "abc"),
///         other => println!("{other:?}"),
///     }
/// }
/// # Ok::<(), guestlist_model::DecodeError>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// The session has started.
    Ready(Ready),
    /// The session was resumed; Discord has sent every event that was missed.
    Resumed,
    /// A guild became available: at the start, after an outage, or because the bot was
    /// added.
    GuildCreate(GuildCreate),
    /// A guild was changed.
    GuildUpdate(GuildCreate),
    /// A guild became unavailable, or the bot was removed from it.
    GuildDelete(GuildDelete),
    /// A channel was created.
    ChannelCreate(ChannelEvent),
    /// A channel was changed.
    ChannelUpdate(ChannelEvent),
    /// A channel was deleted, and its invites with it.
    ChannelDelete(ChannelEvent),
    /// An invite was created.
    InviteCreate(InviteCreate),
    /// An invite no longer exists: it was revoked or used up.
    InviteDelete(InviteDelete),
    /// A user joined.
    MemberAdd(MemberAdd),
    /// A member was changed.
    MemberUpdate(MemberUpdate),
    /// A member left or was removed.
    MemberRemove(MemberRemove),
    /// An entry was added to the audit log.
    AuditLogEntry(AuditLogEntryEvent),
    /// Any other event. Its data is not decoded.
    Other {
        /// The name of the event, such as `MESSAGE_CREATE`.
        name: String,
    },
}

/// An invite was created. [`Deref`]s to the invite.
///
/// `uses` is always 0 in what Discord sends.
///
/// See [Discord Docs/Invite Create](https://discord.com/developers/docs/events/gateway-events#invite-create).
///
/// ```
/// use guestlist_model::Event;
///
/// let json = br#"{"code": "hB6mWNqr", "guild_id": "1", "channel_id": "2", "uses": 0, "max_uses": 5}"#;
/// let Event::InviteCreate(created) = Event::from_parts("INVITE_CREATE", json)? else { panic!() };
/// assert_eq!(created.max_uses(), Some(5));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(transparent)]
pub struct InviteCreate(Invite);

impl InviteCreate {
    /// The invite.
    #[must_use]
    pub const fn invite(&self) -> &Invite {
        &self.0
    }

    /// The invite.
    #[must_use]
    pub fn into_invite(self) -> Invite {
        self.0
    }
}

impl From<Invite> for InviteCreate {
    fn from(invite: Invite) -> Self {
        Self(invite)
    }
}

impl Deref for InviteCreate {
    type Target = Invite;

    fn deref(&self) -> &Invite {
        &self.0
    }
}

/// An invite no longer exists. The event does not say why.
///
/// See [Discord Docs/Invite Delete](https://discord.com/developers/docs/events/gateway-events#invite-delete).
///
/// ```
/// use guestlist_model::Event;
///
/// let json = br#"{"guild_id": "1", "channel_id": "5", "code": "abc"}"#;
/// let Event::InviteDelete(gone) = Event::from_parts("INVITE_DELETE", json)? else { panic!() };
/// assert_eq!(gone.code, "abc");
/// # Ok::<(), guestlist_model::DecodeError>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct InviteDelete {
    /// The guild, if the invite led to one.
    pub guild_id: Option<GuildId>,
    /// The channel.
    pub channel_id: Option<ChannelId>,
    /// The code.
    pub code: InviteCode,
}

/// An entry was added to the audit log.
///
/// See [Discord Docs/Guild Audit Log Entry Create](https://discord.com/developers/docs/events/gateway-events#guild-audit-log-entry-create).
///
/// ```
/// use guestlist_model::{AuditAction, Event};
///
/// let json = br#"{"guild_id": "1", "id": "5", "user_id": "2", "action_type": 42}"#;
/// let Event::AuditLogEntry(added) = Event::from_parts("GUILD_AUDIT_LOG_ENTRY_CREATE", json)? else {
///     panic!()
/// };
/// assert_eq!(added.entry.action, AuditAction::INVITE_DELETE);
/// # Ok::<(), guestlist_model::DecodeError>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AuditLogEntryEvent {
    /// The guild.
    pub guild_id: GuildId,
    /// The entry.
    pub entry: AuditLogEntry,
}

impl InviteDelete {
    /// Creates the event for a guild's invite.
    #[must_use]
    pub const fn new(guild_id: GuildId, channel_id: ChannelId, code: InviteCode) -> Self {
        Self {
            guild_id: Some(guild_id),
            channel_id: Some(channel_id),
            code,
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.skip_space();
        let start = reader.offset();
        let mut guild_id = None;
        let mut channel_id = None;
        let mut code = None;
        reader.object(|reader, key, _| {
            match key {
                "guild_id" => guild_id = reader.nullable(Reader::id)?,
                "channel_id" => channel_id = reader.nullable(Reader::id)?,
                "code" => code = Some(reader.code()?),
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let code = code.ok_or_else(|| missing(start, "code"))?;
        Ok(Self {
            guild_id,
            channel_id,
            code,
        })
    }
}

impl AuditLogEntryEvent {
    /// Creates the event for an entry in a guild's audit log.
    #[must_use]
    pub const fn new(guild_id: GuildId, entry: AuditLogEntry) -> Self {
        Self { guild_id, entry }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.skip_space();
        let start = reader.offset();
        let mut guild_id = None;
        let mut parts = EntryParts::default();
        reader.object(|reader, key, _| {
            if key == "guild_id" {
                guild_id = Some(reader.id()?);
                return Ok(());
            }
            parts.read(reader, key)
        })?;
        let guild_id = guild_id.ok_or_else(|| missing(start, "guild_id"))?;
        Ok(Self {
            guild_id,
            entry: parts.finish(start)?,
        })
    }
}

impl Event {
    /// Decodes an event from its name and its data (`t` and `d` of a frame).
    ///
    /// ```
    /// use guestlist_model::Event;
    ///
    /// let event = Event::from_parts("INVITE_DELETE", br#"{"channel_id":"1","code":"abc"}"#)?;
    /// assert!(matches!(event, Event::InviteDelete(gone) if gone.code == "abc"));
    /// # Ok::<(), guestlist_model::DecodeError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the data is not JSON, or lacks a key that the event requires.
    pub fn from_parts(name: &str, data: &[u8]) -> Result<Self, DecodeError> {
        Decoder::once().event(name, data)
    }

    pub(crate) fn read(
        decoder: &mut Decoder,
        name: &str,
        reader: &mut Reader<'_>,
    ) -> Result<Self, DecodeError> {
        Ok(match name {
            "READY" => Self::Ready(Ready::read(reader)?),
            "RESUMED" => {
                reader.skip()?;
                Self::Resumed
            }
            "GUILD_CREATE" => Self::GuildCreate(GuildCreate::read(reader)?),
            "GUILD_UPDATE" => Self::GuildUpdate(GuildCreate::read(reader)?),
            "GUILD_DELETE" => Self::GuildDelete(GuildDelete::read(reader)?),
            "CHANNEL_CREATE" => Self::ChannelCreate(ChannelEvent::read(reader)?),
            "CHANNEL_UPDATE" => Self::ChannelUpdate(ChannelEvent::read(reader)?),
            "CHANNEL_DELETE" => Self::ChannelDelete(ChannelEvent::read(reader)?),
            "INVITE_CREATE" => Self::InviteCreate(InviteCreate(decoder.read(reader)?)),
            "INVITE_DELETE" => Self::InviteDelete(InviteDelete::read(reader)?),
            "GUILD_MEMBER_ADD" => Self::MemberAdd(MemberAdd::read(reader)?),
            "GUILD_MEMBER_UPDATE" => Self::MemberUpdate(MemberUpdate::read(reader)?),
            "GUILD_MEMBER_REMOVE" => Self::MemberRemove(MemberRemove::read(reader)?),
            "GUILD_AUDIT_LOG_ENTRY_CREATE" => {
                Self::AuditLogEntry(AuditLogEntryEvent::read(reader)?)
            }
            _ => {
                reader.skip()?;
                Self::Other {
                    name: name.to_owned(),
                }
            }
        })
    }

    /// The guild of the event, if it has one.
    #[must_use]
    pub fn guild_id(&self) -> Option<GuildId> {
        match self {
            Self::Ready(_) | Self::Resumed | Self::Other { .. } => None,
            Self::GuildCreate(guild) | Self::GuildUpdate(guild) => Some(guild.id),
            Self::GuildDelete(guild) => Some(guild.id),
            Self::ChannelCreate(event)
            | Self::ChannelUpdate(event)
            | Self::ChannelDelete(event) => event.guild_id,
            Self::InviteCreate(invite) => invite.guild_id(),
            Self::InviteDelete(invite) => invite.guild_id,
            Self::MemberAdd(join) => Some(join.guild_id),
            Self::MemberUpdate(update) => Some(update.guild_id),
            Self::MemberRemove(leave) => Some(leave.guild_id),
            Self::AuditLogEntry(event) => Some(event.guild_id),
        }
    }
}

macro_rules! from_parts {
    ($($of:ident => $variant:ident),* $(,)?) => {
        $(
            impl From<$of> for Event {
                fn from(it: $of) -> Self {
                    Self::$variant(it)
                }
            }
        )*
    };
}

from_parts! {
    Ready => Ready,
    GuildDelete => GuildDelete,
    InviteCreate => InviteCreate,
    InviteDelete => InviteDelete,
    MemberAdd => MemberAdd,
    MemberUpdate => MemberUpdate,
    MemberRemove => MemberRemove,
    AuditLogEntryEvent => AuditLogEntry,
}

impl From<InviteCreate> for Invite {
    fn from(created: InviteCreate) -> Self {
        created.0
    }
}

#[cold]
fn missing(start: usize, key: &str) -> DecodeError {
    DecodeError::new(ErrorKind::Missing, start).at_key(key)
}
