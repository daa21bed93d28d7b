//! From an invite to JSON.

use std::fmt::Write as _;

use super::key::Key;
use super::{Data, Invite};
use crate::InviteCode;
use crate::entity::Entity;
use crate::timestamp::write_form;

impl Invite {
    /// The JSON text. It has the same value as the text that was decoded; the order of
    /// keys and the white space may differ.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut out = String::with_capacity(512);
        self.write(&mut out);
        out
    }

    /// The JSON as a value.
    ///
    /// A [`Value`](serde_json::Value) cannot hold a lone surrogate, which becomes U+FFFD, or a
    /// number beyond the range of `f64`, which becomes the largest one.
    /// [`to_json`](Self::to_json) and [`get`](Self::get) keep both.
    ///
    /// ```
    /// let invite: guestlist_model::Invite = r#"{"code":"abc","large":1e400,"half":"\ud83d"}"#.parse()?;
    /// assert_eq!(invite.to_value()["large"], f64::MAX);
    /// assert_eq!(invite.to_value()["half"], "\u{fffd}");
    /// assert_eq!(invite.to_json(), r#"{"code":"abc","large":1e400,"half":"\ud83d"}"#);
    /// # Ok::<(), guestlist_model::DecodeError>(())
    /// ```
    #[must_use]
    pub fn to_value(&self) -> serde_json::Value {
        crate::json::to_value(&self.to_json()).unwrap_or_default()
    }

    /// Appends the JSON text.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.to_json().as_bytes());
    }

    pub(crate) fn write(&self, out: &mut String) {
        self.data.write(out, Some(&self.code));
    }
}

impl Data {
    pub(super) fn write(&self, out: &mut String, code: Option<&InviteCode>) {
        let mut separator = '{';
        if let Some(code) = code {
            out.push_str("{\"code\":\"");
            out.push_str(code.as_str());
            out.push('"');
            separator = ',';
        }
        for key in ORDER {
            if !self.present.has(key) || self.kept.has(key) {
                continue;
            }
            out.push(separator);
            separator = ',';
            out.push('"');
            out.push_str(key.name());
            out.push_str("\":");
            if self.null.has(key) {
                out.push_str("null");
            } else {
                // Writing to a string cannot fail.
                let _ = self.write_value(out, key);
            }
        }
        if let Some(rest) = &self.rest {
            out.push(separator);
            separator = ',';
            out.push_str(rest);
        }
        if separator == '{' {
            out.push('{');
        }
        out.push('}');
    }

    fn write_value(&self, out: &mut String, key: Key) -> std::fmt::Result {
        let data = self;
        let side = data.side.as_deref();
        match key {
            // The caller writes the code.
            Key::Code => Ok(()),
            Key::Type => write!(out, "{}", data.kind),
            Key::TargetType => write!(out, "{}", data.target_type),
            Key::TargetUserType => write!(out, "{}", data.target_user_type),
            Key::Uses => write!(out, "{}", data.uses),
            Key::MaxUses => write!(out, "{}", data.max_uses),
            Key::MaxAge => write!(out, "{}", data.max_age),
            Key::Flags => write!(out, "{}", data.flags),
            Key::Temporary => write!(out, "{}", data.temporary),
            Key::CreatedAt => {
                out.push('"');
                write_form(out, data.created_at, data.created_form)?;
                out.write_char('"')
            }
            Key::ExpiresAt => {
                out.push('"');
                write_form(out, data.expires_at, data.expires_form)?;
                out.write_char('"')
            }
            Key::GuildId => id(out, data.guild_id),
            Key::ChannelId => id(out, data.channel_id),
            Key::Guild => text(out, data.guild.as_deref()),
            Key::Channel => text(out, data.channel.as_deref()),
            Key::Inviter => text(out, data.inviter.as_deref()),
            Key::TargetUser => text(out, side.and_then(|side| side.target_user.as_deref())),
            Key::TargetApplication => text(
                out,
                side.and_then(|side| side.target_application.as_deref()),
            ),
            Key::ScheduledEvent => text(out, side.and_then(|side| side.scheduled_event.as_deref())),
            Key::StageInstance => text(out, side.and_then(|side| side.stage_instance.as_deref())),
            Key::Roles => {
                out.push('[');
                for (index, role) in side.map_or(&[][..], |side| &side.roles).iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    role.write(out);
                }
                out.write_char(']')
            }
            Key::RoleIds => {
                out.push('[');
                for (index, role) in side
                    .map_or(&[][..], |side| &side.role_ids)
                    .iter()
                    .enumerate()
                {
                    if index > 0 {
                        out.push(',');
                    }
                    write!(out, "\"{role}\"")?;
                }
                out.write_char(']')
            }
            Key::MemberCount => write!(out, "{}", side.map_or(0, |side| side.member_count)),
            Key::PresenceCount => write!(out, "{}", side.map_or(0, |side| side.presence_count)),
        }
    }
}

/// All keys except the code, in the order in which Discord usually sends them.
pub(super) const ORDER: [Key; 23] = [
    Key::Type,
    Key::Inviter,
    Key::MaxAge,
    Key::CreatedAt,
    Key::ExpiresAt,
    Key::Guild,
    Key::GuildId,
    Key::Channel,
    Key::ChannelId,
    Key::TargetType,
    Key::TargetUserType,
    Key::TargetUser,
    Key::TargetApplication,
    Key::ScheduledEvent,
    Key::StageInstance,
    Key::Flags,
    Key::Roles,
    Key::RoleIds,
    Key::MemberCount,
    Key::PresenceCount,
    Key::Uses,
    Key::MaxUses,
    Key::Temporary,
];

fn id<M>(out: &mut String, id: Option<crate::Id<M>>) -> std::fmt::Result {
    match id {
        Some(id) => write!(out, "\"{id}\""),
        None => out.write_str("null"),
    }
}

/// An entity that is present without text is null.
fn text(out: &mut String, entity: Option<&impl Entity>) -> std::fmt::Result {
    match entity {
        Some(entity) => {
            entity.write(out);
            Ok(())
        }
        None => out.write_str("null"),
    }
}
