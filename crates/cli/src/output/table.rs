//! Tables for people.

use comfy_table::{Attribute, CellAlignment, ContentArrangement};

use super::text::clean;

/// What a cell's colour says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// As it should be, or certain.
    Good,
    /// Certain by reasoning.
    Fair,
    /// Look at it.
    Warn,
    /// Wrong.
    Bad,
    /// Of less interest.
    Dim,
}

impl Tone {
    fn color(self) -> comfy_table::Color {
        match self {
            Self::Good => comfy_table::Color::Green,
            Self::Fair => comfy_table::Color::Cyan,
            Self::Warn => comfy_table::Color::Yellow,
            Self::Bad => comfy_table::Color::Red,
            Self::Dim => comfy_table::Color::DarkGrey,
        }
    }

    /// The text in this colour, for lines that are not in a table.
    pub(crate) fn paint(self, text: &str, color: bool) -> String {
        let code = match self {
            Self::Good => "32",
            Self::Fair => "36",
            Self::Warn => "33",
            Self::Bad => "31",
            Self::Dim => "90",
        };
        if color {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}

/// One cell: text made safe, perhaps coloured.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    text: String,
    tone: Option<Tone>,
    right: bool,
}

impl Cell {
    /// Text.
    pub(crate) fn new(text: impl AsRef<str>) -> Self {
        Self {
            text: clean(text.as_ref()).into_owned(),
            tone: None,
            right: false,
        }
    }

    /// Text, or a dash that says nothing is known.
    pub(crate) fn maybe(text: Option<impl AsRef<str>>) -> Self {
        match text {
            Some(text) => Self::new(text),
            None => Self::new("–").tone(Tone::Dim),
        }
    }

    /// A number, set to the right.
    pub(crate) fn number(number: u64) -> Self {
        Self::new(super::text::grouped(number)).right()
    }

    /// Set to the right, as numbers are.
    pub(crate) fn right(mut self) -> Self {
        self.right = true;
        self
    }

    /// In a colour.
    pub(crate) fn tone(mut self, tone: Tone) -> Self {
        self.tone = Some(tone);
        self
    }
}

/// A table with a header.
#[derive(Debug)]
pub(crate) struct Table {
    header: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// An empty table.
    pub(crate) fn new(header: impl Into<Vec<&'static str>>) -> Self {
        Self {
            header: header.into(),
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: impl Into<Vec<Cell>>) {
        self.rows.push(cells.into());
    }

    pub(super) fn render(&self, terminal: bool, color: bool) -> String {
        let mut table = comfy_table::Table::new();
        table.load_style(comfy_table::TableStyle::new());
        // A pipe has no width: rows stay on one line, for grep.
        table.set_content_arrangement(if terminal {
            ContentArrangement::Dynamic
        } else {
            ContentArrangement::Disabled
        });
        if color {
            table.enforce_styling();
        } else {
            table.force_no_tty();
            if terminal && let Some(width) = terminal_width() {
                table.set_width(width);
            }
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
        // The preset pads every line to the full width.
        let text = table.to_string();
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        let indent = lines
            .iter()
            .all(|line| line.is_empty() || line.starts_with(' '));
        lines
            .iter()
            .map(|line| {
                if indent {
                    line.get(1..).unwrap_or("")
                } else {
                    line
                }
            })
            .collect::<Vec<_>>()
            .join("\n")
    }
}

/// The width of the terminal, which the table would look up itself if it were
/// allowed to colour.
fn terminal_width() -> Option<u16> {
    let mut probe = comfy_table::Table::new();
    probe.set_content_arrangement(ContentArrangement::Dynamic);
    probe.width()
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
            table.render(false, false),
            "WHO  JOINS\nada  1,200\n–        7"
        );
    }
}
