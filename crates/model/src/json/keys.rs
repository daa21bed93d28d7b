//! Objects whose keys are known: each key is found by a few operations on its first bytes,
//! wherever in the object it is.

use std::borrow::Cow;

use super::reader::{Kind, Reader, Result};

const SLOT_BITS: u32 = 6;
const SLOTS: usize = 1 << SLOT_BITS;

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// The keys that an object may have, for [`Reader::object_of`].
///
/// The first 16 bytes of a key, with its closing quote, tell all keys of a table apart. Their
/// hash names a slot, and no two keys of a table have the same slot: the multiplier is chosen
/// so, at compile time.
pub(crate) struct KeyTable<const N: usize> {
    names: [&'static str; N],
    slots: [Slot; SLOTS],
    multiplier: u64,
}

#[derive(Clone, Copy)]
struct Slot {
    start: [u64; 2],
    name: &'static str,
    index: usize,
}

impl Slot {
    /// No text has this start, because the first byte of a key cannot be 0.
    const EMPTY: Self = Self {
        start: [0; 2],
        name: "",
        index: 0,
    };
}

#[expect(clippy::indexing_slicing, reason = "evaluated at compile time")]
impl<const N: usize> KeyTable<N> {
    /// A table of `N` keys.
    pub(crate) const fn new(list: &[&'static str]) -> Self {
        let mut names = [""; N];
        let mut index = 0;
        while index < N {
            names[index] = list[index];
            index += 1;
        }
        let mut multiplier = 0x9e37_79b9_7f4a_7c15_u64;
        'multiplier: loop {
            let mut slots = [Slot::EMPTY; SLOTS];
            let mut index = 0;
            while index < N {
                let start = start_of(names[index].as_bytes());
                let slot = slot(start, multiplier);
                if slots[slot].start[0] != 0 {
                    multiplier = multiplier
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1_442_695_040_888_963_407)
                        | 1;
                    continue 'multiplier;
                }
                slots[slot] = Slot {
                    start,
                    name: names[index],
                    index,
                };
                index += 1;
            }
            return Self {
                names,
                slots,
                multiplier,
            };
        }
    }
}

/// The place of a key in a list.
#[expect(
    clippy::indexing_slicing,
    clippy::panic,
    reason = "evaluated at compile time"
)]
pub(crate) const fn position(names: &[&str], name: &str) -> usize {
    let name = name.as_bytes();
    let mut index = 0;
    'names: while index < names.len() {
        let other = names[index].as_bytes();
        index += 1;
        if other.len() != name.len() {
            continue;
        }
        let mut at = 0;
        while at < name.len() {
            if other[at] != name[at] {
                continue 'names;
            }
            at += 1;
        }
        return index - 1;
    }
    panic!("the list does not contain the key")
}

/// The first 16 bytes of a key with its closing quote, and zeros behind it.
#[expect(clippy::indexing_slicing, reason = "evaluated at compile time")]
const fn start_of(name: &[u8]) -> [u64; 2] {
    let mut words = [0; 2];
    let mut at = 0;
    while at < 16 && at <= name.len() {
        let byte = if at < name.len() { name[at] } else { b'"' };
        words[at / 8] |= (byte as u64) << (at % 8 * 8);
        at += 1;
    }
    words
}

#[inline(always)]
const fn slot(start: [u64; 2], multiplier: u64) -> usize {
    let [first, second] = start;
    ((first ^ second.rotate_left(29)).wrapping_mul(multiplier) >> (u64::BITS - SLOT_BITS)) as usize
}

/// The high bit of the first byte that is a quote; 0 if there is none.
#[inline(always)]
const fn quote(word: u64) -> u64 {
    let different = word ^ (ONES * b'"' as u64);
    // Bits above the lowest one may be false alarms; the lowest never is.
    let quotes = different.wrapping_sub(ONES) & !different & HIGHS;
    quotes & quotes.wrapping_neg()
}

/// The bits up to this one; all if it is 0.
#[inline(always)]
const fn up_to(bit: u64) -> u64 {
    bit | bit.wrapping_sub(1)
}

