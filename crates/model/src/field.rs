//! Absent, null, or a value.

use serde::{Deserialize, Serialize};

/// The value of a key that a payload may leave out, set to null, or set to a value, where
/// the three have different meanings.
///
/// ```
/// use guestlist_model::{Field, Invite};
///
/// let never: Invite = r#"{"code": "abc", "expires_at": null}"#.parse()?;
/// assert_eq!(never.expires_at(), Field::Null);
/// let silent: Invite = r#"{"code": "abc"}"#.parse()?;
/// assert_eq!(silent.expires_at(), Field::Absent);
/// # Ok::<(), guestlist_model::DecodeError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Field<T> {
    /// The key is absent: the payload says nothing about it.
    #[default]
    Absent,
    /// The key is null: the payload says that there is no value.
    Null,
    /// The key has a value.
    Value(T),
}

impl<T> Field<T> {
    /// The value, if there is one.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// Whether the key is present, with a value or null.
    pub const fn is_present(&self) -> bool {
        !matches!(self, Self::Absent)
    }

    /// Whether the key is null.
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Applies a function to the value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Field<U> {
        match self {
            Self::Absent => Field::Absent,
            Self::Null => Field::Null,
            Self::Value(value) => Field::Value(f(value)),
        }
    }
}
