//! Text as a browser or a person reads it: what a character stands for.

use super::Disguise;

/// What a piece of text stands for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Meaning {
    /// This ASCII character, in its own case.
    Ascii(u8),
    /// Nothing: it cannot be seen.
    Nothing,
    /// Something that is in no link to an invite.
    Other,
}

/// A piece of text between two positions, with what it stands for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub(super) meaning: Meaning,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) disguise: Disguise,
}

impl Piece {
    pub(super) fn is_slash(self) -> bool {
        matches!(self.meaning, Meaning::Ascii(b'/' | b'\\'))
    }
}

/// How often a character may be percent-encoded: `%2F`, `%252F`, `%25252F`.
const LEVELS: usize = 3;

/// The piece that ends at `end`.
pub(super) fn before(text: &str, end: usize) -> Option<Piece> {
    let last = *text.as_bytes().get(end.checked_sub(1)?)?;
    if last.is_ascii() {
        if last.is_ascii_hexdigit()
            && let Some((byte, start)) = percent_before(text.as_bytes(), end)
        {
            return Some(percent(byte, start, end));
        }
        return Some(plain(last, end - 1));
    }
    let character = text.get(..end)?.chars().next_back()?;
    Some(unicode(character, end - character.len_utf8(), end))
}

/// The piece that starts at `start`.
pub(super) fn after(text: &str, start: usize) -> Option<Piece> {
    let first = *text.as_bytes().get(start)?;
    if first == b'%'
        && let Some((byte, end)) = percent_after(text.as_bytes(), start)
    {
        return Some(percent(byte, start, end));
    }
    if first.is_ascii() {
        return Some(plain(first, start));
    }
    let character = text.get(start..)?.chars().next()?;
    Some(unicode(character, start, start + character.len_utf8()))
}

fn plain(byte: u8, start: usize) -> Piece {
    let disguise = if byte == b'\\' {
        Disguise::BACKSLASH
    } else {
        Disguise::NONE
    };
    Piece {
        meaning: Meaning::Ascii(byte),
        start,
        end: start + 1,
        disguise,
    }
}

fn percent(byte: u8, start: usize, end: usize) -> Piece {
    let meaning = if byte.is_ascii() {
        Meaning::Ascii(byte)
    } else {
        Meaning::Other
    };
    Piece {
        meaning,
        start,
        end,
        disguise: Disguise::PERCENT,
    }
}

fn unicode(character: char, start: usize, end: usize) -> Piece {
    let (meaning, disguise) = match look_alike(character) {
        Some(byte) => (Meaning::Ascii(byte), Disguise::LETTERS),
        None if is_invisible(character) => (Meaning::Nothing, Disguise::INVISIBLE),
        None => (Meaning::Other, Disguise::NONE),
    };
    Piece {
        meaning,
        start,
        end,
        disguise,
    }
}

fn hex_pair(high: u8, low: u8) -> Option<u8> {
    let high = char::from(high).to_digit(16)?;
    let low = char::from(low).to_digit(16)?;
    u8::try_from(high << 4 | low).ok()
}

fn percent_before(bytes: &[u8], end: usize) -> Option<(u8, usize)> {
    let mut at = end.checked_sub(2)?;
    let byte = hex_pair(*bytes.get(at)?, *bytes.get(at + 1)?)?;
    for _ in 0..LEVELS {
        at = at.checked_sub(1)?;
        match bytes.get(at)? {
            b'%' => return Some((byte, at)),
            b'5' => {
                at = at.checked_sub(1)?;
                if bytes.get(at) != Some(&b'2') {
                    return None;
                }
            }
            _ => return None,
        }
    }
    None
}

fn percent_after(bytes: &[u8], start: usize) -> Option<(u8, usize)> {
    let mut at = start + 1;
    for _ in 0..LEVELS {
        let byte = hex_pair(*bytes.get(at)?, *bytes.get(at + 1)?)?;
        let more = bytes
            .get(at + 2..at + 4)
            .is_some_and(|next| next.iter().all(u8::is_ascii_hexdigit));
        if byte != b'%' || !more {
            return Some((byte, at + 2));
        }
        at += 2;
    }
    None
}

/// The ASCII character that browsers take a character of a host name for.
fn look_alike(character: char) -> Option<u8> {
    let code = u32::from(character);
    let byte = match code {
        // Fullwidth forms of all of ASCII.
        0xff01..=0xff5e => code - 0xff01 + 0x21,
        // Ideographic full stops.
        0x3002 | 0xff61 => u32::from(b'.'),
        // Circled letters.
        0x24b6..=0x24cf => code - 0x24b6 + u32::from(b'A'),
        0x24d0..=0x24e9 => code - 0x24d0 + u32::from(b'a'),
        // Mathematical letters: bold, italic, script, and so on.
        0x1d400..=0x1d6a3 => match (code - 0x1d400) % 52 {
            upper @ 0..=25 => upper + u32::from(b'A'),
            lower => lower - 26 + u32::from(b'a'),
        },
        // Mathematical digits.
        0x1d7ce..=0x1d7ff => (code - 0x1d7ce) % 10 + u32::from(b'0'),
        _ => return None,
    };
    u8::try_from(byte).ok()
}

/// Whether a character has no width and no meaning in a link.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Whether a character is markup that Discord does not show.
pub(super) const fn is_markup(byte: u8) -> bool {
    matches!(byte, b'*' | b'~' | b'|' | b'`')
}