impl<'a> Reader<'a> {
    /// Reads an object; `member` is called with each key and must read its value.
    ///
    /// It gets the place of the key in the table, or `usize::MAX` for any other key; the
    /// decoded key; and where the member starts in the text.
    #[inline]
    pub(crate) fn object_of<const N: usize>(
        &mut self,
        table: &'static KeyTable<N>,
        mut member: impl FnMut(&mut Self, usize, &str, usize) -> Result<()>,
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
            let other;
            let start = self.pos;
            let (index, key, start) = match self.known_key(table) {
                Some((index, key)) => (index, key, start),
                None => {
                    other = self.other_key(table)?;
                    (other.0, &*other.1, other.2)
                }
            };
            // Called in one place only, so that it is inlined.
            member(self, index, key, start).map_err(|error| error.at_key(key))?;
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

    /// Moves over any key and its colon.
    #[cold]
    #[inline(never)]
    fn other_key<const N: usize>(
        &mut self,
        table: &'static KeyTable<N>,
    ) -> Result<(usize, Cow<'a, str>, usize)> {
        let (key, start) = self.key()?;
        let key = key.decode();
        let index = table.names.iter().position(|name| *name == key);
        Ok((index.unwrap_or(usize::MAX), key, start))
    }

    /// Moves over the next key and its colon if the table has the key and nothing is between
    /// them. If not, and near the end of the text, this says nothing.
    #[inline(always)]
    fn known_key<const N: usize>(
        &mut self,
        table: &'static KeyTable<N>,
    ) -> Option<(usize, &'static str)> {
        let rest = self.bytes.get(self.pos..)?;
        let (&opening, rest) = rest.split_first()?;
        if opening != b'"' {
            return None;
        }
        let (first, rest_of_first) = rest.split_first_chunk::<8>()?;
        let second = rest_of_first.first_chunk::<8>()?;
        let first = u64::from_le_bytes(*first);
        let second = u64::from_le_bytes(*second);
        let (ends, ends_later) = (quote(first), quote(second));
        let first = first & up_to(ends);
        let second = if ends == 0 {
            second & up_to(ends_later)
        } else {
            0
        };
        let slot = table.slots.get(slot([first, second], table.multiplier))?;
        if slot.start != [first, second] {
            return None;
        }
        let name = slot.name;
        // Where the key ends is also known from its slot, but later.
        let len = if ends != 0 {
            ends.trailing_zeros() / 8
        } else if ends_later != 0 {
            8 + ends_later.trailing_zeros() / 8
        } else {
            if !rest.starts_with(name.as_bytes()) || rest.get(name.len()) != Some(&b'"') {
                return None;
            }
            u32::try_from(name.len()).unwrap_or(u32::MAX)
        };
        let len = len as usize;
        if *rest.get(len + 1)? != b':' {
            return None;
        }
        self.pos += len + 3;
        Some((slot.index, name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::ErrorKind;

    static TABLE: KeyTable<7> = KeyTable::new(&[
        "t",
        "target_user",
        "target_user_type",
        "target_type",
        "approximate_member_count",
        "approximate_presence_count",
        "fifteen_letters",
    ]);

    fn read(json: &str) -> Vec<(usize, String, usize)> {
        let mut keys = Vec::new();
        Reader::new(json)
            .object_of(&TABLE, |reader, index, key, start| {
                keys.push((index, key.to_owned(), start));
                reader.skip()
            })
            .unwrap();
        keys
    }

    #[test]
    fn each_key_is_found_in_every_place_and_with_any_white_space() {
        for (index, name) in TABLE.names.iter().enumerate() {
            for behind in ["", ",\"another key\":[1,2,3]", ", \"t\" : null"] {
                for between in [":", " :", "\n:\t"] {
                    for white in ["", " ", "\r\n"] {
                        let json = format!("{{{white}\"{name}\"{between}1{behind}}}");
                        let keys = read(&json);
                        assert_eq!(
                            keys[0],
                            (index, (*name).to_owned(), 1 + white.len()),
                            "{json}"
                        );
                        assert_eq!(keys.len(), 1 + usize::from(!behind.is_empty()), "{json}");
                    }
                }
            }
        }
    }

    #[test]
    fn similar_keys_are_others_and_escaped_ones_are_decoded() {
        for (index, name) in TABLE.names.iter().enumerate() {
            let rest = "\":0,\"some other key that is long\":0}";
            for (key, is) in [
                (format!("{name}x"), usize::MAX),
                (format!("{}x", &name[..name.len() - 1]), usize::MAX),
                (name.to_uppercase(), usize::MAX),
                (
                    format!("\\u{:04x}{}", name.as_bytes()[0], &name[1..]),
                    index,
                ),
                (format!("{name}\\u0000"), usize::MAX),
            ] {
                let keys = read(&format!("{{\"{key}{rest}"));
                assert_eq!((keys.len(), keys[0].0), (2, is), "{key}");
            }
        }
        assert_eq!(read("{}"), []);
        assert_eq!(read(" { } "), []);
    }

    #[test]
    fn errors_name_the_key() {
        let mut reader = Reader::new("{\"target_user\":[1,2,],\"t\":1,\"a\":2}");
        let error = reader.object_of(&TABLE, |reader, _, _, _| reader.skip());
        assert_eq!(error.unwrap_err().path().to_string(), "$.target_user");
        for json in [
            "{\"target_user\"",
            "{\"target_user\":",
            "{\"target_user\":1",
            "{",
        ] {
            let error = Reader::new(json).object_of(&TABLE, |reader, _, _, _| reader.skip());
            assert!(
                matches!(error.unwrap_err().kind(), ErrorKind::Eof),
                "{json}"
            );
        }
    }
}
