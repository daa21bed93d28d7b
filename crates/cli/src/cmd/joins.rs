//! `guestlist joins`: who came, and how.

use guestlist::ledger::{CertaintyKind, Page, Reports};

use super::report;
use crate::args::{DbArgs, FormatArgs, LedgerArgs, now};
use crate::error::{CliError, Exit};
use crate::output::Out;
use crate::runtime::block_on;

/// List who joined, when, through which invite, and how certain that is
///
/// Reads the ledger that `guestlist track` writes, even while it runs. The newest join comes first.
/// Where several ways in are possible, "unseen" means one that moves no counter: without an
/// invite, or by an invite that was never listed.
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
    /// Only joins with this certainty: confirmed, deduced, ambiguous or unknown
    #[arg(long, value_name = "HOW", help_heading = "Filters")]
    certainty: Option<CertaintyKind>,
    #[command(flatten)]
    format: FormatArgs,
}

/// Prints the joins.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, CliError> {
    let mut scope = args.filter.scope(now())?;
    scope.certainty = args.certainty;
    let page = args.filter.one_more().map_or(Page::ALL, Page::first);
    let rows = block_on(async {
        let ledger = args.db.open_read_only().await?;
        Ok(ledger.joins(&scope, page).await?)
    })?;
    report::print(rows, &args.filter, &args.format, out)?;
    Ok(Exit::Ok)
}
