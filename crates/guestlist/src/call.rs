//! The tracker's requests as HTTP calls.

use guestlist_tracker::{HttpRequest, Method, Request, RequestId};

/// An HTTP call to Discord's API, for any HTTP client.
///
/// Send it with the bot's token in `Authorization: Bot …`, and with
/// `Content-Type: application/json` if there is a body.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Call {
    /// To be handed back with the answer.
    pub id: RequestId,
    /// The method.
    pub method: Method,
    /// What follows `https://discord.com/api/v10/`, query included.
    pub path: String,
    /// A JSON body, if there is one.
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
