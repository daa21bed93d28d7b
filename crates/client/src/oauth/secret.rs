//! Secrets of OAuth2, which never show themselves.

use std::{fmt, sync::Arc};

/// What an application proves itself with. From Discord's developer portal, OAuth2, Client
/// Secret. `Debug` prints `ClientSecret(…)`.
#[derive(Clone)]
pub struct ClientSecret(Arc<str>);

/// What asks on behalf of a person. `Debug` prints `AccessToken(…)`.
#[derive(Clone)]
pub struct AccessToken(Arc<str>);

/// A text that cannot be a secret. The error does not repeat it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// There is no text at all.
    #[error("the secret is empty")]
    Empty,
    /// White space, a control character or one outside ASCII.
    #[error("the secret has an invalid character at position {position}")]
    Character {
        /// Which character, counted from 1.
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
    /// It is empty, or has characters that no secret of Discord's has.
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
    /// It is empty, or has characters that no token of Discord's has.
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
