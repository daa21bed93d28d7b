//! `GET /guilds/{guild_id}`.

use serde_json::json;

use super::{Answer, Call, Reply};

pub(super) fn get_guild(call: &mut Call<'_>) -> Answer {
    let guild = call.guild()?;
    let mut body = crate::json::rest_guild(call.world, guild);
    if call.query_flag("with_counts")
        && let Some(object) = body.as_object_mut()
    {
        let members = guild.members.len();
        object.insert(String::from("approximate_member_count"), json!(members));
        object.insert(
            String::from("approximate_presence_count"),
            json!(members.div_ceil(3)),
        );
    }
    Ok(Reply::ok(body))
}
