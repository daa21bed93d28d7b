//! The tracker's requests as HTTP calls.

use guestlist_tracker::{HttpRequest, Method, Request, RequestId};

/// An HTTP call to Discord's API, for any HTTP client.
///
/// Send it with the bot's token in `Authorization: Bot …`, and with
/// `Content-Type: application/json` if there is a body.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Call {
    /// The id to pass to [`answer`](crate::Embedded::answer) or
    /// [`lost`](crate::Embedded::lost).
    pub id: RequestId,
    /// The method.
    pub method: Method,
    /// The part after `https://discord.com/api/v10/`, including the query.
    pub path: String,
    /// The JSON body, if there is one.
    pub body: Option<String>,
}

impl Call {
    pub(crate) fn new(id: RequestId, request: &Request) -> Self {
        let HttpRequest {
            method, path, body, ..
        } = request.to_http();
        Self {
            id,
            method,
            path,
            body,
        }
    }
}
