//! The token that opens a dashboard to other machines.

use std::fmt;

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// A secret that somebody has to know to see a dashboard. It is never shown.
#[derive(Clone, Copy)]
pub struct WebToken {
    /// What is compared has one length, whatever is typed.
    digest: [u8; 32],
}

/// A text that cannot be a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WebTokenError {
    /// It is too short to be safe from guessing.
    #[error("a token of the dashboard has at least {least} characters")]
    Short {
        /// How many it has to have.
        least: usize,
    },
    /// It has white space or a control character in it.
    #[error("a token of the dashboard has no white space in it")]
    Space,
}

impl WebToken {
    /// The fewest characters of a token.
    pub const LEAST: usize = 16;

    /// Checks a token.
    ///
    /// # Errors
    ///
    /// If it is too short, or has white space in it.
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
