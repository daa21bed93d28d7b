//! The channel an invite leads to.

use crate::entity::{Entity, entity};
use crate::json::{Builder, Reader, Span, Text, member};
use crate::{ChannelId, DecodeError, Field, UserId};

/// The part of a channel that an invite shows, kept as it was sent.
///
/// See [Discord Docs/Channel Object](https://discord.com/developers/docs/resources/channel#channel-object).
#[derive(Clone)]
pub struct InviteChannel {
    text: Text,
    id: ChannelId,
    name: Span,
    icon: Span,
    kind: Option<i64>,
}

/// A member of a group DM, as its invite shows them.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Recipient {
    /// The user's id; Discord often leaves it out.
    pub id: Option<UserId>,
    /// The user's unique name.
    pub username: Option<String>,
    /// The hash of the avatar.
    pub avatar: Option<String>,
}

entity!(InviteChannel);

impl Entity for InviteChannel {
    const NAME: &'static str = "a channel";

    fn read(reader: &mut Reader<'_>) -> Result<Option<Self>, DecodeError> {
        let mut text = Builder::new(reader);
        let mut id = None;
        let mut name = Span::ABSENT;
        let mut icon = Span::ABSENT;
        let mut kind = None;
        reader.object(|reader, key, _| {
            match key {
                "id" => id = reader.nullable(Reader::id)?,
                "name" => name = text.string(reader)?,
                "icon" => icon = text.string(reader)?,
                "type" => kind = reader.nullable(Reader::integer)?.flatten(),
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let Some(id) = id else { return Ok(None) };
        let text = text.finish(reader);
        Ok(Some(Self {
            text,
            id,
            name,
            icon,
            kind,
        }))
    }

    fn text(&self) -> &Text {
        &self.text
    }
}

impl InviteChannel {
    /// The channel's id.
    #[must_use]
    pub const fn id(&self) -> ChannelId {
        self.id
    }

    /// The channel's name. Group DMs may have none, and some private channels do not
    /// tell theirs.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.text.get(self.name)
    }

    /// The channel's type: 0 text, 2 voice, 3 group DM, 5 announcements, 13 stage,
    /// 15 forum, and others.
    #[must_use]
    pub const fn kind(&self) -> Option<i64> {
        self.kind
    }

    /// The hash of a group DM's icon.
    #[must_use]
    pub fn icon(&self) -> Field<&str> {
        self.text.field(self.icon)
    }

    /// The members of a group DM that the invite shows.
    #[must_use]
    pub fn recipients(&self) -> Vec<Recipient> {
        let mut recipients = Vec::new();
        if let Some(json) = member(self.json(), "recipients") {
            // A recipient of an unheard-of shape ends the list; the text has it all.
            let _ = Reader::new(json).array(|reader, _| {
                let mut recipient = Recipient::default();
                reader.object(|reader, key, _| {
                    match key {
                        "id" => recipient.id = reader.nullable(Reader::id)?,
                        "username" => recipient.username = reader.nullable(Reader::owned)?,
                        "avatar" => recipient.avatar = reader.nullable(Reader::owned)?,
                        _ => reader.skip()?,
                    }
                    Ok(())
                })?;
                recipients.push(recipient);
                Ok(())
            });
        }
        recipients
    }
}
