//! Makes text from servers safe for logs and errors.

use memchr::memmem;

/// The maximum number of characters of a server's text.
const MOST: usize = 300;
/// The minimum length of a secret to search for.
const SHORTEST: usize = 16;

/// Returns a server's text on one line, shortened, and without characters that control a
/// terminal.
pub(crate) fn harmless(text: &str) -> String {
    // Whitespace is written as a space, and as one: a line must stay a line.
    let mut kept = String::new();
    let mut count = 0;
    let mut words = text.split_whitespace();
    let mut next = words.next();
    while let Some(word) = next {
        if !kept.is_empty() {
            kept.push(' ');
        }
        for character in word.chars() {
            if count == MOST {
                kept.push('…');
                return kept;
            }
            kept.push(if acts(character) {
                char::REPLACEMENT_CHARACTER
            } else {
                character
            });
            count += 1;
        }
        next = words.next();
    }
    kept
}

/// Whether a character has an effect besides its appearance: control characters, and marks
/// that change the writing direction or hide text.
fn acts(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// Whether a server repeats a secret. A secret that is so short that it may occur in a name
/// or a code by chance is ignored; Discord's have more than 50 characters.
pub(crate) fn repeats(secret: &str, bytes: &[u8]) -> bool {
    secret.len() >= SHORTEST && memmem::find(bytes, secret.as_bytes()).is_some()
}

/// Removes the secret from a server's bytes, because some servers repeat what they receive.
pub(crate) fn without(secret: &str, bytes: Vec<u8>) -> Vec<u8> {
    const INSTEAD: &[u8] = "…".as_bytes();
    if !repeats(secret, &bytes) {
        return bytes;
    }
    let mut kept = Vec::with_capacity(bytes.len());
    let mut from = 0;
    for at in memmem::find_iter(&bytes, secret.as_bytes()) {
        kept.extend_from_slice(bytes.get(from..at).unwrap_or_default());
        kept.extend_from_slice(INSTEAD);
        from = at + secret.len();
    }
    kept.extend_from_slice(bytes.get(from..).unwrap_or_default());
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_servers_text_stays_on_its_line() {
        assert_eq!(harmless(" a\r\nb\tc "), "a b c");
        assert_eq!(harmless("\u{1b}[2Jx\u{7}"), "\u{fffd}[2Jx\u{fffd}");
        assert_eq!(harmless("a\u{202e}b\u{200b}"), "a\u{fffd}b\u{fffd}");
        let long = harmless(&"wort ".repeat(1_000_000));
        assert!(long.chars().count() < 2 * MOST && long.ends_with('…'));
        assert_eq!(harmless(""), "");
    }

    #[test]
    fn a_secret_is_cut_out_wherever_it_is() {
        const SECRET: &str = "s3cret.s3cret.s3cret";
        let cut = |bytes: &[u8]| without(SECRET, bytes.to_vec());
        let text = format!("Bot {SECRET}, {SECRET}");
        assert_eq!(cut(text.as_bytes()), "Bot …, …".as_bytes());
        let bytes = [b"\xff", SECRET.as_bytes(), b"\xfe"].concat();
        assert_eq!(cut(&bytes), b"\xff\xe2\x80\xa6\xfe");
        assert_eq!(cut(b"nothing"), b"nothing");
        assert_eq!(without("", b"x".to_vec()), b"x");
        assert_eq!(without("abc", b"abc".to_vec()), b"abc");
    }
}
