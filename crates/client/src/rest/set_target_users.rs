use crate::{
    ApiError, Client, TargetUsers,
    transport::{Body, Method, Request},
};
use guestlist_model::{CodeError, InviteCode};

/// Replaces the users that an invite is restricted to.
///
/// Discord processes the list in the background; see [`Client::get_target_users_job`].
///
/// ```no_run
/// # async fn example(client: guestlist_client::Client) -> Result<(), Box<dyn std::error::Error>> {
/// use guestlist_client::TargetUsers;
///
/// let users = TargetUsers::from_csv("user_id\n80351110224678912\n")?;
/// client.set_target_users("hB6mWNqr", users).await?;
/// # Ok(())
/// # }
/// ```
///
/// See [Discord Docs/Update Target Users](https://discord.com/developers/docs/resources/invite#update-target-users).
#[derive(Clone, Debug)]
#[must_use = "a request is sent when it is awaited"]
pub struct SetTargetUsers {
    client: Client,
    code: Result<InviteCode, CodeError>,
    users: TargetUsers,
}

impl Client {
    /// Replaces the users that an invite is restricted to.
    pub fn set_target_users(&self, code: impl AsRef<str>, users: TargetUsers) -> SetTargetUsers {
        SetTargetUsers {
            client: self.clone(),
            code: InviteCode::new(code.as_ref()),
            users,
        }
    }
}

impl SetTargetUsers {
    async fn send(self) -> Result<(), ApiError> {
        let path = format!("{}/target-users", super::invite_path(&self.code)?);
        let body = Body::TargetUsers {
            json: None,
            csv: self.users.to_csv().into_bytes(),
        };
        self.client
            .send(&Request::new(Method::Put, path).body(body))
            .await
            .map(|_| ())
    }
}

into_future!(SetTargetUsers => ());
