//! `guestlist invites`: the invites that were seen, and what came of them.

use guestlist::ledger::{InviteStatus, Reports};
use guestlist_view::SeenInvite;

use super::rows;
use crate::args::{DbArgs, FormatArgs, LedgerArgs, now};
use crate::error::{CliError, Exit};
use crate::output::Out;
use crate::runtime::block_on;

/// List the invites in the ledger, how they ended, and how many members joined through them
///
/// The ledger also contains invites that no longer exist. To list the invites on Discord, use
/// `guestlist invite list`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  guestlist invites --active
  guestlist invites --inviter 80351110224678912 --since 30d
  guestlist invites --label 'newsletter May'
  guestlist invites --ended --json | jq -r 'select(.state == \"revoked\") | .code'")]
pub(crate) struct Args {
    #[command(flatten)]
    db: DbArgs,
    #[command(flatten)]
    filter: LedgerArgs,
    /// Only invites that can still be used
    #[arg(long, conflicts_with = "ended", help_heading = "Filters")]
    active: bool,
    /// Only invites that have ended
    #[arg(long, help_heading = "Filters")]
    ended: bool,
    #[command(flatten)]
    format: FormatArgs,
}

/// Prints the invites.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, CliError> {
    let now = now();
    let scope = args.filter.scope(now)?;
    let limit = args.filter.one_more();
    let status = match (args.active, args.ended) {
        (true, _) => InviteStatus::ActiveAt(now),
        (_, true) => InviteStatus::EndedAt(now),
        _ => InviteStatus::Any,
    };
    let rows = block_on(async {
        let ledger = args.db.open_read_only().await?;
        Ok(ledger.invites(&scope, status, limit).await?)
    })?;
    let rows = rows
        .into_iter()
        .map(|row| SeenInvite { row, now })
        .collect();
    rows::print::<SeenInvite>(rows, args.filter.limit, &args.format, out)?;
    Ok(Exit::Ok)
}
