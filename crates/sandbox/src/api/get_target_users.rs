//! `GET /invites/{code}/target-users`: a CSV file.

use super::{Answer, ApiError, Body, Call, Reply};
use crate::world::{
    TargetUsers,
    permissions::{self, MANAGE_GUILD, VIEW_AUDIT_LOG},
};

/// The target users of the invite in the path, for its inviter or those with
/// one of these permissions.
pub(super) fn target_users<'a>(
    call: &'a Call<'_>,
    any_of: u64,
) -> Result<Option<&'a TargetUsers>, ApiError> {
    let bot = call.bot();
    let (guild, invite) = call
        .world
        .invite(call.part(0))
        .ok_or_else(ApiError::unknown_invite)?;
    if !guild.members.contains_key(&bot) {
        return Err(ApiError::missing_access());
    }
    let own = invite.inviter.as_ref().is_some_and(|user| user.id == bot);
    if !own && permissions::in_guild(guild, bot) & any_of == 0 {
        return Err(ApiError::missing_permissions());
    }
    Ok(invite.target_users.as_ref())
}

pub(super) fn get_target_users(call: &mut Call<'_>) -> Answer {
    let found = target_users(call, MANAGE_GUILD | VIEW_AUDIT_LOG)?;
    let targets = found.ok_or_else(ApiError::no_target_users)?;
    let mut file = String::from("user_id\n");
    for user in &targets.users {
        file.push_str(&user.to_string());
        file.push('\n');
    }
    Ok(Reply {
        status: 200,
        body: Body::Csv(file),
        effects: Vec::new(),
    })
}
