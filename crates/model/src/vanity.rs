//! A guild's vanity invite.

use serde::{Deserialize, Serialize};

use crate::json::Reader;
use crate::{DecodeError, InviteCode};

/// What `GET /guilds/{id}/vanity-url` answers.
///
/// See [Discord Docs/Get Guild Vanity URL](https://discord.com/developers/docs/resources/guild#get-guild-vanity-url).
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Vanity {
    /// The code, if one is set.
    pub code: Option<InviteCode>,
    /// How often it was used since it was set; `None` where the answer does not say.
    pub uses: Option<u64>,
}

impl Vanity {
    /// A vanity invite with a code and a number of uses.
    #[must_use]
    pub const fn new(code: Option<InviteCode>, uses: Option<u64>) -> Self {
        Self { code, uses }
    }

    /// Decodes an answer.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if it is not JSON or a key has the wrong type.
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
