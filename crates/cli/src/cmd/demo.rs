//! `guestlist demo`: everything at once, on this machine, with the truth
//! beside each answer.

mod columns;
mod score;
mod screen;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use guestlist::client::{ApiBase, Client, GatewayConfig, Token};
use guestlist::ledger::{Change, ChangeFilter, ChangeKind, Partition, Resume, SqliteLedger};
use guestlist::model::{Id, Timestamp, UserId};
use guestlist::service::{Discord, Service, Status, Subscription};
use guestlist::tracker::{Config, JoinKey, Origin};
use guestlist_sandbox::world::scenario::ScenarioOptions;
use guestlist_sandbox::world::{TrueJoin, Via};
use guestlist_sandbox::{Options, Running, Sandbox, WorldHandle};
use guestlist_view::{Answer, Detail, Fields, answer_fields};
use guestlist_web::Dashboard;
use serde::Serialize;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;

use self::score::{Scores, Truth, Verdict};
use self::screen::Screen;
use super::web::{self, Beside};
use crate::error::{CliError, ConfigError, Exit};
use crate::output::{Out, Paint, Tone, clean, count};
use crate::runtime::{block_on_threads, cancelled_by_signals};

/// Simulate a Discord on this machine and watch joins being attributed
///
/// Starts a sandbox and connects the tracker to it as it would connect to Discord: REST, gateway
/// and database are real. Members join in many ways: alone and in bursts, through one-use and
/// expiring invites, vanity links, discovery and bots. The sandbox knows the truth, so the output
/// shows whether each answer is correct. Requires no account, no token and no internet.
///
/// Prints the address of a dashboard first. Open it in a browser to watch the joins.
///
/// Exit code 1 means that an answer was wrong.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  guestlist demo                                     watch until Ctrl-C
  guestlist demo --joins 500 --seed 7 --exit --json  for a script
  guestlist demo --exit --db demo.db && guestlist inviters --db demo.db

With --json, each line is one object. The first one has the dashboard's address, and the last
one is the summary:
  {\"event\":\"ready\",\"web\":\"http://127.0.0.1:…\"}
  {\"event\":\"summary\",\"joins\":500,\"confirmed\":…,\"deduced\":…,\"ambiguous\":…,\"unknown\":…,
   \"wrong\":0,\"requests\":…,\"elapsed_ms\":…}")]
pub(crate) struct Args {
    /// The number of members who join; without --exit, more follow
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    joins: u32,
    /// The seed of the random numbers
    #[arg(long, value_name = "SEED", default_value_t = 7)]
    seed: u64,
    /// Exit when all joins are attributed
    #[arg(long)]
    exit: bool,
    /// Print one JSON object per line
    #[arg(long)]
    json: bool,
    /// The number of servers
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    guilds: u32,
    /// The average number of joins per second; the default depends on --joins
    #[arg(long, value_name = "RATE", value_parser = rate)]
    per_second: Option<f64>,
    /// Keep the ledger in this new file instead of deleting it
    #[arg(long, value_name = "PATH")]
    db: Option<PathBuf>,
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if (0.01..=1000.0).contains(&rate) => Ok(rate),
        _ => Err("must be a number from 0.01 to 1000".to_owned()),
    }
}

/// How long the last answers may take once everybody has joined.
const SETTLE: Duration = Duration::from_secs(25);

impl Args {
    /// A script wants to be done, a person wants to be able to follow.
    fn pace(&self) -> f64 {
        match (self.per_second, self.exit) {
            (Some(rate), _) => rate,
            (None, true) => (f64::from(self.joins) / 24.0).clamp(3.0, 40.0),
            (None, false) => 2.5,
        }
    }
}

/// As `guestlist track`, except that the sandbox's search index is faster than
/// Discord's, so it is asked sooner.
fn config() -> Config {
    let mut config = Config::default();
    config.search_delay = config.search_delay.min(Duration::from_millis(400));
    config.confirm_gather = config.confirm_gather.min(Duration::from_millis(400));
    config.rejoin_lag = config.rejoin_lag.min(Duration::from_millis(400));
    config
}

