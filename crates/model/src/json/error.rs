//! Errors in payloads, with their position.

use serde::{Deserialize, Serialize};
use std::fmt;

use crate::{CodeError, IdError, TimestampError};

/// The error for a payload that cannot be decoded.
///
/// [`Display`](fmt::Display) names the JSON path, the problem and the byte:
/// `$[3].guild.id: an id cannot be 0 (at byte 71)`.
///
/// ```
/// use guestlist_model::Invite;
///
/// let error = Invite::from_slice(br#"{"code": "abc", "guild": {"id": "0"}}"#).unwrap_err();
/// assert_eq!(error.path(), "$.guild.id");
/// assert_eq!(error.kind().to_string(), "an id cannot be 0");
/// ```
pub struct DecodeError(Box<Inner>);

#[derive(Clone, Debug, Eq, PartialEq)]
struct Inner {
    kind: ErrorKind,
    offset: usize,
    /// Innermost first: the path is assembled while the error is passed outwards.
    path: Vec<PathSegment>,
}

/// One step of the path to an error.
///
/// ```
/// use guestlist_model::{Invite, PathSegment};
///
/// let error = Invite::from_slice(br#"{"code": "abc", "roles": [{"id": "x"}]}"#).unwrap_err();
/// let path: Vec<_> = error.segments().collect();
/// assert_eq!(path[..2], [&PathSegment::Key("roles".to_owned()), &PathSegment::Index(0)]);
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PathSegment {
    /// A key of an object.
    Key(String),
    /// An index of an array.
    Index(usize),
}

/// The kind of a [`DecodeError`].
///
/// ```
/// use guestlist_model::{ErrorKind, Invite};
///
/// let error = Invite::from_slice(br#"{"uses": 3}"#).unwrap_err();
/// assert_eq!(error.kind(), &ErrorKind::Missing);
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The text is not UTF-8.
    #[error("not valid UTF-8")]
    Utf8,
    /// The text is not JSON.
    #[error("not valid JSON: expected {expected}")]
    Syntax {
        /// What was expected at this position.
        expected: &'static str,
    },
    /// The text ends unexpectedly.
    #[error("unexpected end of the JSON")]
    Eof,
    /// The JSON value is followed by other text.
    #[error("unexpected text after the JSON value")]
    Trailing,
    /// Arrays and objects are nested too deeply.
    #[error("nested too deeply")]
    TooDeep,
    /// The text has 2 GiB or more.
    #[error("the payload is too large")]
    TooLarge,
    /// A value has the wrong type.
    #[error("expected {expected}, found {found}")]
    Type {
        /// The expected type.
        expected: &'static str,
        /// The actual type.
        found: &'static str,
    },
    /// A required key is missing.
    #[error("missing")]
    Missing,
    /// An id is invalid.
    #[error(transparent)]
    Id(#[from] IdError),
    /// A timestamp is invalid.
    #[error(transparent)]
    Timestamp(#[from] TimestampError),
    /// An invite code is invalid.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// The payload is of another kind than the caller asked for.
    #[error("not {expected}")]
    Kind {
        /// The expected kind.
        expected: &'static str,
    },
}

impl DecodeError {
    pub(crate) fn new(kind: ErrorKind, offset: usize) -> Self {
        Self(Box::new(Inner {
            kind,
            offset,
            path: Vec::new(),
        }))
    }

    /// The kind of error.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// The position of the error, in bytes from the start of the payload.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.0.offset
    }

    /// The path to the error, outermost segment first.
    pub fn segments(&self) -> impl Iterator<Item = &PathSegment> {
        self.0.path.iter().rev()
    }

    /// The path to the error, such as `$[3].guild.id`.
    #[must_use]
    pub fn path(&self) -> String {
        struct Path<'a>(&'a DecodeError);
        impl fmt::Display for Path<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.write_path(f)
            }
        }
        Path(self).to_string()
    }

    fn write_path(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("$")?;
        for segment in self.segments() {
            match segment {
                PathSegment::Index(index) => write!(f, "[{index}]")?,
                PathSegment::Key(key) if is_plain(key) => write!(f, ".{key}")?,
                PathSegment::Key(key) => write!(f, "[{key:?}]")?,
            }
        }
        Ok(())
    }

    #[cold]
    pub(crate) fn at_key(mut self, key: &str) -> Self {
        // A hostile key must not make the error as large as the payload.
        let mut end = key.len().min(64);
        while !key.is_char_boundary(end) {
            end -= 1;
        }
        let mut shown = key.get(..end).unwrap_or_default().to_owned();
        if end < key.len() {
            shown.push('…');
        }
        self.0.path.push(PathSegment::Key(shown));
        self
    }

    #[cold]
    pub(crate) fn at_index(mut self, index: usize) -> Self {
        self.0.path.push(PathSegment::Index(index));
        self
    }
}

fn is_plain(key: &str) -> bool {
    !key.is_empty()
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_path(f)?;
        write!(f, ": {} (at byte {})", self.0.kind, self.0.offset)
    }
}

impl fmt::Debug for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecodeError")
            .field("path", &self.path())
            .field("kind", &self.0.kind)
            .field("offset", &self.0.offset)
            .finish()
    }
}

impl Clone for DecodeError {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl PartialEq for DecodeError {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for DecodeError {}

impl std::error::Error for DecodeError {}
