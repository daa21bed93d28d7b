//! `guestlist joins`: who came, and how.

use guestlist::ledger::{CertaintyKind, Page, Reports};
use guestlist::model::UserId;
use guestlist_view::Statement;

use super::rows;
use crate::args::{DbArgs, FormatArgs, JoinFilterArgs, LedgerArgs, now};
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
  guestlist joins --label 'newsletter May' --gone
  guestlist joins --account-younger-than 7d --since 1d
  guestlist joins --name ferris
  guestlist joins --guild 613425648685547541 --csv > joins.csv
  guestlist joins --user 80351110224678912 --history
  guestlist joins --gaps --since 30d
  guestlist joins --json | jq -r 'select(.certainty == \"unknown\") | .reason'")]
pub(crate) struct Args {
    #[command(flatten)]
    db: DbArgs,
    #[command(flatten)]
    filter: LedgerArgs,
    #[command(flatten)]
    joins: JoinFilterArgs,
    /// Only joins with this certainty: confirmed, deduced, ambiguous, unknown or
    /// provisional (a first estimate; the final answer follows)
    #[arg(long, value_name = "HOW", help_heading = "Filters")]
    certainty: Option<CertaintyKind>,
    /// Only this member
    #[arg(long, value_name = "USER_ID", help_heading = "Filters")]
    user: Option<UserId>,
    /// List every answer that was given about the joins of --user, and what it rests on
    #[arg(long, requires = "user", help_heading = "Output")]
    history: bool,
    /// List the times in which joins may have been missed, instead of the joins
    #[arg(
        long,
        conflicts_with_all = [
            "user", "history", "certainty", "inviter", "code", "label", "origin", "here", "gone",
            "account_younger_than", "name",
        ],
        help_heading = "Output"
    )]
    gaps: bool,
    #[command(flatten)]
    format: FormatArgs,
}

/// Prints the joins.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, CliError> {
    let mut scope = args.filter.scope_of_joins(&args.joins, now())?;
    scope.certainty = args.certainty;
    scope.user = args.user;
    if args.gaps {
        let mut gaps = block_on(async {
            let ledger = args.db.open_read_only().await?;
            Ok(ledger.gaps(&scope).await?)
        })?;
        // As joins are: the newest first.
        gaps.reverse();
        rows::print(gaps, args.filter.limit, &args.format, out)?;
        return Ok(Exit::Ok);
    }
    let page = match args.filter.one_more() {
        // Of these joins, some have no answer and some have several.
        Some(limit) if !args.history => Page::first(limit),
        _ => Page::ALL,
    };
    let (joins, statements) = block_on(async {
        let ledger = args.db.open_read_only().await?;
        let joins = ledger.joins(&scope, page).await?;
        let mut statements = Vec::new();
        if args.history {
            for row in &joins {
                let history = ledger.attribution_history(&row.join.key).await?;
                statements.extend(history.into_iter().map(|it| Statement::new(row, it)));
            }
        }
        Ok((joins, statements))
    })?;
    if args.history {
        rows::print(statements, args.filter.limit, &args.format, out)?;
    } else {
        rows::print(joins, args.filter.limit, &args.format, out)?;
    }
    Ok(Exit::Ok)
}
