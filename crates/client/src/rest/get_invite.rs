use crate::{ApiError, Client, decode, percent::PathAndQuery, transport::Request};
use guestlist_model::{CodeError, EventId, Invite, InviteCode};

/// Looks up an invite by its code.
///
/// Requires no permission. The response never has `uses` and the other metadata. Cloudflare
/// bans an address after about 250 look-ups in ten minutes.
///
/// ```no_run
/// # async fn example(client: guestlist_client::Client) -> Result<(), Box<dyn std::error::Error>> {
/// let invite = client.get_invite("https://discord.gg/rust-lang").with_counts(true).await?;
/// println!("{:?} members", invite.approximate_member_count());
/// # Ok(())
/// # }
/// ```
///
/// See [Discord Docs/Get Invite](https://discord.com/developers/docs/resources/invite#get-invite).
#[derive(Clone, Debug)]
#[must_use = "a request is sent when it is awaited"]
pub struct GetInvite {
    client: Client,
    code: Result<InviteCode, CodeError>,
    with_counts: bool,
    with_permissions: bool,
    scheduled_event: Option<EventId>,
}

impl Client {
    /// Looks up an invite by its code.
    pub fn get_invite(&self, code: impl AsRef<str>) -> GetInvite {
        GetInvite {
            client: self.clone(),
            code: InviteCode::new(code.as_ref()),
            with_counts: false,
            with_permissions: false,
            scheduled_event: None,
        }
    }
}

impl GetInvite {
    /// Requests the approximate numbers of members, in total and online.
    pub const fn with_counts(mut self, with: bool) -> Self {
        self.with_counts = with;
        self
    }

    /// Requests whether the caller may accept the invite (undocumented).
    pub const fn with_permissions(mut self, with: bool) -> Self {
        self.with_permissions = with;
        self
    }

    /// Requests a scheduled event of the guild along with the invite.
    pub const fn scheduled_event(mut self, event: EventId) -> Self {
        self.scheduled_event = Some(event);
        self
    }

    async fn send(self) -> Result<Invite, ApiError> {
        let mut path = PathAndQuery::new(super::invite_path(&self.code)?);
        path.pair_if("with_counts", self.with_counts.then_some(true));
        path.pair_if("with_permissions", self.with_permissions.then_some(true));
        path.pair_if("guild_scheduled_event_id", self.scheduled_event);
        let reply = self.client.send(&Request::get(path.finish())).await?;
        decode::invite(&reply)
    }
}

into_future!(GetInvite => Invite);
