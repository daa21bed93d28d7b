//! `guestlist track`: attribute joins, for as long as it runs.

mod keep;
mod settings;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use guestlist::client::{Cause, Client, GatewayConfig, GatewayUrl, Repeated};
use guestlist::ledger::{Change, ChangeFilter, ChangeKind, JoinRow, News, SqliteLedger};
use guestlist::service::{Affected, Discord, Report, Service, Status, Subscription};
use guestlist_view::{Answered, Fields, guild_label, member_label, moment};
use guestlist_web::Dashboard;
use serde::Serialize;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::web::Beside;
use crate::args::{ApiArgs, WebArgs};
use crate::error::{CliError, Exit};
use crate::logs::{self, LogFormat};
use crate::output::{Out, Paint, clean};
use crate::runtime::{block_on_threads, cancelled_by_signals};

/// Watch your servers and record which invite each new member used
///
/// Connects to Discord's gateway with the bot's token, follows every join, and keeps a ledger in
/// an SQLite database. Read it with `guestlist joins`, `inviters` and `invites`, even while this
/// runs. Prints a line for each answer, and another line if a better answer is found later.
///
/// A first estimate, marked as provisional, is printed right after a join, and the answer a few
/// seconds later. `--provisional off` disables the estimates.
///
/// After Ctrl-C or SIGTERM, the program finishes the requests in progress and exits with code 0;
/// after a second one, it exits immediately. After a restart, even after a power failure, tracking continues from the
/// database: nothing is lost and nothing is counted twice.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Run `guestlist doctor` first to check that the bot has what it needs.

Examples:
  DISCORD_TOKEN=… guestlist track --db guestlist.db
  guestlist track --token-file /run/secrets/token --log-format json
  guestlist track --web                                        (with a dashboard)
  guestlist track --print-config > track.toml && guestlist track --config track.toml
  guestlist track --api http://127.0.0.1:8080 --db try.db      (a `guestlist sandbox`)

Options override environment variables and the file passed to --config.")]
pub(crate) struct Args {
    /// The SQLite database; it is created if it does not exist
    #[arg(
        long,
        value_name = "PATH",
        env = "GUESTLIST_DB",
        hide_env_values = true,
        default_value = "guestlist.db"
    )]
    db: PathBuf,
    /// Forget people who have not been active for this long: a day or more, such as 365d
    ///
    /// People who have not joined, left or invited anyone for this long lose their name and id, as
    /// with `guestlist forget`; all counts stay the same. This is checked every hour. Without this
    /// option, nothing is forgotten automatically.
    #[arg(
        long,
        value_name = "TIME",
        env = "GUESTLIST_KEEP",
        hide_env_values = true,
        value_parser = keep::at_least_a_day
    )]
    keep: Option<Duration>,
    /// Serve a dashboard; without an address, on 127.0.0.1:8411
    #[arg(
        long,
        value_name = "ADDR",
        num_args = 0..=1,
        default_missing_value = DEFAULT_WEB,
        help_heading = "Dashboard"
    )]
    web: Option<SocketAddr>,
    /// The format of answers and log lines: text or json
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
    /// The log level on standard error: error, warn, info, debug or trace
    #[arg(
        long,
        value_name = "FILTER",
        env = "GUESTLIST_LOG",
        hide_env_values = true,
        default_value = "info",
        help_heading = "Output"
    )]
    log: String,
    /// Read the tracker's settings from this TOML file; the options below override it
    #[arg(
        long,
        value_name = "FILE",
        env = "GUESTLIST_CONFIG",
        hide_env_values = true,
        help_heading = "Tracking"
    )]
    config: Option<PathBuf>,
    /// Print all settings that would be used, in the format of --config, and exit
    #[arg(long, help_heading = "Tracking")]
    print_config: bool,
    #[command(flatten)]
    settings: settings::Given,
    /// The address of the gateway, such as wss://gateway.example.org
    ///
    /// By default, the API names it. The token is sent only to a gateway of the API's own domain,
    /// so this option is required if the gateway is elsewhere.
    #[arg(
        long,
        value_name = "URL",
        env = "GUESTLIST_GATEWAY",
        hide_env_values = true,
        help_heading = "Connection"
    )]
    gateway: Option<GatewayUrl>,
    /// How long Discord may take to respond, such as 20s
    ///
    /// Applies to each request and to each connection to the gateway.
    #[arg(
        long,
        value_name = "TIME",
        env = "GUESTLIST_TIMEOUT",
        hide_env_values = true,
        default_value = "20s",
        value_parser = response_time,
        help_heading = "Connection"
    )]
    timeout: Duration,
    #[command(flatten)]
    api: ApiArgs,
    #[command(flatten)]
    dashboard: WebArgs,
}

