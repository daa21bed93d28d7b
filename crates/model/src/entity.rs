//! What all entities have in common that are kept with their JSON text.

use crate::DecodeError;
use crate::json::{Reader, Text};

/// An entity that keeps its JSON text.
pub(crate) trait Entity: Sized {
    /// What it is called in an error.
    const NAME: &'static str;

    /// Reads one. `None` for an object without an id: some payloads have `{}` where an
    /// entity should be, which says nothing about any entity.
    fn read(reader: &mut Reader<'_>) -> Result<Option<Self>, DecodeError>;

    fn text(&self) -> &Text;
}

/// Reads an entity that must be there.
pub(crate) fn required<T: Entity>(reader: &mut Reader<'_>) -> Result<T, DecodeError> {
    reader.skip_space();
    let start = reader.offset();
    T::read(reader)?.ok_or_else(|| DecodeError::new(crate::ErrorKind::Missing, start).at_key("id"))
}

/// Declares an entity that is kept with its JSON text: what an error calls it, its id if it
/// has one, and a line for each key that is read at once, which becomes a method of the
/// same name. `string` is what may be missing, `field` is what may also be null, `scalar`
/// is a string that is sometimes sent as a number, `flag` is false where it is not told.
///
/// Keys that are seldom asked for get methods with the helpers in [`rare`].
macro_rules! entity {
    (
        $(#[$doc:meta])*
        $name:ident $(of $id:ty)?, $what:literal $(, like $order:expr)?;
        $($(#[$key_doc:meta])* $field:ident: $kind:ident $(<$of:ty>)? = $key:literal;)*
    ) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name {
            text: crate::json::Text,
            $(id: $id,)?
            $($field: entity!(@stored $kind $($of)?),)*
        }

        impl crate::entity::Entity for $name {
            const NAME: &'static str = $what;

            fn read(
                reader: &mut crate::json::Reader<'_>,
            ) -> Result<Option<Self>, crate::DecodeError> {
                let mut text = crate::json::Builder::new(reader);
                $(let mut id: Option<$id> = None;)?
                $(let mut $field: entity!(@stored $kind $($of)?) = entity!(@absent $kind);)*
                entity!(@object reader $($order)?, |reader, key, _| {
                    match key {
                        $(entity!(@id_key $id) => {
                            id = reader.nullable(crate::json::Reader::id)?;
                        })?
                        $($key => $field = entity!(@read $kind text reader),)*
                        _ => reader.skip()?,
                    }
                    Ok(())
                })?;
                $(let Some(known): Option<$id> = id else { return Ok(None) };)?
                let text = text.finish(reader);
                Ok(Some(Self {
                    text,
                    $(id: entity!(@value $id, known),)?
                    $($field,)*
                }))
            }

            fn text(&self) -> &crate::json::Text {
                &self.text
            }
        }

        impl $name {
            $(
                #[doc = concat!("The id of ", $what, ".")]
                #[must_use]
                pub const fn id(&self) -> $id {
                    self.id
                }
            )?

            $(entity!(@method $(#[$key_doc])* $field $kind $($of)?);)*

            /// Creates one with nothing but an id.
            fn bare($(of: $id)?) -> Self {
                let json = entity!(@bare $(of $id)?);
                Self {
                    text: crate::json::Text::new(json),
                    $(id: entity!(@value $id, of),)?
                    $($field: entity!(@absent $kind),)*
                }
            }

            /// Sets a key to a valid value.
            fn set(self, key: &str, value: impl Into<serde_json::Value>) -> Self {
                self.with(key, value).unwrap_or(self)
            }

            /// Sets a key, documented or not, and returns the result.
            ///
            /// # Errors
            ///
            /// [`DecodeError`](crate::DecodeError) if a known key cannot have this value.
            pub fn with(
                &self,
                key: &str,
                value: impl Into<serde_json::Value>,
            ) -> Result<Self, crate::DecodeError> {
                Self::from_slice(crate::json::with_member(self.json(), key, &value.into()).as_bytes())
            }

            /// Decodes JSON text.
            ///
            /// # Errors
            ///
            /// [`DecodeError`](crate::DecodeError) if the text is not JSON, a value has
            /// the wrong type, or the id is missing.
            pub fn from_slice(json: &[u8]) -> Result<Self, crate::DecodeError> {
                let mut reader = crate::json::Reader::from_slice(json)?;
                let entity = crate::entity::required(&mut reader)?;
                reader.end()?;
                Ok(entity)
            }

            /// Decodes a JSON value.
            ///
            /// # Errors
            ///
            /// As [`from_slice`](Self::from_slice).
            pub fn from_value(value: &serde_json::Value) -> Result<Self, crate::DecodeError> {
                Self::from_slice(value.to_string().as_bytes())
            }

            /// The JSON text, exactly as it was decoded.
            #[must_use]
            pub fn json(&self) -> &str {
                self.text.json()
            }

            /// The JSON as a value.
            #[must_use]
            pub fn to_value(&self) -> serde_json::Value {
                crate::json::to_value(self.json()).unwrap_or_default()
            }

            /// The JSON text of the value of any key, documented or not.
            ///
            /// This searches the text. A key that has its own method is faster to read
            /// through that method.
            #[must_use]
            pub fn get(&self, key: &str) -> Option<&str> {
                crate::json::member(self.json(), key)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({})", stringify!($name), self.json())
            }
        }

        /// Compares the JSON values.
        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.json() == other.json()
                    || entity!(@same_id self other $($id)?) && self.to_value() == other.to_value()
            }
        }

        impl Eq for $name {}

        /// Hashes the id, or the number of members if there is no id: equal entities agree
        /// on both.
        impl std::hash::Hash for $name {
            fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
                entity!(@hash self state $($id)?);
            }
        }

        impl std::str::FromStr for $name {
            type Err = crate::DecodeError;

            /// Decodes JSON.
            fn from_str(json: &str) -> Result<Self, crate::DecodeError> {
                Self::from_slice(json.as_bytes())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                crate::serde_text::serialize(self.json(), serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::serde_text::deserialize(deserializer, Self::from_slice)
            }
        }
    };

    (@object $reader:ident, $each:expr) => { $reader.object($each) };
    (@object $reader:ident $order:expr, $each:expr) => { $reader.object_like($order, $each) };

    (@bare $value:ident $id:ty) => { format!("{{\"id\":\"{}\"}}", $value) };
    (@bare) => { "{}".to_owned() };

    (@same_id $self:ident $other:ident $id:ty) => { $self.id == $other.id };
    (@same_id $self:ident $other:ident) => { true };

    (@hash $self:ident $state:ident $id:ty) => { std::hash::Hash::hash(&$self.id, $state) };
    (@hash $self:ident $state:ident) => {
        let members = $self.to_value();
        members.as_object().map_or(0, serde_json::Map::len).hash($state);
    };

    (@id_key $id:ty) => { "id" };
    (@value $id:ty, $value:ident) => { $value };

    (@stored string) => { crate::json::Span };
    (@stored field) => { crate::json::Span };
    (@stored scalar) => { crate::json::Span };
    (@stored flag) => { bool };
    (@stored integer) => { Option<i64> };
    (@stored channel_type) => { Option<i64> };
    (@stored count) => { Option<u64> };
    (@stored time) => { Option<crate::Timestamp> };
    (@stored id $id:ty) => { Option<$id> };

    (@absent string) => { crate::json::Span::ABSENT };
    (@absent field) => { crate::json::Span::ABSENT };
    (@absent scalar) => { crate::json::Span::ABSENT };
    (@absent flag) => { false };
    (@absent $other:ident) => { None };

    (@read string $text:ident $reader:ident) => { $text.string($reader)? };
    (@read field $text:ident $reader:ident) => { $text.string($reader)? };
    (@read scalar $text:ident $reader:ident) => { $text.scalar($reader)? };
    (@read flag $text:ident $reader:ident) => {
        $reader.nullable(crate::json::Reader::boolean)?.unwrap_or(false)
    };
    (@read integer $text:ident $reader:ident) => {
        $reader.nullable(crate::json::Reader::integer)?.flatten()
    };
    (@read channel_type $text:ident $reader:ident) => {
        $reader.nullable(crate::json::Reader::channel_type)?.flatten()
    };
    (@read count $text:ident $reader:ident) => {
        $reader.nullable(crate::json::Reader::count)?.flatten()
    };
    (@read time $text:ident $reader:ident) => {
        $reader.nullable(crate::json::Reader::timestamp)?
    };
    (@read id $text:ident $reader:ident) => { $reader.nullable(crate::json::Reader::id)? };

    (@method $(#[$doc:meta])* $name:ident field) => {
        $(#[$doc])*
        #[must_use]
        pub fn $name(&self) -> crate::Field<&str> {
            self.text.field(self.$name)
        }
    };
    (@method $(#[$doc:meta])* $name:ident string) => {
        $(#[$doc])*
        #[must_use]
        pub fn $name(&self) -> Option<&str> {
            self.text.get(self.$name)
        }
    };
    (@method $(#[$doc:meta])* $name:ident scalar) => {
        entity!(@method $(#[$doc])* $name string);
    };
    (@method $(#[$doc:meta])* $name:ident $kind:ident $($of:ty)?) => {
        $(#[$doc])*
        #[must_use]
        pub const fn $name(&self) -> entity!(@stored $kind $($of)?) {
            self.$name
        }
    };
}
pub(crate) use entity;

/// Helpers to look at rare keys of an entity's text.
pub(crate) mod rare {
    use crate::json::{Reader, Text, member};
    use crate::{DecodeError, Field};

    /// The value of a key read by `read`; absent, null or of another type gives `None`.
    pub(crate) fn read<'a, T>(
        text: &'a Text,
        key: &str,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, DecodeError>,
    ) -> Option<T> {
        read(&mut Reader::new(member(text.json(), key)?)).ok()
    }

    pub(crate) fn count(text: &Text, key: &str) -> Option<u64> {
        read(text, key, Reader::count).flatten()
    }

    pub(crate) fn integer(text: &Text, key: &str) -> Option<i64> {
        read(text, key, Reader::integer).flatten()
    }

    pub(crate) fn string(text: &Text, key: &str) -> Option<String> {
        read(text, key, Reader::owned)
    }

    /// The strings of an array; other values are left out.
    pub(crate) fn strings(text: &Text, key: &str) -> Vec<String> {
        let mut strings = Vec::new();
        if let Some(json) = member(text.json(), key) {
            let _ = Reader::new(json).array(|reader, _| {
                if reader.kind()? == crate::json::Kind::String {
                    strings.push(reader.owned()?);
                    Ok(())
                } else {
                    reader.skip()
                }
            });
        }
        strings
    }

    pub(crate) fn nullable_string(text: &Text, key: &str) -> Field<String> {
        match member(text.json(), key) {
            None => Field::Absent,
            Some("null") => Field::Null,
            Some(json) => match Reader::new(json).owned() {
                Ok(string) => Field::Value(string),
                Err(_) => Field::Absent,
            },
        }
    }
}
