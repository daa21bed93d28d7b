//! `PUT /invites/{code}/target-users`: multipart with a CSV file.

use super::{Answer, ApiError, Call, Reply, form, get_target_users::target_users};
use crate::world::permissions::MANAGE_GUILD;

pub(super) fn set_target_users(call: &mut Call<'_>) -> Answer {
    // Only invites that were made with a file can have another one.
    target_users(call, MANAGE_GUILD)?.ok_or_else(ApiError::no_target_users)?;
    call.content_type(&[form::MULTIPART])?;
    let content_type = call.request.content_type.as_deref().unwrap_or("");
    let parts = form::multipart(content_type, &call.request.body).unwrap_or_default();
    let Some((_, file)) = parts.iter().find(|(name, _)| name == "target_users_file") else {
        return Err(ApiError::in_form(|errors| {
            errors.add_missing("target_users_file")
        }));
    };
    let users = form::target_users(file).map_err(|lines| ApiError::csv(&lines))?;
    let code = String::from(call.part(0));
    call.world
        .set_target_users(&code, users, None)
        .map_err(|_| ApiError::unknown_invite())?;
    Ok(Reply::empty())
}
