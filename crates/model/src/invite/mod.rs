//! The invite.

mod build;
mod decode;
mod encode;
mod key;
mod kind;
mod list;
mod meaning;
mod partial;
mod traits;
mod update;

use std::borrow::Cow;
use std::sync::Arc;

pub use build::InviteBuilder;
pub use decode::Decoder;
pub use kind::{InviteFlags, InviteKind, TargetType, Unnamed};
pub use list::{InviteList, decode_invites};
pub use meaning::{Expiry, Remaining};
pub use partial::PartialInvite;

use key::{Key, Keys};

use crate::json::Reader;
use crate::timestamp::Form;
use crate::{
    ChannelId, DecodeError, EventId, Field, GuildId, InviteApplication, InviteChannel, InviteCode,
    InviteGuild, InviteLink, InviteRole, InviteStage, RoleId, ScheduledEvent, Timestamp, User,
    UserId,
};

/// An invite in any of its forms: looked up, listed, created, or from the gateway.
///
/// Decoding loses nothing. Encoding the invite again gives the same JSON value, including
/// undocumented keys, large numbers and the form of timestamps. An invite takes little
/// memory, and invites that are decoded together share their guild, channel and users.
///
/// There are no default values for missing keys. Discord sends the metadata (`uses` and
/// others) only in lists, in the response to a created invite and over the gateway, and
/// only to bots with the permission to manage the guild. Without it, [`Invite::uses`] is
/// `None`, not 0.
///
/// Some payloads contain an object without an id (`{}`) in place of a guild, channel or
/// user. It is encoded again but otherwise treated as absent. If a key is repeated, the
/// last value counts.
///
/// See [Discord Docs/Invite Resource](https://discord.com/developers/docs/resources/invite).
///
/// ```
/// use guestlist_model::{Expiry, Field, Invite};
///
/// let invite = Invite::from_slice(br#"{
///     "code": "jvuBeT38", "uses": 2, "max_uses": 5, "max_age": 3600,
///     "created_at": "2023-07-15T18:30:11.047000+00:00",
///     "new_in_2027": [1, 2, 3]
/// }"#)?;
/// assert_eq!(invite.uses(), Some(2));
/// assert_eq!(invite.expires_at(), Field::Absent);
/// assert_eq!(invite.expiry(), Expiry::At("2023-07-15T19:30:11.047Z".parse()?));
/// assert_eq!(invite.link().to_string(), "https://discord.gg/jvuBeT38");
/// assert_eq!(invite.extra("new_in_2027"), Some("[1, 2, 3]"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Invite {
    code: InviteCode,
    data: Data,
}

/// All of an invite except its code, which a partial payload may lack.
#[derive(Clone)]
struct Data {
    /// The keys that are present.
    present: Keys,
    /// The present keys that are null.
    null: Keys,
    /// The present keys whose text is in `rest`, because the typed value does not hold
    /// everything.
    kept: Keys,
    guild: Option<Arc<InviteGuild>>,
    channel: Option<Arc<InviteChannel>>,
    inviter: Option<Arc<User>>,
    /// Fields that few invites have.
    side: Option<Arc<Side>>,
    /// Members of the object as text, separated by commas: unknown keys and `kept` ones.
    /// If a key is repeated, the last one counts.
    rest: Option<Arc<str>>,
    guild_id: Option<GuildId>,
    channel_id: Option<ChannelId>,
    created_at: Timestamp,
    expires_at: Timestamp,
    uses: u32,
    max_uses: u32,
    max_age: u32,
    flags: u32,
    created_form: Form,
    expires_form: Form,
    kind: u8,
    target_type: u8,
    target_user_type: u8,
    temporary: bool,
}

#[derive(Clone, Default)]
struct Side {
    target_user: Option<Arc<User>>,
    target_application: Option<Arc<InviteApplication>>,
    scheduled_event: Option<Arc<ScheduledEvent>>,
    stage_instance: Option<Arc<InviteStage>>,
    roles: Vec<Arc<InviteRole>>,
    role_ids: Vec<RoleId>,
    member_count: u64,
    presence_count: u64,
}

