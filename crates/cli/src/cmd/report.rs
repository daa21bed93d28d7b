//! `guestlist report`: what a span of time brought a server.

use guestlist::Timestamp;
use guestlist::ledger::{Reports, SqliteLedger};
use guestlist::model::GuildId;
use guestlist_report::{Report, Wanted, html, markdown};

use crate::args::{DbArgs, When, now, span};
use crate::error::{CliError, Exit};
use crate::output::{Cell, Out, Table, clean};
use crate::runtime::block_on;
use guestlist_view::moment;

/// Report on a server over a time span, compared with the previous one
///
/// Shows how many members joined and left, by origin, invite, label and inviter; how many stayed
/// for 1, 7 and 30 days; unusual numbers of joins; and gaps in the observation. The previous time
/// span has the same length.
///
/// Reads the ledger that `guestlist track` writes, even while it runs.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  guestlist report
  guestlist report --since 7d
  guestlist report --since 2026-03-01 --until 2026-04-01 --format html > march.html
  guestlist report --guild 613425648685547541 --format markdown
  guestlist report --format json | jq '.labels'")]
pub(crate) struct Args {
    #[command(flatten)]
    db: DbArgs,
    /// The server; required if the ledger has several
    #[arg(long, value_name = "ID")]
    guild: Option<GuildId>,
    /// The start: 7d, 2026-03-01, '2026-03-01 18:30' (UTC); defaults to 30 days before --until
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true)]
    since: Option<When>,
    /// The end; defaults to now
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true)]
    until: Option<When>,
    /// Show at most this many rows in each list
    #[arg(long, value_name = "N", default_value = "10", value_parser = clap::value_parser!(u16).range(1..))]
    top: u16,
    /// terminal, markdown, html (one self-contained file) or json
    #[arg(
        long,
        value_enum,
        value_name = "FORMAT",
        default_value = "terminal",
        hide_possible_values = true
    )]
    format: Format,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Terminal,
    Markdown,
    Html,
    Json,
}

/// Thirty days, in microseconds.
const MONTH: i64 = 30 * 86_400_000_000;

/// Prints the report.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, CliError> {
    let now = now();
    let (since, until) = span(args.since, args.until, now)?;
    let until = until.unwrap_or(now);
    let month = Timestamp::from_micros(until.as_micros().saturating_sub(MONTH));
    let since = since.unwrap_or(month);
    let (_, _) = span(Some(When::At(since)), Some(When::At(until)), now)?;
    let report = block_on(async {
        let ledger = args.db.open_read_only().await?;
        let guild = guild(&ledger, args.guild).await?;
        let wanted = Wanted::new(guild, now)
            .span(since, until)
            .top(args.top.into());
        Ok(Report::read(&ledger, &wanted).await?)
    })?;
    let format = if args.json { Format::Json } else { args.format };
    match format {
        Format::Terminal => terminal(&report, out)?,
        Format::Markdown => out.raw(markdown(&report).as_bytes())?,
        Format::Html => out.raw(html(&report).as_bytes())?,
        Format::Json => out.json(&report)?,
    }
    Ok(Exit::Ok)
}

/// The server: the one that is named, or the only one that there is.
pub(super) async fn guild(
    ledger: &SqliteLedger,
    named: Option<GuildId>,
) -> Result<GuildId, CliError> {
    if let Some(named) = named {
        return Ok(named);
    }
    let guilds = ledger.guild_names().await?;
    match &guilds[..] {
        [(only, _)] => Ok(*only),
        [] => Err(CliError::Usage {
            message: "the ledger has no server yet".into(),
            help: "start `guestlist track` first; it fills the ledger".into(),
        }),
        several => {
            let named = several.iter().take(5).map(|(id, name)| match name {
                Some(name) => format!("{id} ({})", clean(name)),
                None => id.to_string(),
            });
            let named: Vec<String> = named.collect();
            let more = if several.len() > 5 { ", …" } else { "" };
            Err(CliError::Usage {
                message: format!("the ledger has {} servers", several.len()),
                help: format!("pass one of them to --guild: {}{more}", named.join(", ")),
            })
        }
    }
}

fn terminal(report: &Report, out: &mut Out) -> Result<(), CliError> {
    out.line(format!(
        "{}: {} to {} (UTC)",
        clean(&report.server()),
        moment(report.since),
        moment(report.until)
    ))?;
    out.line(format!(
        "compared with the previous time span, from {}",
        moment(report.before_since)
    ))?;
    for of in report.tables() {
        out.line(format!("\n{}\n", of.title))?;
        let mut table = Table::new(of.header);
        for row in of.rows {
            table.row(row.into_iter().enumerate().map(|(at, text)| {
                let cell = Cell::new(text);
                if at < of.texts { cell } else { cell.right() }
            }));
        }
        out.table(&table)?;
        if let Some(note) = of.note {
            out.line(format!("\n{note}"))?;
        }
    }
    Ok(())
}
