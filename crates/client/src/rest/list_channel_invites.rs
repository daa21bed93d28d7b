use crate::{ApiError, Client, decode, transport::Request};
use guestlist_model::{ChannelId, InviteList};

/// Lists the invites of a channel.
///
/// Requires Manage Channels in the channel. An invite that cannot be decoded does not affect
/// the others; it is reported in [`InviteList::failed`].
///
/// ```no_run
/// # async fn example(client: guestlist_client::Client) -> Result<(), Box<dyn std::error::Error>> {
/// let list = client.list_channel_invites("20".parse()?).await?;
/// println!("{} invites, {} that cannot be decoded", list.invites.len(), list.failed.len());
/// # Ok(())
/// # }
/// ```
///
/// See [Discord Docs/Get Channel Invites](https://discord.com/developers/docs/resources/channel#get-channel-invites).
#[derive(Clone, Debug)]
#[must_use = "a request is sent when it is awaited"]
pub struct ListChannelInvites {
    client: Client,
    channel: ChannelId,
}

impl Client {
    /// Lists the invites of a channel.
    pub fn list_channel_invites(&self, channel: ChannelId) -> ListChannelInvites {
        ListChannelInvites {
            client: self.clone(),
            channel,
        }
    }
}

impl ListChannelInvites {
    async fn send(self) -> Result<InviteList, ApiError> {
        let path = format!("channels/{}/invites", self.channel);
        let reply = self.client.send(&Request::get(path)).await?;
        decode::model(&reply, guestlist_model::decode_invites)
    }
}

into_future!(ListChannelInvites => InviteList);
