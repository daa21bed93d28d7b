//! Formatting of words, numbers and times, and escaping of untrusted text.

use std::borrow::Cow;

use guestlist_model::Timestamp;
pub use guestlist_model::{for_terminal, is_hostile};

/// Escapes text for a CSV cell so that a spreadsheet does not execute it.
///
/// A spreadsheet treats a cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage
/// return as a formula. Such a cell gets a leading apostrophe, which spreadsheets hide.
/// Control characters are replaced as for a terminal. Quoting is left to the CSV writer.
#[must_use]
pub fn for_csv(text: &str) -> Cow<'_, str> {
    let safe = for_terminal(text);
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{safe}").into()
    } else {
        safe
    }
}

/// "2026-03-01 18:30:12", in UTC.
#[must_use]
pub fn moment(at: Timestamp) -> String {
    let full = Timestamp::from_secs(at.as_secs()).to_string();
    full.trim_end_matches('Z')
        .trim_end_matches("+00:00")
        .replace('T', " ")
}

/// "1 join", "2 joins", "1,234 joins".
#[must_use]
pub fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(number))
}

/// A number with a comma between groups of three digits.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A share from 0 to 1 as a percentage, such as "61 %"; a dash if there is none. A share
/// below 1 is never shown as "100 %".
#[must_use]
pub fn percent(share: Option<f64>) -> String {
    let Some(share) = share else {
        return "–".to_owned();
    };
    let rounded = (share * 100.0).round();
    let shown = if share < 1.0 {
        rounded.min(99.0)
    } else {
        rounded
    };
    format!("{shown:.0} %")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_steer_the_terminal() {
        assert_eq!(for_terminal("Zoë 🎉"), "Zoë 🎉");
        assert_eq!(
            for_terminal("a\x1b[2Jb\r\n"),
            "a\u{fffd}[2Jb\u{fffd}\u{fffd}"
        );
        assert_eq!(for_terminal("gpj.\u{202e}exe"), "gpj.\u{fffd}exe");
    }

    #[test]
    fn formulas_are_defused() {
        for (name, cell) in [
            ("=HYPERLINK(\"http://x\")", "'=HYPERLINK(\"http://x\")"),
            ("-1", "'-1"),
            ("\t=1", "'\u{fffd}=1"),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            assert_eq!(for_csv(name), cell);
        }
    }

    #[test]
    fn a_share_is_rounded_but_never_up_to_all() {
        assert_eq!(percent(None), "–");
        assert_eq!(percent(Some(1.0 / 3.0)), "33 %");
        assert_eq!(percent(Some(2.0 / 3.0)), "67 %");
        assert_eq!(percent(Some(0.999)), "99 %");
        assert_eq!(percent(Some(1.0)), "100 %");
    }

    #[test]
    fn numbers_are_grouped_and_nouns_agree() {
        assert_eq!(count(1, "join"), "1 join");
        assert_eq!(count(0, "join"), "0 joins");
        assert_eq!(count(1_234_567, "join"), "1,234,567 joins");
    }
}
