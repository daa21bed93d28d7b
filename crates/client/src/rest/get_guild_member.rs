use crate::{ApiError, Client, decode, transport::Request};
use guestlist_model::{GuildId, Member, UserId};

/// Gets a member of a guild.
///
/// See [Discord Docs/Get Guild Member](https://discord.com/developers/docs/resources/guild#get-guild-member).
///
/// ```no_run
/// # async fn example(client: guestlist_client::Client, guild: guestlist_model::GuildId) -> Result<(), guestlist_client::ApiError> {
/// let me = client.get_current_user().await?;
/// let member = client.get_guild_member(guild, me.id()).await?;
/// println!("{} roles", member.roles.len());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a request is sent when it is awaited"]
pub struct GetGuildMember {
    client: Client,
    guild: GuildId,
    user: UserId,
}

impl Client {
    /// Gets a member of a guild. For the bot itself, pass its id from
    /// [`get_current_user`](Self::get_current_user).
    pub fn get_guild_member(&self, guild: GuildId, user: UserId) -> GetGuildMember {
        GetGuildMember {
            client: self.clone(),
            guild,
            user,
        }
    }
}

impl GetGuildMember {
    async fn send(self) -> Result<Member, ApiError> {
        let path = format!("guilds/{}/members/{}", self.guild, self.user);
        decode::model(
            &self.client.send(&Request::get(path)).await?,
            Member::from_slice,
        )
    }
}

into_future!(GetGuildMember => Member);
