//! Enums that name their variant in a field where a person can read the format, as in
//! `{"origin":"vanity","code":"abc"}`, and in front of the fields elsewhere. Formats that do
//! not describe themselves, such as Postcard, could not read the former.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Deserializer, Error, IntoDeserializer, MapAccess, Visitor};

/// Defines an enum with both forms. `$inside` are serde's attributes for the first one.
macro_rules! tagged {
    ($path:literal as ($($inside:tt)+); $(#[$meta:meta])* pub enum $name:ident { $($variants:tt)* }) => {
        $(#[$meta])*
        pub enum $name { $($variants)* }

        const _: () = {
            #[derive(serde::Deserialize, serde::Serialize)]
            #[serde(remote = $path, rename_all = "snake_case", $($inside)+)]
            enum Inside { $($variants)* }

            #[derive(serde::Deserialize, serde::Serialize)]
            #[serde(remote = $path)]
            enum InFront { $($variants)* }

            impl serde::Serialize for $name {
                fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    if serializer.is_human_readable() {
                        Inside::serialize(self, serializer)
                    } else {
                        InFront::serialize(self, serializer)
                    }
                }
            }

            impl<'de> serde::Deserialize<'de> for $name {
                fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    if deserializer.is_human_readable() {
                        crate::tagged::either::<Self, D>(deserializer)
                    } else {
                        InFront::deserialize(deserializer)
                    }
                }
            }

            impl<'de> crate::tagged::Tagged<'de> for $name {
                fn inside<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    Inside::deserialize(deserializer)
                }

                fn in_front<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    InFront::deserialize(deserializer)
                }
            }
        };
    };
}

pub(crate) use tagged;

/// An enum that can be read in both forms.
pub(crate) trait Tagged<'de>: Sized {
    /// Reads the form with the variant among the fields.
    fn inside<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;

    /// Reads the form with the variant in front of the fields.
    fn in_front<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

/// Reads either form, because serde's buffers behind `flatten`, `tag` and `untagged` claim to be
/// human-readable even if a binary format filled them.
pub(crate) fn either<'de, T: Tagged<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    deserializer.deserialize_any(Either(PhantomData))
}

struct Either<T>(PhantomData<T>);

impl<'de, T: Tagged<'de>> Visitor<'de> for Either<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_str<E: Error>(self, variant: &str) -> Result<T, E> {
        T::in_front(variant.into_deserializer())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        let first: Option<String> = map.next_key()?;
        // Names of variants begin with a capital letter, names of fields do not.
        let in_front = first
            .as_deref()
            .is_some_and(|key| key.starts_with(|first: char| first.is_ascii_uppercase()));
        let map = MapAccessDeserializer::new(Whole { first, rest: map });
        if in_front {
            T::in_front(map)
        } else {
            T::inside(map)
        }
    }
}

/// A map of which the first key has been read.
struct Whole<A> {
    first: Option<String>,
    rest: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Whole<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        match self.first.take() {
            Some(first) => seed.deserialize(first.into_deserializer()).map(Some),
            None => self.rest.next_key_seed(seed),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.rest.next_value_seed(seed)
    }

    fn size_hint(&self) -> Option<usize> {
        let first = usize::from(self.first.is_some());
        self.rest.size_hint().map(|rest| rest + first)
    }
}
