//! The outcome of a request that changes something.

use crate::AnswerError;
use serde::{Deserialize, Serialize};

/// A change that succeeded, and what Discord returned.
///
/// ```no_run
/// # async fn example(client: guestlist_client::Client) -> Result<(), guestlist_client::ApiError> {
/// use guestlist_client::Done;
///
/// match client.delete_invite("hB6mWNqr").await? {
///     Done::Told(invite) => println!("revoked {}", invite.link()),
///     Done::Silent | Done::Odd(_) => println!("revoked"),
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Done<T> {
    /// Discord returned what was changed.
    Told(T),
    /// Discord returned status 204 or an empty body.
    Silent,
    /// Discord returned something else. The change succeeded nevertheless.
    Odd(AnswerError),
}

impl<T> Done<T> {
    /// What was changed, if Discord returned it.
    #[must_use]
    pub fn into_told(self) -> Option<T> {
        match self {
            Self::Told(answer) => Some(answer),
            Self::Silent | Self::Odd(_) => None,
        }
    }
}