/// Runs the demo.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, CliError> {
    block_on_threads(async {
        let started = Instant::now();
        let stop = cancelled_by_signals()?;
        let sandbox =
            Sandbox::start(Options::seeded(args.seed).guilds(args.guilds as usize)).await?;
        let dir = tempfile::tempdir().map_err(ConfigError::Scratch)?;
        let path = args
            .db
            .clone()
            .unwrap_or_else(|| dir.path().join("demo.db"));
        let ledger = Arc::new(SqliteLedger::open(&path).await?);
        only_new(&ledger).await?;
        let (service, client) = service(&sandbox, Arc::clone(&ledger))?;
        let kinds = ChangeFilter::new()
            .kind(ChangeKind::Join)
            .kind(ChangeKind::Attribution);
        let mut news = service.subscribe(kinds).await?;
        let status = service.status();
        let dashboard = Dashboard::new(Arc::clone(&ledger) as _)
            .status(status.clone())
            .labels(Arc::clone(&ledger) as _)
            .client(client)
            .database(&path)
            .bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
            .await?;
        if args.json {
            out.json(&serde_json::json!({"event": "ready", "web": dashboard.url()}))?;
        } else {
            web::announce(&dashboard, out)?;
        }
        out.flush()?;
        let dashboard = Beside::serve(dashboard);
        let end = CancellationToken::new();
        let running = tokio::spawn(service.run(end.clone()));

        let mut demo = Demo::new(args, sandbox.world(), status);
        let watched = demo.watch(&mut news, &stop, out).await;
        end.cancel();
        let ended = running
            .await
            .map_err(|error| CliError::Internal(format!("the service stopped: {error}")))?;
        // What was stated while stopping counts as well.
        let watched = match watched {
            Ok(()) => demo.drain(&mut news, out).await,
            failed => failed,
        };
        let served = dashboard.stop().await;
        // So that the file is all there is to copy.
        ledger.close().await;
        ended?;
        watched?;
        served?;
        let requests = sandbox.world().request_count();
        let wrong = demo.finish(requests, started.elapsed(), out)?;
        out.flush()?;
        sandbox.shutdown().await;
        Ok(if wrong > 0 { Exit::Negative } else { Exit::Ok })
    })
}

/// Refuses a ledger that was used before: simulated joins would be mixed into others.
async fn only_new(ledger: &SqliteLedger) -> Result<(), CliError> {
    let point = ledger.resume_point(Partition::ALL).await?;
    if point.guild_states.is_empty() && point.positions.is_empty() {
        return Ok(());
    }
    Err(CliError::Usage {
        message: format!("{} already contains data", ledger.path()),
        help: "choose a new file for the demo: guestlist demo --db demo.db".into(),
    })
}

/// A service that tracks the sandbox.
type Tracking = Service<Client, Discord, Arc<SqliteLedger>>;

fn service(sandbox: &Running, ledger: Arc<SqliteLedger>) -> Result<(Tracking, Client), CliError> {
    let internal = |error: &dyn std::fmt::Display| {
        CliError::Internal(format!("cannot use the sandbox: {error}"))
    };
    let token = Token::new(sandbox.token()).map_err(|error| internal(&error))?;
    let base: ApiBase = sandbox
        .api_url()
        .parse()
        .map_err(|error| internal(&error))?;
    let client = Client::builder(token.clone()).api(base).build()?;
    let gateway = Discord::new(client.clone(), GatewayConfig::new(token));
    let service = Service::builder(client.clone(), gateway, ledger)
        .config(config())
        .build();
    Ok((service, client))
}

/// What goes on.
struct Demo<'a> {
    args: &'a Args,
    world: WorldHandle,
    status: watch::Receiver<Status>,
    scores: Scores,
    screen: Screen,
    live: bool,
}

#[derive(Serialize)]
struct Line<'a> {
    event: &'static str,
    joined_at: String,
    guild_id: String,
    user_id: String,
    name: Option<&'a str>,
    bot: bool,
    #[serde(flatten)]
    answer: guestlist_view::Record<'a, Answer<'a>>,
    truth: Option<TruthLine<'a>>,
    agrees: Option<bool>,
}

