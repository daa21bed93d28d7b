//! Serde for types that keep their JSON text.
//!
//! Human-readable formats receive the value of the text, as `serde_json::Value` would write
//! it, so that `flatten`, `tag` and `untagged` work. Binary formats receive the text itself
//! as a string: this loses nothing, and formats that are not self-describing can read it.
//! Serde buffers values for `flatten`, `tag` and `untagged`, and the buffer claims to be
//! human-readable even if a binary format filled it. Reading therefore accepts both forms.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::{Error as _, Serialize, SerializeMap as _, SerializeSeq as _, Serializer};

use crate::DecodeError;
use crate::json::{Kind, Reader, members, number};

/// The name by which `serde_json` passes the text of a value instead of the value. If a
/// later version changes the name, the value is read instead, and only the form of the text
/// is lost.
const RAW: &str = "$serde_json::private::RawValue";

pub(crate) fn serialize<S: Serializer>(json: &str, serializer: S) -> Result<S::Ok, S::Error> {
    if serializer.is_human_readable() {
        Json(json).serialize(serializer)
    } else {
        serializer.serialize_str(json)
    }
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    decode: impl FnOnce(&[u8]) -> Result<T, DecodeError>,
) -> Result<T, D::Error> {
    let text = if deserializer.is_human_readable() {
        deserializer.deserialize_newtype_struct(RAW, ObjectVisitor)?
    } else {
        deserializer.deserialize_string(ObjectVisitor)?
    };
    decode(text.as_bytes()).map_err(D::Error::custom)
}

/// The value of a text that was checked.
struct Json<'a>(&'a str);

impl Serialize for Json<'_> {
    /// The depth of this recursion was limited when the text was read.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut reader = Reader::new(self.0);
        match reader.kind().map_err(S::Error::custom)? {
            Kind::Null => serializer.serialize_unit(),
            Kind::Bool => serializer.serialize_bool(reader.boolean().map_err(S::Error::custom)?),
            Kind::Number => {
                let number = number(reader.number().map_err(S::Error::custom)?.0);
                if let Some(number) = number.as_u64() {
                    serializer.serialize_u64(number)
                } else if let Some(number) = number.as_i64() {
                    serializer.serialize_i64(number)
                } else {
                    serializer.serialize_f64(number.as_f64().unwrap_or_default())
                }
            }
            Kind::String => {
                let string = reader.string().map_err(S::Error::custom)?;
                serializer.serialize_str(&string.decode())
            }
            Kind::Array => {
                let mut elements = Vec::new();
                let each = |reader: &mut Reader<'_>, _| {
                    reader.skip_space();
                    let start = reader.offset();
                    reader.skip()?;
                    elements.push(start..reader.offset());
                    Ok(())
                };
                reader.array(each).map_err(S::Error::custom)?;
                let mut array = serializer.serialize_seq(Some(elements.len()))?;
                for element in elements {
                    array.serialize_element(&Json(self.0.get(element).unwrap_or("null")))?;
                }
                array.end()
            }
            Kind::Object => {
                let mut all = Vec::new();
                members(self.0, |key, _, value| all.push((key.to_owned(), value)));
                // Of a key that is there twice, the last value counts.
                let mut seen = HashSet::with_capacity(all.len());
                let mut last: Vec<_> = all
                    .iter()
                    .rev()
                    .filter(|(key, _)| seen.insert(key.as_str()))
                    .collect();
                last.reverse();
                let mut object = serializer.serialize_map(Some(last.len()))?;
                for (key, value) in last {
                    object.serialize_entry(key, &Json(value))?;
                }
                object.end()
            }
        }
    }
}

/// Accepts an object in any form and returns its text.
struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object or its text")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, of: D) -> Result<Self::Value, D::Error> {
        of.deserialize_any(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut out = String::from("{");
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            if out.len() == 1 && key == RAW {
                return map.next_value_seed(Text);
            }
            member(&mut out, &key);
            map.next_value_seed(Append(&mut out))?;
        }
        out.push('}');
        Ok(Cow::Owned(out))
    }
}

/// A string, borrowed if possible.
struct Text;

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(ObjectVisitor)
    }
}

fn member(out: &mut String, key: &str) {
    if !out.ends_with('{') {
        out.push(',');
    }
    string(out, key);
    out.push(':');
}

fn string(out: &mut String, text: &str) {
    // Any string can be written.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

/// Appends any value as JSON text.
struct Append<'a>(&'a mut String);

impl<'de> DeserializeSeed<'de> for Append<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Append<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value that JSON can represent")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.0.push_str("null");
        Ok(())
    }

    fn visit_none<E>(self) -> Result<(), E> {
        self.0.push_str("null");
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, of: D) -> Result<(), D::Error> {
        of.deserialize_any(self)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, of: D) -> Result<(), D::Error> {
        of.deserialize_any(self)
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.0.push_str(if value { "true" } else { "false" });
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.0.push_str(&value.to_string());
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.0.push_str(&value.to_string());
        Ok(())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<(), E> {
        let number = serde_json::Number::from_f64(value)
            .ok_or_else(|| E::custom("JSON cannot represent infinity or NaN"))?;
        self.0.push_str(&number.to_string());
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        string(self.0, text);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
        self.0.push('[');
        let empty = self.0.len();
        loop {
            let before = self.0.len();
            if before > empty {
                self.0.push(',');
            }
            if array.next_element_seed(Append(self.0))?.is_none() {
                self.0.truncate(before);
                break;
            }
        }
        self.0.push(']');
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.0.push('{');
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            member(self.0, &key);
            map.next_value_seed(Append(self.0))?;
        }
        self.0.push('}');
        Ok(())
    }
}

/// Serde for flags: their number, in every format.
macro_rules! flags_as_number {
    ($flags:ty) => {
        impl serde::Serialize for $flags {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_u64(self.bits())
            }
        }

        impl<'de> serde::Deserialize<'de> for $flags {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                u64::deserialize(deserializer).map(Self::from_bits_retain)
            }
        }
    };
}
pub(crate) use flags_as_number;
