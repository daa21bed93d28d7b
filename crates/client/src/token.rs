//! The bot token, which never shows itself.

use std::{fmt, str::FromStr, sync::Arc};

/// A bot token.
///
/// The secret leaves this type in two places only, both inside this crate: the
/// `Authorization` header and the gateway's IDENTIFY and RESUME. `Debug` and
/// `Display` print `Token(…)`.
///
/// ```
/// use guestlist_client::Token;
///
/// let token: Token = "Bot abc.def.ghi".parse()?;
/// assert_eq!(format!("{token:?}"), "Token(…)");
/// assert_eq!(token, "abc.def.ghi".parse()?);
/// # Ok::<(), guestlist_client::TokenError>(())
/// ```
#[derive(Clone, Eq, PartialEq)]
pub struct Token(Arc<str>);

/// Why a text is not a bot token. The error does not repeat the text.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// There is no text at all.
    #[error("the bot token is empty")]
    Empty,
    /// White space, a line break for instance, is in the token or around it.
    #[error("the bot token has white space at position {position}")]
    Whitespace {
        /// Which character, counted from 1.
        position: usize,
    },
    /// A control character or one outside ASCII.
    #[error("the bot token has an invalid character at position {position}")]
    Character {
        /// Which character, counted from 1.
        position: usize,
    },
    /// The token is for OAuth2 on behalf of a person.
    #[error("this is a bearer token; a bot token is needed")]
    Bearer,
}

impl Token {
    /// Reads a token, with or without the `Bot ` prefix.
    ///
    /// # Errors
    ///
    /// An empty token, white space and characters that cannot be in a header
    /// are refused.
    pub fn new(text: &str) -> Result<Self, TokenError> {
        if text.starts_with("Bearer ") {
            return Err(TokenError::Bearer);
        }
        let secret = text.strip_prefix("Bot ").unwrap_or(text);
        if secret.is_empty() {
            return Err(TokenError::Empty);
        }
        let skipped = text.chars().count() - secret.chars().count();
        for (index, character) in secret.chars().enumerate() {
            let position = skipped + index + 1;
            if character.is_whitespace() {
                return Err(TokenError::Whitespace { position });
            }
            if !character.is_ascii_graphic() {
                return Err(TokenError::Character { position });
            }
        }
        Ok(Self(secret.into()))
    }

    /// The secret, with the prefix that Discord expects.
    pub(crate) fn expose(&self) -> String {
        format!("Bot {}", self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl FromStr for Token {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::{Token, TokenError};

    #[test]
    fn a_token_hides_itself() {
        let token = Token::new("s3cret.s3cret").unwrap();
        assert_eq!(
            format!("{token} {token:?} {token:#?}")
                .matches("s3cret")
                .count(),
            0
        );
        assert_eq!(token.expose(), "Bot s3cret.s3cret");
        assert_eq!(Token::new("Bot s3cret.s3cret").unwrap(), token);
    }

    #[test]
    fn what_is_no_token_is_refused_without_repeating_it() {
        let cases = [
            ("", TokenError::Empty),
            ("Bot ", TokenError::Empty),
            ("   ", TokenError::Whitespace { position: 1 }),
            ("abc\n", TokenError::Whitespace { position: 4 }),
            ("Bot a b", TokenError::Whitespace { position: 6 }),
            ("a\u{0}b", TokenError::Character { position: 2 }),
            ("tökén", TokenError::Character { position: 2 }),
            ("Bearer abc", TokenError::Bearer),
        ];
        for (text, expected) in cases {
            assert_eq!(Token::new(text), Err(expected), "{text:?}");
        }
        assert!(
            !Token::new("s3cret s3cret")
                .unwrap_err()
                .to_string()
                .contains("s3cret")
        );
    }
}
