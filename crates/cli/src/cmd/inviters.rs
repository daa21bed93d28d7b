//! `guestlist inviters`: what each inviter brought.

use guestlist::ledger::{InviterFilter, InviterRow, Ledger};
use serde::Serialize;

use crate::args::{DbArgs, Format, FormatArgs, LedgerArgs, now};
use crate::error::{CliError, Exit};
use crate::output::{Cell, CsvOut, Out, Table, Tone, count};
use crate::runtime::block_on;
use crate::view::moment;

/// Sum up the joins by who invited them
///
/// Joins that are ambiguous count by their weights under "maybe", not under "joins". The row
/// without a name gathers vanity links, discovery, widgets and what is not known. For insight:
/// rewarding people for inviting others is against Discord's rules.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  guestlist inviters --since 30d --limit 10
  guestlist inviters --guild 613425648685547541 --json
  guestlist inviters --inviter 80351110224678912 --csv")]
pub(crate) struct Args {
    #[command(flatten)]
    db: DbArgs,
    #[command(flatten)]
    filter: LedgerArgs,
    #[command(flatten)]
    format: FormatArgs,
}

#[derive(Serialize)]
struct View<'a> {
    inviter_id: Option<String>,
    inviter: Option<&'a str>,
    joins: u64,
    confirmed: u64,
    deduced: u64,
    ambiguous: u64,
    expected: f64,
    unknown: u64,
    left: u64,
    here: u64,
    last_join: Option<String>,
}

impl<'a> View<'a> {
    fn new(row: &'a InviterRow) -> Self {
        Self {
            inviter_id: row.inviter.map(|id| id.to_string()),
            inviter: row.name.as_deref(),
            joins: row.joins(),
            confirmed: row.confirmed,
            deduced: row.deduced,
            ambiguous: row.ambiguous,
            expected: row.expected,
            unknown: row.unknown,
            left: row.left,
            here: row.here,
            last_join: row.last_join.map(|at| at.to_string()),
        }
    }
}

/// Prints the inviters.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, CliError> {
    let now = now();
    let mut filter = InviterFilter::new();
    filter.guild = args.filter.guild;
    filter.inviter = args.filter.inviter;
    filter.code = args.filter.code()?;
    filter.since = args.filter.since.map(|when| when.resolve(now));
    filter.until = args.filter.until.map(|when| when.resolve(now));
    filter.limit = args.filter.limit;
    let rows = block_on(async {
        let ledger = args.db.open_read_only().await?;
        Ok(ledger.inviters(&filter).await?)
    })?;
    match args.format.format() {
        Format::Json => rows.iter().try_for_each(|row| out.json(&View::new(row))),
        Format::Csv => csv(&rows, out),
        Format::Table => table(&rows, out),
    }?;
    Ok(Exit::Ok)
}

fn table(rows: &[InviterRow], out: &mut Out) -> Result<(), CliError> {
    if rows.is_empty() {
        return out.line("no joins match");
    }
    let mut table = Table::new([
        "inviter",
        "joins",
        "confirmed",
        "deduced",
        "maybe",
        "unknown",
        "still here",
        "left",
        "last join (UTC)",
    ]);
    for row in rows {
        let name = match (&row.name, row.inviter) {
            (Some(name), _) => Cell::new(name),
            (None, Some(id)) => Cell::new(id.to_string()),
            (None, None) => Cell::new("(no inviter)").tone(Tone::Dim),
        };
        table.row([
            name,
            Cell::number(row.joins()),
            Cell::number(row.confirmed),
            Cell::number(row.deduced),
            Cell::new(format!("{:.1}", row.expected)).right(),
            Cell::number(row.unknown),
            Cell::number(row.here),
            Cell::number(row.left),
            Cell::maybe(row.last_join.map(moment)),
        ]);
    }
    out.table(&table)?;
    let inviters = rows.iter().filter(|row| row.inviter.is_some()).count();
    out.line(format!("\n{}", count(inviters as u64, "inviter")))
}

fn csv(rows: &[InviterRow], out: &mut Out) -> Result<(), CliError> {
    let mut csv = CsvOut::new(
        out,
        &[
            "inviter_id",
            "inviter",
            "joins",
            "confirmed",
            "deduced",
            "ambiguous",
            "expected",
            "unknown",
            "left",
            "here",
            "last_join",
        ],
    )?;
    for row in rows {
        let view = View::new(row);
        csv.row(&[
            view.inviter_id.unwrap_or_default(),
            view.inviter.unwrap_or_default().to_owned(),
            view.joins.to_string(),
            view.confirmed.to_string(),
            view.deduced.to_string(),
            view.ambiguous.to_string(),
            format!("{:.3}", view.expected),
            view.unknown.to_string(),
            view.left.to_string(),
            view.here.to_string(),
            view.last_join.unwrap_or_default(),
        ])?;
    }
    Ok(())
}
