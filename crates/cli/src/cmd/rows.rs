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
    let fields = Fields::new();
    match format.format() {
        Format::Json => rows
            .iter()
            .try_for_each(|row| out.json(&fields.record(row))),
        Format::Csv => {
            let header: Vec<&str> = fields.names().collect();
            let mut csv = CsvOut::new(out, &header)?;
            rows.iter()
                .try_for_each(|row| csv.row(&fields.csv(row).collect::<Vec<_>>()))
        }
        Format::Table => table(&fields, &rows, more, out),
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
        format!("the first {counted}; there are more: raise --limit or leave it out")
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
