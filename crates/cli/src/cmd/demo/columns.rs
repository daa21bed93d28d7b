//! The columns of the live table, as wide as the terminal lets them be.

use crate::output::{Paint, Tone, clean};

/// A column's title, and how wide it is at least and at most.
struct Column {
    title: &'static str,
    least: usize,
    most: usize,
}

const fn column(title: &'static str, least: usize, most: usize) -> Column {
    Column { title, least, most }
}

const COLUMNS: [Column; 6] = [
    column("JOINED", 8, 8),
    column("MEMBER", 10, 16),
    column("ORIGIN", 10, 18),
    column("INVITED BY", 10, 16),
    column("CERTAINTY", 9, 9),
    column("TRUTH", 5, 40),
];

/// What a narrow terminal does without, first to last. Certainty and truth are
/// what the demo is about.
const EXPENDABLE: [&str; 4] = ["JOINED", "INVITED BY", "ORIGIN", "MEMBER"];

/// Between two columns.
const GAP: &str = "  ";

/// Text, perhaps in a colour.
pub(super) type Cell = (String, Option<Tone>);

/// How wide each column is; 0 is not shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Columns([usize; 6]);

impl Columns {
    /// Columns that fit into a width.
    pub(super) fn fit(width: usize) -> Self {
        let mut columns = Self(COLUMNS.map(|column| column.least));
        for title in EXPENDABLE {
            if columns.width() > width {
                for (shown, column) in columns.0.iter_mut().zip(COLUMNS) {
                    if column.title == title {
                        *shown = 0;
                    }
                }
            }
        }
        let mut spare = width.saturating_sub(columns.width());
        loop {
            let before = spare;
            for (shown, column) in columns.0.iter_mut().zip(COLUMNS).rev() {
                if spare > 0 && *shown > 0 && *shown < column.most {
                    *shown += 1;
                    spare -= 1;
                }
            }
            if spare == before {
                return columns;
            }
        }
    }

    /// As wide as they are useful.
    pub(super) fn wide() -> Self {
        Self(COLUMNS.map(|column| column.most))
    }

    fn width(&self) -> usize {
        let shown = self.0.iter().filter(|width| **width > 0);
        (shown.clone().sum::<usize>() + shown.count() * GAP.len()).saturating_sub(GAP.len())
    }

    /// The line with the titles.
    pub(super) fn header(&self) -> String {
        self.line(COLUMNS.map(|column| (column.title.to_owned(), None)), false)
    }

    /// A line with these cells.
    pub(super) fn line(&self, cells: [Cell; 6], color: bool) -> String {
        let last = self.0.iter().rposition(|width| *width > 0);
        let mut line = String::new();
        for (index, ((text, tone), width)) in cells.into_iter().zip(self.0).enumerate() {
            if width == 0 {
                continue;
            }
            let text = cut(&text, width);
            let gap = width.saturating_sub(text.chars().count());
            line.push_str(&match tone {
                Some(tone) if !text.is_empty() => tone.paint(&text, color),
                _ => text,
            });
            if last != Some(index) {
                line.push_str(&" ".repeat(gap));
                line.push_str(GAP);
            }
        }
        line
    }
}

/// At most so many characters, with an ellipsis where some are missing.
fn cut(text: &str, width: usize) -> String {
    let text = clean(text);
    if text.chars().count() <= width {
        return text.into_owned();
    }
    let mut cut: String = text.chars().take(width.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_shrink_and_then_go_but_certainty_and_truth_stay() {
        for (width, header) in [
            (
                100,
                "JOINED    MEMBER            ORIGIN              INVITED BY        CERTAINTY  TRUTH",
            ),
            (
                80,
                "JOINED    MEMBER          ORIGIN          INVITED BY       CERTAINTY  TRUTH",
            ),
            (
                60,
                "MEMBER        ORIGIN        INVITED BY    CERTAINTY  TRUTH",
            ),
            (40, "MEMBER      ORIGIN      CERTAINTY  TRUTH"),
            (20, "CERTAINTY  TRUTH"),
        ] {
            assert_eq!(Columns::fit(width).header(), header);
        }
    }

    #[test]
    fn they_fill_the_width_and_no_more() {
        for width in 16..=117 {
            assert!(Columns::fit(width).width() <= width, "{width}");
        }
        assert_eq!(Columns::fit(80).width(), 80);
        assert_eq!(Columns::fit(500).0, Columns::wide().0);
    }
}
