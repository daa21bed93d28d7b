//! `guestlist invites`: the invites that were seen, and what came of them.

use guestlist::ledger::{InviteFilter, InviteRow, Reports};
use guestlist::model::Timestamp;
use guestlist::tracker::InviteState;
use serde::Serialize;

use super::report::{self, Row};
use crate::args::{DbArgs, FormatArgs, LedgerArgs, now};
use crate::error::{CliError, Exit};
use crate::output::{Cell, Out, Tone};
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
    fn new(seen: &'a Seen) -> Self {
        let row = &seen.row;
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
            state: seen.state().label(),
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
    let mut filter = report::filter!(InviteFilter, &args.filter, now);
    filter.active = match (args.active, args.ended) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    };
    let rows = block_on(async {
        let ledger = args.db.open_read_only().await?;
        Ok(ledger.invites(&filter).await?)
    })?;
    let rows = rows.into_iter().map(|row| Seen { row, now }).collect();
    report::print::<Seen>(rows, &args.filter, &args.format, out)?;
    Ok(Exit::Ok)
}

/// An invite, looked at now.
struct Seen {
    row: InviteRow,
    now: Timestamp,
}

impl Seen {
    /// How it stands. Discord does not tell when an invite expires, so the
    /// ledger may not know yet.
    fn state(&self) -> InviteState {
        let invite = &self.row.invite;
        let over = invite.expires_at.is_some_and(|at| at <= self.now);
        match invite.state {
            InviteState::Active if over => InviteState::Expired,
            state => state,
        }
    }

    /// When it expires, or a dash where that is not known.
    fn expires(&self) -> Cell {
        let invite = &self.row.invite;
        match invite.expires_at {
            None if invite.max_age == Some(0) => Cell::new("never"),
            at => Cell::maybe(at.map(moment)),
        }
    }
}

impl Row for Seen {
    const NOUN: &'static str = "invite";
    const COLUMNS: &'static [&'static str] = &[
        "code",
        "server",
        "inviter",
        "created (UTC)",
        "expires (UTC)",
        "uses",
        "state",
        "joins",
        "still here",
        "last join (UTC)",
    ];
    const EXPENDABLE: &'static [&'static str] = &[
        "last join (UTC)",
        "created (UTC)",
        "server",
        "still here",
        "expires (UTC)",
        "inviter",
        "uses",
    ];
    const FIELDS: &'static [&'static str] = &[
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
    ];

    fn json(&self) -> impl Serialize {
        View::new(self)
    }

    fn cells(&self) -> Vec<Cell> {
        let view = View::new(self);
        let tone = match self.state() {
            InviteState::Active => Tone::Good,
            _ => Tone::Dim,
        };
        vec![
            Cell::new(&view.code).whole(),
            Cell::new(view.guild.unwrap_or(&view.guild_id)),
            Cell::maybe(view.inviter.or(view.inviter_id.as_deref())),
            Cell::maybe(self.row.invite.created_at.map(moment)).whole(),
            self.expires().whole(),
            Cell::new(view.uses_label()).right(),
            Cell::new(view.state).tone(tone),
            Cell::number(view.joins),
            Cell::number(view.here),
            Cell::maybe(self.row.last_join.map(moment)).whole(),
        ]
    }

    fn record(&self) -> Vec<String> {
        let number = |number: Option<u64>| number.map(|it| it.to_string()).unwrap_or_default();
        let view = View::new(self);
        vec![
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
        ]
    }
}
