//! Updating an invite from a later payload.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use super::encode::ORDER;
use super::key::Key;
use super::{Data, Decoder, Invite};
use crate::entity::Entity;
use crate::json::{Reader, member, members};
use crate::{
    DecodeError, InviteApplication, InviteChannel, InviteGuild, InviteStage, ScheduledEvent, User,
    UserId,
};

impl Invite {
    /// Applies a partial payload. Keys that are absent from it keep their value; null
    /// sets null. Any form works: the data of an INVITE_CREATE, an element of a list, a
    /// response of the REST API.
    ///
    /// A nested object (the guild, a user, and so on) is updated in the same way, key by
    /// key, if it has the same id as before or no id. An object with another id replaces the
    /// old one. Lists are replaced as a whole.
    ///
    /// If the payload names another guild only by object or only by `guild_id`, the other key
    /// is removed, because it refers to the old guild. The same applies to the channel.
    ///
    /// ```
    /// use guestlist_model::{Field, Invite};
    ///
    /// let mut invite: Invite = r#"{"code":"abc","uses":1,"max_uses":5}"#.parse()?;
    /// invite.update(br#"{"uses":2,"expires_at":null}"#)?;
    /// assert_eq!(invite.uses(), Some(2));
    /// assert_eq!(invite.max_uses(), Some(5));
    /// assert_eq!(invite.expires_at(), Field::Null);
    /// # Ok::<(), guestlist_model::DecodeError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the payload cannot be decoded. The invite is then unchanged.
    pub fn update(&mut self, partial: &[u8]) -> Result<(), DecodeError> {
        let mut reader = Reader::from_slice(partial)?;
        let (code, data) = Decoder::once().read_partial(&mut reader)?;
        reader.end()?;
        if let Some(code) = code {
            self.code = code;
        }
        self.data.take(data);
        Ok(())
    }
}

impl Data {
    fn take(&mut self, mut new: Self) {
        // Before the new objects are completed: one without an id names no other guild.
        self.drop_others(&new);
        for key in NESTED {
            self.complete(key, &mut new);
        }
        let rest = self.merged_rest(&new);
        for key in ORDER {
            if !new.present.has(key) {
                continue;
            }
            self.present.set(key);
            self.null.put(key, new.null.has(key));
            self.kept.put(key, new.kept.has(key));
            self.take_value(key, &new);
        }
        self.rest = rest;
    }

    /// Completes a nested object of the new payload with the known keys.
    fn complete(&self, key: Key, new: &mut Self) {
        let (Some(old), Some(said)) = (self.object(key), new.object(key)) else {
            return;
        };
        if old == said {
            return new.take_value(key, self);
        }
        if let (Some(old), Some(said)) = (object_id(&old), object_id(&said))
            && old != said
        {
            return;
        }
        let whole = merge(&old, &said);
        // Both were read before, so the whole can be read.
        let _ = new.read_nested(key, &whole);
    }

