//! What `joins`, `inviters` and `invites` have in common: a question to the
//! ledger, and rows as a table, JSON or CSV.

use guestlist_view::{Column, Fields, View};

use crate::args::{Format, FormatArgs};
use crate::error::CliError;
use crate::output::{CsvOut, Out, Table, count};

/// Prints the rows.
pub(super) fn print<R: View>(
    mut rows: Vec<R>,
    limit: Option<u32>,
    format: &FormatArgs,
    out: &mut Out,
) -> Result<(), CliError> {
    let limit = limit.map_or(usize::MAX, |limit| limit as usize);
    let more = rows.len() > limit;
    rows.truncate(limit);
    match format.format() {
        Format::Json | Format::Csv => Printing::new(format, out)?.page(&rows),
        Format::Table => table(&Fields::new(), &rows, more, out),
    }
}

/// Rows on their way out, page by page: as JSON, or as CSV below its header.
pub(super) struct Printing<'o, R> {
    fields: Fields<R>,
    to: To<'o>,
}

enum To<'o> {
    Json(&'o mut Out),
    Csv(CsvOut<'o>),
}

impl<'o, R: View> Printing<'o, R> {
    pub(super) fn new(format: &FormatArgs, out: &'o mut Out) -> Result<Self, CliError> {
        let fields = Fields::new();
        let to = match format.format() {
            Format::Csv => {
                let header: Vec<&str> = fields.names().collect();
                To::Csv(CsvOut::new(out, &header)?)
            }
            Format::Json | Format::Table => To::Json(out),
        };
        Ok(Self { fields, to })
    }

    pub(super) fn page(&mut self, rows: &[R]) -> Result<(), CliError> {
        let fields = &self.fields;
        match &mut self.to {
            To::Json(out) => rows
                .iter()
                .try_for_each(|row| out.json(&fields.record(row))),
            To::Csv(csv) => rows
                .iter()
                .try_for_each(|row| csv.row(&fields.csv(row).collect::<Vec<_>>())),
        }
    }
}

fn table<R: View>(
    fields: &Fields<R>,
    rows: &[R],
    more: bool,
    out: &mut Out,
) -> Result<(), CliError> {
    if rows.is_empty() {
        return out.line(format!("no {}s match", R::NOUN));
    }
    let columns = fields.columns();
    let mut table = Table::new(header(&columns)).expendable(expendable(&columns));
    for row in rows {
        table.row(columns.iter().map(|column| (column.cell)(row)));
    }
    out.table(&table)?;
    out.line("")?;
    if let Some(note) = rows.iter().find_map(View::note) {
        out.line(note)?;
    }
    let counted = rows.iter().filter(|row| row.counts()).count();
    let counted = count(counted as u64, R::NOUN);
    out.line(if more {
        format!("the first {counted}; there are more: increase --limit or omit it")
    } else {
        counted
    })
}

fn header<R>(columns: &[&Column<R>]) -> Vec<&'static str> {
    columns.iter().map(|column| column.header).collect()
}

/// The columns that a narrow terminal can do without, the least important first.
fn expendable<R>(columns: &[&Column<R>]) -> Vec<&'static str> {
    let mut expendable: Vec<_> = columns
        .iter()
        .filter_map(|column| Some((column.expendable?, column.header)))
        .collect();
    expendable.sort_unstable();
    expendable.into_iter().map(|(_, header)| header).collect()
}
