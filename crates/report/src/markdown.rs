//! A report as Markdown.

use guestlist_view::{for_terminal, moment};

use crate::Report;

/// The report as a Markdown document. Names are escaped, so they cannot contain
/// formatting, links or mentions.
#[must_use]
pub fn markdown(report: &Report) -> String {
    let mut text = format!(
        "# {}: {} to {} (UTC)\n\nCompared with the previous time span, from {}.\n",
        escape(&report.server()),
        moment(report.since),
        moment(report.until),
        moment(report.before_since),
    );
    for table in report.tables() {
        text.push_str(&format!("\n## {}\n\n", table.title));
        row(&mut text, table.header.iter().map(|cell| escape(cell)));
        let rule = (0..table.header.len())
            .map(|at| if at < table.texts { "---" } else { "---:" }.to_owned());
        row(&mut text, rule);
        for cells in &table.rows {
            row(&mut text, cells.iter().map(|cell| escape(cell)));
        }
        if let Some(note) = table.note {
            text.push_str(&format!("\n{note}\n"));
        }
    }
    text
}

fn row(text: &mut String, cells: impl Iterator<Item = String>) {
    for cell in cells {
        text.push_str("| ");
        text.push_str(&cell);
        text.push(' ');
    }
    text.push_str("|\n");
}

/// Text that Markdown shows as it is.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in for_terminal(text).chars() {
        if matches!(
            c,
            '\\' | '`'
                | '*'
                | '_'
                | '{'
                | '}'
                | '['
                | ']'
                | '<'
                | '>'
                | '#'
                | '!'
                | '|'
                | '~'
                | '$'
        ) {
            safe.push('\\');
        }
        safe.push(c);
        // No address begins here, and nobody is mentioned.
        if matches!(c, '@' | ':') {
            safe.push('\u{2060}');
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn names_format_nothing() {
        assert_eq!(escape("a|b"), "a\\|b");
        assert_eq!(escape("[x](y)"), "\\[x\\](y)");
        assert_eq!(escape("<img src=x>"), "\\<img src=x\\>");
        assert_eq!(escape("@everyone"), "@\u{2060}everyone");
        assert_eq!(escape("https://x"), "https:\u{2060}//x");
        assert_eq!(escape("a\nb\u{202e}c"), "a\u{fffd}b\u{fffd}c");
    }
}
