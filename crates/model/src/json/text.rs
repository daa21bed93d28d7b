//! An entity's JSON text together with its decoded strings.

use std::borrow::Cow;

use super::DecodeError;
use super::reader::{Kind, Reader, Str};

/// The JSON text of one entity, exactly as it was sent. Strings that had escapes are
/// kept decoded behind it, in the same allocation.
///
/// The text may be packed: for a key that the entity's list contains, `"key":null,` is one
/// control character. JSON contains no other control characters than white space, so nothing
/// else can be meant. A third of a user's text says that something is null.
#[derive(Clone)]
pub(crate) struct Text {
    all: Box<str>,
    /// The length of the JSON in `all`, and [`PACKED`].
    len: u32,
}

/// Set in the length of a packed text.
const PACKED: u32 = 1 << 31;

/// The control characters that are not white space.
#[expect(clippy::indexing_slicing, reason = "evaluated at compile time")]
const CODES: [u8; 29] = {
    let mut codes = [0; 29];
    let (mut code, mut place) = (0, 0);
    while place < codes.len() {
        if !matches!(code, b'\t' | b'\n' | b'\r') {
            codes[place] = code;
            place += 1;
        }
        code += 1;
    }
    codes
};

/// The key of a code.
fn key_of<'k>(code: u8, keys: &[&'k str]) -> Option<&'k str> {
    let place = CODES.iter().position(|&other| other == code)?;
    keys.get(place).copied()
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
            len: u32::try_from(json.len()).unwrap_or_default(),
            all: json.into_boxed_str(),
        }
    }

    fn kept(&self) -> &str {
        let len = self.len & !PACKED;
        self.all.get(..len as usize).unwrap_or_default()
    }

    /// The text, if it is not packed.
    pub(crate) fn whole(&self) -> Option<&str> {
        (self.len & PACKED == 0).then(|| self.kept())
    }

    /// The text. `keys` are those of the entity.
    pub(crate) fn json(&self, keys: &[&str]) -> Cow<'_, str> {
        if let Some(json) = self.whole() {
            return Cow::Borrowed(json);
        }
        let mut json = String::with_capacity(2 * self.all.len());
        self.write(keys, &mut json);
        Cow::Owned(json)
    }

    /// Appends the text.
    pub(crate) fn write(&self, keys: &[&str], out: &mut String) {
        if let Some(json) = self.whole() {
            out.push_str(json);
            return;
        }
        let mut rest = self.kept();
        while let Some(at) = rest.bytes().position(|byte| CODES.contains(&byte)) {
            let (plain, coded) = rest.split_at_checked(at).unwrap_or((rest, ""));
            out.push_str(plain);
            let code = coded.bytes().next().unwrap_or_default();
            rest = coded.get(1..).unwrap_or_default();
            out.push('"');
            out.push_str(key_of(code, keys).unwrap_or_default());
            out.push_str("\":null,");
        }
        out.push_str(rest);
    }

    /// The text of the value of a key; of the last one if there are several.
    pub(crate) fn member(&self, keys: &[&str], wanted: &str) -> Option<&str> {
        let mut found = None;
        if let Some(json) = self.whole() {
            return super::member(json, wanted);
        }
        // The text was checked when it was read, so there can be no error.
        let _ = Reader::new(self.kept()).packed_object(keys, |key, value| {
            if key == wanted {
                found = Some(value);
            }
        });
        found
    }

    pub(crate) fn get(&self, span: Span) -> Option<&str> {
        if span.start == u32::MAX {
            return None;
        }
        let mut start = (span.start & !BEHIND) as usize;
        if span.start & BEHIND != 0 {
            start += (self.len & !PACKED) as usize;
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

impl<'a> Reader<'a> {
    /// Reads the members of a packed object.
    fn packed_object(
        &mut self,
        keys: &[&str],
        mut visit: impl FnMut(&str, &'a str),
    ) -> Result<(), DecodeError> {
        self.skip_space();
        self.pos += 1;
        loop {
            self.skip_space();
            match self.byte() {
                Some(b',') => self.pos += 1,
                Some(b'"') => self.one_member(&mut |reader, key, _| {
                    visit(key, reader.raw()?);
                    Ok(())
                })?,
                Some(code) => {
                    let Some(key) = key_of(code, keys) else {
                        return Ok(());
                    };
                    self.pos += 1;
                    visit(key, "null");
                }
                None => return Ok(()),
            }
        }
    }
}

/// How many members of an entity are packed at most.
const CUTS: usize = 12;

/// Where a member of an entity starts, and its key.
#[derive(Clone, Copy)]
pub(crate) struct At<'k> {
    /// The place of the key in the entity's list.
    pub(crate) index: usize,
    pub(crate) key: &'k str,
    pub(crate) start: usize,
}

/// Builds a [`Text`] while its entity is read.
pub(crate) struct Builder {
    start: usize,
    behind: String,
    /// The members that are packed: their start, their length and the code.
    cuts: [(u32, u8, u8); CUTS],
    cut: usize,
    /// How much shorter the text is so far than what it was.
    saved: u32,
    packs: bool,
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a payload has less than 2 GiB, which the reader checks, and decoding never lengthens"
)]
impl Builder {
    /// At the start of an entity.
    pub(crate) fn new(reader: &mut Reader<'_>, packs: bool) -> Self {
        reader.skip_space();
        Self {
            start: reader.offset(),
            behind: String::new(),
            cuts: [(0, 0, 0); CUTS],
            cut: 0,
            saved: 0,
            packs,
        }
    }

    /// Moves over null if it comes next, and packs the member if possible.
    #[inline]
    fn null(&mut self, reader: &mut Reader<'_>, at: At<'_>) -> Result<bool, DecodeError> {
        if !self.packs || !reader.next_is(b"null,") {
            return reader.null();
        }
        let len = reader.offset() + 5 - at.start;
        reader.pos += 4;
        // Only a key without escapes, and without white space around the colon, is that short.
        if len == at.key.len() + 8
            && let (Some(&code), Some(cut)) = (CODES.get(at.index), self.cuts.get_mut(self.cut))
            && let Ok(short) = u8::try_from(len)
        {
            *cut = ((at.start - self.start) as u32, short, code);
            self.cut += 1;
            self.saved += u32::from(short) - 1;
        }
        Ok(true)
    }

    /// Moves over a value that is not read.
    #[inline]
    pub(crate) fn skip(&mut self, reader: &mut Reader<'_>, at: At<'_>) -> Result<(), DecodeError> {
        if self.null(reader, at)? {
            return Ok(());
        }
        reader.skip()
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
            start: (string.offset - self.start) as u32 - self.saved,
            len: string.raw.len() as u32,
        }
    }

    /// Reads a string or null.
    #[inline]
    pub(crate) fn string(
        &mut self,
        reader: &mut Reader<'_>,
        at: At<'_>,
    ) -> Result<Span, DecodeError> {
        if self.null(reader, at)? {
            return Ok(Span::NULL);
        }
        let string = reader.string()?;
        Ok(self.span(string))
    }

    /// Reads a string, a number (as its text) or null.
    pub(crate) fn scalar(
        &mut self,
        reader: &mut Reader<'_>,
        at: At<'_>,
    ) -> Result<Span, DecodeError> {
        if reader.kind()? == Kind::Number {
            let offset = reader.offset();
            let (raw, _) = reader.number()?;
            return Ok(self.span(Str {
                raw,
                escaped: false,
                offset,
            }));
        }
        self.string(reader, at)
    }

    /// After the entity's end: its text.
    pub(crate) fn finish(self, reader: &Reader<'_>) -> Text {
        let json = reader.slice(self.start, reader.offset());
        let cuts = self.cuts.get(..self.cut).unwrap_or_default();
        let len = json.len() as u32 - self.saved;
        if cuts.is_empty() && self.behind.is_empty() {
            let all = Box::from(json);
            return Text { all, len };
        }
        let mut all = String::with_capacity(len as usize + self.behind.len());
        let mut from = 0;
        for &(at, len, code) in cuts {
            let at = at as usize;
            all.push_str(json.get(from..at).unwrap_or_default());
            all.push(char::from(code));
            from = at + usize::from(len);
        }
        all.push_str(json.get(from..).unwrap_or_default());
        all.push_str(&self.behind);
        Text {
            all: all.into_boxed_str(),
            len: if cuts.is_empty() { len } else { len | PACKED },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::User;
    use crate::entity::Entity as _;

    #[test]
    fn a_packed_text_is_written_as_it_was() {
        let odd = "{\"id\":\"1\",\"clan\":null ,\"clan\":null,\"clan\" :null,\"\\u0063lan\":1,\n\t\
                   \"avatar\":\"\\u0001\\\"a\\\\\",\"username\": \"b\",\"x\":{\"clan\":null},\"banner\":[null],\
                   \"global_name\":\"\u{e9}\u{1f47d}\",\"banner\":null}";
        let many = format!("{{\"id\":\"1\"{}}}", ",\"clan\":null".repeat(40));
        let usual = "{\"username\":\"b\",\"public_flags\":0,\"primary_guild\":null,\"id\":\"2\",\
                     \"global_name\":null,\"discriminator\":\"0\",\"clan\":null,\"avatar\":\"abc\"}";
        for json in [odd, &many, usual] {
            let packed = User::read(&mut Reader::new(json)).unwrap().unwrap();
            let whole = User::read_whole(&mut Reader::new(json)).unwrap().unwrap();
            assert!(packed.text().whole().is_none());
            assert_eq!(whole.text().whole(), Some(json));
            assert_eq!(packed.json(), json);
            assert_eq!(packed, whole);
            assert_eq!(
                (packed.username(), packed.global_name(), packed.avatar()),
                (whole.username(), whole.global_name(), whole.avatar()),
            );
            for key in [
                "id",
                "clan",
                "avatar",
                "username",
                "x",
                "banner",
                "global_name",
                "no",
            ] {
                assert_eq!(packed.get(key), whole.get(key), "{key} of {json}");
            }
        }
    }

    #[test]
    fn packing_saves_a_third_of_a_user() {
        let json = "{\"username\":\"someone\",\"public_flags\":0,\"primary_guild\":null,\
                    \"id\":\"852892297661906993\",\"global_name\":\"Someone\",\
                    \"display_name_styles\":null,\"discriminator\":\"0\",\"collectibles\":null,\
                    \"clan\":null,\"avatar_decoration_data\":null,\
                    \"avatar\":\"0123456789abcdef0123456789abcdef\"}";
        let user = User::read(&mut Reader::new(json)).unwrap().unwrap();
        let len = user.text().all.len();
        assert!(3 * len < 2 * json.len(), "{len} of {}", json.len());
    }
}
