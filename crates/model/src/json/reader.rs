//! The pull reader.

use std::borrow::Cow;

use super::MAX_DEPTH;
use super::error::{DecodeError, ErrorKind};
use super::scan::string_stop;
use super::string::{check_escapes, unescape};

pub(super) type Result<T> = std::result::Result<T, DecodeError>;

/// The type of the value that comes next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Null,
    Bool,
    Number,
    String,
    Array,
    Object,
}

impl Kind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "a boolean",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        }
    }
}

/// A string as it is in the text, without its quotes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Str<'a> {
    pub(crate) raw: &'a str,
    pub(crate) escaped: bool,
    /// Where `raw` starts.
    pub(crate) offset: usize,
}

impl<'a> Str<'a> {
    pub(crate) fn decode(self) -> Cow<'a, str> {
        if self.escaped {
            Cow::Owned(unescape(self.raw))
        } else {
            Cow::Borrowed(self.raw)
        }
    }
}

/// Reads one JSON text from front to back.
pub(crate) struct Reader<'a> {
    text: &'a str,
    pub(super) bytes: &'a [u8],
    pub(super) pos: usize,
    pub(super) depth: u32,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            pos: 0,
            depth: 0,
        }
    }

    /// Checks that the bytes are UTF-8 and not too many, and skips a byte order mark.
    pub(crate) fn from_slice(bytes: &'a [u8]) -> Result<Self> {
        let text = std::str::from_utf8(bytes)
            .map_err(|error| DecodeError::new(ErrorKind::Utf8, error.valid_up_to()))?;
        if i32::try_from(text.len()).is_err() {
            return Err(DecodeError::new(ErrorKind::TooLarge, 0));
        }
        let mut reader = Self::new(text);
        if text.starts_with('\u{feff}') {
            reader.pos = '\u{feff}'.len_utf8();
        }
        Ok(reader)
    }

    pub(crate) const fn offset(&self) -> usize {
        self.pos
    }

    pub(crate) const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The text between two offsets that are known to be ends of tokens.
    #[inline]
    pub(crate) fn slice(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or_default()
    }

    #[cold]
    pub(crate) fn error(&self, kind: ErrorKind) -> DecodeError {
        DecodeError::new(kind, self.pos)
    }

    #[cold]
    pub(super) fn unexpected(&self, expected: &'static str) -> DecodeError {
        let kind = if self.pos >= self.bytes.len() {
            ErrorKind::Eof
        } else {
            ErrorKind::Syntax { expected }
        };
        self.error(kind)
    }

    #[inline]
    pub(super) fn byte(&self) -> Option<u8> {
        self.bytes.get(self.pos).copied()
    }

    #[inline]
    pub(crate) fn skip_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.byte() {
            self.pos += 1;
        }
    }

    /// The type of the next value; moves to its first byte.
    #[inline]
    pub(crate) fn kind(&mut self) -> Result<Kind> {
        self.skip_space();
        match self.byte() {
            Some(b'"') => Ok(Kind::String),
            Some(b'{') => Ok(Kind::Object),
            Some(b'[') => Ok(Kind::Array),
            Some(b'n') => Ok(Kind::Null),
            Some(b't' | b'f') => Ok(Kind::Bool),
            Some(b'-' | b'0'..=b'9') => Ok(Kind::Number),
            _ => Err(self.unexpected("a value")),
        }
    }

    #[cold]
    pub(crate) fn wrong_type(&mut self, expected: &'static str) -> DecodeError {
        match self.kind() {
            Ok(found) => self.error(ErrorKind::Type {
                expected,
                found: found.name(),
            }),
            Err(error) => error,
        }
    }

    /// Checks that nothing but space follows.
    pub(crate) fn end(&mut self) -> Result<()> {
        self.skip_space();
        if self.pos < self.bytes.len() {
            return Err(self.error(ErrorKind::Trailing));
        }
        Ok(())
    }

    #[inline]
    pub(super) fn literal(&mut self, literal: &'static str) -> Result<()> {
        let end = self.pos + literal.len();
        if self.bytes.get(self.pos..end) == Some(literal.as_bytes()) {
            self.pos = end;
            Ok(())
        } else {
            Err(self.unexpected(literal))
        }
    }

    #[inline]
    pub(super) fn enter(&mut self) -> Result<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error(ErrorKind::TooDeep));
        }
        self.pos += 1;
        Ok(())
    }

    /// Reads an object; `member` is called with each key and must read its value.
    ///
    /// The key given is decoded; where the member starts in the text is given too.
    #[inline]
    pub(crate) fn object(
        &mut self,
        mut member: impl FnMut(&mut Self, &str, usize) -> Result<()>,
    ) -> Result<()> {
        if self.kind()? != Kind::Object {
            return Err(self.wrong_type("an object"));
        }
        self.enter()?;
        self.skip_space();
        if self.byte() == Some(b'}') {
            self.pos += 1;
            self.depth -= 1;
            return Ok(());
        }
        loop {
            self.one_member(&mut member)?;
            self.skip_space();
            match self.byte() {
                Some(b',') => self.pos += 1,
                Some(b'}') => {
                    self.pos += 1;
                    self.depth -= 1;
                    return Ok(());
                }
                _ => return Err(self.unexpected("a comma or the end of the object")),
            }
        }
    }

    /// Reads the inside of an object: members separated by commas, to the end.
    pub(crate) fn inside_object(
        &mut self,
        mut member: impl FnMut(&mut Self, &str, usize) -> Result<()>,
    ) -> Result<()> {
        loop {
            self.one_member(&mut member)?;
            self.skip_space();
            match self.byte() {
                Some(b',') => self.pos += 1,
                None => return Ok(()),
                _ => return Err(self.unexpected("a comma or the end of the object")),
            }
        }
    }

    /// Moves over a key and its colon; says where the key starts.
    #[inline(always)]
    pub(super) fn key(&mut self) -> Result<(Str<'a>, usize)> {
        self.skip_space();
        let start = self.pos;
        if self.byte() != Some(b'"') {
            return Err(self.unexpected("a key"));
        }
        let key = self.string_token()?;
        self.skip_space();
        if self.byte() != Some(b':') {
            return Err(self.unexpected("a colon"));
        }
        self.pos += 1;
        Ok((key, start))
    }

    #[inline(always)]
    pub(super) fn one_member(
        &mut self,
        member: &mut impl FnMut(&mut Self, &str, usize) -> Result<()>,
    ) -> Result<()> {
        let (key, start) = self.key()?;
        if key.escaped {
            let key = key.decode();
            member(self, &key, start).map_err(|error| error.at_key(&key))
        } else {
            member(self, key.raw, start).map_err(|error| error.at_key(key.raw))
        }
    }

    /// Reads an array; `element` is called at each element and must read it.
    #[inline]
    pub(crate) fn array(
        &mut self,
        mut element: impl FnMut(&mut Self, usize) -> Result<()>,
    ) -> Result<()> {
        if self.kind()? != Kind::Array {
            return Err(self.wrong_type("an array"));
        }
        self.enter()?;
        self.skip_space();
        if self.byte() == Some(b']') {
            self.pos += 1;
            self.depth -= 1;
            return Ok(());
        }
        for index in 0.. {
            self.skip_space();
            element(self, index).map_err(|error| error.at_index(index))?;
            self.skip_space();
            match self.byte() {
                Some(b',') => self.pos += 1,
                Some(b']') => break,
                _ => return Err(self.unexpected("a comma or the end of the array")),
            }
        }
        self.pos += 1;
        self.depth -= 1;
        Ok(())
    }

    /// A place to which [`rewind`](Self::rewind) can go back.
    pub(crate) const fn mark(&self) -> (usize, u32) {
        (self.pos, self.depth)
    }

    /// Goes back to a mark, also after an error.
    pub(crate) fn rewind(&mut self, mark: (usize, u32)) {
        (self.pos, self.depth) = mark;
    }

    #[inline]
    pub(super) fn next_is(&self, text: &[u8]) -> bool {
        self.bytes
            .get(self.pos..)
            .is_some_and(|rest| rest.starts_with(text))
    }

    /// Moves over `text` if it comes next. Sound only for a text that is one complete
    /// object or array, which can be the prefix of no other value.
    #[inline]
    pub(crate) fn take_exact(&mut self, text: &str) -> bool {
        let end = self.pos + text.len();
        let same = self.bytes.get(self.pos..end) == Some(text.as_bytes());
        if same {
            self.pos = end;
        }
        same
    }

    /// At a quote: reads the string that it opens.
    #[inline(always)]
    pub(super) fn string_token(&mut self) -> Result<Str<'a>> {
        let start = self.pos + 1;
        if let Some(len) = string_stop(self.bytes, start) {
            let end = start + len;
            if self.bytes.get(end) == Some(&b'"') {
                self.pos = end + 1;
                let raw = self.slice(start, end);
                return Ok(Str {
                    raw,
                    escaped: false,
                    offset: start,
                });
            }
        }
        self.string_slow(start)
    }

    #[cold]
    pub(super) fn string_slow(&mut self, start: usize) -> Result<Str<'a>> {
        let mut end = start;
        loop {
            let Some(len) = string_stop(self.bytes, end) else {
                self.pos = self.bytes.len();
                return Err(self.error(ErrorKind::Eof));
            };
            end += len;
            match self.bytes.get(end) {
                Some(b'"') => break,
                Some(b'\\') => {
                    end = check_escapes(self.bytes, end).map_err(|(kind, at)| {
                        self.pos = at;
                        self.error(kind)
                    })?;
                }
                _ => {
                    self.pos = end;
                    return Err(self.unexpected("an escaped control character"));
                }
            }
        }
        self.pos = end + 1;
        Ok(Str {
            raw: self.slice(start, end),
            escaped: true,
            offset: start,
        })
    }

    #[inline]
    pub(crate) fn string(&mut self) -> Result<Str<'a>> {
        self.skip_space();
        if self.byte() != Some(b'"') {
            return Err(self.wrong_type("a string"));
        }
        self.string_token()
    }

    pub(crate) fn boolean(&mut self) -> Result<bool> {
        self.skip_space();
        match self.byte() {
            Some(b't') => self.literal("true").map(|()| true),
            Some(b'f') => self.literal("false").map(|()| false),
            _ => Err(self.wrong_type("a boolean")),
        }
    }

    /// Reads null if it comes next; says whether it did.
    #[inline]
    pub(crate) fn null(&mut self) -> Result<bool> {
        self.skip_space();
        if self.byte() == Some(b'n') {
            self.literal("null")?;
            return Ok(true);
        }
        Ok(false)
    }

    /// Reads null or what `read` reads.
    #[inline]
    pub(crate) fn nullable<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<Option<T>> {
        if self.null()? {
            Ok(None)
        } else {
            read(self).map(Some)
        }
    }

    fn digits(&mut self) -> Result<()> {
        if !matches!(self.byte(), Some(b'0'..=b'9')) {
            return Err(self.unexpected("a digit"));
        }
        while let Some(b'0'..=b'9') = self.byte() {
            self.pos += 1;
        }
        Ok(())
    }

    /// Reads a number as its text; says whether it is an integer without sign.
    #[inline]
    pub(crate) fn number(&mut self) -> Result<(&'a str, bool)> {
        self.skip_space();
        let start = self.pos;
        let mut natural = true;
        if self.byte() == Some(b'-') {
            natural = false;
            self.pos += 1;
        }
        match self.byte() {
            Some(b'0') => self.pos += 1,
            Some(b'1'..=b'9') => {
                while let Some(b'0'..=b'9') = self.byte() {
                    self.pos += 1;
                }
            }
            _ if natural => return Err(self.wrong_type("a number")),
            _ => return Err(self.unexpected("a digit")),
        }
        if let Some(b'.' | b'e' | b'E') = self.byte() {
            natural = false;
            if self.byte() == Some(b'.') {
                self.pos += 1;
                self.digits()?;
            }
            if let Some(b'e' | b'E') = self.byte() {
                self.pos += 1;
                if let Some(b'+' | b'-') = self.byte() {
                    self.pos += 1;
                }
                self.digits()?;
            }
        }
        Ok((self.slice(start, self.pos), natural))
    }
}
