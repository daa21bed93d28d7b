//! `guestlist invites`: the invites that were seen, and what came of them.

use guestlist::ledger::{InviteFilter, InviteRow, Ledger};
use serde::Serialize;

use crate::args::{DbArgs, Format, FormatArgs, LedgerArgs, now};
use crate::error::{CliError, Exit};
use crate::output::{Cell, CsvOut, Out, Table, Tone, count};
use crate::runtime::block_on;
use crate::view::moment;

/// List the invites that were seen, how they ended, and who came through them
///
/// From the ledger, so with those that no longer exist; `guestlist invite list` asks Discord.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  guestlist invites --active
  guestlist invites --inviter 80351110224678912 --since 30d
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

#[derive(Serialize)]
struct View<'a> {
    guild_id: String,
    guild: Option<&'a str>,
    code: String,
    channel_id: Option<String>,
    inviter_id: Option<String>,
    inviter: Option<&'a str>,
    created_at: Option<String>,
    expires_at: Option<String>,
    max_uses: Option<u64>,
    uses: Option<u64>,
    temporary: Option<bool>,
    state: &'static str,
    ended_at: Option<String>,
    ended_by: Option<String>,
    joins: u64,
    confirmed: u64,
    deduced: u64,
    ambiguous: u64,
    left: u64,
    here: u64,
    last_join: Option<String>,
}

impl<'a> View<'a> {
    fn new(row: &'a InviteRow) -> Self {
        let invite = &row.invite;
        Self {
            guild_id: invite.guild.to_string(),
            guild: row.guild_name.as_deref(),
            code: invite.code.to_string(),
            channel_id: invite.channel.map(|id| id.to_string()),
            inviter_id: invite.inviter.map(|id| id.to_string()),
            inviter: invite.inviter_name.as_deref(),
            created_at: invite.created_at.map(|at| at.to_string()),
            expires_at: invite.expires_at.map(|at| at.to_string()),
            max_uses: invite.max_uses,
            uses: invite.uses,
            temporary: invite.temporary,
            state: invite.state.label(),
            ended_at: invite.ended_at.map(|at| at.to_string()),
            ended_by: invite.ended_by.map(|id| id.to_string()),
            joins: row.joins(),
            confirmed: row.confirmed,
            deduced: row.deduced,
            ambiguous: row.ambiguous,
            left: row.left,
            here: row.here,
            last_join: row.last_join.map(|at| at.to_string()),
        }
    }

    /// "3/10", "3", or a dash where the count is not known.
    fn uses_label(&self) -> String {
        let uses = self
            .uses
            .map_or_else(|| "–".to_owned(), |uses| uses.to_string());
        match self.max_uses {
            Some(max) if max > 0 => format!("{uses}/{max}"),
            _ => uses,
        }
    }
}

/// Prints the invites.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, CliError> {
    let now = now();
    let mut filter = InviteFilter::new();
    filter.guild = args.filter.guild;
    filter.inviter = args.filter.inviter;
    filter.code = args.filter.code()?;
    filter.since = args.filter.since.map(|when| when.resolve(now));
    filter.until = args.filter.until.map(|when| when.resolve(now));
    filter.limit = args.filter.limit;
    filter.active = match (args.active, args.ended) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    };
    let rows = block_on(async {
        let ledger = args.db.open_read_only().await?;
        Ok(ledger.invites(&filter).await?)
    })?;
    match args.format.format() {
        Format::Json => rows.iter().try_for_each(|row| out.json(&View::new(row))),
        Format::Csv => csv(&rows, out),
        Format::Table => table(&rows, out),
    }?;
    Ok(Exit::Ok)
}

fn table(rows: &[InviteRow], out: &mut Out) -> Result<(), CliError> {
    if rows.is_empty() {
        return out.line("no invites match");
    }
    let mut table = Table::new([
        "code",
        "server",
        "inviter",
        "created (UTC)",
        "uses",
        "state",
        "joins",
        "still here",
        "last join (UTC)",
    ]);
    for row in rows {
        let view = View::new(row);
        let tone = if view.state == "active" {
            Tone::Good
        } else {
            Tone::Dim
        };
        table.row([
            Cell::new(&view.code),
            Cell::new(view.guild.unwrap_or(&view.guild_id)),
            Cell::maybe(view.inviter.or(view.inviter_id.as_deref())),
            Cell::maybe(row.invite.created_at.map(moment)),
            Cell::new(view.uses_label()).right(),
            Cell::new(view.state).tone(tone),
            Cell::number(view.joins),
            Cell::number(view.here),
            Cell::maybe(row.last_join.map(moment)),
        ]);
    }
    out.table(&table)?;
    out.line(format!("\n{}", count(rows.len() as u64, "invite")))
}

fn csv(rows: &[InviteRow], out: &mut Out) -> Result<(), CliError> {
    let mut csv = CsvOut::new(
        out,
        &[
            "guild_id",
            "guild",
            "code",
            "channel_id",
            "inviter_id",
            "inviter",
            "created_at",
            "expires_at",
            "max_uses",
            "uses",
            "state",
            "ended_at",
            "ended_by",
            "joins",
            "confirmed",
            "deduced",
            "ambiguous",
            "left",
            "here",
            "last_join",
        ],
    )?;
    let number = |number: Option<u64>| number.map(|it| it.to_string()).unwrap_or_default();
    for row in rows {
        let view = View::new(row);
        csv.row(&[
            view.guild_id,
            view.guild.unwrap_or_default().to_owned(),
            view.code,
            view.channel_id.unwrap_or_default(),
            view.inviter_id.unwrap_or_default(),
            view.inviter.unwrap_or_default().to_owned(),
            view.created_at.unwrap_or_default(),
            view.expires_at.unwrap_or_default(),
            number(view.max_uses),
            number(view.uses),
            view.state.to_owned(),
            view.ended_at.unwrap_or_default(),
            view.ended_by.unwrap_or_default(),
            view.joins.to_string(),
            view.confirmed.to_string(),
            view.deduced.to_string(),
            view.ambiguous.to_string(),
            view.left.to_string(),
            view.here.to_string(),
            view.last_join.unwrap_or_default(),
        ])?;
    }
    Ok(())
}
