//! `guestlist joins`: who came, and how.

use guestlist::ledger::{CertaintyKind, JoinFilter, JoinRow, Reports};
use guestlist::tracker::{Certainty, Origin};
use serde::Serialize;

use super::report::{self, Row};
use crate::args::{DbArgs, FormatArgs, LedgerArgs, now};
use crate::error::{CliError, Exit};
use crate::output::{Cell, Out};
use crate::runtime::block_on;
use crate::view::{JoinView, moment};

/// List who joined, when, through which invite, and how certain that is
///
/// Reads the ledger that `guestlist track` writes; tracking may go on meanwhile. Newest first.
/// Where several ways are possible, "unseen" is the one that moves no count: without an invite,
/// or by one that was never listed.
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
    let mut filter = report::filter!(JoinFilter, &args.filter, now());
    filter.certainty = args.certainty;
    let rows = block_on(async {
        let ledger = args.db.open_read_only().await?;
        Ok(ledger.joins(&filter).await?)
    })?;
    report::print(rows, &args.filter, &args.format, out)?;
    Ok(Exit::Ok)
}

impl Row for JoinRow {
    const NOUN: &'static str = "join";
    const COLUMNS: &'static [&'static str] = &[
        "joined (UTC)",
        "server",
        "member",
        "came by",
        "invited by",
        "certainty",
        "left",
    ];
    const EXPENDABLE: &'static [&'static str] = &["left", "server", "invited by", "joined (UTC)"];
    const FIELDS: &'static [&'static str] = &[
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
        "candidates",
        "reason",
        "left_at",
        "here",
    ];

    fn json(&self) -> impl Serialize {
        JoinView::new(self)
    }

    fn cells(&self) -> Vec<Cell> {
        let view = JoinView::new(self);
        let it = &view.attribution;
        vec![
            Cell::new(moment(self.join.key.joined_at)).whole(),
            Cell::new(view.guild_label()),
            Cell::new(view.member_label()),
            Cell::maybe(it.way()),
            Cell::maybe(it.inviter_label()),
            Cell::new(it.certainty_label()).tone(it.tone()),
            Cell::maybe(self.left_at.map(moment)).whole(),
        ]
    }

    fn record(&self) -> Vec<String> {
        let view = JoinView::new(self);
        let it = view.attribution;
        let candidates: Vec<String> = it.candidates.iter().map(ToString::to_string).collect();
        vec![
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
            candidates.join("; "),
            it.reason.unwrap_or_default(),
            view.left_at.unwrap_or_default(),
            view.here.to_string(),
        ]
    }

    fn note(&self) -> Option<&'static str> {
        let certainty = &self.attribution.as_ref()?.certainty;
        let Certainty::Ambiguous(candidates) = certainty else {
            return None;
        };
        candidates
            .iter()
            .any(|candidate| candidate.origin == Origin::Unseen)
            .then_some("unseen: without an invite, or by one that was never listed")
    }
}
