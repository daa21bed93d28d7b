//! Widgets, and chunks of members.

use serde::{Deserialize, Serialize};

use crate::json::Reader;
use crate::{ChannelId, DecodeError, GuildId, InviteLink, Member};

/// A guild's widget or its settings, reduced to what concerns its invite.
///
/// See [Discord Docs/Guild Widget Object](https://discord.com/developers/docs/resources/guild#guild-widget-object).
///
/// ```
/// use guestlist_model::Widget;
///
/// let widget = Widget::from_slice(br#"{
///     "id": "1", "name": "Rust", "instant_invite": "https://discord.com/invite/hB6mWNqr"
/// }"#)?;
/// assert_eq!(widget.link().map(|link| link.to_string()).as_deref(), Some("https://discord.gg/hB6mWNqr"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Widget {
    /// The guild.
    pub guild_id: Option<GuildId>,
    /// The guild's name.
    pub name: Option<String>,
    /// The link to an invite or to the vanity invite, as Discord sent it.
    pub instant_invite: Option<String>,
    /// How many members are online.
    pub presence_count: Option<u64>,
    /// Settings only: whether the widget is enabled.
    pub enabled: Option<bool>,
    /// Settings only: the channel that the invite leads to.
    pub channel_id: Option<ChannelId>,
}

impl Widget {
    /// Decodes a widget or its settings.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the JSON is invalid or a key has the wrong type.
    pub fn from_slice(json: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::from_slice(json)?;
        let mut widget = Self::default();
        reader.object(|reader, key, _| {
            match key {
                "id" => widget.guild_id = reader.nullable(Reader::id)?,
                "name" => widget.name = reader.nullable(Reader::owned)?,
                "instant_invite" => widget.instant_invite = reader.nullable(Reader::owned)?,
                "presence_count" => {
                    widget.presence_count = reader.nullable(Reader::count)?.flatten();
                }
                "enabled" => widget.enabled = reader.nullable(Reader::boolean)?,
                "channel_id" => widget.channel_id = reader.nullable(Reader::id)?,
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        reader.end()?;
        Ok(widget)
    }

    /// The invite's link, parsed; `None` if there is none or it is not a link to an
    /// invite.
    #[must_use]
    pub fn link(&self) -> Option<InviteLink> {
        self.instant_invite.as_deref()?.parse().ok()
    }
}

/// A chunk of members (GUILD_MEMBERS_CHUNK).
///
/// See [Discord Docs/Guild Members Chunk](https://discord.com/developers/docs/events/gateway-events#guild-members-chunk).
///
/// ```
/// use guestlist_model::MembersChunk;
///
/// let chunk = MembersChunk::from_slice(br#"{"guild_id": "1", "chunk_index": 0, "chunk_count": 1,
///     "members": [{"user": {"id": "7", "username": "ferris"}, "roles": []}]}"#)?;
/// assert_eq!(chunk.members[0].user.name(), "ferris");
/// # Ok::<(), guestlist_model::DecodeError>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct MembersChunk {
    /// The guild.
    pub guild_id: Option<GuildId>,
    /// The members.
    pub members: Vec<Member>,
    /// The index of the chunk, from 0.
    pub chunk_index: Option<u64>,
    /// The number of chunks.
    pub chunk_count: Option<u64>,
}

impl MembersChunk {
    /// Decodes the data of the event.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the JSON is invalid or a key has the wrong type.
    pub fn from_slice(json: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::from_slice(json)?;
        let chunk = Self::read(&mut reader)?;
        reader.end()?;
        Ok(chunk)
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut chunk = Self {
            guild_id: None,
            members: Vec::new(),
            chunk_index: None,
            chunk_count: None,
        };
        reader.object(|reader, key, _| {
            match key {
                "guild_id" => chunk.guild_id = reader.nullable(Reader::id)?,
                "members" => {
                    chunk.members.clear();
                    reader.array(|reader, _| {
                        chunk.members.push(Member::read(reader)?);
                        Ok(())
                    })?;
                }
                "chunk_index" => chunk.chunk_index = reader.nullable(Reader::count)?.flatten(),
                "chunk_count" => chunk.chunk_count = reader.nullable(Reader::count)?.flatten(),
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        Ok(chunk)
    }
}
