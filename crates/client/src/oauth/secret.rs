//! Secrets of OAuth2, which are never printed.

use std::{fmt, sync::Arc};

/// The client secret of an application, from the page OAuth2 of Discord's developer
/// portal. `Debug` prints `ClientSecret(…)`.
#[derive(Clone)]
pub struct ClientSecret(Arc<str>);

/// A token for requests on behalf of a person. `Debug` prints `AccessToken(…)`.
#[derive(Clone)]
pub struct AccessToken(Arc<str>);

/// The error for a text that is not a secret. It does not repeat the text.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// The text is empty.
    #[error("the secret is empty")]
    Empty,
    /// The text contains white space, a control character or a non-ASCII character.
    #[error("the secret has an invalid character at position {position}")]
    Character {
        /// The position of the character, counted from 1.
        position: usize,
    },
}

fn checked(text: &str) -> Result<Arc<str>, SecretError> {
    if text.is_empty() {
        return Err(SecretError::Empty);
    }
    match text.chars().position(|c| !c.is_ascii_graphic()) {
        Some(index) => Err(SecretError::Character {
            position: index + 1,
        }),
        None => Ok(text.into()),
    }
}

impl ClientSecret {
    /// Checks a secret.
    ///
    /// # Errors
    ///
    /// [`SecretError`] if the text is empty or contains invalid characters.
    pub fn new(text: &str) -> Result<Self, SecretError> {
        checked(text).map(Self)
    }

    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl AccessToken {
    /// Checks a token.
    ///
    /// # Errors
    ///
    /// [`SecretError`] if the text is empty or contains invalid characters.
    pub fn new(text: &str) -> Result<Self, SecretError> {
        checked(text).map(Self)
    }

    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret(…)")
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_hide_themselves() {
        let (secret, token) = (ClientSecret::new("s3cret"), AccessToken::new("s3cret"));
        let (secret, token) = (secret.unwrap(), token.unwrap());
        assert!(!format!("{secret:?} {token:?}").contains("s3cret"));
        assert_eq!((secret.expose(), token.expose()), ("s3cret", "s3cret"));
        assert_eq!(ClientSecret::new("").unwrap_err(), SecretError::Empty);
        let error = ClientSecret::new("s3cret \n").unwrap_err();
        assert_eq!(error, SecretError::Character { position: 7 });
    }
}
