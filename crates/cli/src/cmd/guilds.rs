//! `guestlist guilds`: the servers, and how much is known about each.

use guestlist::ledger::Reports;

use super::rows;
use crate::args::{DbArgs, FormatArgs};
use crate::error::{CliError, Exit};
use crate::output::Out;
use crate::runtime::block_on;

/// List the servers in the ledger, with the number of joins, leaves, invites and gaps of each
///
/// Reads the ledger that `guestlist track` writes, even while it runs. In a gap, joins may
/// have been missed; `guestlist joins --gaps` lists the gaps.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  guestlist guilds
  guestlist guilds --json | jq -r 'select(.gaps > 0) | .guild'")]
pub(crate) struct Args {
    #[command(flatten)]
    db: DbArgs,
    #[command(flatten)]
    format: FormatArgs,
}

/// Prints the servers.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, CliError> {
    let rows = block_on(async {
        let ledger = args.db.open_read_only().await?;
        Ok(ledger.guilds().await?)
    })?;
    rows::print(rows, None, &args.format, out)?;
    Ok(Exit::Ok)
}
