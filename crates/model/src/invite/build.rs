//! A builder for invites.

use std::sync::Arc;

use serde_json::Value;

use super::key::Key;
use super::{Data, Invite, InviteFlags, InviteKind, TargetType};
use crate::{
    ChannelId, DecodeError, GuildId, InviteApplication, InviteChannel, InviteCode, InviteGuild,
    InviteRole, RoleId, ScheduledEvent, Timestamp, User,
};

/// Builds an [`Invite`] without JSON, for example in tests. A key that is not set is absent
/// from the invite.
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
    /// Creates a builder.
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

    /// Sets the type of the invite.
    pub fn kind(self, kind: InviteKind) -> Self {
        self.number(Key::Type, kind.number(), |data, number| data.kind = number)
    }

    /// Sets the guild. [`Invite::guild_id`] then returns its id.
    pub fn guild(self, guild: impl Into<Arc<InviteGuild>>) -> Self {
        self.set(Key::Guild, |data| data.guild = Some(guild.into()))
    }

    /// Sets only the guild's id, as the gateway sends it.
    pub fn guild_id(self, id: GuildId) -> Self {
        self.set(Key::GuildId, |data| data.guild_id = Some(id))
    }

    /// Sets the channel. [`Invite::channel_id`] then returns its id.
    pub fn channel(self, channel: impl Into<Arc<InviteChannel>>) -> Self {
        self.set(Key::Channel, |data| data.channel = Some(channel.into()))
    }

    /// Sets only the channel's id, as the gateway sends it.
    pub fn channel_id(self, id: ChannelId) -> Self {
        self.set(Key::ChannelId, |data| data.channel_id = Some(id))
    }

    /// Sets the user who created the invite.
    pub fn inviter(self, user: impl Into<Arc<User>>) -> Self {
        self.set(Key::Inviter, |data| data.inviter = Some(user.into()))
    }

    /// Sets how often the invite was used.
    pub fn uses(self, uses: u32) -> Self {
        self.set(Key::Uses, |data| data.uses = uses)
    }

    /// Sets how often the invite may be used; 0 means without limit.
    pub fn max_uses(self, max_uses: u32) -> Self {
        self.set(Key::MaxUses, |data| data.max_uses = max_uses)
    }

    /// Sets for how many seconds the invite is valid; 0 means forever.
    pub fn max_age(self, secs: u32) -> Self {
        self.set(Key::MaxAge, |data| data.max_age = secs)
    }

    /// Sets whether the invite grants temporary membership, which ends when the member
    /// disconnects.
    pub fn temporary(self, temporary: bool) -> Self {
        self.set(Key::Temporary, |data| data.temporary = temporary)
    }

    /// Sets when the invite was created.
    pub fn created_at(self, at: Timestamp) -> Self {
        self.set(Key::CreatedAt, |data| data.created_at = at)
    }

    /// Sets when the invite expires; `None` means never.
    pub fn expires_at(mut self, at: impl Into<Option<Timestamp>>) -> Self {
        let at = at.into();
        self = self.set(Key::ExpiresAt, |data| {
            data.expires_at = at.unwrap_or_default();
        });
        self.0.data.null.put(Key::ExpiresAt, at.is_none());
        self
    }

    /// Sets the flags.
    pub fn flags(self, flags: InviteFlags) -> Self {
        let bits = flags.bits();
        match u32::try_from(bits) {
            Ok(bits) => self.set(Key::Flags, |data| data.flags = bits),
            Err(_) => self.text(Key::Flags, bits),
        }
    }

    /// Sets what the invite opens in a voice channel.
    pub fn target_type(self, target: TargetType) -> Self {
        self.number(Key::TargetType, target.number(), |data, number| {
            data.target_type = number;
        })
    }

    /// Sets the user whose stream the invite opens.
    pub fn target_user(self, user: impl Into<Arc<User>>) -> Self {
        self.set(Key::TargetUser, |data| {
            data.side_mut().target_user = Some(user.into());
        })
    }

    /// Sets the application that the invite opens.
    pub fn target_application(self, application: impl Into<Arc<InviteApplication>>) -> Self {
        self.set(Key::TargetApplication, |data| {
            data.side_mut().target_application = Some(application.into());
        })
    }

    /// Sets the scheduled event that the invite shows.
    pub fn scheduled_event(self, event: impl Into<Arc<ScheduledEvent>>) -> Self {
        self.set(Key::ScheduledEvent, |data| {
            data.side_mut().scheduled_event = Some(event.into());
        })
    }

    /// Sets the roles that the invite grants, as objects.
    pub fn roles(self, roles: impl IntoIterator<Item = InviteRole>) -> Self {
        self.set(Key::Roles, |data| {
            data.side_mut().roles = roles.into_iter().map(Arc::new).collect();
        })
    }

    /// Sets the ids of the roles that the invite grants, as the gateway sends them.
    pub fn role_ids(self, ids: impl IntoIterator<Item = RoleId>) -> Self {
        self.set(Key::RoleIds, |data| {
            data.side_mut().role_ids = ids.into_iter().collect();
        })
    }

    /// Sets the approximate number of members.
    pub fn approximate_member_count(self, count: u64) -> Self {
        self.set(Key::MemberCount, |data| {
            data.side_mut().member_count = count
        })
    }

    /// Sets the approximate number of members who are online.
    pub fn approximate_presence_count(self, count: u64) -> Self {
        self.set(Key::PresenceCount, |data| {
            data.side_mut().presence_count = count;
        })
    }

    /// Sets any key to any value that it can have.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if a known key cannot have this value.
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Result<Self, DecodeError> {
        let partial = Value::from_iter([(key.to_owned(), value.into())]);
        self.0.update(partial.to_string().as_bytes())?;
        Ok(self)
    }

    /// Builds the invite.
    #[must_use]
    pub fn build(self) -> Invite {
        self.0
    }

    /// Sets a number that is stored in 8 bits if it fits, and as text otherwise.
    fn number(self, key: Key, number: i64, set: impl FnOnce(&mut Data, u8)) -> Self {
        match u8::try_from(number) {
            Ok(small) => self.set(key, |data| set(data, small)),
            Err(_) => self.text(key, number),
        }
    }

    /// Sets a number that is stored as text.
    fn text(mut self, key: Key, number: impl std::fmt::Display) -> Self {
        let partial = format!("{{\"{}\":{number}}}", key.name());
        // Any number can be read.
        let _ = self.0.update(partial.as_bytes());
        self
    }
}
