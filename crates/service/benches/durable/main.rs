//! How many joins a second a service can store durably: frames of the gateway in, the tracker's
//! work, and its answers into a ledger in SQLite, on disk before they count.
//!
//! `cargo bench --profile release -p guestlist-service --bench durable` hands frames straight to
//! the service, from a Discord that is played in the same process; `-- --sandbox` connects to a
//! sandbox instead, over HTTP and a websocket. New joins come as fast as earlier ones are stored.
//! The time of each kind of thread is told, so that the costs of the played Discord or the
//! sandbox, which share the machine, can be seen. It exits with 1 if fewer than 5,000 joins a
//! second are on disk, or fewer than 5,000 final answers. `-- --help` shows the rest.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark may panic"
)]
#![expect(
    clippy::cast_precision_loss,
    reason = "counts and sizes are far below what a float can hold"
)]

mod played;
mod sandboxed;
mod stored;
mod threads;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use clap::Parser;
use guestlist_ledger::SqliteLedger;
use guestlist_service::{Connect, Report, Requester, Service, Status};
use serde_json::{Value, json};
use tokio::{
    runtime::{Builder, Handle, Runtime},
    sync::watch,
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

use self::{
    played::Played,
    sandboxed::Sandboxed,
    stored::{Counted, Mark, OnDisk},
};

/// How many joins a second must be on disk.
const MUST: f64 = 5_000.0;
/// How long everything may take.
const PATIENCE: Duration = Duration::from_secs(600);

/// How many joins a second does a service store durably?
#[derive(Debug, Parser)]
struct Args {
    /// How many joins
    #[arg(long, default_value_t = 100_000)]
    joins: usize,
    /// In how many servers
    #[arg(long, default_value_t = 50)]
    guilds: u64,
    /// How many invites each server has
    #[arg(long, default_value_t = 20)]
    invites: usize,
    /// How many joins may be sent and not stored yet
    #[arg(long, default_value_t = 4_000)]
    ahead: usize,
    /// Joins sent a second at most; without it, as fast as they are stored
    #[arg(long)]
    rate: Option<u32>,
    /// Requests a second that Discord grants; 0 for any number
    #[arg(long, default_value_t = 50)]
    requests: u32,
    /// Connect to a sandbox, over HTTP and a websocket
    #[arg(long)]
    sandbox: bool,
    /// The ledger, which must not exist; deleted at the end if not given
    #[arg(long)]
    db: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// What `cargo bench` passes
    #[arg(long, hide = true)]
    bench: bool,
}

/// Where joins come from.
enum Discord {
    Played(Played),
    Sandboxed(Sandboxed),
}

impl Discord {
    fn join(&self) {
        match self {
            Self::Played(played) => played.join(),
            Self::Sandboxed(sandboxed) => sandboxed.join(),
        }
    }
}

/// A service at work.
struct Running {
    status: watch::Receiver<Status>,
    stop: CancellationToken,
    task: JoinHandle<Result<Report, String>>,
}

fn run<R: Requester, C: Connect + 'static>(
    runtime: &Handle,
    requester: R,
    connect: C,
    ledger: Counted,
) -> Running
where
    C::Source: 'static,
{
    let service = Service::builder(requester, connect, ledger).build();
    let (status, stop) = (service.status(), CancellationToken::new());
    let run = service.run(stop.clone());
    let task = runtime.spawn(async move { run.await.map_err(|error| error.to_string()) });
    Running { status, stop, task }
}

fn threads_named(name: &'static str, count: usize) -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(count)
        .thread_name(name)
        .enable_all()
        .build()
        .unwrap()
}

/// Waits until the service's status is like this.
fn until(runtime: &Runtime, running: &Running, is: impl Fn(&Status) -> bool) {
    let mut status = running.status.clone();
    let waited = runtime.block_on(async {
        tokio::time::timeout(PATIENCE, status.wait_for(|status| is(status)))
            .await
            .map(|status| status.is_ok())
    });
    assert!(waited == Ok(true), "the service got stuck or ended");
}

