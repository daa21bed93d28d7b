use crate::{
    ApiError, Client, error,
    transport::{Answered, Body, Method, Request},
};

/// A request to any endpoint, and its answer as it comes.
///
/// For callers that have their own ways to write requests and to read answers. The token,
/// the rate limits and the pauses after refusals are those of the [`Client`].
#[derive(Clone, Debug)]
#[must_use = "a request is sent when it is awaited"]
pub struct RawRequest {
    client: Client,
    request: Request,
}

/// Discord's answer to a [`RawRequest`], refusals included.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct RawAnswer {
    /// HTTP's status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

impl Client {
    /// Asks for a path below `/api/v10/`, query included and without a slash before it.
    pub fn get_raw(&self, path: impl Into<String>) -> RawRequest {
        RawRequest {
            client: self.clone(),
            request: Request::get(path.into()),
        }
    }

    /// Posts JSON to a path below `/api/v10/`.
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
