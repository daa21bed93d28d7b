//! Moving over values of which only the text is wanted.

use super::MAX_DEPTH;
use super::error::ErrorKind;
use super::reader::{Kind, Reader, Result};

impl<'a> Reader<'a> {
    /// Reads any value and gives its text.
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
            Kind::String => self.string_token().map(|_| ()),
            Kind::Number => self.number().map(|_| ()),
            Kind::Null => self.literal("null"),
            Kind::Bool => self.boolean().map(|_| ()),
            Kind::Array | Kind::Object => self.skip_nested(),
        }
    }

    fn skip_nested(&mut self) -> Result<()> {
        let mut objects = 0u128;
        let mut open = 0u32;
        loop {
            // A value begins here.
            let kind = self.kind()?;
            match kind {
                Kind::String => {
                    self.string_token()?;
                }
                Kind::Number => {
                    self.number()?;
                }
                Kind::Null => self.literal("null")?,
                Kind::Bool => {
                    self.boolean()?;
                }
                Kind::Array | Kind::Object => {
                    let object = kind == Kind::Object;
                    if self.depth + open >= MAX_DEPTH {
                        return Err(self.error(ErrorKind::TooDeep));
                    }
                    self.pos += 1;
                    open += 1;
                    objects = objects << 1 | u128::from(object);
                    self.skip_space();
                    if self.byte() == Some(if object { b'}' } else { b']' }) {
                        self.pos += 1;
                        open -= 1;
                        objects >>= 1;
                    } else {
                        if object {
                            self.key()?;
                        }
                        continue;
                    }
                }
            }
            // A value ended here.
            loop {
                if open == 0 {
                    return Ok(());
                }
                self.skip_space();
                let object = objects & 1 == 1;
                match self.byte() {
                    Some(b',') => {
                        self.pos += 1;
                        if object {
                            self.key()?;
                        }
                        break;
                    }
                    Some(b'}') if object => {}
                    Some(b']') if !object => {}
                    _ if object => {
                        return Err(self.unexpected("a comma or the end of the object"));
                    }
                    _ => return Err(self.unexpected("a comma or the end of the array")),
                }
                self.pos += 1;
                open -= 1;
                objects >>= 1;
            }
        }
    }

    fn key(&mut self) -> Result<()> {
        self.skip_space();
        if self.byte() != Some(b'"') {
            return Err(self.unexpected("a key"));
        }
        self.string_token()?;
        self.skip_space();
        if self.byte() != Some(b':') {
            return Err(self.unexpected("a colon"));
        }
        self.pos += 1;
        Ok(())
    }
}
