//! Sending the tracker's requests.

use std::future::Future;

use guestlist_client::{ApiError, Client, Repeated};
use guestlist_model::GuildId;
use guestlist_tracker::{Failure, HttpRequest, Method, Request, Response};

/// Sends the tracker's requests to Discord.
///
/// Do not retry a failed request: the tracker decides what to request again and when.
pub trait Requester: Clone + Send + Sync + 'static {
    /// Sends a request.
    fn request(&self, request: Request) -> impl Future<Output = Result<Response, Failure>> + Send;
}

/// Guilds whose lists have invites that cannot be decoded.
static ODD_INVITES: Repeated<GuildId> = Repeated::new();

impl Requester for Client {
    async fn request(&self, request: Request) -> Result<Response, Failure> {
        let HttpRequest {
            method, path, body, ..
        } = request.to_http();
        let sent = match method {
            Method::Get => self.get_raw(path),
            Method::Post => self.post_raw(path, body.unwrap_or_default()),
        };
        let answer = sent.await.map_err(no_answer)?;
        let response = request.read_answer(answer.status, &answer.body);
        if let Ok(Response::SomeInvites(_)) = response {
            let guild = request.guild();
            if let Some(times) = ODD_INVITES.note(guild) {
                tracing::warn!(%guild, "an invite in the list cannot be decoded{times}");
            }
        }
        response
    }
}

/// The failure for an error without a usable response. The tracker tries all of these again
/// later: if the token was really reset, the gateway connection ends, and with it the service.
fn no_answer(error: ApiError) -> Failure {
    match error {
        ApiError::RateLimited { retry_after, .. } => Failure::RateLimited { retry_after },
        error => Failure::Transport(error.to_string()),
    }
}
