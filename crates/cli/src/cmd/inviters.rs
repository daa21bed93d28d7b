//! `guestlist inviters`: what each inviter brought.

use guestlist::ledger::Reports;

use super::rows;
use crate::args::{DbArgs, FormatArgs, JoinFilterArgs, LedgerArgs, now};
use crate::error::{CliError, Exit};
use crate::output::Out;
use crate::runtime::block_on;

/// Count the joins of each inviter
///
/// Ambiguous joins are counted by weight under "maybe", not under "joins". The row "(no inviter)"
/// contains joins through a vanity link, discovery or a widget, and joins without an answer. Use
/// the numbers for insight only: rewarding people for inviting others is against Discord's rules.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  guestlist inviters --since 30d --limit 10
  guestlist inviters --guild 613425648685547541 --json
  guestlist inviters --account-younger-than 7d --since 30d
  guestlist inviters --inviter 80351110224678912 --csv")]
pub(crate) struct Args {
    #[command(flatten)]
    db: DbArgs,
    #[command(flatten)]
    filter: LedgerArgs,
    #[command(flatten)]
    joins: JoinFilterArgs,
    #[command(flatten)]
    format: FormatArgs,
}

/// Prints the inviters.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, CliError> {
    let scope = args.filter.scope_of_joins(&args.joins, now())?;
    let limit = args.filter.one_more();
    let rows = block_on(async {
        let ledger = args.db.open_read_only().await?;
        Ok(ledger.inviters(&scope, limit).await?)
    })?;
    rows::print(rows, args.filter.limit, &args.format, out)?;
    Ok(Exit::Ok)
}
