//! Conversions to and from twilight's types (feature `twilight`).
//!
//! twilight's types hold less than Discord sends, so converting to them loses data.
//! [`twilight_model::guild::invite::Invite`] has no fields for `guild_id`, `channel_id`,
//! `flags`, `roles`, `role_ids`, `target_application`, `guild_scheduled_event`,
//! `stage_instance`, and undocumented keys. Its guild has none for `nsfw`, `nsfw_level`
//! and `premium_tier`, its channel none for `icon` and `recipients`, and its users none
//! for undocumented keys. The difference between null and absent is lost, and so is the
//! form of timestamps. [`twilight_model::gateway::payload::incoming::InviteCreate`] knows
//! the target's type only by its name before 2020, and has no fields for `expires_at`,
//! `type`, `flags`, `role_ids` and `target_application`.
//!
//! twilight's types also reject some values that Discord sends, and then the conversion
//! fails: a channel without a type, a name that is null, image hashes that are not 32
//! hexadecimal digits (optionally after `a_`), and an INVITE_CREATE without a guild.
//!
//! Converting from twilight's types loses nothing.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use twilight_model::gateway::payload::incoming as gateway;
use twilight_model::guild::invite as twilight;
use twilight_model::id as twilight_id;

use crate::{DecodeError, Id, Invite, InviteCode, InviteDelete, User, marker};

/// The error for a value that twilight's types cannot represent.
#[derive(Debug, thiserror::Error)]
#[error("twilight's types cannot represent this value: {0}")]
pub struct ToTwilightError(#[from] serde_json::Error);

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

fn to_twilight<T: DeserializeOwned>(object: Map<String, Value>) -> Result<T, ToTwilightError> {
    // By way of text: twilight's ids are not read from values that hold strings.
    Ok(serde_json::from_str(&Value::Object(object).to_string())?)
}

fn from_twilight(value: &impl Serialize) -> Map<String, Value> {
    // Serialising twilight's plain structs to a value cannot fail; if it did, the empty
    // object would be refused for its missing code or id.
    object(serde_json::to_value(value).unwrap_or_default())
}

impl TryFrom<&Invite> for twilight::Invite {
    type Error = ToTwilightError;

    fn try_from(invite: &Invite) -> Result<Self, ToTwilightError> {
        let mut object = object(invite.to_value());
        object.entry("type").or_insert_with(|| Value::from(0));
        object.entry("channel").or_insert(Value::Null);
        if let Some(old) = object.remove("target_user_type") {
            object.entry("target_type").or_insert(old);
        }
        to_twilight(object)
    }
}

impl TryFrom<&twilight::Invite> for Invite {
    type Error = DecodeError;

    fn try_from(invite: &twilight::Invite) -> Result<Self, DecodeError> {
        Self::from_value(&Value::Object(from_twilight(invite)))
    }
}

impl TryFrom<&Invite> for gateway::InviteCreate {
    type Error = ToTwilightError;

    fn try_from(invite: &Invite) -> Result<Self, ToTwilightError> {
        let mut object = object(invite.to_value());
        if let Some(target) = object.remove("target_type") {
            object.insert("target_user_type".to_owned(), target);
        }
        if let Some(id) = invite.guild_id() {
            object.insert("guild_id".to_owned(), Value::from(id.to_string()));
        }
        if let Some(id) = invite.channel_id() {
            object.insert("channel_id".to_owned(), Value::from(id.to_string()));
        }
        to_twilight(object)
    }
}

impl TryFrom<&gateway::InviteCreate> for Invite {
    type Error = DecodeError;

    fn try_from(invite: &gateway::InviteCreate) -> Result<Self, DecodeError> {
        let mut object = from_twilight(invite);
        if let Some(target) = object.remove("target_user_type") {
            object.insert("target_type".to_owned(), target);
        }
        Self::from_value(&Value::Object(object))
    }
}

impl TryFrom<&gateway::InviteDelete> for InviteDelete {
    type Error = crate::CodeError;

    fn try_from(gone: &gateway::InviteDelete) -> Result<Self, crate::CodeError> {
        Ok(Self {
            guild_id: Some(gone.guild_id.into()),
            channel_id: Some(gone.channel_id.into()),
            code: InviteCode::new(&gone.code)?,
        })
    }
}

impl TryFrom<&User> for twilight_model::user::User {
    type Error = ToTwilightError;

    fn try_from(user: &User) -> Result<Self, ToTwilightError> {
        to_twilight(object(user.to_value()))
    }
}

impl TryFrom<&twilight_model::user::User> for User {
    type Error = DecodeError;

    fn try_from(user: &twilight_model::user::User) -> Result<Self, DecodeError> {
        Self::from_value(&Value::Object(from_twilight(user)))
    }
}

macro_rules! ids {
    ($($ours:ident = $theirs:ident),* $(,)?) => {
        $(
            impl From<Id<marker::$ours>> for twilight_id::Id<twilight_id::marker::$theirs> {
                fn from(id: Id<marker::$ours>) -> Self {
                    Self::from(id.nonzero())
                }
            }

            impl From<twilight_id::Id<twilight_id::marker::$theirs>> for Id<marker::$ours> {
                fn from(id: twilight_id::Id<twilight_id::marker::$theirs>) -> Self {
                    Self::from_nonzero(id.into_nonzero())
                }
            }
        )*
    };
}

ids! {
    Application = ApplicationMarker,
    AuditLogEntry = AuditLogEntryMarker,
    Channel = ChannelMarker,
    Event = ScheduledEventMarker,
    Guild = GuildMarker,
    Message = MessageMarker,
    Role = RoleMarker,
    User = UserMarker,
}
