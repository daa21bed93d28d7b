//! `PUT /guilds/{guild_id}/bans/{user_id}`.

use super::{Answer, ApiError, Call, Reply};
use crate::world::{Refusal, permissions::BAN_MEMBERS};

pub(super) fn create_ban(call: &mut Call<'_>) -> Answer {
    let user = call.id(1, "user_id")?;
    let guild = call.guild_with(BAN_MEMBERS)?.id;
    call.above(user)?;
    let (reason, bot) = (call.reason()?, call.bot());
    let effects = call
        .world
        .ban(guild, user, bot, reason)
        .map_err(|refusal| match refusal {
            Refusal::UnknownUser(_) => ApiError::unknown_user(),
            _ => ApiError::missing_permissions(),
        })?;
    Ok(Reply::empty().with(effects))
}
