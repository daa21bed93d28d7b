//! A guild's vanity invite.

use serde::{Deserialize, Serialize};

use crate::json::Reader;
use crate::{DecodeError, InviteCode};

/// The response of `GET /guilds/{id}/vanity-url`.
///
/// See [Discord Docs/Get Guild Vanity URL](https://discord.com/developers/docs/resources/guild#get-guild-vanity-url).
///
/// ```
/// use guestlist_model::Vanity;
///
/// let vanity = Vanity::from_slice(br#"{"code": "rust", "uses": 12}"#)?;
/// assert_eq!(vanity.code.map(|code| code.to_string()).as_deref(), Some("rust"));
/// assert_eq!(vanity.uses, Some(12));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Vanity {
    /// The code, if one is set.
    pub code: Option<InviteCode>,
    /// How often the code was used since it was set; `None` if the response does not say.
    pub uses: Option<u64>,
}

impl Vanity {
    /// Creates a vanity invite.
    #[must_use]
    pub const fn new(code: Option<InviteCode>, uses: Option<u64>) -> Self {
        Self { code, uses }
    }

    /// Decodes a response body.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the body is not JSON or a key has the wrong type.
    pub fn from_slice(json: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::from_slice(json)?;
        let mut vanity = Self::new(None, None);
        reader.object(|reader, key, _| {
            match key {
                "code" => vanity.code = reader.nullable(Reader::code)?,
                "uses" => vanity.uses = reader.nullable(Reader::count)?.flatten(),
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        reader.end()?;
        Ok(vanity)
    }
}
