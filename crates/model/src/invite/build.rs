//! Invites made in code.

use std::sync::Arc;

use serde_json::Value;

use super::key::Key;
use super::{Data, Invite, InviteFlags, InviteKind, TargetType};
use crate::{
    ChannelId, DecodeError, GuildId, InviteApplication, InviteChannel, InviteCode, InviteGuild,
    InviteRole, RoleId, ScheduledEvent, Timestamp, User,
};

/// Builds an [`Invite`] without JSON, as tests need them. What is not set is absent, as in a
/// payload that does not tell.
///
/// ```
/// use guestlist_model::{Expiry, Invite, Timestamp, User};
///
/// let invite = Invite::builder("jvuBeT38".parse()?)
///     .inviter(User::new("30".parse()?, "alien"))
///     .guild_id("10".parse()?)
///     .channel_id("20".parse()?)
///     .uses(2)
///     .max_uses(5)
///     .expires_at(None)
///     .build();
/// assert_eq!(invite.uses(), Some(2));
/// assert_eq!(invite.expiry(), Expiry::Never);
/// assert_eq!(invite.max_age(), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct InviteBuilder(Invite);

impl Invite {
    /// Starts to build an invite.
    pub fn builder(code: InviteCode) -> InviteBuilder {
        InviteBuilder(Self {
            code,
            data: Data::default(),
        })
    }
}

impl From<InviteBuilder> for Invite {
    fn from(builder: InviteBuilder) -> Self {
        builder.build()
    }
}

impl InviteBuilder {
    fn set(mut self, key: Key, set: impl FnOnce(&mut Data)) -> Self {
        let data = &mut self.0.data;
        data.remove(key);
        set(data);
        data.present.set(key);
        self
    }

    /// What the invite leads to.
    pub fn kind(self, kind: InviteKind) -> Self {
        self.number(Key::Type, kind.number(), |data, number| data.kind = number)
    }

    /// The guild. [`Invite::guild_id`] then gives its id.
    pub fn guild(self, guild: impl Into<Arc<InviteGuild>>) -> Self {
        self.set(Key::Guild, |data| data.guild = Some(guild.into()))
    }

    /// The guild's id by itself, as the gateway sends it.
    pub fn guild_id(self, id: GuildId) -> Self {
        self.set(Key::GuildId, |data| data.guild_id = Some(id))
    }

    /// The channel. [`Invite::channel_id`] then gives its id.
    pub fn channel(self, channel: impl Into<Arc<InviteChannel>>) -> Self {
        self.set(Key::Channel, |data| data.channel = Some(channel.into()))
    }

    /// The channel's id by itself, as the gateway sends it.
    pub fn channel_id(self, id: ChannelId) -> Self {
        self.set(Key::ChannelId, |data| data.channel_id = Some(id))
    }

    /// Who made the invite.
    pub fn inviter(self, user: impl Into<Arc<User>>) -> Self {
        self.set(Key::Inviter, |data| data.inviter = Some(user.into()))
    }

    /// How often the invite was used.
    pub fn uses(self, uses: u32) -> Self {
        self.set(Key::Uses, |data| data.uses = uses)
    }

    /// How often the invite may be used; 0 for any number.
    pub fn max_uses(self, max_uses: u32) -> Self {
        self.set(Key::MaxUses, |data| data.max_uses = max_uses)
    }

    /// For how many seconds the invite is good; 0 for ever.
    pub fn max_age(self, secs: u32) -> Self {
        self.set(Key::MaxAge, |data| data.max_age = secs)
    }

    /// Whether who comes is removed again when they disconnect.
    pub fn temporary(self, temporary: bool) -> Self {
        self.set(Key::Temporary, |data| data.temporary = temporary)
    }

    /// When the invite was made.
    pub fn created_at(self, at: Timestamp) -> Self {
        self.set(Key::CreatedAt, |data| data.created_at = at)
    }

    /// When the invite expires; `None` for never.
    pub fn expires_at(mut self, at: impl Into<Option<Timestamp>>) -> Self {
        let at = at.into();
        self = self.set(Key::ExpiresAt, |data| {
            data.expires_at = at.unwrap_or_default();
        });
        self.0.data.null.put(Key::ExpiresAt, at.is_none());
        self
    }

    /// The flags.
    pub fn flags(self, flags: InviteFlags) -> Self {
        let bits = flags.bits();
        match u32::try_from(bits) {
            Ok(bits) => self.set(Key::Flags, |data| data.flags = bits),
            Err(_) => self.text(Key::Flags, bits),
        }
    }

    /// What the invite opens in a voice channel.
    pub fn target_type(self, target: TargetType) -> Self {
        self.number(Key::TargetType, target.number(), |data, number| {
            data.target_type = number;
        })
    }

    /// The user whose stream the invite opens.
    pub fn target_user(self, user: impl Into<Arc<User>>) -> Self {
        self.set(Key::TargetUser, |data| {
            data.side_mut().target_user = Some(user.into());
        })
    }

    /// The application that the invite opens.
    pub fn target_application(self, application: impl Into<Arc<InviteApplication>>) -> Self {
        self.set(Key::TargetApplication, |data| {
            data.side_mut().target_application = Some(application.into());
        })
    }

    /// The scheduled event that the invite shows.
    pub fn scheduled_event(self, event: impl Into<Arc<ScheduledEvent>>) -> Self {
        self.set(Key::ScheduledEvent, |data| {
            data.side_mut().scheduled_event = Some(event.into());
        })
    }

    /// The roles that the invite grants, as objects.
    pub fn roles(self, roles: impl IntoIterator<Item = InviteRole>) -> Self {
        self.set(Key::Roles, |data| {
            data.side_mut().roles = roles.into_iter().map(Arc::new).collect();
        })
    }

    /// The ids of the roles that the invite grants, as the gateway sends them.
    pub fn role_ids(self, ids: impl IntoIterator<Item = RoleId>) -> Self {
        self.set(Key::RoleIds, |data| {
            data.side_mut().role_ids = ids.into_iter().collect();
        })
    }

    /// About how many members the guild has.
    pub fn approximate_member_count(self, count: u64) -> Self {
        self.set(Key::MemberCount, |data| {
            data.side_mut().member_count = count
        })
    }

    /// About how many members are online.
    pub fn approximate_presence_count(self, count: u64) -> Self {
        self.set(Key::PresenceCount, |data| {
            data.side_mut().presence_count = count;
        })
    }

    /// Any key, with any value that it may have.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if a known key cannot have this value.
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Result<Self, DecodeError> {
        let partial = Value::from_iter([(key.to_owned(), value.into())]);
        self.0.update(partial.to_string().as_bytes())?;
        Ok(self)
    }

    /// The invite.
    #[must_use]
    pub fn build(self) -> Invite {
        self.0
    }

    /// A number that is held in 8 bits, or else as text.
    fn number(self, key: Key, number: i64, set: impl FnOnce(&mut Data, u8)) -> Self {
        match u8::try_from(number) {
            Ok(small) => self.set(key, |data| set(data, small)),
            Err(_) => self.text(key, number),
        }
    }

    /// A number that has no place but as text.
    fn text(mut self, key: Key, number: impl std::fmt::Display) -> Self {
        let partial = format!("{{\"{}\":{number}}}", key.name());
        // Any number can be read.
        let _ = self.0.update(partial.as_bytes());
        self
    }
}
