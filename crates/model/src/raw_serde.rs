//! Serde by way of JSON text.

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Error as _, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::DecodeError;

/// Hands the text over as it is. Only `serde_json` knows what to do with it.
pub(crate) fn serialize<S: Serializer>(json: String, serializer: S) -> Result<S::Ok, S::Error> {
    RawValue::from_string(json)
        .map_err(S::Error::custom)?
        .serialize(serializer)
}

/// Takes the text as it is. Only `serde_json` can give it.
pub(crate) fn deserialize<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    decode: impl FnOnce(&[u8]) -> Result<T, DecodeError>,
) -> Result<T, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    decode(raw.get().as_bytes()).map_err(D::Error::custom)
}