impl Default for Data {
    fn default() -> Self {
        Self {
            present: Keys::default(),
            null: Keys::default(),
            kept: Keys::default(),
            guild: None,
            channel: None,
            inviter: None,
            side: None,
            rest: None,
            guild_id: None,
            channel_id: None,
            created_at: Timestamp::default(),
            expires_at: Timestamp::default(),
            uses: 0,
            max_uses: 0,
            max_age: 0,
            flags: 0,
            created_form: Form::DISCORD,
            expires_form: Form::DISCORD,
            kind: 0,
            target_type: 0,
            target_user_type: 0,
            temporary: false,
        }
    }
}

impl Data {
    fn side_mut(&mut self) -> &mut Side {
        Arc::make_mut(self.side.get_or_insert_default())
    }

    const fn has_value(&self, key: Key) -> bool {
        self.present.has(key) && !self.null.has(key)
    }

    /// A value that is stored directly, if the payload has it.
    const fn told<T: Copy>(&self, key: Key, inline: T) -> Option<T> {
        if self.has_value(key) {
            Some(inline)
        } else {
            None
        }
    }

    /// The text of a key that is in `rest`.
    fn kept_text(&self, key: &str) -> Option<&str> {
        let rest = self.rest.as_deref()?;
        let mut found = None;
        // `rest` is the inside of an object.
        let _ = Reader::new(rest).inside_object(|reader, name, _| {
            let value = reader.raw()?;
            if name == key {
                found = Some(value);
            }
            Ok(())
        });
        found
    }

    /// A count that is stored in 32 bits if it fits, and as text otherwise.
    fn count(&self, key: Key, inline: u32) -> Option<u64> {
        if !self.has_value(key) {
            return None;
        }
        if !self.kept.has(key) {
            return Some(u64::from(inline));
        }
        let (text, natural) = Reader::new(self.kept_text(key.name())?).number().ok()?;
        if natural {
            return crate::json::count(text);
        }
        crate::json::integral(text).and_then(|value| u64::try_from(value).ok())
    }

    /// A number that names something, stored in 8 bits if it fits, and as text otherwise.
    fn name(&self, key: Key, inline: u8) -> Option<i64> {
        if !self.has_value(key) {
            return None;
        }
        if !self.kept.has(key) {
            return Some(i64::from(inline));
        }
        let (text, _) = Reader::new(self.kept_text(key.name())?).number().ok()?;
        Some(crate::json::saturating(text))
    }

    fn side_count(&self, key: Key, get: impl FnOnce(&Side) -> u64) -> Field<u64> {
        if !self.present.has(key) {
            return Field::Absent;
        }
        if self.null.has(key) {
            return Field::Null;
        }
        if !self.kept.has(key) {
            return Field::Value(self.side.as_deref().map_or(0, get));
        }
        self.count(key, 0).map_or(Field::Absent, Field::Value)
    }
}

impl Invite {
    /// Decodes an invite.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the text is not JSON, has no code, or a known key has a value
    /// of the wrong type.
    pub fn from_slice(json: &[u8]) -> Result<Self, DecodeError> {
        Decoder::once().invite(json)
    }

    /// Decodes an invite from a JSON value. [`from_slice`](Self::from_slice) is faster.
    ///
    /// # Errors
    ///
    /// As [`from_slice`](Self::from_slice).
    pub fn from_value(value: &serde_json::Value) -> Result<Self, DecodeError> {
        Self::from_slice(value.to_string().as_bytes())
    }

    /// The code.
    #[must_use]
    pub const fn code(&self) -> &InviteCode {
        &self.code
    }

    /// The type of the invite; [`InviteKind::Guild`] if the payload does not say.
    #[must_use]
    pub fn kind(&self) -> InviteKind {
        self.data
            .name(Key::Type, self.data.kind)
            .map_or(InviteKind::Guild, InviteKind::from)
    }

    /// The guild, if the payload contains more than its id.
    #[must_use]
    pub const fn guild(&self) -> Option<&Arc<InviteGuild>> {
        self.data.guild.as_ref()
    }