/// Reads how long a response may take.
fn response_time(text: &str) -> Result<Duration, String> {
    match guestlist_view::duration(text)? {
        length if length >= Duration::from_millis(100) => Ok(length),
        _ => Err("must be 100ms or more, such as 20s".to_owned()),
    }
}

/// Where `--web` alone listens.
const DEFAULT_WEB: &str = "127.0.0.1:8411";

/// Tracks.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, CliError> {
    let config = settings::config(args.config.as_deref(), &args.settings)?;
    if args.print_config {
        out.raw(settings::print(&config).as_bytes())?;
        return Ok(Exit::Ok);
    }
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
            .timeout(args.timeout)
            .build()?;
        let ledger = Arc::new(SqliteLedger::open(&args.db).await?);
        let mut gateway = GatewayConfig::new(token).timeout(args.timeout);
        if let Some(url) = &args.gateway {
            gateway = gateway.url(url.clone());
        }
        let gateway = Discord::new(client.clone(), gateway);
        let changes = client.clone();
        let service = Service::builder(client, gateway, Arc::clone(&ledger))
            .config(config)
            .build();
        let dashboard = match args.web {
            Some(address) => {
                let dashboard = Dashboard::new(Arc::clone(&ledger) as _)
                    .status(service.status())
                    .labels(Arc::clone(&ledger) as _)
                    .client(changes)
                    .database(&args.db);
                let base = args.api.base()?;
                let dashboard = args.dashboard.apply(dashboard, base)?.bind(address).await?;
                if let Some(redirect) = dashboard.redirect_url() {
                    tracing::info!(%redirect, "add this redirect in Discord's developer portal, OAuth2");
                }
                let url = dashboard.url();
                tracing::info!(%url, "the dashboard is served");
                if format == LogFormat::Json {
                    out.json(&serde_json::json!({"event": "web", "web": url}))?;
                    out.flush()?;
                }
                Some(Beside::serve(dashboard))
            }
            None => None,
        };
        let end = CancellationToken::new();
        let keeping = args.keep.map(|length| {
            let ledger = Arc::clone(&ledger) as _;
            tokio::spawn(keep::keep(ledger, length, end.clone()))
        });
        let followed = follow(service, stop, format, out).await;
        end.cancel();
        if let Some(keeping) = keeping {
            // It has nothing to tell.
            let _ = keeping.await;
        }
        if let Some(dashboard) = dashboard {
            dashboard.stop().await?;
        }
        // So that the file is all there is to copy.
        ledger.close().await;
        finish(&followed?, format, out)?;
        Ok(Exit::Ok)
    })
}

/// Runs the service and prints what it finds, until it ends.
async fn follow(
    service: Service<Client, Discord, Arc<SqliteLedger>>,
    stop: CancellationToken,
    format: LogFormat,
    out: &mut Out,
) -> Result<Report, CliError> {
    let kind = ChangeFilter::new().kind(ChangeKind::Attribution);
    let mut answers = service.subscribe(kind).await?;
    let status = service.status();
    let running = tokio::spawn(service.run(stop.clone()));
    let printed = print(&mut answers, status, format, out).await;
    // Without a reader there is nobody to track for.
    stop.cancel();
    let report = running
        .await
        .map_err(|error| CliError::Internal(format!("the service stopped: {error}")))??;
    printed.map(|()| report)
}

/// Prints every answer, until the service has ended.
async fn print(
    answers: &mut Subscription<Arc<SqliteLedger>>,
    mut status: watch::Receiver<Status>,
    format: LogFormat,
    out: &mut Out,
) -> Result<(), CliError> {
    let mut connection = Connection::default();
    let fields = Fields::new();
    loop {
        let next = tokio::select! {
            biased;
            next = answers.next() => next?,
            Ok(()) = status.changed() => {
                let now = status.borrow_and_update().clone();
                connection.follow(&now, format, out)?;
                continue;
            }
        };
        match next {
            None => return Ok(()),
            Some(Change {
                news: News::Attribution(row),
                ..
            }) => {
                line(&row, &fields, format, out)?;
            }
            Some(_) => {}
        }
    }
}

/// What was said of the connection.
#[derive(Default)]
struct Connection {
    watching: bool,
    /// What was wrong when the status was last looked at.
    troubles: Vec<(Affected, Cause)>,
    said: Repeated<(Affected, Cause)>,
}