/// Sends all joins, each kept back until enough earlier ones are on disk.
fn send(discord: &Discord, on_disk: &OnDisk, args: &Args) {
    let began = Instant::now();
    for number in 0..args.joins {
        on_disk.wait_for(number.saturating_sub(args.ahead));
        if let Some(rate) = args.rate {
            let due = Duration::from_secs_f64(number as f64 / f64::from(rate));
            thread::sleep(due.saturating_sub(began.elapsed()));
        }
        discord.join();
    }
    on_disk.wait_for(args.joins);
}

/// When so many were reached, in seconds.
fn reached(marks: &[Mark], began: Instant, many: usize, of: impl Fn(&Mark) -> usize) -> f64 {
    let mark = marks.iter().find(|mark| of(mark) >= many);
    mark.map_or(f64::NAN, |mark| mark.at.duration_since(began).as_secs_f64())
}

/// What was measured.
struct Measured {
    /// Joins on disk, a second, from the first frame to the last commit of a join.
    joins: f64,
    /// Joins whose final answer is on disk, a second: the middle eight tenths of them. Not a
    /// number if they came in one commit.
    answers: f64,
    /// When the last final answer was on disk.
    answered_after: f64,
    answered: usize,
    statements: usize,
    cpu: BTreeMap<String, Duration>,
    report: Report,
    written: u64,
    size: u64,
    load: [f64; 2],
}

fn measure(args: &Args, path: &Path) -> Measured {
    let service = threads_named("service", 2);
    let other = threads_named("discord", 1);
    let on_disk = Arc::new(OnDisk::default());
    let ledger = service.block_on(SqliteLedger::open(path)).unwrap();
    let ledger = Counted {
        ledger,
        on_disk: Arc::clone(&on_disk),
    };
    let per_second = (args.requests > 0).then_some(args.requests);
    let (discord, running) = if args.sandbox {
        let sandboxed = Sandboxed::start(&other, args.guilds, args.invites, per_second);
        let (client, gateway) = service.block_on(async { sandboxed.client() });
        let running = run(service.handle(), client, gateway, ledger);
        (Discord::Sandboxed(sandboxed), running)
    } else {
        let threads = other.handle().clone();
        let (played, connection) = Played::new(args.guilds, args.invites, per_second, threads);
        let running = run(service.handle(), played.clone(), connection, ledger);
        (Discord::Played(played), running)
    };
    until(&service, &running, Status::is_ready);

    let load = threads::load();
    let (cpu, written) = (threads::cpu_times(), threads::bytes_written());
    let began = Instant::now();
    // So that its time is told apart.
    let sender = thread::Builder::new().name("discord".to_owned());
    thread::scope(|scope| {
        let sending = sender.spawn_scoped(scope, || send(&discord, &on_disk, args));
        sending.unwrap().join().unwrap();
    });
    until(&service, &running, Status::is_idle);
    let cpu = threads::since(&cpu);
    let written = threads::bytes_written() - written;

    running.stop.cancel();
    let report = service.block_on(running.task).unwrap().unwrap();
    let (marks, answered) = (on_disk.marks(), on_disk.answered());
    let [first, last] =
        [1, 9].map(|tenths| reached(&marks, began, answered * tenths / 10, |mark| mark.answered));
    let span = if last > first { last - first } else { f64::NAN };
    Measured {
        joins: args.joins as f64 / reached(&marks, began, args.joins, |mark| mark.joins),
        answers: answered as f64 * 0.8 / span,
        answered_after: reached(&marks, began, answered, |mark| mark.answered),
        answered,
        statements: on_disk.statements(),
        cpu,
        report,
        written,
        size: std::fs::metadata(path).map_or(0, |file| file.len()),
        load: [load, threads::load()],
    }
}

