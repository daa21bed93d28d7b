//! An entity's JSON text together with its decoded strings.

use super::DecodeError;
use super::reader::{Kind, Reader, Str};

/// The JSON text of one entity, exactly as it was sent. Strings that had escapes are
/// kept decoded behind it, in the same allocation.
#[derive(Clone)]
pub(crate) struct Text {
    all: Box<str>,
    json_len: u32,
}

/// Where a string of the entity is in its [`Text`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    start: u32,
    len: u32,
}

/// Set in [`Span::start`] if it counts from the end of the JSON.
const BEHIND: u32 = 1 << 31;

impl Span {
    pub(crate) const ABSENT: Self = Self {
        start: u32::MAX,
        len: 0,
    };
    pub(crate) const NULL: Self = Self {
        start: u32::MAX,
        len: 1,
    };
}

impl Text {
    /// The text of an entity of which no string is asked for.
    pub(crate) fn new(json: String) -> Self {
        Self {
            json_len: u32::try_from(json.len()).unwrap_or(u32::MAX),
            all: json.into_boxed_str(),
        }
    }

    pub(crate) fn json(&self) -> &str {
        self.all.get(..self.json_len as usize).unwrap_or_default()
    }

    pub(crate) fn get(&self, span: Span) -> Option<&str> {
        if span.start == u32::MAX {
            return None;
        }
        let mut start = (span.start & !BEHIND) as usize;
        if span.start & BEHIND != 0 {
            start += self.json_len as usize;
        }
        self.all.get(start..start + span.len as usize)
    }

    pub(crate) fn field(&self, span: Span) -> crate::Field<&str> {
        match self.get(span) {
            Some(text) => crate::Field::Value(text),
            None if span.len == 1 => crate::Field::Null,
            None => crate::Field::Absent,
        }
    }
}

/// Puts a [`Text`] together while its entity is read.
pub(crate) struct Builder {
    start: usize,
    behind: String,
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a payload has less than 2 GiB, which the reader checks, and decoding never lengthens"
)]
impl Builder {
    pub(crate) fn new(reader: &mut Reader<'_>) -> Self {
        reader.skip_space();
        Self {
            start: reader.offset(),
            behind: String::new(),
        }
    }

    #[inline]
    fn span(&mut self, string: Str<'_>) -> Span {
        if string.escaped {
            let start = self.behind.len() as u32 | BEHIND;
            let decoded = string.decode();
            self.behind.push_str(&decoded);
            return Span {
                start,
                len: decoded.len() as u32,
            };
        }
        Span {
            start: (string.offset - self.start) as u32,
            len: string.raw.len() as u32,
        }
    }

    /// Reads a string or null.
    #[inline]
    pub(crate) fn string(&mut self, reader: &mut Reader<'_>) -> Result<Span, DecodeError> {
        if reader.null()? {
            return Ok(Span::NULL);
        }
        let string = reader.string()?;
        Ok(self.span(string))
    }

    /// Reads a string, a number (as its text) or null.
    pub(crate) fn scalar(&mut self, reader: &mut Reader<'_>) -> Result<Span, DecodeError> {
        if reader.kind()? == Kind::Number {
            let offset = reader.offset();
            let (raw, _) = reader.number()?;
            return Ok(self.span(Str {
                raw,
                escaped: false,
                offset,
            }));
        }
        self.string(reader)
    }

    /// After the entity's end: its text.
    pub(crate) fn finish(self, reader: &Reader<'_>) -> Text {
        let json = reader.slice(self.start, reader.offset());
        let json_len = json.len() as u32;
        let all = if self.behind.is_empty() {
            Box::from(json)
        } else {
            let mut all = String::with_capacity(json.len() + self.behind.len());
            all.push_str(json);
            all.push_str(&self.behind);
            all.into_boxed_str()
        };
        Text { all, json_len }
    }
}
