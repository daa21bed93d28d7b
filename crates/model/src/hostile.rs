//! Makes untrusted text safe to show.

use std::borrow::Cow;

/// Makes text safe for a terminal or a log line: replaces each control character, and each
/// character that changes the writing direction, with U+FFFD.
///
/// ```
/// use guestlist_model::for_terminal;
///
/// assert_eq!(for_terminal("gpj.\u{202e}exe"), "gpj.\u{fffd}exe");
/// ```
#[must_use]
pub fn for_terminal(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_hostile) {
        text.chars()
            .map(|c| if is_hostile(c) { '\u{fffd}' } else { c })
            .collect::<String>()
            .into()
    } else {
        text.into()
    }
}

/// Whether a character could control a terminal or change the writing direction.
#[must_use]
pub fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}
