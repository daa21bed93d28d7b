//! The common parts of entities that keep their JSON text.

use crate::DecodeError;
use crate::json::{Reader, Text};

/// An entity that keeps its JSON text.
pub(crate) trait Entity: Sized {
    /// What it is called in an error.
    const NAME: &'static str;

    /// The keys that [`Text`] packs.
    const KEYS: &'static [&'static str];

    /// Reads one. `None` for an object without an id: some payloads have `{}` where an
    /// entity should be, which says nothing about any entity.
    fn read(reader: &mut Reader<'_>) -> Result<Option<Self>, DecodeError> {
        Self::read_as(reader, true)
    }

    /// The same, with the text as it is, so that other texts can be compared with it.
    fn read_whole(reader: &mut Reader<'_>) -> Result<Option<Self>, DecodeError> {
        Self::read_as(reader, false)
    }

    fn read_as(reader: &mut Reader<'_>, packed: bool) -> Result<Option<Self>, DecodeError>;

    fn text(&self) -> &Text;

    /// Appends the JSON text.
    fn write(&self, out: &mut String) {
        self.text().write(Self::KEYS, out);
    }
}

/// Reads an entity that must be there.
pub(crate) fn required<T: Entity>(reader: &mut Reader<'_>) -> Result<T, DecodeError> {
    reader.skip_space();
    let start = reader.offset();
    T::read(reader)?.ok_or_else(|| DecodeError::new(crate::ErrorKind::Missing, start).at_key("id"))
}

/// Declares an entity that is kept with its JSON text: what an error calls it, its id if it
/// has one, and a line for each key that is read during decoding, which becomes a method of the
/// same name. `string` is what may be missing, `field` is what may also be null, `scalar`
/// is a string that is sometimes sent as a number, `flag` is false if the key is absent.
///
/// Keys that are seldom asked for get methods with the helpers in [`rare`].
macro_rules! entity {
    (
        $(#[$doc:meta])*
        $name:ident $(of $id:ty)?, $what:literal $(, also $($also:literal)+)?;
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

            const KEYS: &'static [&'static str] = &[
                $(entity!(@id_key $id),)?
                $($key,)*
                $($($also,)+)?
            ];

            fn read_as(
                reader: &mut crate::json::Reader<'_>,
                packed: bool,
            ) -> Result<Option<Self>, crate::DecodeError> {
                #[expect(non_upper_case_globals, reason = "named like the fields")]
                mod keys {
                    const KEYS: &[&str] = <super::$name as crate::entity::Entity>::KEYS;
                    pub(super) static TABLE: crate::json::KeyTable<{ KEYS.len() }> =
                        crate::json::KeyTable::new(KEYS);
                    $(crate::entity::entity!(@id_place $id);)?
                    $(pub(super) const $field: usize = crate::json::position(KEYS, $key);)*
                }

                let mut text = crate::json::Builder::new(reader, packed);
                $(let mut id: Option<$id> = None;)?
                $(let mut $field: entity!(@stored $kind $($of)?) = entity!(@absent $kind);)*
                reader.object_of(&keys::TABLE, |reader, index, key, start| {
                    let at = crate::json::At { index, key, start };
                    match index {
                        $(entity!(@id_index $id) => {
                            id = reader.nullable(crate::json::Reader::id)?;
                        })?
                        $(keys::$field => $field = entity!(@read $kind text reader at),)*
                        _ => text.skip(reader, at)?,
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
                Self::from_slice(crate::json::with_member(&self.json(), key, &value.into()).as_bytes())
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
            pub fn json(&self) -> std::borrow::Cow<'_, str> {
                self.text.json(<Self as crate::entity::Entity>::KEYS)
            }

            /// The JSON as a value. A number beyond the range of `f64` and a lone surrogate
            /// are changed, as by [`json::to_value`](crate::json::to_value);
            /// [`json`](Self::json) keeps them.
            #[must_use]
            pub fn to_value(&self) -> serde_json::Value {
                crate::json::to_value(&self.json()).unwrap_or_default()
            }

            /// The JSON text of the value of any key, documented or not.
            ///
            /// This searches the text. A key that has its own method is faster to read
            /// through that method.
            #[must_use]
            pub fn get(&self, key: &str) -> Option<&str> {
                self.text.member(<Self as crate::entity::Entity>::KEYS, key)
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
                crate::serde_text::serialize(&self.json(), serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::serde_text::deserialize(deserializer, Self::from_slice)
            }
        }
    };

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
    (@id_place $id:ty) => { pub(super) const ID: usize = crate::json::position(KEYS, "id"); };
    (@id_index $id:ty) => { keys::ID };
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

    (@read string $text:ident $reader:ident $at:ident) => { $text.string($reader, $at)? };
    (@read field $text:ident $reader:ident $at:ident) => { $text.string($reader, $at)? };
    (@read scalar $text:ident $reader:ident $at:ident) => { $text.scalar($reader, $at)? };
    (@read flag $text:ident $reader:ident $at:ident) => {
        $reader.nullable(crate::json::Reader::boolean)?.unwrap_or(false)
    };
    (@read integer $text:ident $reader:ident $at:ident) => {
        $reader.nullable(crate::json::Reader::integer)?.flatten()
    };
    (@read channel_type $text:ident $reader:ident $at:ident) => {
        $reader.nullable(crate::json::Reader::channel_type)?.flatten()
    };
    (@read count $text:ident $reader:ident $at:ident) => {
        $reader.nullable(crate::json::Reader::count)?.flatten()
    };
    (@read time $text:ident $reader:ident $at:ident) => {
        $reader.nullable(crate::json::Reader::timestamp)?
    };
    (@read id $text:ident $reader:ident $at:ident) => { $reader.nullable(crate::json::Reader::id)? };

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
    use super::Entity;
    use crate::json::Reader;
    use crate::{DecodeError, Field};

    fn member<'a, E: Entity>(of: &'a E, key: &str) -> Option<&'a str> {
        of.text().member(E::KEYS, key)
    }

    /// The value of a key read by `read`; absent, null or of another type gives `None`.
    pub(crate) fn read<'a, T>(
        of: &'a impl Entity,
        key: &str,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, DecodeError>,
    ) -> Option<T> {
        read(&mut Reader::new(member(of, key)?)).ok()
    }

    pub(crate) fn count(of: &impl Entity, key: &str) -> Option<u64> {
        read(of, key, Reader::count).flatten()
    }

    pub(crate) fn integer(of: &impl Entity, key: &str) -> Option<i64> {
        read(of, key, Reader::integer).flatten()
    }

    pub(crate) fn string(of: &impl Entity, key: &str) -> Option<String> {
        read(of, key, Reader::owned)
    }

    /// The strings of an array; other values are left out.
    pub(crate) fn strings(of: &impl Entity, key: &str) -> Vec<String> {
        let mut strings = Vec::new();
        if let Some(json) = member(of, key) {
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

    pub(crate) fn nullable_string(of: &impl Entity, key: &str) -> Field<String> {
        match member(of, key) {
            None => Field::Absent,
            Some("null") => Field::Null,
            Some(json) => match Reader::new(json).owned() {
                Ok(string) => Field::Value(string),
                Err(_) => Field::Absent,
            },
        }
    }
}
