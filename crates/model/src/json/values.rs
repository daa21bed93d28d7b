//! Reads ids, timestamps, codes and numbers.

use std::borrow::Cow;

use super::digits;
use super::error::DecodeError;
use super::reader::{Kind, Reader, Result};
use crate::timestamp::{Form, parse_with_form};
use crate::{Id, InviteCode, Timestamp};

/// The lengths of Discord's timestamps: with a fraction of six digits, and without.
const DISCORD_TIMESTAMPS: [usize; 2] = [32, 25];

impl Reader<'_> {
    /// Reads an id: a string, or an integer where one is found. Says whether it is
    /// written as Discord does, so that writing it again gives the same text.
    #[inline]
    pub(crate) fn id_form<M>(&mut self) -> Result<(Id<M>, bool)> {
        self.skip_space();
        if self.byte() == Some(b'"') {
            let (value, len) = digits::run(self.bytes, self.pos + 1);
            let end = self.pos + 1 + len;
            if self.bytes.get(end) == Some(&b'"')
                && self.bytes.get(self.pos + 1) != Some(&b'0')
                && let Some(id) = Id::new_checked(value)
            {
                self.pos = end + 1;
                return Ok((id, true));
            }
        }
        self.odd_id_form()
    }

    /// Reads an id that is not in Discord's usual form, or fails.
    #[cold]
    fn odd_id_form<M>(&mut self) -> Result<(Id<M>, bool)> {
        let kind = self.kind()?;
        let start = self.pos;
        let (digits, string) = match kind {
            Kind::String => {
                let string = self.string_token()?;
                (string.decode(), true)
            }
            Kind::Number => (Cow::Borrowed(self.number()?.0), false),
            _ => return Err(self.wrong_type("an id")),
        };
        match crate::id::parse_digits(digits.as_bytes()).and_then(Id::try_from) {
            Ok(id) => {
                let plain = matches!(digits, Cow::Borrowed(_)) && !digits.starts_with('0');
                Ok((id, string && plain))
            }
            Err(error) => Err(DecodeError::new(error.into(), start)),
        }
    }

    #[inline]
    pub(crate) fn id<M>(&mut self) -> Result<Id<M>> {
        self.id_form().map(|(id, _)| id)
    }

    /// Reads a timestamp; also returns its form if writing it gives the same text.
    pub(crate) fn timestamp_form(&mut self) -> Result<(Timestamp, Option<Form>)> {
        self.skip_space();
        for len in DISCORD_TIMESTAMPS {
            let start = self.pos + 1;
            if self.byte() == Some(b'"')
                && self.bytes.get(start + len) == Some(&b'"')
                // No character of a timestamp can end a string.
                && let Some(text) = self.bytes.get(start..start + len)
                && let Ok(read) = parse_with_form(text)
            {
                self.pos = start + len + 1;
                return Ok(read);
            }
        }
        let string = self.string()?;
        let parsed = if string.escaped {
            parse_with_form(string.decode().as_bytes()).map(|(at, _)| (at, None))
        } else {
            parse_with_form(string.raw.as_bytes())
        };
        parsed.map_err(|error| DecodeError::new(error.into(), string.offset - 1))
    }

    pub(crate) fn timestamp(&mut self) -> Result<Timestamp> {
        self.timestamp_form().map(|(at, _)| at)
    }

    /// Reads an invite code.
    pub(crate) fn code(&mut self) -> Result<InviteCode> {
        let string = self.string()?;
        InviteCode::new(&string.decode())
            .map_err(|error| DecodeError::new(error.into(), string.offset - 1))
    }

    /// Reads a number that counts something. `None` if it is a number that cannot.
    #[inline]
    pub(crate) fn count(&mut self) -> Result<Option<u64>> {
        self.skip_space();
        let (value, len) = digits::few(self.bytes, self.pos);
        let plain = len == 1 || len > 1 && self.byte() != Some(b'0');
        if plain && let Some(b',' | b'}' | b']') = self.bytes.get(self.pos + len) {
            self.pos += len;
            return Ok(Some(value));
        }
        let (text, natural) = self.number()?;
        Ok(if natural { count(text) } else { None })
    }

    /// Reads a number that names something. `None` if it does not fit.
    pub(crate) fn integer(&mut self) -> Result<Option<i64>> {
        let (text, _) = self.number()?;
        Ok(text.parse().ok().or_else(|| integral(text)))
    }

    /// Reads the type of a channel: a number, or one of the texts that Discord used before.
    pub(crate) fn channel_type(&mut self) -> Result<Option<i64>> {
        if self.kind()? != Kind::String {
            return self.integer();
        }
        Ok(match &*self.string()?.decode() {
            "text" => Some(0),
            "voice" => Some(2),
            _ => None,
        })
    }

    /// Reads a string and copies it.
    pub(crate) fn owned(&mut self) -> Result<String> {
        self.string().map(|string| string.decode().into_owned())
    }
}

/// The value of a text of digits.
#[inline]
pub(crate) fn count(digits: &str) -> Option<u64> {
    crate::id::parse_digits(digits.as_bytes()).ok()
}

/// The value of a number like `5.0` or `1e3`, if it is an integer that a float holds
/// exactly.
pub(crate) fn integral(text: &str) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let value: f64 = text.parse().ok()?;
    if value.fract() != 0.0 || value.abs() > EXACT {
        return None;
    }
    format!("{value:.0}").parse().ok()
}

/// A number as an integer, as near as it can be: at the ends of the range if beyond.
pub(crate) fn saturating(text: &str) -> i64 {
    if let Some(value) = text.parse().ok().or_else(|| integral(text)) {
        return value;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a float saturates when cast"
    )]
    text.parse::<f64>().map_or(0, |value| value as i64)
}
