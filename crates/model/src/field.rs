//! Absent, null, or a value.

use serde::{Deserialize, Serialize};

/// What a payload says about a key that it may leave out, set to null, or fill, where
/// each of the three means something else.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Field<T> {
    /// The key is not there: nothing is known.
    #[default]
    Absent,
    /// The key is there and null: it is known that there is nothing.
    Null,
    /// The key is there.
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

    /// Whether the key is there, be it null or not.
    pub const fn is_present(&self) -> bool {
        !matches!(self, Self::Absent)
    }

    /// Whether the key is there and null.
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The same with the value replaced.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Field<U> {
        match self {
            Self::Absent => Field::Absent,
            Self::Null => Field::Null,
            Self::Value(value) => Field::Value(f(value)),
        }
    }
}
