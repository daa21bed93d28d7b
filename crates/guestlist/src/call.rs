//! The tracker's requests as HTTP calls.

use guestlist_tracker::{HttpRequest, Method, Request, RequestId};

/// An HTTP call to Discord's API, for any HTTP client.
///
/// Send it with the bot's token in `Authorization: Bot …`, and with
/// `Content-Type: application/json` if there is a body.
///
/// ```
/// use guestlist::{Config, Embedded, ShardId, Timestamp};
///
/// let mut tracker = Embedded::new(Config::default());
/// let guild = br#"{"op": 0, "s": 1, "t": "GUILD_CREATE", "d": {"id": "613425648685547541", "name": "Rust"}}"#;
/// tracker.frame(Timestamp::parse("2026-03-01T12:00:00Z")?, ShardId::ONE, guild)?;
/// let call = tracker.next_call().ok_or("no request")?;
/// assert_eq!((call.method.to_string().as_str(), call.path.as_str()), ("GET", "guilds/613425648685547541/invites"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
