//! Tables for people.

use comfy_table::{Attribute, CellAlignment, ColumnConstraint, ContentArrangement, Width};
use crossterm::style::Stylize;
use guestlist_view::{Cell, Tone, for_terminal};

/// Text wraps in a column that is at least so wide: narrower ones are hard to
/// read.
const WRAPPED: u16 = 12;

/// Words that are no longer than this do not break: an id in brackets.
const WORD: u16 = 21;

/// Between two columns.
const GAP: u16 = 2;

/// Colours for what a tone says.
pub(crate) trait Paint {
    /// The colour.
    fn color(self) -> comfy_table::Color;

    /// The text in this colour, for lines that are not in a table.
    fn paint(self, text: &str, color: bool) -> String;
}

impl Paint for Tone {
    fn color(self) -> comfy_table::Color {
        match self {
            Self::Good => comfy_table::Color::Green,
            Self::Fair => comfy_table::Color::Cyan,
            Self::Warn => comfy_table::Color::Yellow,
            Self::Bad => comfy_table::Color::Red,
            Self::Dim => comfy_table::Color::DarkGrey,
        }
    }

    fn paint(self, text: &str, color: bool) -> String {
        if color {
            text.with(self.color()).to_string()
        } else {
            text.to_owned()
        }
    }
}

/// How narrow the column of a cell may be.
fn least(cell: &Cell<'_>) -> u16 {
    if cell.whole {
        return u16::MAX;
    }
    let words = cell.text.split_whitespace();
    let longest = words.map(|word| word.chars().count()).max();
    let longest = u16::try_from(longest.unwrap_or_default()).unwrap_or(WORD);
    longest.min(WORD)
}

/// A table with a header.
#[derive(Debug)]
pub(crate) struct Table {
    header: Vec<&'static str>,
    expendable: Vec<&'static str>,
    rows: Vec<Vec<Cell<'static>>>,
}

