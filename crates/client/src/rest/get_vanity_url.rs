use crate::{ApiError, Client, decode, transport::Request};
use guestlist_model::{GuildId, Vanity};

/// Gets the vanity code of a guild and how often it was used.
///
/// Requires Manage Server. Fails with [`ApiError::VanityUnavailable`] if the guild cannot
/// have one.
///
/// ```no_run
/// # async fn example(client: guestlist_client::Client) -> Result<(), Box<dyn std::error::Error>> {
/// let vanity = client.get_vanity_url("10".parse()?).await?;
/// println!("{:?} was used {:?} times", vanity.code, vanity.uses);
/// # Ok(())
/// # }
/// ```
///
/// See [Discord Docs/Get Guild Vanity URL](https://discord.com/developers/docs/resources/guild#get-guild-vanity-url).
#[derive(Clone, Debug)]
#[must_use = "a request is sent when it is awaited"]
pub struct GetVanityUrl {
    client: Client,
    guild: GuildId,
}

impl Client {
    /// Gets the vanity code of a guild.
    pub fn get_vanity_url(&self, guild: GuildId) -> GetVanityUrl {
        GetVanityUrl {
            client: self.clone(),
            guild,
        }
    }
}

impl GetVanityUrl {
    async fn send(self) -> Result<Vanity, ApiError> {
        let path = format!("guilds/{}/vanity-url", self.guild);
        decode::model(
            &self.client.send(&Request::get(path)).await?,
            Vanity::from_slice,
        )
    }
}

into_future!(GetVanityUrl => Vanity);
