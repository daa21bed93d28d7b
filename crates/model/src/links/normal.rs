//! Text as a browser or a person reads it: the meaning of each character.

use super::Disguise;

/// The meaning of a piece of text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Meaning {
    /// This ASCII character, in its own case.
    Ascii(u8),
    /// Nothing: it cannot be seen.
    Nothing,
    /// Something that is in no link to an invite.
    Other,
}

/// A piece of text between two positions, with its meaning.
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

/// The ASCII character that browsers take a character of a host name for: that of its
/// compatibility decomposition (Unicode's NFKC, UTS 46), or a full stop for the ideographic
/// ones. Of the ASCII characters, only those that a link has.
fn look_alike(character: char) -> Option<u8> {
    let code = u32::from(character);
    let byte = match code {
        // Fullwidth forms of all of ASCII.
        0xff01..=0xff5e => code - 0xff01 + 0x21,
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
        _ => {
            let next = OTHERS.partition_point(|(first, ..)| *first <= code);
            let (first, len, byte) = *OTHERS.get(next.checked_sub(1)?)?;
            if code - first >= len {
                return None;
            }
            u32::from(byte) + code - first
        }
    };
    u8::try_from(byte).ok()
}

/// All other characters: the first of a run, how many they are, and what the first one
/// stands for.
#[rustfmt::skip]
const OTHERS: &[(u32, u32, u8)] = &[
    (0x00aa, 1, b'a'), (0x00b2, 2, b'2'), (0x00b9, 1, b'1'), (0x00ba, 1, b'o'),
    (0x017f, 1, b's'), (0x02b0, 1, b'h'), (0x02b2, 1, b'j'), (0x02b3, 1, b'r'),
    (0x02b7, 1, b'w'), (0x02b8, 1, b'y'), (0x02e1, 1, b'l'), (0x02e2, 1, b's'),
    (0x02e3, 1, b'x'), (0x1d2c, 1, b'A'), (0x1d2e, 1, b'B'), (0x1d30, 2, b'D'),
    (0x1d33, 8, b'G'), (0x1d3c, 1, b'O'), (0x1d3e, 1, b'P'), (0x1d3f, 1, b'R'),
    (0x1d40, 2, b'T'), (0x1d42, 1, b'W'), (0x1d43, 1, b'a'), (0x1d47, 1, b'b'),
    (0x1d48, 2, b'd'), (0x1d4d, 1, b'g'), (0x1d4f, 1, b'k'), (0x1d50, 1, b'm'),
    (0x1d52, 1, b'o'), (0x1d56, 1, b'p'), (0x1d57, 2, b't'), (0x1d5b, 1, b'v'),
    (0x1d62, 1, b'i'), (0x1d63, 1, b'r'), (0x1d64, 2, b'u'), (0x1d9c, 1, b'c'),
    (0x1da0, 1, b'f'), (0x1dbb, 1, b'z'), (0x2024, 1, b'.'), (0x2070, 1, b'0'),
    (0x2071, 1, b'i'), (0x2074, 6, b'4'), (0x207f, 1, b'n'), (0x2080, 10, b'0'),
    (0x2090, 1, b'a'), (0x2091, 1, b'e'), (0x2092, 1, b'o'), (0x2093, 1, b'x'),
    (0x2095, 1, b'h'), (0x2096, 4, b'k'), (0x209a, 1, b'p'), (0x209b, 2, b's'), (0x209d, 1, b'w'), (0x209e, 2, b'y'),
    (0x2102, 1, b'C'), (0x210a, 1, b'g'), (0x210b, 1, b'H'), (0x210c, 1, b'H'),
    (0x210d, 1, b'H'), (0x210e, 1, b'h'), (0x2110, 1, b'I'), (0x2111, 1, b'I'),
    (0x2112, 1, b'L'), (0x2113, 1, b'l'), (0x2115, 1, b'N'), (0x2119, 3, b'P'),
    (0x211c, 1, b'R'), (0x211d, 1, b'R'), (0x2124, 1, b'Z'), (0x2128, 1, b'Z'),
    (0x212a, 1, b'K'), (0x212c, 2, b'B'), (0x212f, 1, b'e'), (0x2130, 2, b'E'),
    (0x2133, 1, b'M'), (0x2134, 1, b'o'), (0x2139, 1, b'i'), (0x2145, 1, b'D'),
    (0x2146, 2, b'd'), (0x2148, 2, b'i'), (0x2160, 1, b'I'), (0x2164, 1, b'V'),
    (0x2169, 1, b'X'), (0x216c, 1, b'L'), (0x216d, 2, b'C'), (0x216f, 1, b'M'),
    (0x2170, 1, b'i'), (0x2174, 1, b'v'), (0x2179, 1, b'x'), (0x217c, 1, b'l'),
    (0x217d, 2, b'c'), (0x217f, 1, b'm'), (0x2460, 9, b'1'), (0x24ea, 1, b'0'),
    (0x2c7c, 1, b'j'), (0x2c7d, 1, b'V'), (0x3002, 1, b'.'), (0xa7f1, 1, b'S'), (0xa7f2, 1, b'C'),
    (0xa7f3, 1, b'F'), (0xa7f4, 1, b'Q'), (0xfe13, 1, b':'), (0xfe33, 1, b'_'),
    (0xfe34, 1, b'_'), (0xfe4d, 1, b'_'), (0xfe4e, 1, b'_'), (0xfe4f, 1, b'_'),
    (0xfe52, 1, b'.'), (0xfe55, 1, b':'), (0xfe63, 1, b'-'),
    (0xff61, 1, b'.'), (0x107a5, 1, b'q'), (0x1ccd6, 26, b'A'), (0x1ccf0, 10, b'0'),
    (0x1f12b, 1, b'C'), (0x1f12c, 1, b'R'), (0x1f130, 26, b'A'), (0x1fbf0, 10, b'0'),
];

/// Whether a character has no width and no meaning in a link.
pub(super) fn is_invisible(character: char) -> bool {
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

#[cfg(test)]
mod tests {
    use unicode_normalization::UnicodeNormalization as _;

    use super::look_alike;

    #[test]
    fn every_character_that_unicode_decomposes_to_one_of_a_link_is_known() {
        let mut wrong = Vec::new();
        for character in ('\u{80}'..=char::MAX).filter(|it| !it.is_ascii()) {
            let mut decomposed = std::iter::once(character).nfkc();
            let expected = match (decomposed.next(), decomposed.next()) {
                _ if matches!(character, '。' | '｡') => Some('.'),
                (Some(one), None) if one.is_ascii() => Some(one),
                _ => None,
            };
            let in_links = |it: &char| it.is_ascii_alphanumeric() || "-._:".contains(*it);
            let known = look_alike(character).map(char::from);
            let is_right = match expected.filter(in_links) {
                Some(expected) => known == Some(expected),
                // Fullwidth characters that are in no link do no harm.
                None => known.is_none() || known == expected || is_reserved(character),
            };
            if !is_right {
                wrong.push((character.escape_unicode().to_string(), known, expected));
            }
        }
        assert_eq!(wrong, []);
    }

    /// The holes among the mathematical letters, whose letters are elsewhere.
    fn is_reserved(character: char) -> bool {
        ('\u{1d400}'..='\u{1d6a3}').contains(&character)
    }
}