#[derive(Serialize)]
struct TruthLine<'a> {
    #[serde(flatten)]
    truth: &'a Truth,
    inviter_id: Option<String>,
}

#[derive(Serialize)]
struct Summary {
    event: &'static str,
    joins: u64,
    confirmed: u64,
    deduced: u64,
    ambiguous: u64,
    unknown: u64,
    /// Still without an answer when it was stopped.
    #[serde(skip_serializing_if = "is_zero")]
    open: u64,
    wrong: u64,
    requests: u64,
    elapsed_ms: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
const fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl<'a> Demo<'a> {
    fn new(args: &'a Args, world: WorldHandle, status: watch::Receiver<Status>) -> Self {
        Self {
            args,
            world,
            status,
            scores: Scores::default(),
            screen: Screen::default(),
            live: false,
        }
    }

    /// Lets members join and shows what is found out, until all is said or
    /// somebody has seen enough.
    async fn watch(
        &mut self,
        news: &mut Subscription<Arc<SqliteLedger>>,
        stop: &CancellationToken,
        out: &mut Out,
    ) -> Result<(), CliError> {
        self.live = out.is_terminal() && !self.args.json;
        self.wait_for_baseline(stop).await;
        let options = ScenarioOptions::new(self.args.joins as usize)
            .seed(self.args.seed)
            .per_second(self.args.pace());
        self.world.start_scenario(options);
        let mut tick = interval(Duration::from_millis(100));
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut all_joined: Option<Instant> = None;
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return Ok(()),
                next = news.next() => match next? {
                    Some(next) => self.take(next, out)?,
                    // The service has ended; its own result says why.
                    None => return Ok(()),
                },
                _ = tick.tick() => {
                    self.learn();
                    if self.live {
                        self.screen.draw(&self.scores, Some(self.args.joins.into()), out)?;
                    }
                    let finished = self.world.scenario_progress().is_none_or(|it| it.finished);
                    if finished && !self.args.exit {
                        self.go_on();
                    } else if finished {
                        let since = *all_joined.get_or_insert_with(Instant::now);
                        if self.is_settled() || since.elapsed() > SETTLE {
                            return Ok(());
                        }
                    }
                }
            }
        }
    }

    /// Takes in what was stored while the service ended.
    async fn drain(
        &mut self,
        news: &mut Subscription<Arc<SqliteLedger>>,
        out: &mut Out,
    ) -> Result<(), CliError> {
        while let Some(next) = news.next().await? {
            self.take(next, out)?;
        }
        self.learn();
        if self.live {
            self.screen
                .draw(&self.scores, Some(self.args.joins.into()), out)?;
        }
        Ok(())
    }

    /// Nobody joins before the invites were counted, so that the first join
    /// can be told as well as the last.
    async fn wait_for_baseline(&mut self, stop: &CancellationToken) {
        let guilds = self.args.guilds as usize;
        let ready = |status: &Status| {
            status.guilds >= guilds
                && status.stats.list_requests >= guilds as u64
                && status.requests == 0
                && status.uncommitted == 0
        };
        tokio::select! {
            _ = self.status.wait_for(ready) => {}
            () = stop.cancelled() => {}
            () = sleep(Duration::from_secs(10)) => {}
        }
    }

    /// More members, for whoever watches.
    fn go_on(&self) {
        let seed = self.args.seed.wrapping_add(self.scores.known() as u64);
        let more = ScenarioOptions::new(1_000_000)
            .seed(seed)
            .per_second(self.args.pace());
        self.world.start_scenario(more);
    }

    fn take(&mut self, change: Change, out: &mut Out) -> Result<(), CliError> {
        let Some(key) = self.scores.take(change.news) else {
            return Ok(());
        };
        self.learn();
        self.screen.saw(key);
        if self.args.json {
            self.json(&key, out)?;
        } else if !self.live {
            self.screen.print(&key, &self.scores, out)?;
        }
        Ok(())
    }

    fn json(&self, key: &JoinKey, out: &mut Out) -> Result<(), CliError> {
        let Some(seen) = self.scores.get(key) else {
            return Ok(());
        };
        let Some(latest) = &seen.latest else {
            return Ok(());
        };
        let inviter = latest.certainty.origin().and_then(Origin::inviter);
        let name = inviter.and_then(|id| self.scores.name(id));
        let answer = Answer::new(Some(latest), name);
        let fields = Fields::from(answer_fields(Detail::Answer));
        out.json(&Line {
            event: "attribution",
            joined_at: key.joined_at.to_string(),
            guild_id: key.guild.to_string(),
            user_id: key.user.to_string(),
            name: seen.name.as_deref(),
            bot: seen.bot,
            answer: fields.record(&answer),
            truth: self.scores.truth(key).map(|truth| TruthLine {
                truth,
                inviter_id: truth.inviter.map(|id| id.to_string()),
            }),
            agrees: match self.scores.verdict(key) {
                Verdict::Agrees => Some(true),
                Verdict::Differs => Some(false),
                Verdict::Incomplete | Verdict::Open => None,
            },
        })?;
        out.flush()
    }

    /// Asks the sandbox what really happened.
    fn learn(&mut self) {
        let known = self.scores.known();
        let news = self.world.read(|world| {
            let joins = world.true_joins().get(known..).unwrap_or_default();
            joins.iter().filter_map(truth).collect::<Vec<_>>()
        });
        self.scores.learn(news);
    }

    /// Whether nothing more will be said.
    fn is_settled(&self) -> bool {
        let status = self.status.borrow();
        status.pending == 0
            && status.requests == 0
            && status.uncommitted == 0
            && self.scores.counts().waiting == 0
    }

    /// Prints the summary; how many answers were wrong.
    fn finish(&self, requests: u64, elapsed: Duration, out: &mut Out) -> Result<u64, CliError> {
        let counts = self.scores.counts();
        let elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        if self.args.json {
            out.json(&Summary {
                event: "summary",
                joins: counts.joins,
                confirmed: counts.confirmed,
                deduced: counts.deduced,
                ambiguous: counts.ambiguous,
                unknown: counts.unknown - counts.waiting,
                open: counts.waiting,
                wrong: counts.wrong,
                requests,
                elapsed_ms,
            })?;
            return Ok(counts.wrong);
        }
        let color = out.color();
        out.line("")?;
        out.line(format!(
            "{} in {:.1} s, with {} to the simulated Discord",
            count(counts.joins, "join"),
            elapsed.as_secs_f64(),
            count(requests, "request"),
        ))?;
        out.line(format!(
            "  {} confirmed by Discord, {} deduced, {} ambiguous, {} unknown",
            counts.confirmed,
            counts.deduced,
            counts.ambiguous,
            counts.unknown - counts.waiting
        ))?;
        if counts.waiting > 0 {
            out.line(format!(
                "  {} without an answer when it was stopped",
                counts.waiting
            ))?;
        }
        out.line(match counts.wrong {
            0 => Tone::Good.paint("  no stated answer is wrong", color),
            wrong => Tone::Bad.paint(&format!("  {} wrong", count(wrong, "answer")), color),
        })?;
        if let Some(path) = &self.args.db {
            out.line(format!(
                "  the ledger is {0}: guestlist joins --db {0}",
                clean(&path.display().to_string())
            ))?;
        }
        Ok(counts.wrong)
    }
}

/// A join of the sandbox in the tracker's words.
fn truth(join: &TrueJoin) -> Option<(JoinKey, Truth)> {
    let user: UserId = Id::new_checked(join.user_id)?;
    let key = JoinKey::new(
        Id::new_checked(join.guild_id)?,
        user,
        Timestamp::from_micros(join.joined_at),
    );
    // Discord gives a person whom a bot added and a bot the same source.
    let via = match join.via {
        Via::GuildsJoin => Via::Bot.name(),
        other => other.name(),
    };
    Some((
        key,
        Truth {
            via: via.to_owned(),
            code: join.code.clone(),
            inviter: join.inviter_id.and_then(Id::new_checked),
        },
    ))
}
