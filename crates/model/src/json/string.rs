//! Escapes in strings.

use super::error::ErrorKind;

/// At a backslash: checks the escape and returns the offset after it.
///
/// Surrogates that have no partner are let through: the text is kept as it is, and
/// only its decoded form gets a replacement character.
pub(super) fn check_escapes(bytes: &[u8], at: usize) -> Result<usize, (ErrorKind, usize)> {
    const EXPECTED: ErrorKind = ErrorKind::Syntax {
        expected: "an escape",
    };
    match bytes.get(at + 1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 2),
        Some(b'u') => match bytes.get(at + 2..at + 6) {
            Some(digits) if digits.iter().all(u8::is_ascii_hexdigit) => Ok(at + 6),
            Some(_) => Err((EXPECTED, at)),
            None => Err((ErrorKind::Eof, bytes.len())),
        },
        Some(_) => Err((EXPECTED, at)),
        None => Err((ErrorKind::Eof, bytes.len())),
    }
}

/// Decodes a string that was checked.
pub(super) fn unescape(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        let (plain, escape) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(plain);
        let mut consumed = 2;
        match escape.as_bytes().get(1) {
            Some(b'b') => out.push('\u{8}'),
            Some(b'f') => out.push('\u{c}'),
            Some(b'n') => out.push('\n'),
            Some(b'r') => out.push('\r'),
            Some(b't') => out.push('\t'),
            Some(b'u') => {
                consumed = 6;
                let unit = hex(escape, 2).unwrap_or(0xfffd);
                let low = if (0xd800..0xdc00).contains(&unit) && escape.get(6..8) == Some("\\u") {
                    hex(escape, 8).filter(|low| (0xdc00..0xe000).contains(low))
                } else {
                    None
                };
                let scalar = match low {
                    Some(low) => {
                        consumed = 12;
                        0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00)
                    }
                    None => unit,
                };
                out.push(char::from_u32(scalar).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            Some(&byte) => out.push(char::from(byte)),
            None => {}
        }
        rest = escape.get(consumed..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

fn hex(text: &str, at: usize) -> Option<u32> {
    u32::from_str_radix(text.get(at..at + 4)?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_decoded_and_lone_surrogates_replaced() {
        for (raw, decoded) in [
            ("", ""),
            ("plain 👽", "plain 👽"),
            (r#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{c}\n\r\t"),
            (r"\u0041\u00e9\u20AC", "Aé€"),
            (r"\ud83d\udc7d!", "👽!"),
            (r"\ud83d", "\u{fffd}"),
            (r"\udc7d\ud83d", "\u{fffd}\u{fffd}"),
            (r"\ud83d\ud83d\udc7d", "\u{fffd}👽"),
            (r"\ud83dx", "\u{fffd}x"),
            (r"\ud83d\n", "\u{fffd}\n"),
        ] {
            assert_eq!(unescape(raw), decoded, "{raw}");
        }
    }
}