    /// The guild's id: the id of the guild object, or else `guild_id`. If a payload has
    /// both and they differ, the object wins, because it is what the invite shows.
    #[must_use]
    pub fn guild_id(&self) -> Option<GuildId> {
        self.data
            .guild
            .as_ref()
            .map(|guild| guild.id())
            .or(self.data.guild_id)
    }

    /// The channel, if the payload contains more than its id.
    #[must_use]
    pub const fn channel(&self) -> Option<&Arc<InviteChannel>> {
        self.data.channel.as_ref()
    }

    /// The channel's id: the id of the channel object, or else `channel_id`.
    #[must_use]
    pub fn channel_id(&self) -> Option<ChannelId> {
        self.data
            .channel
            .as_ref()
            .map(|channel| channel.id())
            .or(self.data.channel_id)
    }

    /// The user who created the invite. Vanity invites and widget invites have none.
    #[must_use]
    pub const fn inviter(&self) -> Option<&Arc<User>> {
        self.data.inviter.as_ref()
    }

    /// The id of the user who created the invite.
    #[must_use]
    pub fn inviter_id(&self) -> Option<UserId> {
        self.data.inviter.as_ref().map(|user| user.id())
    }

    /// What the invite opens in a voice channel. The key's name before 2020,
    /// `target_user_type`, is also accepted.
    #[must_use]
    pub fn target_type(&self) -> Option<TargetType> {
        let data = &self.data;
        data.name(Key::TargetType, data.target_type)
            .or_else(|| data.name(Key::TargetUserType, data.target_user_type))
            .map(TargetType::from)
    }

    /// The user whose stream the invite opens.
    #[must_use]
    pub fn target_user(&self) -> Option<&Arc<User>> {
        self.data.side.as_ref()?.target_user.as_ref()
    }

    /// The application that the invite opens.
    #[must_use]
    pub fn target_application(&self) -> Option<&Arc<InviteApplication>> {
        self.data.side.as_ref()?.target_application.as_ref()
    }

    /// The scheduled event that the invite shows.
    #[must_use]
    pub fn scheduled_event(&self) -> Option<&Arc<ScheduledEvent>> {
        self.data.side.as_ref()?.scheduled_event.as_ref()
    }

    /// The stage that was live (deprecated by Discord).
    #[must_use]
    pub fn stage_instance(&self) -> Option<&Arc<InviteStage>> {
        self.data.side.as_ref()?.stage_instance.as_ref()
    }

    /// The roles that the invite grants, as objects (REST).
    #[must_use]
    pub fn roles(&self) -> &[Arc<InviteRole>] {
        self.data.side.as_deref().map_or(&[], |side| &side.roles)
    }

