//! The session's start, and guilds that come and go.

use std::sync::Arc;

use super::missing;
use crate::entity::required;
use crate::json::Reader;
use crate::{DecodeError, Field, GuildId, ShardId, Timestamp, User, UserId};

/// The session began.
///
/// See [Discord Docs/Ready](https://discord.com/developers/docs/events/gateway-events#ready).
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Ready {
    /// The bot's own user.
    pub user: Arc<User>,
    /// The session, for resuming.
    pub session_id: String,
    /// Where to resume.
    pub resume_gateway_url: Option<String>,
    /// Which shard this is, where that was said.
    pub shard: Option<ShardId>,
    /// The guilds that will come.
    pub guild_ids: Vec<GuildId>,
}

/// A guild is there, or was changed.
///
/// See [Discord Docs/Guild Create](https://discord.com/developers/docs/events/gateway-events#guild-create).
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct GuildCreate {
    /// The guild.
    pub id: GuildId,
    /// Its name; an unavailable guild has none.
    pub name: Option<String>,
    /// What it can do.
    pub features: Vec<String>,
    /// The code of its vanity invite, as text.
    pub vanity_url_code: Field<String>,
    /// Whether it is out of order now.
    pub unavailable: bool,
    /// How many members it has.
    pub member_count: Option<u64>,
    /// Who owns it.
    pub owner_id: Option<UserId>,
    /// When the bot joined it; GUILD_UPDATE does not tell.
    pub joined_at: Option<Timestamp>,
}

/// A guild is not there any more.
///
/// See [Discord Docs/Guild Delete](https://discord.com/developers/docs/events/gateway-events#guild-delete).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct GuildDelete {
    /// The guild.
    pub id: GuildId,
    /// Whether it is merely out of order; else the bot was removed from it.
    pub unavailable: bool,
}

impl Ready {
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
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.skip_space();
        let start = reader.offset();
        let mut id = None;
        let mut guild = Self {
            // Replaced below, or the guild is not returned.
            id: GuildId::from_nonzero(std::num::NonZeroU64::MIN),
            name: None,
            features: Vec::new(),
            vanity_url_code: Field::Absent,
            unavailable: false,
            member_count: None,
            owner_id: None,
            joined_at: None,
        };
        reader.object(|reader, key, _| {
            match key {
                "id" => id = Some(reader.id()?),
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
            Ok(())
        })?;
        guild.id = id.ok_or_else(|| missing(start, "id"))?;
        Ok(guild)
    }
}

impl GuildDelete {
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
