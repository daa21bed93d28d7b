//! Which endpoint answers a path.

use super::{Answer, ApiError, Call};

/// An endpoint.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Route {
    /// The method.
    pub method: &'static str,
    /// The path, with variable parts in braces.
    pub template: &'static str,
    pub(super) handler: fn(&mut Call<'_>) -> Answer,
}

impl std::fmt::Debug for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.template)
    }
}

macro_rules! routes {
    ($($method:ident $template:literal $module:ident),* $(,)?) => {
        &[$(Route {
            method: stringify!($method),
            template: $template,
            handler: super::$module::$module,
        }),*]
    };
}

const ROUTES: &[Route] = routes![
    GET "/gateway" get_gateway,
    GET "/gateway/bot" get_gateway_bot,
    GET "/users/@me" get_current_user,
    GET "/users/@me/guilds" list_current_guilds,
    DELETE "/users/@me/guilds/{guild_id}" leave_guild,
    POST "/users/@me/channels" create_dm,
    GET "/users/{user_id}" get_user,
    GET "/applications/@me" get_current_application,
    GET "/applications/{application_id}/commands" list_commands,
    POST "/applications/{application_id}/commands" create_command,
    PUT "/applications/{application_id}/commands" set_commands,
    DELETE "/applications/{application_id}/commands/{command_id}" delete_command,
    GET "/applications/{application_id}/guilds/{guild_id}/commands" list_commands,
    POST "/applications/{application_id}/guilds/{guild_id}/commands" create_command,
    PUT "/applications/{application_id}/guilds/{guild_id}/commands" set_commands,
    DELETE "/applications/{application_id}/guilds/{guild_id}/commands/{command_id}" delete_command,
    POST "/interactions/{interaction_id}/{interaction_token}/callback" create_interaction_response,
    POST "/webhooks/{webhook_id}/{webhook_token}" create_followup,
    GET "/webhooks/{webhook_id}/{webhook_token}/messages/@original" get_interaction_response,
    PATCH "/webhooks/{webhook_id}/{webhook_token}/messages/@original" update_interaction_response,
    GET "/oauth2/applications/@me" get_current_application,
    GET "/invites/{code}" get_invite,
    POST "/invites/{code}" accept_invite,
    DELETE "/invites/{code}" delete_invite,
    GET "/invites/{code}/target-users" get_target_users,
    PUT "/invites/{code}/target-users" set_target_users,
    GET "/invites/{code}/target-users/job-status" get_target_users_job,
    GET "/channels/{channel_id}" get_channel,
    GET "/channels/{channel_id}/invites" list_channel_invites,
    POST "/channels/{channel_id}/invites" create_invite,
    POST "/channels/{channel_id}/messages" create_message,
    GET "/guilds/{guild_id}" get_guild,
    PATCH "/guilds/{guild_id}" update_guild,
    GET "/guilds/{guild_id}/preview" get_guild_preview,
    GET "/guilds/{guild_id}/bans" list_bans,
    GET "/guilds/{guild_id}/bans/{user_id}" get_ban,
    PUT "/guilds/{guild_id}/bans/{user_id}" create_ban,
    DELETE "/guilds/{guild_id}/bans/{user_id}" remove_ban,
    GET "/guilds/{guild_id}/scheduled-events" list_scheduled_events,
    POST "/guilds/{guild_id}/scheduled-events" create_scheduled_event,
    GET "/guilds/{guild_id}/scheduled-events/{guild_scheduled_event_id}" get_scheduled_event,
    DELETE "/guilds/{guild_id}/scheduled-events/{guild_scheduled_event_id}" delete_scheduled_event,
    GET "/guilds/{guild_id}/invites" list_guild_invites,
    GET "/guilds/{guild_id}/vanity-url" get_vanity_url,
    GET "/guilds/{guild_id}/audit-logs" get_audit_log,
    GET "/guilds/{guild_id}/channels" list_guild_channels,
    GET "/guilds/{guild_id}/roles" list_guild_roles,
    GET "/guilds/{guild_id}/members" list_guild_members,
    GET "/guilds/{guild_id}/members/search" search_members_by_name,
    GET "/guilds/{guild_id}/members/{user_id}" get_guild_member,
    PATCH "/guilds/{guild_id}/members/{user_id}" update_member,
    DELETE "/guilds/{guild_id}/members/{user_id}" remove_member,
    PUT "/guilds/{guild_id}/members/{user_id}/roles/{role_id}" add_member_role,
    DELETE "/guilds/{guild_id}/members/{user_id}/roles/{role_id}" remove_member_role,
    POST "/guilds/{guild_id}/members-search" search_members,
    PUT "/guilds/{guild_id}/incident-actions" set_incident_actions,
];

/// All endpoints.
pub fn routes() -> impl Iterator<Item = &'static Route> {
    ROUTES.iter()
}

/// Finds the endpoint and the variable parts of its path.
///
/// # Errors
///
/// 404 for an unknown path, 405 for a known one with another method.
pub fn find_route(method: &str, path: &str) -> Result<(Route, Vec<String>), ApiError> {
    let mut known = false;
    for route in ROUTES {
        if let Some(parts) = matches(route.template, path) {
            if route.method == method {
                return Ok((*route, parts));
            }
            known = true;
        }
    }
    Err(if known {
        ApiError::method_not_allowed()
    } else {
        ApiError::not_found()
    })
}

fn matches(template: &str, path: &str) -> Option<Vec<String>> {
    let mut parts = Vec::new();
    let mut path = path.trim_end_matches('/').split('/');
    for wanted in template.split('/') {
        let part = path.next()?;
        if wanted.starts_with('{') {
            parts.push(super::form::decode_percent(part));
        } else if wanted != part {
            return None;
        }
    }
    path.next().is_none().then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_endpoints() {
        let (route, parts) = find_route("GET", "/guilds/7/members/8").unwrap();
        assert_eq!(route.template, "/guilds/{guild_id}/members/{user_id}");
        assert_eq!(parts, ["7", "8"]);
        assert_eq!(find_route("PATCH", "/invites/x").unwrap_err().status, 405);
        assert_eq!(find_route("GET", "/invites").unwrap_err().status, 404);
        assert_eq!(
            find_route("GET", "/gateway/bot").unwrap().0.template,
            "/gateway/bot"
        );
    }
}
