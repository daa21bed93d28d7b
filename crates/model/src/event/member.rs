//! Members that join, change and leave.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::missing;
use crate::entity::required;
use crate::json::Reader;
use crate::member::MemberParts;
use crate::{DecodeError, GuildId, Member, User};

/// A user joined. Discord may send it again for a user who is already a member.
///
/// See [Discord Docs/Guild Member Add](https://discord.com/developers/docs/events/gateway-events#guild-member-add).
///
/// ```
/// use guestlist_model::{Id, Member, MemberAdd, User};
///
/// // An event for a test.
/// let user = User::new(Id::new_checked(2).ok_or("zero")?, "ferris");
/// let join = MemberAdd::new(Id::new_checked(1).ok_or("zero")?, Member::new(user));
/// assert_eq!(join.member.user.username(), Some("ferris"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct MemberAdd {
    /// The guild.
    pub guild_id: GuildId,
    /// The member.
    pub member: Member,
}

/// A member was changed.
///
/// See [Discord Docs/Guild Member Update](https://discord.com/developers/docs/events/gateway-events#guild-member-update).
///
/// ```
/// use guestlist_model::Event;
///
/// let json = br#"{"guild_id": "1", "user": {"id": "7"}, "roles": ["3"], "nick": "crab"}"#;
/// let Event::MemberUpdate(update) = Event::from_parts("GUILD_MEMBER_UPDATE", json)? else {
///     panic!()
/// };
/// assert_eq!(update.member.nick.as_deref(), Some("crab"));
/// # Ok::<(), guestlist_model::DecodeError>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct MemberUpdate {
    /// The guild.
    pub guild_id: GuildId,
    /// The member after the change.
    pub member: Member,
}

/// A member left or was removed.
///
/// See [Discord Docs/Guild Member Remove](https://discord.com/developers/docs/events/gateway-events#guild-member-remove).
///
/// ```
/// use guestlist_model::Event;
///
/// let json = br#"{"guild_id": "1", "user": {"id": "7", "username": "ferris"}}"#;
/// let Event::MemberRemove(gone) = Event::from_parts("GUILD_MEMBER_REMOVE", json)? else { panic!() };
/// assert_eq!(gone.user.name(), "ferris");
/// # Ok::<(), guestlist_model::DecodeError>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct MemberRemove {
    /// The guild.
    pub guild_id: GuildId,
    /// The user.
    pub user: Arc<User>,
}

fn read(reader: &mut Reader<'_>) -> Result<(GuildId, Member), DecodeError> {
    reader.skip_space();
    let start = reader.offset();
    let mut guild_id = None;
    let mut parts = MemberParts::default();
    reader.object(|reader, key, _| {
        if key == "guild_id" {
            guild_id = Some(reader.id()?);
        } else if !parts.read(reader, key)? {
            reader.skip()?;
        }
        Ok(())
    })?;
    let member = parts.finish(start)?;
    Ok((guild_id.ok_or_else(|| missing(start, "guild_id"))?, member))
}

impl MemberAdd {
    /// Creates the event for a member of a guild.
    #[must_use]
    pub const fn new(guild_id: GuildId, member: Member) -> Self {
        Self { guild_id, member }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        read(reader).map(|(guild_id, member)| Self { guild_id, member })
    }
}

impl MemberUpdate {
    /// Creates the event for a member of a guild.
    #[must_use]
    pub const fn new(guild_id: GuildId, member: Member) -> Self {
        Self { guild_id, member }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        read(reader).map(|(guild_id, member)| Self { guild_id, member })
    }
}

impl MemberRemove {
    /// Creates the event for a user who is no longer a member of a guild.
    #[must_use]
    pub fn new(guild_id: GuildId, user: impl Into<Arc<User>>) -> Self {
        Self {
            guild_id,
            user: user.into(),
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.skip_space();
        let start = reader.offset();
        let mut guild_id = None;
        let mut user = None;
        reader.object(|reader, key, _| {
            match key {
                "guild_id" => guild_id = Some(reader.id()?),
                "user" => user = Some(Arc::new(required(reader)?)),
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        Ok(Self {
            guild_id: guild_id.ok_or_else(|| missing(start, "guild_id"))?,
            user: user.ok_or_else(|| missing(start, "user"))?,
        })
    }
}
