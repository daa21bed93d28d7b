//! `guestlist inviters`: what each inviter brought.

use guestlist::ledger::{InviterFilter, InviterRow, Reports};
use serde::Serialize;

use super::report::{self, Row};
use crate::args::{DbArgs, FormatArgs, LedgerArgs, now};
use crate::error::{CliError, Exit};
use crate::output::{Cell, Out, Tone};
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
    let filter = report::filter!(InviterFilter, &args.filter, now());
    let rows = block_on(async {
        let ledger = args.db.open_read_only().await?;
        Ok(ledger.inviters(&filter).await?)
    })?;
    report::print(rows, &args.filter, &args.format, out)?;
    Ok(Exit::Ok)
}

impl Row for InviterRow {
    const NOUN: &'static str = "inviter";
    const COLUMNS: &'static [&'static str] = &[
        "inviter",
        "joins",
        "confirmed",
        "deduced",
        "maybe",
        "unknown",
        "still here",
        "left",
        "last join (UTC)",
    ];
    const EXPENDABLE: &'static [&'static str] = &[
        "last join (UTC)",
        "unknown",
        "left",
        "deduced",
        "confirmed",
        "still here",
    ];
    const FIELDS: &'static [&'static str] = &[
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
    ];

    fn json(&self) -> impl Serialize {
        View::new(self)
    }

    fn cells(&self) -> Vec<Cell> {
        let name = match (&self.name, self.inviter) {
            (Some(name), _) => Cell::new(name),
            (None, Some(id)) => Cell::new(id.to_string()),
            (None, None) => Cell::new("(no inviter)").tone(Tone::Dim),
        };
        vec![
            name,
            Cell::number(self.joins()),
            Cell::number(self.confirmed),
            Cell::number(self.deduced),
            Cell::new(format!("{:.1}", self.expected)).right(),
            Cell::number(self.unknown),
            Cell::number(self.here),
            Cell::number(self.left),
            Cell::maybe(self.last_join.map(moment)).whole(),
        ]
    }

    fn record(&self) -> Vec<String> {
        let view = View::new(self);
        vec![
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
        ]
    }

    fn counts(&self) -> bool {
        self.inviter.is_some()
    }
}
