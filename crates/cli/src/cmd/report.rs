//! What `joins`, `inviters` and `invites` have in common: a question to the
//! ledger, and rows as a table, JSON or CSV.

use serde::Serialize;

use crate::args::{Format, FormatArgs, LedgerArgs};
use crate::error::CliError;
use crate::output::{Cell, CsvOut, Out, Table, count};

/// A row of a report.
pub(super) trait Row {
    /// What a row is, in the singular.
    const NOUN: &'static str;
    /// The table's columns.
    const COLUMNS: &'static [&'static str];
    /// The columns that a narrow terminal can do without, the least important
    /// first.
    const EXPENDABLE: &'static [&'static str];
    /// The columns of CSV.
    const FIELDS: &'static [&'static str];

    /// The row as JSON.
    fn json(&self) -> impl Serialize;

    /// The row of the table.
    fn cells(&self) -> Vec<Cell>;

    /// The row of CSV.
    fn record(&self) -> Vec<String>;

    /// Whether it is one of those that are counted below the table.
    fn counts(&self) -> bool {
        true
    }

    /// What the table's words mean, where they need telling.
    fn note(&self) -> Option<&'static str> {
        None
    }
}

/// Makes a filter of the ledger's from what is asked: the filters are different
/// types with the same names in them. One row more than is wanted tells whether
/// there are more.
macro_rules! filter {
    ($filter:ident, $args:expr, $now:expr) => {{
        let args: &crate::args::LedgerArgs = $args;
        let (since, until) = args.span($now)?;
        let mut filter = $filter::new();
        filter.guild = args.guild;
        filter.inviter = args.inviter;
        filter.code = args.code()?;
        filter.since = since;
        filter.until = until;
        filter.limit = args.limit.map(|limit| limit.saturating_add(1));
        filter
    }};
}
pub(super) use filter;

/// Prints the rows.
pub(super) fn print<R: Row>(
    mut rows: Vec<R>,
    args: &LedgerArgs,
    format: &FormatArgs,
    out: &mut Out,
) -> Result<(), CliError> {
    let limit = args.limit.map_or(usize::MAX, |limit| limit as usize);
    let more = rows.len() > limit;
    rows.truncate(limit);
    match format.format() {
        Format::Json => rows.iter().try_for_each(|row| out.json(&row.json())),
        Format::Csv => {
            let mut csv = CsvOut::new(out, R::FIELDS)?;
            rows.iter().try_for_each(|row| csv.row(&row.record()))
        }
        Format::Table => table(&rows, more, out),
    }
}

fn table<R: Row>(rows: &[R], more: bool, out: &mut Out) -> Result<(), CliError> {
    if rows.is_empty() {
        return out.line(format!("no {}s match", R::NOUN));
    }
    let mut table = Table::new(R::COLUMNS).expendable(R::EXPENDABLE);
    for row in rows {
        table.row(row.cells());
    }
    out.table(&table)?;
    out.line("")?;
    if let Some(note) = rows.iter().find_map(Row::note) {
        out.line(note)?;
    }
    let counted = rows.iter().filter(|row| row.counts()).count();
    let counted = count(counted as u64, R::NOUN);
    out.line(if more {
        format!("the first {counted}; there are more: raise --limit, or leave it out")
    } else {
        counted
    })
}
