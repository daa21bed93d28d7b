use super::Channel;
use crate::{ApiError, Client, decode, transport::Request};
use guestlist_model::GuildId;

/// Lists the channels of a guild with their permission overwrites, except threads.
///
/// See [Discord Docs/Get Guild Channels](https://discord.com/developers/docs/resources/guild#get-guild-channels).
///
/// ```no_run
/// # async fn example(client: guestlist_client::Client, guild: guestlist_model::GuildId) -> Result<(), guestlist_client::ApiError> {
/// for channel in client.list_guild_channels(guild).await? {
///     if channel.takes_invites() {
///         println!("{:?}", channel.name);
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a request is sent when it is awaited"]
pub struct ListGuildChannels {
    client: Client,
    guild: GuildId,
}

impl Client {
    /// Lists the channels of a guild.
    pub fn list_guild_channels(&self, guild: GuildId) -> ListGuildChannels {
        ListGuildChannels {
            client: self.clone(),
            guild,
        }
    }
}

impl ListGuildChannels {
    async fn send(self) -> Result<Vec<Channel>, ApiError> {
        let path = format!("guilds/{}/channels", self.guild);
        decode::json(&self.client.send(&Request::get(path)).await?)
    }
}

into_future!(ListGuildChannels => Vec<Channel>);
