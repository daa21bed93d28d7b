//! Invite codes.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, Serializer};

/// Codes up to this length need no allocation. All codes that Discord generates are
/// shorter.
const INLINE: usize = 22;

/// The code of an invite: what comes after `discord.gg/`.
///
/// A code consists of 1 to 100 characters from `A–Z a–z 0–9 - _`. Every code that Discord
/// uses has this form (random codes, codes made of words, vanity codes). None of these
/// characters has a special meaning in a URL, so a code never needs percent-encoding and
/// cannot change the path it is put into.
///
/// Codes are case-sensitive, except for vanity codes, whose case Discord ignores; see
/// [`InviteCode::eq_ignore_case`].
///
/// ```
/// use guestlist_model::InviteCode;
///
/// let code: InviteCode = "jvuBeT38".parse()?;
/// assert_eq!(code.as_str(), "jvuBeT38");
/// assert!("../users/@me".parse::<InviteCode>().is_err());
/// # Ok::<(), guestlist_model::CodeError>(())
/// ```
#[derive(Clone)]
pub struct InviteCode(Repr);

#[derive(Clone)]
enum Repr {
    Inline { len: u8, bytes: [u8; INLINE] },
    Shared(Arc<str>),
}

/// The error for a text that is not an invite code.
///
/// ```
/// use guestlist_model::{CodeError, InviteCode};
///
/// let error = "hB6 mWNqr".parse::<InviteCode>().unwrap_err();
/// assert_eq!(error, CodeError::Character { character: ' ', offset: 3 });
/// assert_eq!(error.to_string(), "an invite code cannot contain ' '");
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CodeError {
    /// The text is empty.
    #[error("an invite code cannot be empty")]
    Empty,
    /// The text is longer than [`InviteCode::MAX_LEN`].
    #[error(
        "an invite code has at most {} characters, not {len}",
        InviteCode::MAX_LEN
    )]
    TooLong {
        /// The length of the text in bytes.
        len: usize,
    },
    /// The text contains a character that no code contains.
    #[error("an invite code cannot contain {character:?}")]
    Character {
        /// The first such character.
        character: char,
        /// The position of the character, in bytes from the start.
        offset: usize,
    },
}

impl InviteCode {
    /// The maximum length of a code.
    pub const MAX_LEN: usize = 100;

    /// Parses a code.
    ///
    /// # Errors
    ///
    /// [`CodeError`] if the text is empty or too long, or contains another character.
    pub fn new(text: &str) -> Result<Self, CodeError> {
        if text.is_empty() {
            return Err(CodeError::Empty);
        }
        if let Some(offset) = text.bytes().position(|byte| !is_code_byte(byte)) {
            let character = text.get(offset..).and_then(|rest| rest.chars().next());
            return Err(CodeError::Character {
                character: character.unwrap_or(char::REPLACEMENT_CHARACTER),
                offset,
            });
        }
        if text.len() > Self::MAX_LEN {
            return Err(CodeError::TooLong { len: text.len() });
        }
        let mut bytes = [0; INLINE];
        let repr = match (bytes.get_mut(..text.len()), u8::try_from(text.len())) {
            (Some(start), Ok(len)) => {
                start.copy_from_slice(text.as_bytes());
                Repr::Inline { len, bytes }
            }
            _ => Repr::Shared(Arc::from(text)),
        };
        Ok(Self(repr))
    }

    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            // Only checked ASCII is ever put in, so neither step can fail.
            Repr::Inline { len, bytes } => bytes
                .get(..usize::from(*len))
                .and_then(|bytes| std::str::from_utf8(bytes).ok())
                .unwrap_or_default(),
            Repr::Shared(text) => text,
        }
    }

    fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Repr::Inline { len, bytes } => bytes.get(..usize::from(*len)).unwrap_or_default(),
            Repr::Shared(text) => text.as_bytes(),
        }
    }

    /// Compares two codes without regard to case, as Discord does for vanity codes.
    #[must_use]
    pub fn eq_ignore_case(&self, other: &Self) -> bool {
        self.as_bytes().eq_ignore_ascii_case(other.as_bytes())
    }
}

