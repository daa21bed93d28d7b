//! The channel an invite leads to.

use serde::{Deserialize, Serialize};

use crate::entity::entity;
use crate::json::Reader;
use crate::{ChannelId, UserId};

entity! {
    /// The part of a channel that an invite shows. It keeps the JSON text as Discord sent
    /// it.
    ///
    /// See [Discord Docs/Channel Object](https://discord.com/developers/docs/resources/channel#channel-object).
    InviteChannel of ChannelId, "a channel";

    /// The channel's name. Group DMs may have none, and Discord hides the name of some
    /// private channels.
    name: string = "name";
    /// The channel's type: 0 text, 2 voice, 3 group DM, 5 announcements, 13 stage,
    /// 15 forum, and others.
    ///
    /// Before 2017, Discord wrote `"text"` and `"voice"`, which are 0 and 2 here. Any other
    /// text is `None`; [`get`](Self::get) returns it.
    kind: channel_type = "type";
    /// The hash of a group DM's icon.
    icon: field = "icon";
}

/// A member of a group DM, as its invite shows it.
///
/// ```
/// use guestlist_model::InviteChannel;
///
/// let channel: InviteChannel =
///     r#"{"id": "5", "type": 3, "recipients": [{"username": "ferris"}]}"#.parse()?;
/// assert_eq!(channel.recipients()[0].username.as_deref(), Some("ferris"));
/// # Ok::<(), guestlist_model::DecodeError>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Recipient {
    /// The user's id; Discord often leaves it out.
    pub id: Option<UserId>,
    /// The user's unique name.
    pub username: Option<String>,
    /// The hash of the avatar.
    pub avatar: Option<String>,
}

impl InviteChannel {
    /// Creates a channel with a type (0 text, 2 voice) and a name. Use [`with`](Self::with)
    /// for any other key.
    #[must_use]
    pub fn new(id: ChannelId, kind: i64, name: &str) -> Self {
        Self::bare(id).set("type", kind).set("name", name)
    }

    /// The members of a group DM that the invite shows.
    #[must_use]
    pub fn recipients(&self) -> Vec<Recipient> {
        let mut recipients = Vec::new();
        if let Some(json) = self.get("recipients") {
            // A recipient of an unknown form ends the list; the text keeps all of them.
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
