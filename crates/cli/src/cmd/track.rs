//! `guestlist track`: attribute joins, for as long as it runs.

use std::path::PathBuf;
use std::sync::Arc;

use guestlist::client::{Client, GatewayConfig};
use guestlist::ledger::{JoinFilter, JoinRow, Reports, SqliteLedger};
use guestlist::service::{Discord, News, Report, Service, Status, Subscription};
use guestlist::tracker::{JoinKey, Record};
use serde::Serialize;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::args::ApiArgs;
use crate::error::{CliError, Exit};
use crate::logs::{self, LogFormat};
use crate::output::{Out, clean};
use crate::runtime::{block_on_threads, cancelled_by_signals};
use crate::view::{JoinView, moment};

/// Watch your servers and write down who came in through which invite
///
/// Connects to Discord's gateway with the bot's token, follows every join, and keeps a ledger in
/// an SQLite database: ask it with `guestlist joins`, `inviters` and `invites`, also while this
/// runs. Prints a line for each answer; a better answer for the same join gets a line of its own.
///
/// Ctrl-C or SIGTERM finishes what is under way and ends with exit code 0; a second one ends at
/// once. After a restart, and even after a power cut, it goes on where the database stands:
/// nothing is lost and nothing counted twice.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Check first that everything is there: guestlist doctor

Examples:
  DISCORD_TOKEN=… guestlist track --db guestlist.db
  guestlist track --token-file /run/secrets/token --log-format json
  guestlist track --api http://127.0.0.1:8080 --db try.db      (a `guestlist sandbox`)")]
pub(crate) struct Args {
    /// The SQLite database; it is created if it is not there
    #[arg(
        long,
        value_name = "PATH",
        env = "GUESTLIST_DB",
        hide_env_values = true,
        default_value = "guestlist.db"
    )]
    db: PathBuf,
    /// What answers and log lines look like: text or json
    #[arg(
        long,
        value_enum,
        value_name = "FORMAT",
        default_value = "text",
        hide_possible_values = true,
        help_heading = "Output"
    )]
    log_format: LogFormat,
    /// Short for --log-format json
    #[arg(long, help_heading = "Output")]
    json: bool,
    /// What is logged to standard error: error, warn, info, debug or trace
    #[arg(
        long,
        value_name = "FILTER",
        env = "GUESTLIST_LOG",
        hide_env_values = true,
        default_value = "info",
        help_heading = "Output"
    )]
    log: String,
    #[command(flatten)]
    api: ApiArgs,
}

/// Tracks.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, CliError> {
    let format = if args.json {
        LogFormat::Json
    } else {
        args.log_format
    };
    logs::start(&args.log, format, out.choice())?;
    block_on_threads(async {
        let stop = cancelled_by_signals()?;
        let token = args.api.token()?;
        let client = Client::builder(token.clone())
            .api(args.api.base()?)
            .build()?;
        let ledger = Arc::new(SqliteLedger::open(&args.db).await?);
        let gateway = Discord::new(client.clone(), GatewayConfig::new(token));
        let service = Service::builder(client, gateway, Arc::clone(&ledger)).build();
        let followed = follow(service, &ledger, stop, format, out).await;
        // So that the file is all there is to copy.
        ledger.close().await;
        finish(&followed?, format, out)?;
        Ok(Exit::Ok)
    })
}

/// Runs the service and prints what it finds, until it ends.
async fn follow(
    service: Service<Client, Discord, Arc<SqliteLedger>>,
    ledger: &SqliteLedger,
    stop: CancellationToken,
    format: LogFormat,
    out: &mut Out,
) -> Result<Report, CliError> {
    let mut news = service.subscribe();
    let status = service.status();
    let running = tokio::spawn(service.run(stop.clone()));
    let printed = print(&mut news, status, ledger, format, out).await;
    // Without a reader there is nobody to track for.
    stop.cancel();
    let report = running
        .await
        .map_err(|error| CliError::Internal(format!("the service stopped: {error}")))??;
    printed.map(|()| report)
}

/// Prints every answer, until the service has ended.
async fn print(
    news: &mut Subscription,
    mut status: watch::Receiver<Status>,
    ledger: &SqliteLedger,
    format: LogFormat,
    out: &mut Out,
) -> Result<(), CliError> {
    let mut watching = false;
    loop {
        let next = tokio::select! {
            biased;
            next = news.next() => next,
            status = status.wait_for(is_watching), if !watching => {
                watching = true;
                if let Ok(status) = status {
                    ready(&status, format, out)?;
                }
                continue;
            }
        };
        match next {
            None => return Ok(()),
            Some(News::Record(record)) => {
                if let Record::Attribution(attribution) = &*record
                    && let Some(row) = row(ledger, &attribution.key).await?
                {
                    line(&row, format, out)?;
                }
            }
            Some(News::Missed(records)) => {
                tracing::warn!(records, "not all is printed; it is in the database");
            }
            Some(_) => {}
        }
    }
}

/// Whether all shards are connected and the invites of the servers were
/// counted: from now on, joins can be told.
fn is_watching(status: &Status) -> bool {
    status.connected() > 0
        && status.connected() == status.shards.len()
        && status.guilds > 0
        && status.requests == 0
}

fn ready(status: &Status, format: LogFormat, out: &mut Out) -> Result<(), CliError> {
    let (shards, guilds) = (status.connected(), status.guilds);
    tracing::info!(shards, guilds, "connected; watching");
    if format == LogFormat::Json {
        out.json(&serde_json::json!({"event": "ready", "shards": shards, "guilds": guilds}))?;
        out.flush()?;
    }
    Ok(())
}

/// The join as the ledger has it, with all names.
async fn row(ledger: &SqliteLedger, key: &JoinKey) -> Result<Option<JoinRow>, CliError> {
    let filter = JoinFilter::new().guild(key.guild).user(key.user);
    let rows = ledger.joins(&filter).await?;
    Ok(rows.into_iter().find(|row| row.join.key == *key))
}

#[derive(Serialize)]
struct Line<'a> {
    event: &'static str,
    #[serde(flatten)]
    join: JoinView<'a>,
}

fn line(row: &JoinRow, format: LogFormat, out: &mut Out) -> Result<(), CliError> {
    let view = JoinView::new(row);
    match format {
        LogFormat::Json => out.json(&Line {
            event: "attribution",
            join: view,
        })?,
        LogFormat::Text => {
            let it = &view.attribution;
            let mut text = format!(
                "{}  {}: {}",
                moment(row.join.key.joined_at),
                clean(view.guild_label()),
                clean(&view.member_label())
            );
            if let Some(way) = it.way() {
                text.push_str(&format!(" came by {}", clean(&way)));
            }
            if let Some(inviter) = it.inviter_label() {
                text.push_str(&format!(", invited by {}", clean(inviter)));
            }
            let certainty = it.tone().paint(&it.certainty_label(), out.color());
            out.line(format!("{text} – {certainty}"))?;
        }
    }
    out.flush()
}

fn finish(report: &Report, format: LogFormat, out: &mut Out) -> Result<(), CliError> {
    tracing::info!(
        events = report.events,
        records = report.records,
        requests = report.stats.requests(),
        pending = report.pending,
        "stopped; everything is in the database"
    );
    if format == LogFormat::Json {
        out.json(&serde_json::json!({
            "event": "stopped",
            "joins": report.stats.joins,
            "confirmed": report.stats.confirmed,
            "deduced": report.stats.deduced,
            "ambiguous": report.stats.ambiguous,
            "unknown": report.stats.unknown,
            "pending": report.pending,
            "requests": report.stats.requests(),
        }))?;
    }
    Ok(())
}
