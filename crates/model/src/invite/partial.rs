//! Parts of invites, as some documents and tools contain them.

use std::fmt;
use std::hash::{Hash, Hasher};

use super::key::Key;
use super::{Data, Decoder};
use crate::json::Reader;
use crate::{DecodeError, InviteCode, Timestamp};

/// Some keys of an invite, possibly without a code. [`Invite::update`] accepts the same
/// JSON.
///
/// [`Invite::update`]: crate::Invite::update
///
/// ```
/// use guestlist_model::PartialInvite;
///
/// let part = PartialInvite::from_slice(br#"{"uses": 3, "max_uses": 0}"#)?;
/// assert_eq!((part.code(), part.uses()), (None, Some(3)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct PartialInvite {
    code: Option<InviteCode>,
    data: Data,
}

/// Hashes the code alone, if there is one: equal parts agree on it.
impl Hash for PartialInvite {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.code.hash(state);
    }
}

impl PartialInvite {
    /// Decodes a part of an invite.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the text is not JSON or a key has a value of the wrong type.
    pub fn from_slice(json: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::from_slice(json)?;
        let (code, data) = Decoder::once().read_partial(&mut reader)?;
        reader.end()?;
        Ok(Self { code, data })
    }

    /// The JSON text.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        self.data.write(&mut out, self.code.as_ref());
        out
    }

    /// The code, if it is present.
    #[must_use]
    pub const fn code(&self) -> Option<&InviteCode> {
        self.code.as_ref()
    }

    /// See [`Invite::uses`](crate::Invite::uses).
    #[must_use]
    pub fn uses(&self) -> Option<u64> {
        self.data.count(Key::Uses, self.data.uses)
    }

    /// See [`Invite::max_uses`](crate::Invite::max_uses).
    #[must_use]
    pub fn max_uses(&self) -> Option<u64> {
        self.data.count(Key::MaxUses, self.data.max_uses)
    }

    /// See [`Invite::max_age`](crate::Invite::max_age).
    #[must_use]
    pub fn max_age(&self) -> Option<u64> {
        self.data.count(Key::MaxAge, self.data.max_age)
    }

    /// See [`Invite::temporary`](crate::Invite::temporary).
    #[must_use]
    pub const fn temporary(&self) -> Option<bool> {
        self.data.told(Key::Temporary, self.data.temporary)
    }

    /// See [`Invite::created_at`](crate::Invite::created_at).
    #[must_use]
    pub const fn created_at(&self) -> Option<Timestamp> {
        self.data.told(Key::CreatedAt, self.data.created_at)
    }
}

impl fmt::Debug for PartialInvite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PartialInvite({})", self.to_json())
    }
}

/// Compares the JSON values.
impl PartialEq for PartialInvite {
    fn eq(&self, other: &Self) -> bool {
        let (this, other) = (self.to_json(), other.to_json());
        this == other || crate::json::to_value(&this) == crate::json::to_value(&other)
    }
}

impl Eq for PartialInvite {}

impl std::str::FromStr for PartialInvite {
    type Err = DecodeError;

    /// Decodes JSON.
    fn from_str(json: &str) -> Result<Self, DecodeError> {
        Self::from_slice(json.as_bytes())
    }
}

impl serde::Serialize for PartialInvite {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        crate::serde_text::serialize(&self.to_json(), serializer)
    }
}

impl<'de> serde::Deserialize<'de> for PartialInvite {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::serde_text::deserialize(deserializer, Self::from_slice)
    }
}
