//! The start of a session, and guilds that appear, change and disappear.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::missing;
use crate::entity::{Entity, required};
use crate::json::{Kind, Reader};
use crate::{
    DecodeError, Field, GuildId, InviteChannel, InviteGuild, ShardId, Timestamp, User, UserId,
};

/// The session has started.
///
/// See [Discord Docs/Ready](https://discord.com/developers/docs/events/gateway-events#ready).
///
/// ```
/// use guestlist_model::Event;
///
/// let json = br#"{"user": {"id": "2", "username": "greeter"}, "session_id": "9a", "shard": [0, 1],
///     "guilds": [{"id": "1", "unavailable": true}]}"#;
/// let Event::Ready(ready) = Event::from_parts("READY", json)? else { panic!() };
/// assert_eq!((ready.user.name(), ready.guild_ids.len()), ("greeter", 1));
/// # Ok::<(), guestlist_model::DecodeError>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Ready {
    /// The bot's own user.
    pub user: Arc<User>,
    /// The session id, for resuming.
    pub session_id: String,
    /// The address to resume at.
    pub resume_gateway_url: Option<String>,
    /// The shard, if Discord says so.
    pub shard: Option<ShardId>,
    /// The guilds for which a GUILD_CREATE will follow.
    pub guild_ids: Vec<GuildId>,
}

/// A guild became available, or was changed.
///
/// See [Discord Docs/Guild Create](https://discord.com/developers/docs/events/gateway-events#guild-create).
///
/// ```
/// use guestlist_model::Event;
///
/// let json = br#"{"id": "1", "name": "Rust", "member_count": 3, "channels": [{"id": "2", "type": 0}]}"#;
/// let Event::GuildCreate(guild) = Event::from_parts("GUILD_CREATE", json)? else { panic!() };
/// assert_eq!((guild.name.as_deref(), guild.channels.len()), (Some("Rust"), 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct GuildCreate {
    /// The guild.
    pub id: GuildId,
    /// Its name; an unavailable guild has none.
    pub name: Option<String>,
    /// Its features, such as `COMMUNITY`.
    pub features: Vec<String>,
    /// The code of its vanity invite, as text.
    pub vanity_url_code: Field<String>,
    /// Whether it is unavailable because of an outage.
    pub unavailable: bool,
    /// How many members it has.
    pub member_count: Option<u64>,
    /// Who owns it.
    pub owner_id: Option<UserId>,
    /// When the bot joined it; `None` in a GUILD_UPDATE.
    pub joined_at: Option<Timestamp>,
    /// The guild as invites show it, for a [`Cache`](crate::Cache); an unavailable guild has
    /// none.
    pub guild: Option<Arc<InviteGuild>>,
    /// Its channels as invites show them; empty in a GUILD_UPDATE.
    pub channels: Vec<Arc<InviteChannel>>,
}

/// A guild became unavailable, or the bot was removed from it.
///
/// See [Discord Docs/Guild Delete](https://discord.com/developers/docs/events/gateway-events#guild-delete).
///
/// ```
/// use guestlist_model::Event;
///
/// let Event::GuildDelete(gone) = Event::from_parts("GUILD_DELETE", br#"{"id": "1"}"#)? else {
///     panic!()
/// };
/// assert!(!gone.unavailable, "the bot was removed");
/// # Ok::<(), guestlist_model::DecodeError>(())
/// ```
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct GuildDelete {
    /// The guild.
    pub id: GuildId,
    /// Whether the guild is only unavailable because of an outage. If not, the bot was
    /// removed from it.
    pub unavailable: bool,
}

