//! `DELETE /guilds/{guild_id}/members/{user_id}/roles/{role_id}`.

use super::{Answer, Call, add_member_role};

pub(super) fn remove_member_role(call: &mut Call<'_>) -> Answer {
    add_member_role::switch(call, false)
}
