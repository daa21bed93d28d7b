//! Tables, made of the same columns as those of the command line.

use guestlist_view::{Column, Fields, View};
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

/// Draws rows.
pub(crate) fn table<R: View>(rows: &[R], table: &Table<'_, R>) -> Markup {
    let fields = Fields::<R>::new();
    let columns: Vec<&Column<R>> = fields
        .columns()
        .into_iter()
        .filter(|it| !table.without.contains(&it.header))
        .collect();
    html! {
        table.rows {
            caption.unseen { (table.caption) }
            thead {
                tr {
                    @for column in &columns {
                        th scope="col" class=[class(column, rows)] { (column.header) }
                    }
                }
            }
            tbody {
                @for row in rows {
                    tr {
                        @for column in &columns { (cell(column, row, table)) }
                    }
                }
            }
        }
        @if table.noted {
            @if let Some(note) = rows.iter().find_map(View::note) { p.note { (note) } }
        }
    }
}

fn cell<R: View>(column: &Column<R>, row: &R, table: &Table<'_, R>) -> Markup {
    let cell = (column.cell)(row);
    let classes = [
        cell.right.then_some("num"),
        cell.whole.then_some("whole"),
        cell.tone.map(tone_class),
        // What is not known needs no line of its own on a narrow screen.
        (cell.text == "–").then_some("none"),
    ];
    let classes: Vec<&str> = classes.into_iter().flatten().collect();
    let replaced = (table.replace)(column.header, row);
    html! {
        td data-label=(column.header) class=[(!classes.is_empty()).then(|| classes.join(" "))] {
            @match replaced {
                Some(markup) => (markup),
                None => (foreign(&cell.text)),
            }
        }
    }
}

/// A header stands as its cells do.
fn class<R: View>(column: &Column<R>, rows: &[R]) -> Option<&'static str> {
    let first = rows.first()?;
    (column.cell)(first).right.then_some("num")
}
