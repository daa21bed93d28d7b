//! From text to [`serde_json::Value`].

use serde_json::{Map, Number, Value};

use super::error::DecodeError;
use super::reader::{Kind, Reader};

/// Decodes JSON text into a [`Value`].
///
/// Unlike [`serde_json::from_str`], this accepts strings with lone surrogates, which
/// become U+FFFD, and numbers beyond the range of [`f64`], which become its largest
/// value. Discord's clients can produce both, and a payload must not be lost because of
/// them.
///
/// # Errors
///
/// [`DecodeError`] if the text is not JSON.
pub fn to_value(json: &str) -> Result<Value, DecodeError> {
    let mut reader = Reader::from_slice(json.as_bytes())?;
    let value = value(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// The depth of this recursion is limited by the reader.
fn value(reader: &mut Reader<'_>) -> Result<Value, DecodeError> {
    Ok(match reader.kind()? {
        Kind::Null => {
            reader.null()?;
            Value::Null
        }
        Kind::Bool => Value::Bool(reader.boolean()?),
        Kind::String => Value::String(reader.owned()?),
        Kind::Number => Value::Number(number(reader.number()?.0)),
        Kind::Array => {
            let mut array = Vec::new();
            reader.array(|reader, _| {
                array.push(value(reader)?);
                Ok(())
            })?;
            Value::Array(array)
        }
        Kind::Object => {
            let mut object = Map::new();
            reader.object(|reader, key, _| {
                let value = value(reader)?;
                object.insert(key.to_owned(), value);
                Ok(())
            })?;
            Value::Object(object)
        }
    })
}

pub(crate) fn number(text: &str) -> Number {
    // serde_json knows best which of its representations it would choose.
    serde_json::from_str(text).unwrap_or_else(|_| {
        let most = if text.starts_with('-') {
            f64::MIN
        } else {
            f64::MAX
        };
        Number::from_f64(most).unwrap_or_else(|| Number::from(0))
    })
}
