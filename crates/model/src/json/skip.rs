//! Skips values of which only the text is needed.

use super::MAX_DEPTH;
use super::error::ErrorKind;
use super::reader::{Kind, Reader, Result};
use super::scan::string_stop;

impl<'a> Reader<'a> {
    /// Reads any value and returns its text.
    pub(crate) fn raw(&mut self) -> Result<&'a str> {
        self.skip_space();
        let start = self.pos;
        self.skip()?;
        Ok(self.slice(start, self.pos))
    }

    /// Moves over any value, checking that it is JSON. Needs no stack: which of the
    /// open brackets are of objects is kept in the bits of one number.
    pub(crate) fn skip(&mut self) -> Result<()> {
        match self.kind()? {
            Kind::String => {
                self.pos = self.after_string(self.pos)?;
                Ok(())
            }
            Kind::Number => {
                self.pos = self.after_number(self.pos)?;
                Ok(())
            }
            Kind::Null => self.literal("null"),
            Kind::Bool => self.boolean().map(|_| ()),
            Kind::Array | Kind::Object => self.skip_nested(),
        }
    }

    /// Moves over an array or object. The position is a local variable, which the compiler
    /// keeps in a register: most of a large guild is moved over.
    fn skip_nested(&mut self) -> Result<()> {
        let bytes = self.bytes;
        let mut pos = self.pos;
        let mut objects = 0u128;
        let mut open = 0u32;
        loop {
            // A value begins here.
            match value_at(bytes, &mut pos) {
                Some(b'"') => pos = self.after_string(pos)?,
                Some(b'0'..=b'9' | b'-') => pos = self.after_number(pos)?,
                Some(bracket @ (b'{' | b'[')) => {
                    let object = bracket == b'{';
                    if self.depth + open >= MAX_DEPTH {
                        self.pos = pos;
                        return Err(self.error(ErrorKind::TooDeep));
                    }
                    pos += 1;
                    open += 1;
                    objects = objects << 1 | u128::from(object);
                    let end = if object { b'}' } else { b']' };
                    if value_at(bytes, &mut pos) == Some(end) {
                        pos += 1;
                        open -= 1;
                        objects >>= 1;
                    } else {
                        if object {
                            pos = self.after_key(pos)?;
                        }
                        continue;
                    }
                }
                Some(b'n') => pos = self.after_literal(pos, "null")?,
                Some(b't') => pos = self.after_literal(pos, "true")?,
                Some(b'f') => pos = self.after_literal(pos, "false")?,
                _ => {
                    self.pos = pos;
                    return Err(self.unexpected("a value"));
                }
            }
            // A value ended here.
            loop {
                if open == 0 {
                    self.pos = pos;
                    return Ok(());
                }
                let object = objects & 1 == 1;
                match value_at(bytes, &mut pos) {
                    Some(b',') => {
                        pos += 1;
                        if object {
                            pos = self.after_key(pos)?;
                        }
                        break;
                    }
                    Some(b'}') if object => {}
                    Some(b']') if !object => {}
                    _ => {
                        self.pos = pos;
                        return Err(self.unexpected(if object {
                            "a comma or the end of the object"
                        } else {
                            "a comma or the end of the array"
                        }));
                    }
                }
                pos += 1;
                open -= 1;
                objects >>= 1;
            }
        }
    }

    /// Where the string at `pos` ends.
    #[inline(always)]
    fn after_string(&mut self, pos: usize) -> Result<usize> {
        if let Some(len) = string_stop(self.bytes, pos + 1) {
            let end = pos + 1 + len;
            if self.bytes.get(end) == Some(&b'"') {
                return Ok(end + 1);
            }
        }
        self.pos = pos;
        self.string_slow(pos + 1)?;
        Ok(self.pos)
    }

    /// Where the number at `pos` ends.
    #[inline(always)]
    fn after_number(&mut self, pos: usize) -> Result<usize> {
        let mut end = pos;
        while let Some(b'0'..=b'9') = self.bytes.get(end) {
            end += 1;
        }
        let plain = end == pos + 1 || end > pos && self.bytes.get(pos) != Some(&b'0');
        if plain && let Some(b',' | b'}' | b']') = self.bytes.get(end) {
            return Ok(end);
        }
        self.pos = pos;
        self.number()?;
        Ok(self.pos)
    }

    #[inline(always)]
    fn after_literal(&mut self, pos: usize, literal: &'static str) -> Result<usize> {
        self.pos = pos;
        self.literal(literal)?;
        Ok(self.pos)
    }

    /// Where the value of the key at `pos` begins.
    #[inline(always)]
    fn after_key(&mut self, mut pos: usize) -> Result<usize> {
        if value_at(self.bytes, &mut pos) != Some(b'"') {
            self.pos = pos;
            return Err(self.unexpected("a key"));
        }
        pos = self.after_string(pos)?;
        if value_at(self.bytes, &mut pos) != Some(b':') {
            self.pos = pos;
            return Err(self.unexpected("a colon"));
        }
        Ok(pos + 1)
    }
}

/// The next byte that is not space.
#[inline(always)]
fn value_at(bytes: &[u8], pos: &mut usize) -> Option<u8> {
    loop {
        match bytes.get(*pos).copied() {
            // Discord sends no space: one comparison decides.
            Some(byte) if byte > b' ' => return Some(byte),
            Some(b' ' | b'\n' | b'\t' | b'\r') => *pos += 1,
            byte => return byte,
        }
    }
}
