//! The bot token, which is never printed.

use std::{fmt, str::FromStr, sync::Arc};

/// A bot token.
///
/// This crate uses the secret in two places only: the `Authorization` header, and the
/// gateway's IDENTIFY and RESUME. `Debug` and `Display` print `Token(…)`.
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

/// The error for a text that is not a bot token. It does not repeat the text.
///
/// ```
/// use guestlist_client::{Token, TokenError};
///
/// let error = Token::new("abc def").unwrap_err();
/// assert_eq!(error, TokenError::Whitespace { position: 4 });
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// The text is empty.
    #[error("the bot token is empty")]
    Empty,
    /// The text contains white space, for example a line break at the end.
    #[error("the bot token contains white space at position {position}")]
    Whitespace {
        /// The position of the character, counted from 1.
        position: usize,
    },
    /// The text contains a control character or a non-ASCII character.
    #[error("the bot token contains an invalid character at position {position}")]
    Character {
        /// The position of the character, counted from 1.
        position: usize,
    },
    /// The text is a bearer token, which belongs to a person.
    #[error("this is a bearer token, not a bot token")]
    Bearer,
}

impl Token {
    /// Parses a token, with or without the prefix `Bot `.
    ///
    /// # Errors
    ///
    /// [`TokenError`] if the text is empty, or contains white space or characters that a
    /// header cannot contain.
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

    /// The secret alone, to find it in what a server says.
    pub(crate) fn secret(&self) -> &str {
        &self.0
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
