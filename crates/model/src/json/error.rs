//! What is wrong with a payload, and where.

use std::fmt;

use crate::{CodeError, IdError, TimestampError};

/// A payload could not be decoded.
///
/// [`Display`](fmt::Display) names the JSON path, the problem and the byte:
/// `$[3].guild.id: an id is never 0 (at byte 71)`.
pub struct DecodeError(Box<Inner>);

#[derive(Clone, Debug, Eq, PartialEq)]
struct Inner {
    kind: ErrorKind,
    offset: usize,
    /// Innermost first: the path is put together while the error travels outwards.
    path: Vec<PathSegment>,
}

/// One step of the path to an error.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PathSegment {
    /// Into an object.
    Key(String),
    /// Into an array.
    Index(usize),
}

/// What is wrong with a payload.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The text is not UTF-8.
    #[error("not valid UTF-8")]
    Utf8,
    /// The text is not JSON.
    #[error("not valid JSON: expected {expected}")]
    Syntax {
        /// What would have been right here.
        expected: &'static str,
    },
    /// The text ends too early.
    #[error("the JSON ends too early")]
    Eof,
    /// Something follows the value.
    #[error("something follows the JSON value")]
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
        /// What is needed.
        expected: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// A key is needed and not there.
    #[error("missing")]
    Missing,
    /// An id is not one.
    #[error(transparent)]
    Id(#[from] IdError),
    /// A moment is not one.
    #[error(transparent)]
    Timestamp(#[from] TimestampError),
    /// An invite code is not one.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// A payload of another kind than it was said to be.
    #[error("not {expected}")]
    Kind {
        /// The kind that was asked for.
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

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// Where it is, in bytes from the start of the payload.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.0.offset
    }

    /// The path to it, outermost step first.
    pub fn segments(&self) -> impl Iterator<Item = &PathSegment> {
        self.0.path.iter().rev()
    }

    /// The path to it, like `$[3].guild.id`.
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
