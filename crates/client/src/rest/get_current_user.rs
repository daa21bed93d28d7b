use crate::{ApiError, Client, decode, transport::Request};
use guestlist_model::User;

/// Gets the bot's user.
///
/// See [Discord Docs/Get Current User](https://discord.com/developers/docs/resources/user#get-current-user).
///
/// ```no_run
/// # async fn example(client: guestlist_client::Client) -> Result<(), guestlist_client::ApiError> {
/// let me = client.get_current_user().await?;
/// println!("{} ({})", me.name(), me.id());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a request is sent when it is awaited"]
pub struct GetCurrentUser {
    client: Client,
}

impl Client {
    /// Gets the bot's user.
    pub fn get_current_user(&self) -> GetCurrentUser {
        GetCurrentUser {
            client: self.clone(),
        }
    }
}

impl GetCurrentUser {
    async fn send(self) -> Result<User, ApiError> {
        decode::model(
            &self
                .client
                .send(&Request::get("users/@me".to_owned()))
                .await?,
            User::from_slice,
        )
    }
}

into_future!(GetCurrentUser => User);
