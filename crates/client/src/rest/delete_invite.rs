use crate::{
    ApiError, Client, Done, Reason, decode,
    transport::{Method, Request},
};
use guestlist_model::{CodeError, Invite, InviteCode};

/// Revokes an invite, and returns it.
///
/// Requires Manage Channels in the invite's channel, or Manage Server.
///
/// ```no_run
/// # async fn example(client: guestlist_client::Client) -> Result<(), Box<dyn std::error::Error>> {
/// client.delete_invite("hB6mWNqr").reason("it was shared in public".parse()?).await?;
/// # Ok(())
/// # }
/// ```
///
/// See [Discord Docs/Delete Invite](https://discord.com/developers/docs/resources/invite#delete-invite).
#[derive(Clone, Debug)]
#[must_use = "a request is sent when it is awaited"]
pub struct DeleteInvite {
    client: Client,
    code: Result<InviteCode, CodeError>,
    reason: Option<Reason>,
}

impl Client {
    /// Revokes an invite.
    pub fn delete_invite(&self, code: impl AsRef<str>) -> DeleteInvite {
        DeleteInvite {
            client: self.clone(),
            code: InviteCode::new(code.as_ref()),
            reason: None,
        }
    }
}

impl DeleteInvite {
    /// Sets the reason for the audit log.
    pub fn reason(mut self, reason: Reason) -> Self {
        self.reason = Some(reason);
        self
    }

    async fn send(self) -> Result<Done<Invite>, ApiError> {
        let path = super::invite_path(&self.code)?;
        let request = Request::new(Method::Delete, path).reason(self.reason);
        decode::done(&self.client.send(&request).await?, Invite::from_slice)
    }
}

into_future!(DeleteInvite => Done<Invite>);
