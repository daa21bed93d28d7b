//! The codec: a pull reader over JSON text, and what turns text back into values.
//!
//! It is hand-written because no library offers all of these: the path of an error at no
//! cost when there is none, the original text of every value without copying, and a depth
//! limit without recursion. All of it is safe code. The text is checked for UTF-8 once.

pub(crate) mod digits;
mod error;
mod keys;
mod object;
mod reader;
mod scan;
mod skip;
mod string;
mod text;
mod value;
mod values;

pub use error::{DecodeError, ErrorKind, PathSegment};
pub(crate) use keys::{KeyTable, position};
pub(crate) use object::{member, members, with_member};
pub(crate) use reader::{Kind, Reader};
pub(crate) use text::{At, Builder, Span, Text};
pub(crate) use value::number;
pub use value::to_value;
pub(crate) use values::{count, integral, saturating};

/// How deep arrays and objects may be nested. As deep as `serde_json` goes.
pub(crate) const MAX_DEPTH: u32 = 127;
