//! The token that allows access from other machines.

use std::fmt;

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// The secret that allows access to a dashboard. It is never printed.
#[derive(Clone, Copy)]
pub struct WebToken {
    /// What is compared has one length, whatever is typed.
    digest: [u8; 32],
}

/// The error for a text that is not a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WebTokenError {
    /// The text is too short to be secure.
    #[error("a token for the dashboard must have at least {least} characters")]
    Short {
        /// The minimum number of characters.
        least: usize,
    },
    /// The text contains white space or a control character.
    #[error("a token for the dashboard cannot contain white space")]
    Space,
}

impl WebToken {
    /// The minimum number of characters.
    pub const LEAST: usize = 16;

    /// Checks a token.
    ///
    /// # Errors
    ///
    /// [`WebTokenError`] if the text is too short or contains white space.
    pub fn new(text: &str) -> Result<Self, WebTokenError> {
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(WebTokenError::Space);
        }
        if text.chars().count() < Self::LEAST {
            return Err(WebTokenError::Short { least: Self::LEAST });
        }
        Ok(Self {
            digest: Sha256::digest(text).into(),
        })
    }

    /// Whether a text is this token, in a time that does not tell how much of it is right.
    pub(crate) fn is(&self, text: &str) -> bool {
        let digest: [u8; 32] = Sha256::digest(text).into();
        digest.ct_eq(&self.digest).into()
    }
}

impl fmt::Debug for WebToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebToken")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_long_and_never_shown() {
        let token = WebToken::new("correct-horse-battery").unwrap();
        assert!(token.is("correct-horse-battery"));
        for wrong in [
            "",
            "correct-horse-batter",
            "correct-horse-battery1",
            "Correct-horse-battery",
        ] {
            assert!(!token.is(wrong), "{wrong}");
        }
        assert_eq!(format!("{token:?}"), "WebToken");
        let short = WebToken::new("fifteen-chars-x");
        assert_eq!(short.unwrap_err(), WebTokenError::Short { least: 16 });
        let space = WebToken::new("with a space in it");
        assert_eq!(space.unwrap_err(), WebTokenError::Space);
    }
}
