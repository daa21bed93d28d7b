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
}
