//! Of which kind a field is: told by the type that it is read as, so that no kind can differ
//! from what is written.

use std::marker::PhantomData;

use guestlist_model::{Id, Timestamp};

use crate::Value;

/// What a field holds. Any of them may hold nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// Yes or no.
    Flag,
    /// How many.
    Count,
    /// A weight, a share, or an average.
    Weight,
    /// An id of Discord's.
    Id,
    /// A moment.
    Time,
    /// Text.
    Text,
    /// Several texts.
    Texts,
    /// Several records.
    Records,
}

/// A value of one kind. It is made with `into()`, from the types that are of that kind.
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

    /// Nothing: not known, or not there.
    #[must_use]
    pub const fn nothing() -> Self {
        Self::new(Value::Absent)
    }
}

/// Kinds as types.
pub mod kinds {
    /// Yes or no.
    #[derive(Debug)]
    pub enum Flag {}
    /// How many.
    #[derive(Debug)]
    pub enum Count {}
    /// A weight, a share, or an average.
    #[derive(Debug)]
    pub enum Weight {}
    /// An id of Discord's.
    #[derive(Debug)]
    pub enum Id {}
    /// A moment.
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
