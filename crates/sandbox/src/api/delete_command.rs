//! `DELETE /applications/{application_id}/commands/{command_id}` and
//! `DELETE /applications/{application_id}/guilds/{guild_id}/commands/{command_id}`.

use super::{Answer, ApiError, Call, Reply};

pub(super) fn delete_command(call: &mut Call<'_>) -> Answer {
    let scope = call.command_scope()?;
    let id = call.command_id()?;
    if call.world.remove_command(scope, id) {
        Ok(Reply::empty())
    } else {
        Err(ApiError::unknown_command())
    }
}
