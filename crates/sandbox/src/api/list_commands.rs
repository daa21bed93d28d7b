//! `GET /applications/{application_id}/commands` and
//! `GET /applications/{application_id}/guilds/{guild_id}/commands`.

use super::{Answer, ApiError, Call, Reply};
use crate::json;

pub(super) fn list_commands(call: &mut Call<'_>) -> Answer {
    let (bot, guild) = call.command_scope()?;
    let commands = call.world.commands(bot, guild);
    Ok(Reply::ok(commands.map(json::command).collect()))
}

impl Call<'_> {
    /// Whether the path speaks of a guild's commands.
    fn names_guild(&self) -> bool {
        self.request.path.split('/').nth(3) == Some("guilds")
    }

    /// The bot, and the guild whose commands are meant, or none for those that are everywhere.
    pub(super) fn command_scope(&self) -> Result<(u64, Option<u64>), ApiError> {
        if self.id(0, "application_id")? != self.bot() {
            return Err(ApiError::missing_access());
        }
        if !self.names_guild() {
            return Ok((self.bot(), None));
        }
        let id = self.id(1, "guild_id")?;
        let guild = self.world.guild(id).ok_or_else(ApiError::missing_access)?;
        if guild.members.contains_key(&self.bot()) {
            Ok((self.bot(), Some(id)))
        } else {
            Err(ApiError::missing_access())
        }
    }

    /// The command in the path.
    pub(super) fn command_id(&self) -> Result<u64, ApiError> {
        self.id(if self.names_guild() { 2 } else { 1 }, "command_id")
    }
}
