//! Tables, made of the same columns as those of the command line.

use guestlist_view::{Cell, Column, Fields, View};
use maud::{Markup, html};

use super::{foreign, tone_class};

/// Replaces the cell of a column, known by its header, where it returns something.
type Replace<'a, R> = &'a dyn Fn(&str, &R) -> Option<Markup>;

/// How a table differs from that of the command line.
pub(crate) struct Table<'a, R> {
    /// What the table holds, for whoever cannot see its surroundings.
    pub(crate) caption: &'a str,
    /// Headers of columns that are not shown.
    pub(crate) without: &'a [&'a str],
    /// Whether words that are not plain are explained below.
    pub(crate) noted: bool,
    pub(crate) replace: Replace<'a, R>,
}

/// A word of at most so many letters does not wrap.
const WORD: usize = 20;

/// Draws rows.
pub(crate) fn table<R: View>(rows: &[R], table: &Table<'_, R>) -> Markup {
    let fields = Fields::<R>::new();
    let columns: Vec<&Column<R>> = fields
        .columns()
        .into_iter()
        .filter(|it| !table.without.contains(&it.header))
        .collect();
    let cells: Vec<Vec<Cell<'_>>> = rows
        .iter()
        .map(|row| columns.iter().map(|column| (column.cell)(row)).collect())
        .collect();
    // A column stands as its cells do; some of these may only say that nothing is known.
    let is_right = |place: usize| {
        let mut of_column = cells.iter().filter_map(|row| row.get(place));
        of_column.any(|cell| cell.right)
    };
    let right: Vec<bool> = (0..columns.len()).map(is_right).collect();
    html! {
        table.rows {
            caption.unseen { (table.caption) }
            thead {
                tr {
                    @for (column, right) in columns.iter().zip(&right) {
                        th scope="col" class=[right.then_some("num")] { (column.header) }
                    }
                }
            }
            tbody {
                @for (row, cells) in rows.iter().zip(&cells) {
                    tr {
                        @for ((column, cell), right) in columns.iter().zip(cells).zip(&right) {
                            (drawn(column.header, cell, *right, (table.replace)(column.header, row)))
                        }
                    }
                }
            }
        }
        @if table.noted {
            @if let Some(note) = rows.iter().find_map(View::note) { p.note { (note) } }
        }
    }
}

fn drawn(header: &str, cell: &Cell<'_>, right: bool, replaced: Option<Markup>) -> Markup {
    let is_word = cell.text.len() <= WORD && !cell.text.contains(char::is_whitespace);
    let classes = [
        right.then_some("num"),
        (cell.whole || is_word).then_some("whole"),
        cell.tone.map(tone_class),
        // What is not known needs no line of its own on a narrow screen.
        (cell.text == "–").then_some("none"),
    ];
    let classes: Vec<&str> = classes.into_iter().flatten().collect();
    html! {
        td data-label=(header) class=[(!classes.is_empty()).then(|| classes.join(" "))] {
            @match replaced {
                Some(markup) => (markup),
                None => (foreign(&cell.text)),
            }
        }
    }
}