    /// The ids of the roles that the invite grants, from either form: objects (REST) or
    /// ids (gateway).
    pub fn role_ids(&self) -> impl Iterator<Item = RoleId> + '_ {
        let side = self.data.side.as_deref();
        let roles = side.map_or(&[][..], |side| &side.roles);
        let ids = side.map_or(&[][..], |side| {
            if roles.is_empty() {
                &side.role_ids
            } else {
                &[]
            }
        });
        roles
            .iter()
            .map(|role| role.id())
            .chain(ids.iter().copied())
    }

    /// The flags; empty if the payload does not say.
    #[must_use]
    pub fn flags(&self) -> InviteFlags {
        InviteFlags::from_bits_retain(self.data.count(Key::Flags, self.data.flags).unwrap_or(0))
    }

    /// How often the invite was used; `None` if the payload does not say.
    #[must_use]
    pub fn uses(&self) -> Option<u64> {
        self.data.count(Key::Uses, self.data.uses)
    }

    /// How often the invite may be used; 0 means without limit. `None` if the payload
    /// does not say.
    #[must_use]
    pub fn max_uses(&self) -> Option<u64> {
        self.data.count(Key::MaxUses, self.data.max_uses)
    }

    /// For how many seconds the invite is valid; 0 means forever. `None` if the payload
    /// does not say.
    #[must_use]
    pub fn max_age(&self) -> Option<u64> {
        self.data.count(Key::MaxAge, self.data.max_age)
    }

    /// Whether the invite grants temporary membership, which ends when the member
    /// disconnects. `None` if the payload does not say.
    #[must_use]
    pub const fn temporary(&self) -> Option<bool> {
        self.data.told(Key::Temporary, self.data.temporary)
    }

    /// When the invite was created; `None` if the payload does not say.
    #[must_use]
    pub const fn created_at(&self) -> Option<Timestamp> {
        self.data.told(Key::CreatedAt, self.data.created_at)
    }

    /// The key `expires_at`: null means never, absent means that the payload does not
    /// say. [`expiry`](Self::expiry) also considers the other keys.
    #[must_use]
    pub const fn expires_at(&self) -> Field<Timestamp> {
        if self.data.has_value(Key::ExpiresAt) {
            Field::Value(self.data.expires_at)
        } else if self.data.present.has(Key::ExpiresAt) {
            Field::Null
        } else {
            Field::Absent
        }
    }

    /// The approximate number of members, if the request asked for counts.
    #[must_use]
    pub fn approximate_member_count(&self) -> Field<u64> {
        self.data
            .side_count(Key::MemberCount, |side| side.member_count)
    }

    /// The approximate number of members who are online, if the request asked for counts.
    #[must_use]
    pub fn approximate_presence_count(&self) -> Field<u64> {
        self.data
            .side_count(Key::PresenceCount, |side| side.presence_count)
    }

    /// The JSON text of the value of any key, documented or not.
    ///
    /// This distinguishes cases that the typed methods do not. A count of `-1` or `1e300`
    /// is text here, but `None` in [`uses`](Self::uses), as if it were absent.
    ///
    /// ```
    /// let invite: guestlist_model::Invite = r#"{"code":"abc","uses":-1,"max_age":null}"#.parse()?;
    /// assert_eq!((invite.uses(), invite.get("uses").as_deref()), (None, Some("-1")));
    /// assert_eq!((invite.max_age(), invite.get("max_age").as_deref()), (None, Some("null")));
    /// assert_eq!((invite.max_uses(), invite.get("max_uses")), (None, None));
    /// # Ok::<(), guestlist_model::DecodeError>(())
    /// ```
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Cow<'_, str>> {
        match Key::find(key) {
            None => self.data.kept_text(key).map(Cow::Borrowed),
            Some(known) if known != Key::Code && !self.data.present.has(known) => None,
            Some(known) if self.data.kept.has(known) => self.data.kept_text(key).map(Cow::Borrowed),
            Some(_) => {
                crate::json::member(&self.to_json(), key).map(|text| Cow::Owned(text.to_owned()))
            }
        }
    }

    /// The JSON text of any other key, documented or not.
    #[must_use]
    pub fn extra(&self, key: &str) -> Option<&str> {
        if Key::find(key).is_some() {
            return None;
        }
        self.data.kept_text(key)
    }

    /// All other keys with the JSON text of their values.
    #[must_use]
    pub fn extras(&self) -> Vec<(String, &str)> {
        let mut extras: Vec<(String, &str)> = Vec::new();
        if let Some(rest) = self.data.rest.as_deref() {
            let _ = Reader::new(rest).inside_object(|reader, name, _| {
                let value = reader.raw()?;
                if Key::find(name).is_none() {
                    extras.push((name.to_owned(), value));
                }
                Ok(())
            });
        }
        extras
    }

    /// Whether the payload has a key, with a value or null.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        match Key::find(key) {
            Some(Key::Code) => true,
            Some(key) => self.data.present.has(key),
            None => self.extra(key).is_some(),
        }
    }

    /// The link to share, with the event if the invite shows one.
    #[must_use]
    pub fn link(&self) -> InviteLink {
        let link = InviteLink::new(self.code.clone());
        match self.event_id() {
            Some(event) => link.with_event(event),
            None => link,
        }
    }

    fn event_id(&self) -> Option<EventId> {
        self.scheduled_event().map(|event| event.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invite_takes_little_memory() {
        assert!(size_of::<Invite>() <= 144, "{}", size_of::<Invite>());
        assert!(size_of::<User>() <= 72, "{}", size_of::<User>());
    }
}
