use crate::{
    ApiError, Client, error,
    transport::{Answered, Body, Method, Request},
};
use serde::{Deserialize, Serialize};

/// A request to any endpoint, which returns the raw response.
///
/// Use it to write requests and read responses yourself. The token, the rate limits and
/// the pauses after errors are those of the [`Client`].
///
/// ```no_run
/// # async fn example(client: guestlist_client::Client) -> Result<(), Box<dyn std::error::Error>> {
/// let answer = client.get_raw("users/@me").await?;
/// println!("{} bytes, status {}", answer.body.len(), answer.status);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a request is sent when it is awaited"]
pub struct RawRequest {
    client: Client,
    request: Request,
}

/// Discord's response to a [`RawRequest`], which may be an error response.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RawAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

impl Client {
    /// Sends GET to a path below `/api/v10/`. The path may have a query, and does not
    /// begin with a slash.
    pub fn get_raw(&self, path: impl Into<String>) -> RawRequest {
        RawRequest {
            client: self.clone(),
            request: Request::get(path.into()),
        }
    }

    /// Sends POST with JSON to a path below `/api/v10/`.
    pub fn post_raw(&self, path: impl Into<String>, json: impl Into<String>) -> RawRequest {
        let body = Body::Json(json.into().into_bytes());
        RawRequest {
            client: self.clone(),
            request: Request::new(Method::Post, path.into()).body(body),
        }
    }
}

impl RawRequest {
    async fn send(self) -> Result<RawAnswer, ApiError> {
        let Answered { status, body, .. } = self.client.exchange(&self.request).await?;
        match status {
            Some(status) => Ok(RawAnswer { status, body }),
            // Not even a JSON object, so not Discord's.
            None => Err(error::from_answer(None, &body)),
        }
    }
}

into_future!(RawRequest => RawAnswer);
