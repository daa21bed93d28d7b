use crate::{ApiError, Client, TargetUsers, decode, transport::Request};
use guestlist_model::{CodeError, InviteCode};

/// Gets the users that an invite is restricted to.
///
/// Fails with [`ApiError::NoTargetUsers`] if anyone may use the invite.
///
/// See [Discord Docs/Get Target Users](https://discord.com/developers/docs/resources/invite#get-target-users).
///
/// ```no_run
/// # async fn example(client: guestlist_client::Client) -> Result<(), guestlist_client::ApiError> {
/// for user in client.get_target_users("hB6mWNqr").await?.as_slice() {
///     println!("{user}");
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a request is sent when it is awaited"]
pub struct GetTargetUsers {
    client: Client,
    code: Result<InviteCode, CodeError>,
}

impl Client {
    /// Gets the users that an invite is restricted to.
    pub fn get_target_users(&self, code: impl AsRef<str>) -> GetTargetUsers {
        GetTargetUsers {
            client: self.clone(),
            code: InviteCode::new(code.as_ref()),
        }
    }
}

impl GetTargetUsers {
    async fn send(self) -> Result<TargetUsers, ApiError> {
        let path = format!("{}/target-users", super::invite_path(&self.code)?);
        let reply = self.client.send(&Request::get(path)).await?;
        TargetUsers::from_answer(&reply.body)
            .map_err(|error| decode::failure("target_users_file", &error))
    }
}

into_future!(GetTargetUsers => TargetUsers);
