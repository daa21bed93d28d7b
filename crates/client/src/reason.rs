//! The reason that the audit log shows.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A reason for the audit log: 1 to 512 characters in any language.
///
/// It is sent percent-encoded in the header `X-Audit-Log-Reason`.
///
/// ```
/// use guestlist_client::Reason;
///
/// let reason: Reason = "no longer needed".parse()?;
/// assert_eq!(reason.as_str(), "no longer needed");
/// assert!("".parse::<Reason>().is_err());
/// # Ok::<(), guestlist_client::ReasonError>(())
/// ```
///
/// See [Discord Docs/Audit Logs](https://discord.com/developers/docs/resources/audit-log).
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reason(String);

/// The error for a text that is not a [`Reason`].
///
/// ```
/// use guestlist_client::{Reason, ReasonError};
///
/// assert_eq!(Reason::new(" "), Err(ReasonError::Empty));
/// assert_eq!(Reason::new(&"a".repeat(513)), Err(ReasonError::TooLong { length: 513 }));
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ReasonError {
    /// The text is empty or only white space.
    #[error("the reason is empty")]
    Empty,
    /// The text has more than 512 characters.
    #[error("the reason has {length} characters; at most 512 are allowed")]
    TooLong {
        /// The number of characters.
        length: usize,
    },
}

impl Reason {
    /// The maximum number of characters.
    pub const MAX_CHARS: usize = 512;

    /// Creates a reason.
    ///
    /// # Errors
    ///
    /// [`ReasonError`] if the text is empty or longer than 512 characters.
    pub fn new(text: &str) -> Result<Self, ReasonError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(ReasonError::Empty);
        }
        let length = text.chars().count();
        if length > Self::MAX_CHARS {
            return Err(ReasonError::TooLong { length });
        }
        Ok(Self(text.to_owned()))
    }

    /// The text of the reason.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn encoded(&self) -> String {
        crate::percent::encode(&self.0).to_string()
    }
}

impl FromStr for Reason {
    type Err = ReasonError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

impl TryFrom<&str> for Reason {
    type Error = ReasonError;

    fn try_from(text: &str) -> Result<Self, Self::Error> {
        Self::new(text)
    }
}

impl TryFrom<String> for Reason {
    type Error = ReasonError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(&text)
    }
}

impl From<Reason> for String {
    fn from(reason: Reason) -> Self {
        reason.0
    }
}

impl AsRef<str> for Reason {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Reason, ReasonError};

    #[test]
    fn a_reason_is_bounded_in_characters_not_bytes() {
        assert_eq!(
            Reason::new(&"ü".repeat(512))
                .unwrap()
                .as_str()
                .chars()
                .count(),
            512
        );
        assert_eq!(
            Reason::new(&"ü".repeat(513)),
            Err(ReasonError::TooLong { length: 513 })
        );
        assert_eq!(Reason::new(" \n"), Err(ReasonError::Empty));
    }

    #[test]
    fn no_reason_can_break_out_of_its_header() {
        let reason = Reason::new("spam\r\nAuthorization: x, 50% ♥").unwrap();
        assert_eq!(
            reason.encoded(),
            "spam%0D%0AAuthorization%3A%20x%2C%2050%25%20%E2%99%A5"
        );
    }
}
