//! `guestlist joins`: who came, and how.

use std::{panic::resume_unwind, sync::mpsc::sync_channel, thread};

use guestlist::ledger::{CertaintyKind, JoinRow, Page, Reports, Scope};
use guestlist::model::UserId;
use guestlist_view::Statement;

use super::rows;
use crate::args::{DbArgs, Format, FormatArgs, JoinFilterArgs, LedgerArgs, now};
use crate::error::{CliError, Exit};
use crate::output::Out;
use crate::runtime::block_on;

/// Joins that are read at once.
const PAGE: u32 = 500;

/// List who joined, when, through which invite, and how certain that is
///
/// Reads the ledger that `guestlist track` writes, even while it runs. The latest join comes first.
/// In an ambiguous answer, "unseen" means that no count rose: the member may have joined without an
/// invite, or through an invite that was never listed.
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
    /// List every answer for the joins of --user, with its evidence
    #[arg(long, requires = "user", help_heading = "Output")]
    history: bool,
    /// List the gaps in which joins may have been missed, instead of the joins
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
    if !args.history && !matches!(args.format.format(), Format::Table) {
        return stream(args, &scope, out);
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

/// Prints joins as they are read, in pages: one is read while another is printed.
fn stream(args: &Args, scope: &Scope, out: &mut Out) -> Result<Exit, CliError> {
    let mut rest = args.filter.limit;
    let (pages, printed) = sync_channel::<Vec<JoinRow>>(2);
    thread::scope(|threads| {
        let printing = threads.spawn(move || {
            // Nothing is printed before something was read.
            let Ok(first) = printed.recv() else {
                return Ok(());
            };
            let mut printing = rows::Printing::new(&args.format, out)?;
            printing.page(&first)?;
            printed.iter().try_for_each(|rows| printing.page(&rows))
        });
        let read = block_on(async {
            let ledger = args.db.open_read_only().await?;
            let mut page = Page::first(0);
            loop {
                let size = rest.map_or(PAGE, |rest| rest.min(PAGE));
                page.limit = Some(size);
                let rows = ledger.joins(scope, page).await?;
                let is_last = rows.len() < PAGE as usize;
                if let Some(last) = rows.last() {
                    page = page.after(last.join.key);
                }
                rest = rest.map(|rest| rest.saturating_sub(size));
                // Nobody takes it if it cannot be printed; that is told below.
                if pages.send(rows).is_err() || is_last {
                    return Ok(());
                }
            }
        });
        drop(pages);
        let printed = printing.join();
        printed.unwrap_or_else(|panic| resume_unwind(panic))?;
        read
    })?;
    Ok(Exit::Ok)
}