    /// The text of a nested object.
    fn object(&self, key: Key) -> Option<Cow<'_, str>> {
        if !self.has_value(key) {
            return None;
        }
        if self.kept.has(key) {
            return self.kept_text(key.name()).map(Cow::Borrowed);
        }
        let side = self.side.as_deref();
        match key {
            Key::Guild => self.guild.as_deref().map(InviteGuild::json),
            Key::Channel => self.channel.as_deref().map(InviteChannel::json),
            Key::Inviter => self.inviter.as_deref().map(User::json),
            Key::TargetUser => side?.target_user.as_deref().map(User::json),
            Key::TargetApplication => side?
                .target_application
                .as_deref()
                .map(InviteApplication::json),
            Key::ScheduledEvent => side?.scheduled_event.as_deref().map(ScheduledEvent::json),
            Key::StageInstance => side?.stage_instance.as_deref().map(InviteStage::json),
            _ => None,
        }
    }

    /// Sets a nested object from its text.
    fn read_nested(&mut self, key: Key, json: &str) -> Result<(), DecodeError> {
        fn read<T: Entity>(json: &str) -> Result<Option<Arc<T>>, DecodeError> {
            Ok(T::read(&mut Reader::new(json))?.map(Arc::new))
        }
        self.remove(key);
        let typed = match key {
            Key::Guild => {
                self.guild = read(json)?;
                self.guild.is_some()
            }
            Key::Channel => {
                self.channel = read(json)?;
                self.channel.is_some()
            }
            Key::Inviter => {
                self.inviter = read(json)?;
                self.inviter.is_some()
            }
            Key::TargetUser => {
                let user = read(json)?;
                let some = user.is_some();
                self.side_mut().target_user = user;
                some
            }
            Key::TargetApplication => {
                let application = read(json)?;
                let some = application.is_some();
                self.side_mut().target_application = application;
                some
            }
            Key::ScheduledEvent => {
                let event = read(json)?;
                let some = event.is_some();
                self.side_mut().scheduled_event = event;
                some
            }
            _ => {
                let stage = read(json)?;
                let some = stage.is_some();
                self.side_mut().stage_instance = stage;
                some
            }
        };
        self.present.set(key);
        if !typed {
            self.kept.set(key);
            let mut rest = self.rest.as_deref().unwrap_or_default().to_owned();
            if !rest.is_empty() {
                rest.push(',');
            }
            rest.push_str(&format!("\"{}\":{json}", key.name()));
            self.rest = Some(rest.into());
        }
        Ok(())
    }

    /// Drops the guild or its id, and the channel or its id, if the new payload names
    /// another one by only the other key.
    fn drop_others(&mut self, new: &Self) {
        let guild = |data: &Self| data.guild.as_deref().map(InviteGuild::id);
        let channel = |data: &Self| data.channel.as_deref().map(InviteChannel::id);
        let other = |a: Option<u64>, b: Option<u64>| matches!((a, b), (Some(a), Some(b)) if a != b);
        let pairs = [
            (
                Key::Guild,
                guild(self).map(u64::from),
                Key::GuildId,
                new.guild_id.map(u64::from),
            ),
            (
                Key::GuildId,
                self.guild_id.map(u64::from),
                Key::Guild,
                guild(new).map(u64::from),
            ),
            (
                Key::Channel,
                channel(self).map(u64::from),
                Key::ChannelId,
                new.channel_id.map(u64::from),
            ),
            (
                Key::ChannelId,
                self.channel_id.map(u64::from),
                Key::Channel,
                channel(new).map(u64::from),
            ),
        ];
        for (key, old, by, said) in pairs {
            if !new.present.has(key) && new.has_value(by) && other(old, said) {
                self.remove(key);
            }
        }
    }

    /// Makes a key absent.
    pub(super) fn remove(&mut self, key: Key) {
        if self.kept.has(key) {
            self.rest = self.rest_without(|name| name == key.name());
        }
        if self.present.has(key) {
            self.forget(key);
        }
        self.present.clear(key);
        self.null.clear(key);
        self.kept.clear(key);
    }

    /// The members that are kept as text, without those that `leave` selects.
    fn rest_without(&self, leave: impl Fn(&str) -> bool) -> Option<Arc<str>> {
        let mut left = String::new();
        let _ = Reader::new(self.rest.as_deref()?).inside_object(|reader, key, start| {
            reader.skip()?;
            if !leave(key) {
                if !left.is_empty() {
                    left.push(',');
                }
                left.push_str(reader.slice(start, reader.offset()));
            }
            Ok(())
        });
        (!left.is_empty()).then(|| Arc::from(left))
    }

    fn take_value(&mut self, key: Key, new: &Self) {
        match key {
            Key::Code => {}
            Key::Type => self.kind = new.kind,
            Key::Inviter => self.inviter.clone_from(&new.inviter),
            Key::MaxAge => self.max_age = new.max_age,
            Key::CreatedAt => {
                (self.created_at, self.created_form) = (new.created_at, new.created_form);
            }
            Key::ExpiresAt => {
                (self.expires_at, self.expires_form) = (new.expires_at, new.expires_form);
            }
            Key::Guild => self.guild.clone_from(&new.guild),
            Key::GuildId => self.guild_id = new.guild_id,
            Key::Channel => self.channel.clone_from(&new.channel),
            Key::ChannelId => self.channel_id = new.channel_id,
            Key::Uses => self.uses = new.uses,
            Key::MaxUses => self.max_uses = new.max_uses,
            Key::Temporary => self.temporary = new.temporary,
            Key::TargetType => self.target_type = new.target_type,
            Key::TargetUserType => self.target_user_type = new.target_user_type,
            Key::Flags => self.flags = new.flags,
            Key::TargetUser
            | Key::TargetApplication
            | Key::ScheduledEvent
            | Key::StageInstance
            | Key::Roles
            | Key::RoleIds
            | Key::MemberCount
            | Key::PresenceCount => {
                let new = new.side.as_deref().cloned().unwrap_or_default();
                let side = self.side_mut();
                match key {
                    Key::TargetUser => side.target_user = new.target_user,
                    Key::TargetApplication => side.target_application = new.target_application,
                    Key::ScheduledEvent => side.scheduled_event = new.scheduled_event,
                    Key::StageInstance => side.stage_instance = new.stage_instance,
                    Key::Roles => side.roles = new.roles,
                    Key::RoleIds => side.role_ids = new.role_ids,
                    Key::MemberCount => side.member_count = new.member_count,
                    _ => side.presence_count = new.presence_count,
                }
            }
        }
    }

    /// The members that are kept as text after the update: the old ones that the new
    /// payload does not mention, then the new ones.
    fn merged_rest(&self, new: &Self) -> Option<Arc<str>> {
        let mut mentioned = HashSet::new();
        if let Some(rest) = new.rest.as_deref() {
            let _ = Reader::new(rest).inside_object(|reader, key, _| {
                mentioned.insert(key.to_owned());
                reader.skip()
            });
        }
        let left = self.rest_without(|name| match Key::find(name) {
            Some(key) => new.present.has(key),
            None => mentioned.contains(name),
        });
        match (left, new.rest.as_deref()) {
            (Some(left), Some(rest)) => Some(Arc::from(format!("{left},{rest}"))),
            (Some(left), None) => Some(left),
            (None, _) => new.rest.clone(),
        }
    }
}

/// The keys of nested objects.
const NESTED: [Key; 7] = [
    Key::Guild,
    Key::Channel,
    Key::Inviter,
    Key::TargetUser,
    Key::TargetApplication,
    Key::ScheduledEvent,
    Key::StageInstance,
];

/// The id of an object, if it has one.
fn object_id(json: &str) -> Option<u64> {
    let id: UserId = Reader::new(member(json, "id")?).id().ok()?;
    Some(id.get())
}

/// An object with the members of `new`, and those of `old` that are not in it.
fn merge(old: &str, new: &str) -> String {
    let mut said = HashSet::new();
    let mut last = Vec::new();
    members(new, |key, member, _| {
        said.insert(key.to_owned());
        last.push(member);
    });
    let mut all = Vec::new();
    members(old, |key, member, _| {
        if !said.contains(key) {
            all.push(member);
        }
    });
    all.extend(last);
    format!("{{{}}}", all.join(","))
}