/// Whether a code may have this byte.
#[inline]
#[expect(
    clippy::indexing_slicing,
    reason = "the table has a place for every byte"
)]
pub(crate) const fn is_code_byte(byte: u8) -> bool {
    const ARE: [bool; 256] = {
        let mut are = [false; 256];
        let mut byte = 0u8;
        loop {
            are[byte as usize] = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            if byte == u8::MAX {
                break are;
            }
            byte += 1;
        }
    };
    ARE[byte as usize]
}

impl PartialEq for InviteCode {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}
impl Eq for InviteCode {}
impl PartialEq<str> for InviteCode {
    fn eq(&self, other: &str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}
impl PartialEq<&str> for InviteCode {
    fn eq(&self, other: &&str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}
impl PartialOrd for InviteCode {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for InviteCode {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}
impl Hash for InviteCode {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // As `str` does, so that `Borrow<str>` holds.
        self.as_str().hash(state);
    }
}
impl Borrow<str> for InviteCode {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}
impl AsRef<str> for InviteCode {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}
impl fmt::Display for InviteCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
impl fmt::Debug for InviteCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InviteCode({:?})", self.as_str())
    }
}
impl FromStr for InviteCode {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        Self::new(text)
    }
}
impl TryFrom<&str> for InviteCode {
    type Error = CodeError;

    fn try_from(text: &str) -> Result<Self, CodeError> {
        Self::new(text)
    }
}
impl TryFrom<String> for InviteCode {
    type Error = CodeError;

    fn try_from(text: String) -> Result<Self, CodeError> {
        Self::new(&text)
    }
}
impl From<InviteCode> for String {
    fn from(code: InviteCode) -> Self {
        code.as_str().to_owned()
    }
}
impl Serialize for InviteCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
impl<'de> Deserialize<'de> for InviteCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::new(&text).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_a_few_words_of_memory() {
        assert_eq!(size_of::<InviteCode>(), 24);
        assert_eq!(size_of::<Option<InviteCode>>(), 24);
    }

    #[test]
    fn codes_that_discord_makes_are_accepted() {
        let longest = "a".repeat(100);
        for text in [
            "a",
            "123",
            "aCode",
            "I-am-very-vain",
            "0vCdhLbwjZZTWZLD",
            "snake_case",
            "x".repeat(23).as_str(),
            &longest,
        ] {
            let code = InviteCode::new(text).unwrap();
            assert_eq!(code.as_str(), text);
            assert_eq!(code.clone(), code);
            assert_eq!(
                serde_json::from_value::<InviteCode>(serde_json::to_value(&code).unwrap()).unwrap(),
                code
            );
        }
    }

    #[test]
    fn nothing_that_could_leave_its_place_in_a_url_is_a_code() {
        for (text, character, offset) in [
            (".", '.', 0),
            ("..", '.', 0),
            ("a/b", '/', 1),
            ("a?with_counts=true", '?', 1),
            ("a#b", '#', 1),
            ("%2e%2e", '%', 0),
            ("a b", ' ', 1),
            ("a\r\nHost: x", '\r', 1),
            ("a\0", '\0', 1),
            ("ab\u{200b}", '\u{200b}', 2),
            ("ｄ", 'ｄ', 0),
            ("a\\b", '\\', 1),
            ("a@b", '@', 1),
            ("a:b", ':', 1),
        ] {
            assert_eq!(
                InviteCode::new(text),
                Err(CodeError::Character { character, offset }),
                "{text:?}"
            );
        }
        assert_eq!(InviteCode::new(""), Err(CodeError::Empty));
        assert_eq!(
            InviteCode::new(&"a".repeat(101)),
            Err(CodeError::TooLong { len: 101 })
        );
    }

    #[test]
    fn a_map_of_codes_can_be_asked_with_a_text() {
        let map = std::collections::HashMap::from([(InviteCode::new("abc").unwrap(), 1)]);
        assert_eq!(map.get("abc"), Some(&1));
        assert_eq!(map.get("ABC"), None);
        assert!(
            InviteCode::new("ABC")
                .unwrap()
                .eq_ignore_case(&InviteCode::new("abc").unwrap())
        );
    }
}
