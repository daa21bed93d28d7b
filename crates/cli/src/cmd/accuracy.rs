//! `guestlist accuracy`: how right earlier answers were.

use guestlist::ledger::Reports as _;

use super::rows;
use crate::args::{DbArgs, FormatArgs, LedgerArgs, now};
use crate::error::{CliError, Exit};
use crate::output::Out;
use crate::runtime::block_on;

/// Compare deduced and estimated answers with what Discord confirmed later
///
/// Reads the history of every confirmed join, by server and month. Deduced answers must be correct:
/// if fewer are counted under "deduced rightly" than under "deduced", an assumption about Discord
/// did not hold. The most likely
/// candidate of an ambiguous or provisional answer should be correct about as often as its weight
/// says. --weights shows this: for example, how many of the candidates with a weight of 70 to 80 %
/// were correct.
///
/// A join counts only if it had an answer before the members search confirmed it. With --confirm
/// never, there is nothing to compare.
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
    /// Group candidates by weight instead of month
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
