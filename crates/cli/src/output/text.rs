//! Text from elsewhere, made fit for a terminal.

use std::borrow::Cow;

/// Replaces what could steer a terminal or turn a line round: control
/// characters, and the marks that change the writing direction.
///
/// Names and messages on Discord are whatever somebody typed.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_hostile) {
        text.chars()
            .map(|c| if is_hostile(c) { '\u{fffd}' } else { c })
            .collect::<String>()
            .into()
    } else {
        text.into()
    }
}

pub(super) fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

/// "1 join", "2 joins", "1,234 joins".
pub(crate) fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(number))
}

/// A number with a comma after each three digits.
pub(crate) fn grouped(number: u64) -> String {
    indicatif::HumanCount(number).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_steer_the_terminal() {
        assert_eq!(clean("Zoë 🎉"), "Zoë 🎉");
        assert_eq!(clean("a\x1b[2Jb\r\n"), "a\u{fffd}[2Jb\u{fffd}\u{fffd}");
        assert_eq!(clean("gpj.\u{202e}exe"), "gpj.\u{fffd}exe");
    }

    #[test]
    fn numbers_are_grouped_and_nouns_agree() {
        assert_eq!(count(1, "join"), "1 join");
        assert_eq!(count(0, "join"), "0 joins");
        assert_eq!(count(1_234_567, "join"), "1,234,567 joins");
    }
}
