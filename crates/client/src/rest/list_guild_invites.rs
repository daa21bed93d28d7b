use crate::{ApiError, Client, decode, transport::Request};
use guestlist_model::{GuildId, InviteList};

/// Lists the invites of a guild, at most 1000, without the vanity invite.
///
/// Requires Manage Server. With View Audit Log alone, invites lack `uses` and the other
/// metadata. An invite that cannot be decoded does not affect the others; it is reported
/// in [`InviteList::failed`].
///
/// ```no_run
/// # async fn example(client: guestlist_client::Client) -> Result<(), Box<dyn std::error::Error>> {
/// for invite in client.list_guild_invites("10".parse()?).await?.invites {
///     println!("{} was used {:?} times", invite.code(), invite.uses());
/// }
/// # Ok(())
/// # }
/// ```
///
/// See [Discord Docs/Get Guild Invites](https://discord.com/developers/docs/resources/guild#get-guild-invites).
#[derive(Clone, Debug)]
#[must_use = "a request is sent when it is awaited"]
pub struct ListGuildInvites {
    client: Client,
    guild: GuildId,
}

impl Client {
    /// Lists the invites of a guild.
    pub fn list_guild_invites(&self, guild: GuildId) -> ListGuildInvites {
        ListGuildInvites {
            client: self.clone(),
            guild,
        }
    }
}

impl ListGuildInvites {
    async fn send(self) -> Result<InviteList, ApiError> {
        let path = format!("guilds/{}/invites", self.guild);
        let reply = self.client.send(&Request::get(path)).await?;
        decode::model(&reply, guestlist_model::decode_invites)
    }
}

into_future!(ListGuildInvites => InviteList);
