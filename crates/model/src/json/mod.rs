//! The codec: a pull reader over JSON text, and what turns text back into values.
//!
//! Hand-written because nothing else gives all of: the path of an error at no cost
//! when there is none, the original text of every value without copying, and a limit
//! of depth without recursion. Everything is safe code; the text is checked to be
//! UTF-8 once.

pub(crate) mod digits;
mod error;
mod object;
mod reader;
mod scan;
mod skip;
mod string;
mod text;
mod value;
mod values;

pub use error::{DecodeError, ErrorKind, PathSegment};
pub(crate) use object::{member, members, with_member};
pub(crate) use reader::{Kind, Reader};
pub(crate) use text::{Builder, Span, Text};
pub(crate) use value::number;
pub use value::to_value;
pub(crate) use values::{count, integral, saturating};

/// How deep arrays and objects may be nested. As deep as `serde_json` goes.
pub(crate) const MAX_DEPTH: u32 = 127;
