//! The body of Discord's error responses.

use serde::{Deserialize, Serialize};

use crate::DecodeError;
use crate::json::{Kind, Reader};
use crate::member_search::millis;

/// The body of an error response. Its nested field errors are flattened into a list.
///
/// See [Discord Docs/Error Messages](https://discord.com/developers/docs/reference#error-messages).
///
/// ```
/// use guestlist_model::ApiErrorBody;
///
/// let body = ApiErrorBody::from_slice(br#"{
///     "code": 50035, "message": "Invalid Form Body",
///     "errors": {"max_age": {"_errors": [
///         {"code": "NUMBER_TYPE_MAX", "message": "int value should be less than or equal to 5184000."}
///     ]}}
/// }"#)?;
/// assert_eq!(body.code, 50035);
/// assert_eq!(body.errors[0].path, "max_age");
/// # Ok::<(), guestlist_model::DecodeError>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ApiErrorBody {
    /// Discord's code for the error; 0 if there is none.
    pub code: u64,
    /// Discord's message.
    pub message: String,
    /// The errors of single fields of the request. A body like `{"target_users_file":
    /// ["Line 5: …"]}` gives one entry per line.
    pub errors: Vec<FieldError>,
    /// How many milliseconds to wait before the next try, if Discord says so.
    pub retry_after_ms: Option<u64>,
    /// Whether this is the global rate limit, which covers all requests.
    pub global: bool,
}

/// An error in one field of a request.
///
/// ```
/// use guestlist_model::ApiErrorBody;
///
/// let body = ApiErrorBody::from_slice(br#"{"code": 50035, "message": "Invalid Form Body",
///     "errors": {"roles": {"0": {"_errors": [{"code": "NUMBER_TYPE_COERCE", "message": "not a snowflake"}]}}}}"#)?;
/// let field = &body.errors[0];
/// assert_eq!((field.path.as_str(), field.message.as_str()), ("roles.0", "not a snowflake"));
/// # Ok::<(), guestlist_model::DecodeError>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FieldError {
    /// The path of the field, separated by dots.
    pub path: String,
    /// Discord's code for the problem; empty if there is none.
    pub code: String,
    /// Discord's message.
    pub message: String,
}

impl FieldError {
    /// The number of the line, if the error is about a line of an uploaded file.
    #[must_use]
    pub fn line(&self) -> Option<u64> {
        let rest = self.message.strip_prefix("Line ")?;
        rest.split(|character: char| !character.is_ascii_digit())
            .next()?
            .parse()
            .ok()
    }
}

impl ApiErrorBody {
    /// Decodes a body.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if it is not a JSON object.
    pub fn from_slice(json: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::from_slice(json)?;
        let mut body = Self::default();
        reader.object(|reader, key, _| {
            match (key, reader.kind()?) {
                ("code", Kind::Number) => body.code = reader.count()?.unwrap_or(0),
                ("message", Kind::String) => body.message = reader.owned()?,
                ("retry_after", Kind::Number) => body.retry_after_ms = millis(reader)?,
                ("global", Kind::Bool) => body.global = reader.boolean()?,
                ("errors", Kind::Object) => fields(reader, "", &mut body.errors)?,
                (_, Kind::Array) => lines(reader, key, &mut body.errors)?,
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        reader.end()?;
        Ok(body)
    }
}

/// Reads `{"field": {"_errors": […]}}` at any depth; the reader limits the depth.
fn fields(
    reader: &mut Reader<'_>,
    path: &str,
    into: &mut Vec<FieldError>,
) -> Result<(), DecodeError> {
    reader.object(|reader, key, _| {
        let kind = reader.kind()?;
        if key == "_errors" && kind == Kind::Array {
            return reader.array(|reader, _| {
                match reader.kind()? {
                    Kind::Object => into.push(problem(reader, path)?),
                    Kind::String => into.push(FieldError {
                        path: path.to_owned(),
                        code: String::new(),
                        message: reader.owned()?,
                    }),
                    _ => reader.skip()?,
                }
                Ok(())
            });
        }
        let path = if path.is_empty() {
            key.to_owned()
        } else {
            format!("{path}.{key}")
        };
        match kind {
            Kind::Object => fields(reader, &path, into),
            Kind::Array => lines(reader, &path, into),
            _ => reader.skip(),
        }
    })
}

fn problem(reader: &mut Reader<'_>, path: &str) -> Result<FieldError, DecodeError> {
    let mut error = FieldError {
        path: path.to_owned(),
        ..FieldError::default()
    };
    reader.object(|reader, key, _| {
        match (key, reader.kind()?) {
            ("code", Kind::String) => error.code = reader.owned()?,
            ("message", Kind::String) => error.message = reader.owned()?,
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok(error)
}

/// Reads `["message", …]`.
fn lines(
    reader: &mut Reader<'_>,
    path: &str,
    into: &mut Vec<FieldError>,
) -> Result<(), DecodeError> {
    reader.array(|reader, _| {
        if reader.kind()? == Kind::String {
            let message = reader.owned()?;
            into.push(FieldError {
                path: path.to_owned(),
                code: String::new(),
                message,
            });
        } else {
            reader.skip()?;
        }
        Ok(())
    })
}