impl Table {
    /// An empty table.
    pub(crate) fn new(header: impl Into<Vec<&'static str>>) -> Self {
        Self {
            header: header.into(),
            expendable: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// The columns that a narrow terminal can do without, the least important
    /// first.
    pub(crate) fn expendable(mut self, columns: impl Into<Vec<&'static str>>) -> Self {
        self.expendable = columns.into();
        self
    }

    /// Adds a row. What is in it is made fit for a terminal.
    pub(crate) fn row<'a>(&mut self, cells: impl IntoIterator<Item = Cell<'a>>) {
        let cells = cells.into_iter().map(|cell| {
            let mut safe = Cell::new(for_terminal(&cell.text).into_owned());
            (safe.tone, safe.right, safe.whole) = (cell.tone, cell.right, cell.whole);
            safe
        });
        self.rows.push(cells.collect());
    }

    /// The table's lines, fitted to a width where there is one. Without, as in
    /// a pipe, each row is one line, for grep.
    pub(super) fn render(&self, width: Option<u16>, color: bool) -> String {
        let mut table = self.build(color);
        let omitted = width.map_or_else(Vec::new, |width| self.fit(&mut table, width));
        let mut lines: Vec<String> = table
            .lines()
            .map(|line| line.trim_end().to_owned())
            .collect();
        if !omitted.is_empty() {
            let note = format!("(no room for: {})", omitted.join(", "));
            lines.push(Tone::Dim.paint(&note, color));
        }
        lines.join("\n")
    }

    fn build(&self, color: bool) -> comfy_table::Table {
        let mut table = comfy_table::Table::new();
        table.load_style(comfy_table::TableStyle::new());
        table.set_content_arrangement(ContentArrangement::Disabled);
        table.force_no_tty();
        if color {
            table.enforce_styling();
        }
        table.set_header(self.header.iter().map(|name| {
            comfy_table::Cell::new(name.to_uppercase()).add_attribute(Attribute::Bold)
        }));
        for row in &self.rows {
            table.add_row(row.iter().map(|cell| {
                let mut out = comfy_table::Cell::new(&cell.text);
                if let Some(tone) = cell.tone {
                    out = out.fg(tone.color());
                }
                if cell.right {
                    out = out.set_alignment(CellAlignment::Right);
                }
                out
            }));
        }
        for column in table.column_iter_mut() {
            column.set_padding((0, GAP));
        }
        table
    }

    /// Makes it fit: text wraps, then columns go. Gives the names of those.
    fn fit(&self, table: &mut comfy_table::Table, width: u16) -> Vec<&'static str> {
        let least: Vec<u16> = table
            .column_max_content_widths()
            .into_iter()
            .enumerate()
            .map(|(index, widest)| {
                let cells = self.rows.iter().filter_map(|row| row.get(index));
                let least = cells.map(least).max().unwrap_or_default();
                least.max(WRAPPED).min(widest)
            })
            .collect();
        let mut needed = least
            .iter()
            .fold(0u16, |sum, least| sum.saturating_add(least + GAP))
            .saturating_sub(GAP);
        let mut omitted = Vec::new();
        for name in &self.expendable {
            let at = self.header.iter().position(|column| column == name);
            if needed > width
                && let Some(at) = at
                && let Some(column) = table.column_mut(at)
                && let Some(least) = least.get(at)
            {
                column.set_constraint(ColumnConstraint::Hidden);
                needed = needed.saturating_sub(least + GAP);
                omitted.push(*name);
            }
        }
        let last = self.header.iter().rfind(|name| !omitted.contains(name));
        for (column, (name, least)) in table.column_iter_mut().zip(self.header.iter().zip(least)) {
            if omitted.contains(name) {
                continue;
            }
            let gap = if last == Some(name) { 0 } else { GAP };
            column.set_padding((0, gap));
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(least + gap)));
        }
        table.set_content_arrangement(ContentArrangement::Dynamic);
        // Rather too wide, which the terminal breaks, than a letter a line.
        table.set_width(width.max(needed));
        omitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_lines_up_and_does_not_trail_spaces() {
        let mut table = Table::new(["who", "joins"]);
        table.row([Cell::new("ada"), Cell::number(1200)]);
        table.row([Cell::maybe(None::<&str>), Cell::number(7)]);
        assert_eq!(
            table.render(None, false),
            "WHO  JOINS\nada  1,200\n–        7"
        );
    }

    fn joins() -> Table {
        let mut table =
            Table::new(["joined (UTC)", "server", "member", "certainty"]).expendable(["server"]);
        table.row([
            Cell::new("2026-11-24 02:29:33").whole(),
            Cell::new("Rust"),
            Cell::new("somebody with a long name"),
            Cell::new("unknown: no invite's count moved"),
        ]);
        table
    }

    #[test]
    fn a_table_wraps_text_but_no_times() {
        assert_eq!(
            joins().render(Some(60), false),
            "\
JOINED (UTC)         SERVER  MEMBER           CERTAINTY
2026-11-24 02:29:33  Rust    somebody with a  unknown: no
                             long name        invite's count
                                              moved"
        );
    }

    #[test]
    fn a_narrow_terminal_loses_the_columns_it_can_do_without() {
        assert_eq!(
            joins().render(Some(48), false),
            "\
JOINED (UTC)         MEMBER        CERTAINTY
2026-11-24 02:29:33  somebody      unknown: no
                     with a long   invite's
                     name          count moved
(no room for: server)"
        );
        for width in 47..120 {
            let text = joins().render(Some(width), false);
            let widest = text.lines().map(|line| line.chars().count()).max();
            assert!(widest <= Some(width.into()), "{width}:\n{text}");
        }
    }

    #[test]
    fn ids_and_names_do_not_break() {
        let mut table = Table::new(["channel", "inviter"]);
        table.row([
            Cell::new("#welcome (1075095626525615847)"),
            Cell::new("gentle_dune3921"),
        ]);
        assert_eq!(
            table.render(Some(40), false),
            "\
CHANNEL                  INVITER
#welcome                 gentle_dune3921
(1075095626525615847)"
        );
    }

    #[test]
    fn colours_move_nothing() {
        for width in [None, Some(60), Some(48)] {
            let coloured = joins().render(width, true);
            let mut parts = coloured.split("\u{1b}[");
            let mut bare = parts.next().unwrap().to_owned();
            for part in parts {
                bare.push_str(part.split_once('m').unwrap().1);
            }
            let bare: Vec<&str> = bare.lines().map(str::trim_end).collect();
            assert_eq!(bare.join("\n"), joins().render(width, false));
        }
    }

    #[test]
    fn it_is_never_a_letter_a_line() {
        for width in [1, 10, 20] {
            let text = joins().render(Some(width), false);
            assert!(text.contains("2026-11-24 02:29:33"), "{text}");
            assert!(text.lines().count() < 7, "{text}");
        }
    }
}
