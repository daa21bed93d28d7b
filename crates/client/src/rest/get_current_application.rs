use crate::{ApiError, Client, decode, transport::Request};
use guestlist_model::ApplicationId;
use serde::{Deserialize, Serialize};

/// Gets the bot's application. Its flags show the privileged intents.
///
/// See [Discord Docs/Get Current Application](https://discord.com/developers/docs/resources/application#get-current-application).
///
/// ```no_run
/// # async fn example(client: guestlist_client::Client) -> Result<(), guestlist_client::ApiError> {
/// let application = client.get_current_application().await?;
/// println!("members intent: {}", application.has_members_intent());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a request is sent when it is awaited"]
pub struct GetCurrentApplication {
    client: Client,
}

/// The bot's application.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Application {
    /// The id.
    pub id: ApplicationId,
    /// The name.
    #[serde(default)]
    pub name: String,
    /// The flags.
    #[serde(default)]
    pub flags: u64,
    /// Whether anyone may add the bot.
    #[serde(default)]
    pub bot_public: Option<bool>,
}

impl Application {
    const GATEWAY_GUILD_MEMBERS: u64 = 1 << 14;
    const GATEWAY_GUILD_MEMBERS_LIMITED: u64 = 1 << 15;

    /// Whether the Server Members intent is enabled: by approval, or in the developer
    /// portal for a bot in fewer than 100 guilds.
    #[must_use]
    pub const fn has_members_intent(&self) -> bool {
        self.flags & (Self::GATEWAY_GUILD_MEMBERS | Self::GATEWAY_GUILD_MEMBERS_LIMITED) != 0
    }
}

impl Client {
    /// Gets the bot's application.
    pub fn get_current_application(&self) -> GetCurrentApplication {
        GetCurrentApplication {
            client: self.clone(),
        }
    }
}

impl GetCurrentApplication {
    async fn send(self) -> Result<Application, ApiError> {
        decode::json(
            &self
                .client
                .send(&Request::get("applications/@me".to_owned()))
                .await?,
        )
    }
}

into_future!(GetCurrentApplication => Application);
