//! `guestlist accuracy`: how right earlier answers were.

use guestlist::ledger::Reports as _;

use super::rows;
use crate::args::{DbArgs, FormatArgs, LedgerArgs, now};
use crate::error::{CliError, Exit};
use crate::output::Out;
use crate::runtime::block_on;

/// Compare what was deduced or estimated with what Discord confirmed later
///
/// Reads the history of every confirmed join, by server and month. What was deduced has to be right:
/// if "deduced rightly" is less than all, an assumption about Discord did not hold. The likeliest
/// candidate of an ambiguous or provisional answer is right about as often as its weight says;
/// --weights shows that: of all candidates that were given 70 to 80 %, how many were the true way in.
///
/// Only joins whose way in was stated before it was confirmed say anything, and only joins that the
/// members search confirmed at all. With --confirm never there is nothing to compare.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  guestlist accuracy
  guestlist accuracy --guild 613425648685547541 --since 90d
  guestlist accuracy --weights
  guestlist accuracy --json | jq 'select(.deduced_right < .deduced)'")]
pub(crate) struct Args {
    #[command(flatten)]
    db: DbArgs,
    #[command(flatten)]
    filter: LedgerArgs,
    /// Show candidates by their weights instead of months
    #[arg(long, help_heading = "Output")]
    weights: bool,
    #[command(flatten)]
    format: FormatArgs,
}

/// Prints the comparison.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, CliError> {
    let scope = args.filter.scope(now())?;
    let found = block_on(async {
        let ledger = args.db.open_read_only().await?;
        Ok(ledger.accuracy(&scope).await?)
    })?;
    if args.weights {
        rows::print(found.weights, args.filter.limit, &args.format, out)?;
    } else {
        rows::print(found.months, args.filter.limit, &args.format, out)?;
    }
    Ok(Exit::Ok)
}
