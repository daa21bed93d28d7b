//! The endpoints, one per file.

use crate::{ApiError, percent};
use guestlist_model::{CodeError, InviteCode};
use std::pin::Pin;

/// The future of a request.
pub type ApiFuture<T> = Pin<Box<dyn Future<Output = Result<T, ApiError>> + Send>>;

/// Lets a request with an `async fn send(self)` be awaited.
macro_rules! into_future {
    ($request:ty => $output:ty) => {
        impl std::future::IntoFuture for $request {
            type Output = Result<$output, $crate::ApiError>;
            type IntoFuture = $crate::rest::ApiFuture<$output>;

            fn into_future(self) -> Self::IntoFuture {
                Box::pin(self.send())
            }
        }
    };
}

mod create_invite;
mod delete_invite;
mod get_audit_log;
mod get_channel;
mod get_current_application;
mod get_current_user;
mod get_gateway_bot;
mod get_guild;
mod get_guild_member;
mod get_invite;
mod get_server_time;
mod get_target_users;
mod get_target_users_job;
mod get_vanity_url;
mod list_channel_invites;
mod list_current_guilds;
mod list_guild_channels;
mod list_guild_invites;
mod raw;
mod search_members;
mod set_incident_actions;
mod set_target_users;

pub use create_invite::{CreateInvite, RoleIds, TooManyRoles};
pub use delete_invite::DeleteInvite;
pub use get_audit_log::GetAuditLog;
pub use get_channel::{Channel, GetChannel};
pub use get_current_application::{Application, GetCurrentApplication};
pub use get_current_user::GetCurrentUser;
pub use get_gateway_bot::{GatewayBot, GetGatewayBot, SessionStartLimit};
pub use get_guild::{GetGuild, Guild};
pub use get_guild_member::GetGuildMember;
pub use get_invite::GetInvite;
pub use get_server_time::GetServerTime;
pub use get_target_users::GetTargetUsers;
pub use get_target_users_job::{GetTargetUsersJob, WaitForTargetUsersJob};
pub use get_vanity_url::GetVanityUrl;
pub use list_channel_invites::ListChannelInvites;
pub use list_current_guilds::{GuildSummary, ListCurrentGuilds};
pub use list_guild_channels::ListGuildChannels;
pub use list_guild_invites::ListGuildInvites;
pub use raw::{RawAnswer, RawRequest};
pub use search_members::{MemberQuery, MemberQueryError, SearchMembers};
pub use set_incident_actions::SetIncidentActions;
pub use set_target_users::SetTargetUsers;

/// The path of an invite, which nothing in the code can leave.
///
/// `.` and `..` are steps of a path even when they are encoded, and no code.
fn invite_path(code: &Result<InviteCode, CodeError>) -> Result<String, ApiError> {
    let code = code
        .as_ref()
        .map_err(|error| ApiError::InvalidCode(*error))?;
    let code = code.as_str();
    if code.bytes().all(|byte| byte == b'.') {
        return Err(ApiError::UnknownInvite {
            message: String::new(),
        });
    }
    Ok(format!("invites/{}", percent::encode(code)))
}