impl Measured {
    fn seconds(&self, names: &[&str]) -> f64 {
        let times = self
            .cpu
            .iter()
            .filter(|(name, _)| names.contains(&name.as_str()));
        times.map(|(_, time)| time.as_secs_f64()).sum()
    }

    fn json(&self, args: &Args) -> Value {
        let thousands = args.joins as f64 / 1_000.0;
        let each: BTreeMap<&str, f64> = (self.cpu.iter())
            .map(|(name, time)| (name.as_str(), time.as_secs_f64() / thousands))
            .collect();
        let stats = &self.report.stats;
        json!({
            "source": if args.sandbox { "sandbox" } else { "frames" },
            "joins": args.joins, "guilds": args.guilds, "invites": args.invites,
            "joins_per_second": self.joins,
            "final_answers_per_second": self.answers,
            "answered": self.answered,
            "answered_after_seconds": self.answered_after,
            "answers_stored": self.statements,
            "service_cpu_seconds_per_1000": self.seconds(&["service", "sqlite"]) / thousands,
            "cpu_seconds_per_1000": each,
            "commits": self.report.commits,
            "bytes_written_per_join": self.written as f64 / args.joins as f64,
            "bytes_per_join": self.size as f64 / args.joins as f64,
            "requests_per_join": stats.requests() as f64 / args.joins as f64,
            "confirmed": stats.confirmed, "deduced": stats.deduced,
            "ambiguous": stats.ambiguous, "unknown": stats.unknown,
            "load": self.load,
            "must": MUST,
            "holds": self.holds(),
        })
    }

    fn holds(&self) -> bool {
        // Answers that are all in one commit have no rate.
        self.joins >= MUST && (self.answers.is_nan() || self.answers >= MUST)
    }

    fn print(&self, args: &Args) {
        let thousands = args.joins as f64 / 1_000.0;
        let stats = &self.report.stats;
        println!("{:>9.0} /s  joins on disk", self.joins);
        println!(
            "{:>9.0} /s  joins with their final answer on disk (the middle 80 % of {})",
            self.answers, self.answered
        );
        println!("{:>9.1} s   until every answer was", self.answered_after);
        println!(
            "{:>9.3} s   of CPU time for 1,000 joins, of the service and SQLite; of threads:",
            self.seconds(&["service", "sqlite"]) / thousands
        );
        for (name, time) in &self.cpu {
            println!("{:>9.3} s   {name}", time.as_secs_f64() / thousands);
        }
        println!("{:>9}     commits", self.report.commits);
        println!("{:>9}     answers stored", self.statements);
        println!(
            "{:>9.0} B   written to the disk for a join, {:.0} B of the ledger's file",
            self.written as f64 / args.joins as f64,
            self.size as f64 / args.joins as f64
        );
        println!(
            "{:>9.3}     requests a join: {} lists, {} searches",
            stats.requests() as f64 / args.joins as f64,
            stats.list_requests,
            stats.search_requests
        );
        println!(
            "{:>9}     confirmed, {} deduced, {} ambiguous, {} unknown",
            stats.confirmed, stats.deduced, stats.ambiguous, stats.unknown
        );
        println!(
            "{:>9.1}     load of the machine before, {:.1} after",
            self.load[0], self.load[1]
        );
        let word = if self.holds() { "pass" } else { "FAIL" };
        println!("{word}  joins and final answers on disk, a second (must be ≥ {MUST})");
    }
}

fn main() -> ExitCode {
    let args = Args::parse();
    let temporary = tempfile::tempdir().unwrap();
    let path = (args.db.clone()).unwrap_or_else(|| temporary.path().join("durable.db"));
    assert!(!path.exists(), "{} exists already", path.display());
    let measured = measure(&args, &path);
    if args.json {
        println!("{}", measured.json(&args));
    } else {
        measured.print(&args);
    }
    if measured.holds() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
