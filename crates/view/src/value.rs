//! The values of fields.

use std::borrow::Cow;

use guestlist_model::{Id, Timestamp};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// The value of a field, independent of the output format.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Value<'a> {
    /// No value: `null` in JSON, an empty cell in CSV.
    Absent,
    /// Yes or no.
    Flag(bool),
    /// A count.
    Count(u64),
    /// A weight, or a sum of weights: with full precision in JSON, and three decimal
    /// places in CSV.
    Weight(f64),
    /// A Discord id: a string in JSON, because JSON numbers can lose digits.
    Id(u64),
    /// A timestamp, as RFC 3339.
    Time(Timestamp),
    /// Text, which may be untrusted.
    Text(Cow<'a, str>),
    /// Several values: an array in JSON, separated by `; ` in CSV.
    List(Vec<Value<'a>>),
    /// A nested record.
    Record {
        /// Its fields, for JSON.
        fields: Vec<(&'static str, Value<'a>)>,
        /// A short text, for CSV.
        short: String,
    },
}

impl Value<'_> {
    /// The value as text, not escaped.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Absent => Cow::Borrowed(""),
            Self::Flag(flag) => flag.to_string().into(),
            Self::Count(number) | Self::Id(number) => number.to_string().into(),
            Self::Weight(weight) => format!("{weight:.3}").into(),
            Self::Time(at) => at.to_string().into(),
            Self::Text(text) => Cow::Borrowed(text),
            Self::List(values) => {
                let texts: Vec<Cow<'_, str>> = values.iter().map(Value::text).collect();
                texts.join("; ").into()
            }
            Self::Record { short, .. } => Cow::Borrowed(short),
        }
    }

    /// Whether there is no value.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        match self {
            Self::Absent => true,
            Self::List(values) => values.is_empty(),
            _ => false,
        }
    }
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Absent => serializer.serialize_none(),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Count(number) => serializer.serialize_u64(*number),
            Self::Weight(weight) => serializer.serialize_f64(*weight),
            Self::Id(_) | Self::Time(_) | Self::Text(_) => serializer.serialize_str(&self.text()),
            Self::List(values) => serializer.collect_seq(values),
            Self::Record { fields, .. } => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for (name, value) in fields {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

impl From<bool> for Value<'_> {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<u64> for Value<'_> {
    fn from(number: u64) -> Self {
        Self::Count(number)
    }
}

impl From<f64> for Value<'_> {
    fn from(weight: f64) -> Self {
        Self::Weight(weight)
    }
}

impl<M> From<Id<M>> for Value<'_> {
    fn from(id: Id<M>) -> Self {
        Self::Id(id.get())
    }
}

impl From<Timestamp> for Value<'_> {
    fn from(at: Timestamp) -> Self {
        Self::Time(at)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Into::into)
    }
}