impl Connection {
    /// Says what is news.
    fn follow(
        &mut self,
        status: &Status,
        format: LogFormat,
        out: &mut Out,
    ) -> Result<(), CliError> {
        if !self.watching && is_watching(status) {
            self.watching = true;
            ready(status, format, out)?;
        }
        let of_connection = |about: &Affected| !matches!(about, Affected::Requests { .. });
        let troubles = status.troubles.iter();
        let troubles = troubles.filter(|trouble| of_connection(&trouble.about));
        let now: Vec<_> = troubles
            .map(|trouble| (trouble.about.clone(), trouble.cause.clone()))
            .collect();
        // The log has them for people.
        if format == LogFormat::Json && now != self.troubles {
            for (about, cause) in &now {
                let is_news = !self.troubles.contains(&(about.clone(), cause.clone()));
                if is_news && self.said.note((about.clone(), cause.clone())).is_some() {
                    out.json(&serde_json::json!({
                        "event": "waiting",
                        "about": about.to_string(),
                        "kind": cause.kind,
                        "reason": cause.text,
                    }))?;
                }
            }
            out.flush()?;
        }
        self.troubles = now;
        Ok(())
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

#[derive(Serialize)]
struct Line<'a> {
    event: &'static str,
    #[serde(flatten)]
    join: guestlist_view::Record<'a, JoinRow>,
}

fn line(
    row: &JoinRow,
    fields: &Fields<JoinRow>,
    format: LogFormat,
    out: &mut Out,
) -> Result<(), CliError> {
    match format {
        LogFormat::Json => out.json(&Line {
            event: "attribution",
            join: fields.record(row),
        })?,
        LogFormat::Text => {
            let answer = row.answer();
            let mut text = format!(
                "{}  {}: {}",
                moment(row.join.joined_at),
                clean(&guild_label(row)),
                clean(&member_label(row))
            );
            if let Some(way) = answer.way() {
                let verb = match answer.guess() {
                    Some(_) => ":",
                    None => " joined through",
                };
                text.push_str(&format!("{verb} {}", clean(&way)));
            }
            if let Some(inviter) = answer.inviter_label() {
                text.push_str(&format!(", invited by {}", clean(&inviter)));
            }
            let certainty = answer.tone().paint(&answer.certainty_label(), out.color());
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
            "provisional": report.stats.provisional,
            "pending": report.pending,
            "requests": report.stats.requests(),
        }))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use guestlist::Timestamp;
    use guestlist::ledger::{Batch, ChangeFilter, ChangeKind, Cursor, Partition, Reports, Store};
    use guestlist::tracker::{Attribution, Certainty, InviteRecord, Join, JoinKey, Origin, Record};

    use super::*;

    #[test]
    fn the_dashboard_has_one_default_address() {
        assert_eq!(DEFAULT_WEB, Dashboard::DEFAULT_ADDRESS.to_string());
    }

    #[tokio::test]
    async fn each_answer_is_printed_as_it_was_stated() {
        let at = Timestamp::from_secs(1_700_000_000);
        let key = JoinKey::new("1".parse().unwrap(), "2".parse().unwrap(), at);
        let by = |code: &str, inviter: &str| Origin::Invite {
            code: code.parse().unwrap(),
            inviter: Some(inviter.parse().unwrap()),
            channel: None,
        };
        let invite = |code: &str, inviter: &str, name: &str| {
            let mut invite = InviteRecord::new(key.guild, code.parse().unwrap(), at);
            invite.inviter = Some(inviter.parse().unwrap());
            invite.inviter_name = Some(name.to_owned());
            Record::Invite(invite)
        };
        let deduced = Attribution::new(key, Certainty::Deduced(by("aaa", "7")), at);
        let confirmed =
            Attribution::new(key, Certainty::Confirmed(by("bbb", "8")), at).with_revision(1);
        let ledger = SqliteLedger::in_memory().await.unwrap();
        let claim = ledger.claim(Partition::ALL, "a test").await.unwrap();
        let batch = Batch::of([
            invite("aaa", "7", "ada"),
            invite("bbb", "8", "ben"),
            Record::Join(Join::new(key, at)),
            Record::Attribution(deduced),
            Record::Attribution(confirmed),
        ]);
        ledger.commit(claim, &batch).await.unwrap();
        let fields = Fields::new();
        let mut told = Vec::new();
        let answers = ChangeFilter::new().kind(ChangeKind::Attribution);
        let feed = ledger.changes(Cursor::START, &answers, 10).await.unwrap();
        for change in feed.entries {
            let News::Attribution(row) = change.news else {
                panic!("{change:?}");
            };
            let line = Line {
                event: "attribution",
                join: fields.record(&row),
            };
            let line = serde_json::to_value(&line).unwrap();
            told.push(["certainty", "code", "inviter"].map(|name| line[name].clone()));
        }
        assert_eq!(
            told,
            [
                ["deduced", "aaa", "ada"].map(serde_json::Value::from),
                ["confirmed", "bbb", "ben"].map(serde_json::Value::from),
            ]
        );
    }
}