impl Ready {
    /// Creates the start of a session without guilds. All fields are public.
    #[must_use]
    pub fn new(user: impl Into<Arc<User>>, session_id: &str) -> Self {
        Self {
            user: user.into(),
            session_id: session_id.to_owned(),
            resume_gateway_url: None,
            shard: None,
            guild_ids: Vec::new(),
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.skip_space();
        let start = reader.offset();
        let mut user = None;
        let mut session_id = None;
        let mut resume_gateway_url = None;
        let mut shard = None;
        let mut guild_ids = Vec::new();
        reader.object(|reader, key, _| {
            match key {
                "user" => user = Some(Arc::new(required(reader)?)),
                "session_id" => session_id = Some(reader.owned()?),
                "resume_gateway_url" => resume_gateway_url = reader.nullable(Reader::owned)?,
                "shard" => {
                    let mut numbers = Vec::new();
                    if !reader.null()? {
                        reader.array(|reader, _| {
                            numbers.push(reader.count()?.and_then(|it| u32::try_from(it).ok()));
                            Ok(())
                        })?;
                    }
                    if let [Some(number), Some(of)] = *numbers {
                        shard = ShardId::new(number, of).ok();
                    }
                }
                "guilds" => reader.array(|reader, _| {
                    guild_ids.push(GuildDelete::read(reader)?.id);
                    Ok(())
                })?,
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        Ok(Self {
            user: user.ok_or_else(|| missing(start, "user"))?,
            session_id: session_id.ok_or_else(|| missing(start, "session_id"))?,
            resume_gateway_url,
            shard,
            guild_ids,
        })
    }
}

impl GuildCreate {
    /// Creates a guild with nothing but an id. All fields are public.
    #[must_use]
    pub const fn new(id: GuildId) -> Self {
        Self {
            id,
            name: None,
            features: Vec::new(),
            vanity_url_code: Field::Absent,
            unavailable: false,
            member_count: None,
            owner_id: None,
            joined_at: None,
            guild: None,
            channels: Vec::new(),
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.skip_space();
        let start = reader.offset();
        let mut id = None;
        // The id is replaced below, or the guild is not returned.
        let mut guild = Self::new(GuildId::from_nonzero(std::num::NonZeroU64::MIN));
        let mut shown = Shown::default();
        let mut shown_of_channel = Shown::default();
        reader.object(|reader, key, start| {
            match key {
                "id" => id = Some(reader.id()?),
                "channels" if reader.kind()? == Kind::Array => {
                    guild.channels.clear();
                    reader.array(|reader, _| {
                        if reader.kind()? != Kind::Object {
                            return reader.skip();
                        }
                        let (_, channel) = channel(reader, false, &mut shown_of_channel)?;
                        guild.channels.extend(channel.map(Arc::new));
                        Ok(())
                    })?;
                }
                "name" => guild.name = reader.nullable(Reader::owned)?,
                "features" => {
                    guild.features.clear();
                    reader.array(|reader, _| {
                        guild.features.push(reader.owned()?);
                        Ok(())
                    })?;
                }
                "vanity_url_code" => {
                    guild.vanity_url_code = reader
                        .nullable(Reader::owned)?
                        .map_or(Field::Null, Field::Value);
                }
                "unavailable" => {
                    guild.unavailable = reader.nullable(Reader::boolean)?.unwrap_or(false);
                }
                "member_count" => guild.member_count = reader.nullable(Reader::count)?.flatten(),
                "owner_id" => guild.owner_id = reader.nullable(Reader::id)?,
                "joined_at" => guild.joined_at = reader.nullable(Reader::timestamp)?,
                _ => reader.skip()?,
            }
            if SHOWN_OF_GUILDS.contains(&key) {
                shown.push(reader.slice(start, reader.offset()));
            }
            Ok(())
        })?;
        if guild.name.is_some() {
            guild.guild = shown.take().map(Arc::new);
        }
        guild.id = id.ok_or_else(|| missing(start, "id"))?;
        Ok(guild)
    }
}

impl GuildDelete {
    /// Creates the event. `unavailable` means an outage; otherwise the bot was removed.
    #[must_use]
    pub const fn new(id: GuildId, unavailable: bool) -> Self {
        Self { id, unavailable }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.skip_space();
        let start = reader.offset();
        let mut id = None;
        let mut unavailable = false;
        reader.object(|reader, key, _| {
            match key {
                "id" => id = Some(reader.id()?),
                "unavailable" => {
                    unavailable = reader.nullable(Reader::boolean)?.unwrap_or(false);
                }
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        Ok(Self {
            id: id.ok_or_else(|| missing(start, "id"))?,
            unavailable,
        })
    }
}

/// The keys of guilds that invites show; only these are kept.
const SHOWN_OF_GUILDS: [&str; 12] = [
    "id",
    "name",
    "icon",
    "splash",
    "banner",
    "description",
    "features",
    "vanity_url_code",
    "verification_level",
    "nsfw_level",
    "premium_subscription_count",
    "premium_tier",
];

/// The members of an object that are kept.
#[derive(Default)]
struct Shown(String);

impl Shown {
    fn push(&mut self, member: &str) {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        self.0.push_str(member);
    }

    /// The entity; `None` if it cannot be decoded, so that the event is not lost for it.
    /// Empties the text, so that the next one needs no memory of its own.
    fn take<T: Entity>(&mut self) -> Option<T> {
        self.0.push('}');
        let entity = T::read_whole(&mut Reader::new(&self.0)).ok().flatten();
        self.0.clear();
        entity
    }
}

/// Reads a channel: its guild, if that is wanted, and what invites show of it.
fn channel(
    reader: &mut Reader<'_>,
    with_guild: bool,
    shown: &mut Shown,
) -> Result<(Option<GuildId>, Option<InviteChannel>), DecodeError> {
    let mut guild_id = None;
    reader.object(|reader, key, start| {
        if key == "guild_id" && with_guild {
            guild_id = reader.nullable(Reader::id)?;
            return Ok(());
        }
        reader.skip()?;
        if matches!(key, "id" | "type" | "name" | "icon") {
            shown.push(reader.slice(start, reader.offset()));
        }
        Ok(())
    })?;
    Ok((guild_id, shown.take()))
}

/// A channel was created, changed or deleted.
///
/// See [Discord Docs/Channels](https://discord.com/developers/docs/events/gateway-events#channels).
///
/// ```
/// use guestlist_model::Event;
///
/// let json = br#"{"id": "5", "guild_id": "1", "type": 0, "name": "lobby"}"#;
/// let Event::ChannelCreate(created) = Event::from_parts("CHANNEL_CREATE", json)? else { panic!() };
/// assert_eq!(created.channel.name(), Some("lobby"));
/// # Ok::<(), guestlist_model::DecodeError>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ChannelEvent {
    /// The guild, if the channel is in one.
    pub guild_id: Option<GuildId>,
    /// The channel as invites show it.
    pub channel: Arc<InviteChannel>,
}

impl ChannelEvent {
    /// Creates the event for a channel of a guild.
    #[must_use]
    pub fn new(guild_id: GuildId, channel: impl Into<Arc<InviteChannel>>) -> Self {
        Self {
            guild_id: Some(guild_id),
            channel: channel.into(),
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.skip_space();
        let start = reader.offset();
        let (guild_id, channel) = channel(reader, true, &mut Shown::default())?;
        Ok(Self {
            guild_id,
            channel: Arc::new(channel.ok_or_else(|| missing(start, "id"))?),
        })
    }
}
