//! What several pages have in common.

pub(crate) mod chart;
pub(crate) mod frame;
mod table;

use guestlist_view::{Tone, for_terminal};
use maud::{Markup, html};

pub(crate) use self::table::{Table, table};

/// A text from elsewhere. Marks that turn a line round are replaced, and what it does to the
/// direction of the text ends with it; HTML in it is escaped, as everywhere.
pub(crate) fn foreign(text: &str) -> Markup {
    html! { bdi { (for_terminal(text)) } }
}

/// The class of a colour. What it says is always there as a word, too.
pub(crate) const fn tone_class(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "good",
        Tone::Fair => "fair",
        Tone::Warn => "warn",
        Tone::Bad => "bad",
        Tone::Dim => "dim",
    }
}

/// How certain an answer is.
pub(crate) fn pill(word: &str, tone: Tone) -> Markup {
    html! { span class={ "pill " (tone_class(tone)) } { (word) } }
}

/// "61 %".
pub(crate) fn percent(part: u64, all: u64) -> Option<String> {
    let rounded = (u128::from(part) * 200 / u128::from(all.max(1))).div_ceil(2);
    // Not "100 %" of something that is incomplete.
    let shown = if part < all { rounded.min(99) } else { rounded };
    (all > 0).then(|| format!("{shown} %"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_cannot_leave_its_place() {
        let text = foreign("<script>alert(1)</script>\u{202e}\"'&").into_string();
        assert_eq!(
            text,
            "<bdi>&lt;script&gt;alert(1)&lt;/script&gt;\u{fffd}&quot;'&amp;</bdi>"
        );
    }

    #[test]
    fn a_share_is_rounded_but_never_up_to_all() {
        assert_eq!(percent(0, 0), None);
        assert_eq!(percent(1, 3).as_deref(), Some("33 %"));
        assert_eq!(percent(2, 3).as_deref(), Some("67 %"));
        assert_eq!(percent(999, 1000).as_deref(), Some("99 %"));
        assert_eq!(percent(7, 7).as_deref(), Some("100 %"));
    }
}
