use crate::{ApiError, Client, Overwrite, decode, transport::Request};
use guestlist_model::{ChannelId, GuildId};
use serde::{Deserialize, Serialize};

/// Gets a channel with its permission overwrites.
///
/// See [Discord Docs/Get Channel](https://discord.com/developers/docs/resources/channel#get-channel).
///
/// ```no_run
/// # async fn example(client: guestlist_client::Client, id: guestlist_model::ChannelId) -> Result<(), guestlist_client::ApiError> {
/// let channel = client.get_channel(id).await?;
/// println!("{:?} has {} overwrites", channel.name, channel.permission_overwrites.len());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a request is sent when it is awaited"]
pub struct GetChannel {
    client: Client,
    channel: ChannelId,
}

/// A channel, reduced to what permissions are computed from.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Channel {
    /// The id.
    pub id: ChannelId,
    /// The type: 0 text, 2 voice, 4 category, 5 announcements, 13 stage, 15 forum.
    #[serde(rename = "type")]
    pub kind: u8,
    /// The name.
    #[serde(default)]
    pub name: Option<String>,
    /// The guild of the channel; a list of a guild's channels may leave it out.
    #[serde(default)]
    pub guild_id: Option<GuildId>,
    /// The permission overwrites.
    #[serde(default)]
    pub permission_overwrites: Vec<Overwrite>,
}

impl Channel {
    /// Whether invites can lead to a channel of this type: text, voice, announcements,
    /// stage, forum and media.
    #[must_use]
    pub const fn takes_invites(&self) -> bool {
        matches!(self.kind, 0 | 2 | 5 | 13 | 15 | 16)
    }
}

impl Client {
    /// Gets a channel with its permission overwrites.
    pub fn get_channel(&self, channel: ChannelId) -> GetChannel {
        GetChannel {
            client: self.clone(),
            channel,
        }
    }
}

impl GetChannel {
    async fn send(self) -> Result<Channel, ApiError> {
        decode::json(
            &self
                .client
                .send(&Request::get(format!("channels/{}", self.channel)))
                .await?,
        )
    }
}

into_future!(GetChannel => Channel);
