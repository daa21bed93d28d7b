//! `guestlist joins`: who came, and how.

use guestlist::ledger::{CertaintyKind, JoinFilter, JoinRow, Ledger};

use crate::args::{DbArgs, Format, FormatArgs, LedgerArgs, now};
use crate::error::{CliError, Exit};
use crate::output::{Cell, CsvOut, Out, Table, count};
use crate::runtime::block_on;
use crate::view::{JoinView, moment};

/// List who joined, when, through which invite, and how certain that is
///
/// Reads the ledger that `guestlist track` writes; tracking may go on meanwhile. Newest first.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  guestlist joins --since 7d
  guestlist joins --code https://discord.gg/rust --certainty confirmed
  guestlist joins --guild 613425648685547541 --csv > joins.csv
  guestlist joins --json | jq -r 'select(.certainty == \"unknown\") | .reason'")]
pub(crate) struct Args {
    #[command(flatten)]
    db: DbArgs,
    #[command(flatten)]
    filter: LedgerArgs,
    /// Only joins that are known this surely: confirmed, deduced, ambiguous or unknown
    #[arg(long, value_name = "HOW", help_heading = "Filters")]
    certainty: Option<CertaintyKind>,
    #[command(flatten)]
    format: FormatArgs,
}

/// Prints the joins.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, CliError> {
    let now = now();
    let mut filter = JoinFilter::new();
    filter.guild = args.filter.guild;
    filter.inviter = args.filter.inviter;
    filter.code = args.filter.code()?;
    filter.since = args.filter.since.map(|when| when.resolve(now));
    filter.until = args.filter.until.map(|when| when.resolve(now));
    filter.certainty = args.certainty;
    filter.limit = args.filter.limit;
    let rows = block_on(async {
        let ledger = args.db.open_read_only().await?;
        Ok(ledger.joins(&filter).await?)
    })?;
    match args.format.format() {
        Format::Json => rows
            .iter()
            .try_for_each(|row| out.json(&JoinView::new(row))),
        Format::Csv => csv(&rows, out),
        Format::Table => table(&rows, out),
    }?;
    Ok(Exit::Ok)
}

fn table(rows: &[JoinRow], out: &mut Out) -> Result<(), CliError> {
    if rows.is_empty() {
        return out.line("no joins match");
    }
    let mut table = Table::new([
        "joined (UTC)",
        "server",
        "member",
        "came by",
        "invited by",
        "certainty",
        "left",
    ]);
    for row in rows {
        let view = JoinView::new(row);
        let it = &view.attribution;
        table.row([
            Cell::new(moment(row.join.key.joined_at)),
            Cell::new(view.guild_label()),
            Cell::new(view.member_label()),
            Cell::maybe(it.way()),
            Cell::maybe(it.inviter_label()),
            Cell::new(it.certainty_label()).tone(it.tone()),
            Cell::maybe(row.left_at.map(moment)),
        ]);
    }
    out.table(&table)?;
    out.line(format!("\n{}", count(rows.len() as u64, "join")))
}

fn csv(rows: &[JoinRow], out: &mut Out) -> Result<(), CliError> {
    let mut csv = CsvOut::new(
        out,
        &[
            "joined_at",
            "guild_id",
            "guild",
            "user_id",
            "name",
            "bot",
            "certainty",
            "origin",
            "code",
            "inviter_id",
            "inviter",
            "reason",
            "left_at",
            "here",
        ],
    )?;
    for row in rows {
        let view = JoinView::new(row);
        let it = view.attribution;
        csv.row(&[
            view.joined_at,
            view.guild_id,
            view.guild.unwrap_or_default().to_owned(),
            view.user_id,
            view.name.unwrap_or_default().to_owned(),
            view.bot.to_string(),
            it.certainty.to_owned(),
            it.origin.unwrap_or_default(),
            it.code.unwrap_or_default(),
            it.inviter_id.unwrap_or_default(),
            it.inviter.unwrap_or_default(),
            it.reason.unwrap_or_default(),
            view.left_at.unwrap_or_default(),
            view.here.to_string(),
        ])?;
    }
    Ok(())
}
