//! Implementations of traits from the standard library and serde.

use std::fmt;
use std::hash::{Hash, Hasher};

use super::Invite;
use crate::DecodeError;

/// The link.
impl fmt::Display for Invite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.link().fmt(f)
    }
}

impl fmt::Debug for Invite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Invite({})", self.to_json())
    }
}

impl std::str::FromStr for Invite {
    type Err = DecodeError;

    /// Decodes JSON. To parse a link or code, use [`InviteLink`](crate::InviteLink).
    fn from_str(json: &str) -> Result<Self, DecodeError> {
        Self::from_slice(json.as_bytes())
    }
}

/// Compares the JSON values.
impl PartialEq for Invite {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
            && (self.to_json() == other.to_json() || self.to_value() == other.to_value())
    }
}

impl Eq for Invite {}

/// Hashes the code alone: equal invites have the same code.
impl Hash for Invite {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.code.hash(state);
    }
}

impl serde::Serialize for Invite {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        crate::serde_text::serialize(&self.to_json(), serializer)
    }
}

impl<'de> serde::Deserialize<'de> for Invite {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::serde_text::deserialize(deserializer, Self::from_slice)
    }
}
