//! The kinds of fields. The type of a value determines the kind, so the two cannot differ.

use serde::{Deserialize, Serialize};
use std::marker::PhantomData;

use guestlist_model::{Id, Timestamp};

use crate::Value;

/// The kind of a field. A field of any kind can be empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// A boolean.
    Flag,
    /// A count.
    Count,
    /// A weight, a share, or an average.
    Weight,
    /// A Discord id.
    Id,
    /// A timestamp.
    Time,
    /// Text.
    Text,
    /// Several texts.
    Texts,
    /// Several records.
    Records,
}

/// A value of one kind. Create it with `into()` from the types of that kind.
#[derive(Debug)]
pub struct Of<'a, K> {
    pub(crate) value: Value<'a>,
    kind: PhantomData<K>,
}

impl<'a, K> Of<'a, K> {
    const fn new(value: Value<'a>) -> Self {
        Self {
            value,
            kind: PhantomData,
        }
    }

    /// Creates an empty value.
    #[must_use]
    pub const fn nothing() -> Self {
        Self::new(Value::Absent)
    }
}

/// Kinds as types.
pub mod kinds {
    /// A boolean.
    #[derive(Debug)]
    pub enum Flag {}
    /// A count.
    #[derive(Debug)]
    pub enum Count {}
    /// A weight, a share, or an average.
    #[derive(Debug)]
    pub enum Weight {}
    /// A Discord id.
    #[derive(Debug)]
    pub enum Id {}
    /// A timestamp.
    #[derive(Debug)]
    pub enum Time {}
    /// Text.
    #[derive(Debug)]
    pub enum Text {}
    /// Several texts.
    #[derive(Debug)]
    pub enum Texts {}
    /// Several records.
    #[derive(Debug)]
    pub enum Records {}
}

impl From<bool> for Of<'_, kinds::Flag> {
    fn from(flag: bool) -> Self {
        Self::new(flag.into())
    }
}

impl From<u64> for Of<'_, kinds::Count> {
    fn from(number: u64) -> Self {
        Self::new(number.into())
    }
}

impl From<f64> for Of<'_, kinds::Weight> {
    fn from(weight: f64) -> Self {
        Self::new(weight.into())
    }
}

impl<M> From<Id<M>> for Of<'_, kinds::Id> {
    fn from(id: Id<M>) -> Self {
        Self::new(id.into())
    }
}

impl From<Timestamp> for Of<'_, kinds::Time> {
    fn from(at: Timestamp) -> Self {
        Self::new(at.into())
    }
}

impl<'a> From<&'a str> for Of<'a, kinds::Text> {
    fn from(text: &'a str) -> Self {
        Self::new(text.into())
    }
}

impl From<String> for Of<'_, kinds::Text> {
    fn from(text: String) -> Self {
        Self::new(text.into())
    }
}

impl From<Vec<String>> for Of<'_, kinds::Texts> {
    fn from(texts: Vec<String>) -> Self {
        Self::new(Value::List(texts.into_iter().map(Value::from).collect()))
    }
}

impl<'a> From<Vec<Value<'a>>> for Of<'a, kinds::Records> {
    fn from(records: Vec<Value<'a>>) -> Self {
        Self::new(Value::List(records))
    }
}

impl<'a, K, T: Into<Of<'a, K>>> From<Option<T>> for Of<'a, K> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::new(Value::Absent), Into::into)
    }
}
