//! Bringing an invite up to date.

use std::collections::HashSet;
use std::sync::Arc;

use super::encode::ORDER;
use super::key::Key;
use super::{Data, Decoder, Invite};
use crate::DecodeError;
use crate::json::Reader;

impl Invite {
    /// Takes over what a partial payload says: keys that are absent from it stay as they
    /// are, null sets null, a value sets the value. Works with every shape: an
    /// INVITE_CREATE, an element of a list, an answer of the REST API.
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
    /// [`DecodeError`] if the payload cannot be decoded; the invite is then as before.
    pub fn update(&mut self, partial: &[u8]) -> Result<(), DecodeError> {
        let mut reader = Reader::from_slice(partial)?;
        let (code, data) = Decoder::new().read_partial(&mut reader)?;
        reader.end()?;
        if let Some(code) = code {
            self.code = code;
        }
        self.data.take(data);
        Ok(())
    }
}

impl Data {
    fn take(&mut self, new: Self) {
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
        let Some(old) = self.rest.as_deref() else {
            return new.rest.clone();
        };
        let mut mentioned = HashSet::new();
        if let Some(rest) = new.rest.as_deref() {
            let _ = Reader::new(rest).inside_object(|reader, key, _| {
                mentioned.insert(key.to_owned());
                reader.skip()
            });
        }
        let mut merged = String::new();
        let _ = Reader::new(old).inside_object(|reader, key, start| {
            reader.skip()?;
            let replaced = match Key::find(key) {
                Some(key) => new.present.has(key),
                None => mentioned.contains(key),
            };
            if !replaced {
                if !merged.is_empty() {
                    merged.push(',');
                }
                merged.push_str(reader.slice(start, reader.offset()));
            }
            Ok(())
        });
        if let Some(rest) = new.rest.as_deref() {
            if !merged.is_empty() {
                merged.push(',');
            }
            merged.push_str(rest);
        }
        if merged.is_empty() {
            None
        } else {
            Some(Arc::from(merged))
        }
    }
}
