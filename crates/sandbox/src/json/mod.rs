//! The JSON that Discord would send, written by hand from its documentation.
//!
//! Nothing here is shared with the crates that read this JSON: otherwise, nobody
//! would notice a field that both sides spell wrong.

mod audit_log;
mod command;
mod dispatch;
mod event;
mod guild;
mod invite;
mod message;
mod user;

pub use self::{
    audit_log::{audit_log, entry as audit_log_entry},
    command::{command, interaction},
    dispatch::dispatch,
    event::scheduled_event,
    guild::{
        channel, current_user_guild, gateway_guild, guild_preview, member, rest_guild, role,
        voice_state,
    },
    invite::{Detail, created_invite, invite, vanity_invite},
    message::{created_message, direct_channel, message, without_content},
    user::{application, current_person, current_user, partial_application, user},
};

/// A number as clients write it: a snowflake is a text, or a number.
pub(crate) fn number(value: &serde_json::Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// A snowflake as Discord writes it.
pub(crate) fn id(id: u64) -> serde_json::Value {
    serde_json::Value::String(id.to_string())
}
