//! Whether a large ledger is still fast, and small.
//!
//! `cargo bench --profile release -p guestlist-cli --bench scale` makes a ledger of ten million joins, serves it by
//! `guestlist web`, asks every page and endpoint, asks for some time while joins are written, runs
//! the commands that read the ledger, and says which figures hold. It exits with 1 if one does
//! not. What it makes is deleted at the end; `-- --db FILE` keeps the ledger, and uses it again,
//! and `-- --only commands` measures only these. `-- --help` shows the rest.

#![expect(clippy::unwrap_used, reason = "a benchmark may panic")]
#![expect(
    clippy::cast_precision_loss,
    reason = "counts and sizes are far below what a float can hold"
)]

#[path = "../../../ledger/benches/reports/generate.rs"]
mod generate;

mod addresses;
mod commands;
mod figures;
mod load;
mod serving;
mod timing;

use std::{
    io::IsTerminal as _,
    path::{Path, PathBuf},
    process::ExitCode,
    time::{SystemTime, UNIX_EPOCH},
};

use clap::Parser;
use guestlist::ledger::{Reports as _, Scope, SqliteLedger};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Map, Value};

use self::{
    figures::{Figure, Most},
    generate::{INVITES, Plan, generate},
    serving::Serving,
};

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// Each page and endpoint
    Pages,
    /// Requests while joins are written
    Meanwhile,
    /// The commands that read the ledger
    Commands,
}

/// Is a large ledger still fast, and small?
#[derive(Debug, Parser)]
struct Args {
    /// How many joins
    #[arg(long, default_value_t = 10_000_000)]
    joins: u64,
    /// In how many servers, with 250 invites each
    #[arg(long, default_value_t = 200)]
    guilds: u64,
    /// How many of 1000 joins are of one large server
    #[arg(long, default_value_t = 50)]
    large: u64,
    /// A ledger that is kept, and used again if it is there
    #[arg(long)]
    db: Option<PathBuf>,
    /// How often each address is asked, of another server each time
    // So that the 99th percentile is not the first answer of the process.
    #[arg(long, default_value_t = 101)]
    rounds: u32,
    /// For how long requests come while joins are written
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// Requests a second meanwhile
    #[arg(long, default_value_t = 200)]
    requests: u64,
    /// Joins that are written a second meanwhile
    #[arg(long, default_value_t = 1_000)]
    writes: u64,
    /// The program to measure, if it is not the one that was built with this benchmark
    #[arg(long, default_value = serving::PROGRAM)]
    program: PathBuf,
    /// Measure only this; may be given several times
    #[arg(long)]
    only: Vec<Part>,
    /// Only create the ledger
    #[arg(long, requires = "db")]
    create: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// What `cargo bench` passes
    #[arg(long, hide = true)]
    bench: bool,
}

/// Makes the ledger, with a bar for whoever watches.
fn make(path: &Path, plan: Plan) {
    let bar = ProgressBar::with_draw_target(Some(plan.joins), ProgressDrawTarget::stderr());
    let style = "making the ledger {bar:40} {human_pos} of {human_len} joins, {eta} left";
    bar.set_style(ProgressStyle::with_template(style).unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    if !std::io::stderr().is_terminal() {
        eprintln!("making a ledger of {} joins", plan.joins);
    }
    runtime.block_on(generate(path, plan, |made| bar.set_position(made)));
    bar.finish_and_clear();
}

/// How many joins there are: those that were made, and those that were written meanwhile, in
/// this run or an earlier one.
fn count(path: &Path) -> u64 {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let ledger = SqliteLedger::open_read_only(path).await.unwrap();
        let totals = ledger.totals(&Scope::new()).await.unwrap();
        ledger.close().await;
        totals.joins
    })
}

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}

fn main() -> ExitCode {
    let args = Args::parse();
    let temporary = tempfile::tempdir().unwrap();
    let path = (args.db.clone()).unwrap_or_else(|| temporary.path().join("scale.db"));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let plan = Plan {
        joins: args.joins,
        guilds: args.guilds,
        large: args.large,
        end: now.as_secs(),
    };
    if !path.exists() {
        make(&path, plan);
    }
    if args.create {
        return ExitCode::SUCCESS;
    }
    let joins = count(&path);
    let bytes = size(&path) as f64 / joins as f64;

    let mut figures = vec![Figure::at_most("bytes a join", Most::of(bytes), 400.0)];
    let mut told = Told::new(&args);
    told.field("joins", joins);
    let does = |part| args.only.is_empty() || args.only.contains(&part);
    if does(Part::Pages) || does(Part::Meanwhile) {
        let server = Serving::start(&args.program, &path);
        server.settle();
        if does(Part::Pages) {
            pages(&server, plan, &mut told, &mut figures);
        }
        if does(Part::Meanwhile) {
            meanwhile(&server, &path, plan, &mut told, &mut figures);
        }
        let memory = Most::of(server.memory());
        figures.push(Figure::at_most("memory of the server, MB", memory, 200.0));
    }
    if does(Part::Commands) {
        commands(&path, plan, &mut told, &mut figures);
    }

    let held = figures.iter().all(Figure::holds);
    told.end(&figures, held);
    if args.db.is_some() {
        // What was written meanwhile stays in a file that is kept; its log does not.
        eprintln!("kept {}", path.display());
    }
    if held {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// What was measured, for people at once and for programs at the end.
struct Told<'a> {
    args: &'a Args,
    fields: Map<String, Value>,
}

impl<'a> Told<'a> {
    fn new(args: &'a Args) -> Self {
        let fields = [
            ("guilds", args.guilds.into()),
            ("invites", (args.guilds * INVITES).into()),
        ];
        let fields = fields.map(|(name, value)| (name.to_owned(), value));
        Self {
            args,
            fields: fields.into_iter().collect(),
        }
    }

    fn line(&self, line: impl FnOnce() -> String) {
        if !self.args.json {
            println!("{}", line());
        }
    }

    fn field(&mut self, name: &str, value: impl Into<Value>) {
        self.fields.insert(name.to_owned(), value.into());
    }

    fn end(mut self, figures: &[Figure], held: bool) {
        if self.args.json {
            let figures: Vec<_> = figures.iter().map(Figure::json).collect();
            self.field("figures", figures);
            self.field("held", held);
            println!("{}", Value::Object(self.fields));
        } else {
            println!();
            for figure in figures {
                println!("{figure}");
            }
        }
    }
}

/// Asks every page and endpoint, one after the other.
fn pages(server: &Serving, plan: Plan, told: &mut Told<'_>, figures: &mut Vec<Figure>) {
    let (mut asked, [mut median, mut p99]) = (Vec::new(), <[Most; 2]>::default());
    let load = serving::load();
    told.line(|| format!("   median     99 %      most       CPU; the load is {load:.1}"));
    for address in &addresses::pages(server, plan) {
        let rounds = match address.counts {
            true => told.args.rounds,
            // They take long, and only show about how long.
            false => told.args.rounds.div_ceil(10),
        };
        let (times, cpu) = timing::ask(server, address, rounds);
        if address.counts {
            median.take(times.median(), &address.name);
            p99.take(times.at(0.99), &address.name);
        }
        told.line(|| times.line(&format!("{cpu:>6.1} ms  {}", address.name)));
        asked.push(with_cpu(times.json(&address.name), cpu));
    }
    told.field("pages_load_average", load);
    told.field("pages", asked);
    told.field("memory_before_load_mb", server.memory());
    let what = "the slowest page's median, ms";
    figures.push(Figure::at_most(what, median, 100.0));
    let what = "the slowest page's 99th percentile, ms";
    figures.push(Figure::at_most(what, p99, 300.0));
}

/// Asks while joins are written.
fn meanwhile(
    server: &Serving,
    path: &Path,
    plan: Plan,
    told: &mut Told<'_>,
    figures: &mut Vec<Figure>,
) {
    let before = server.cpu();
    let load = load::run(server, path, plan, told.args);
    let cpu = (server.cpu() - before) / load.times.count() as f64;
    let average = serving::load();
    let what = format!("{cpu:>6.1} ms  meanwhile, any page of a server; the load is {average:.1}");
    told.line(|| load.times.line(&what));
    told.line(|| load.commits.line("           a commit of joins meanwhile"));
    told.field("load_average", average);
    told.field(
        "load",
        with_cpu(load.times.json("any page of a server"), cpu),
    );
    told.field("commits", load.commits.json("a commit of joins"));
    let per_second = load.times.count() as f64 / load.seconds;
    let what = "requests a second, while joins are written";
    let wanted = told.args.requests as f64 * 0.99;
    figures.push(Figure::at_least(what, per_second, wanted));
    let written = load.written as f64 / load.seconds;
    let wanted = told.args.writes as f64 * 0.99;
    figures.push(Figure::at_least(
        "joins written a second, meanwhile",
        written,
        wanted,
    ));
    let late = Most::of(load.times.at(0.99));
    figures.push(Figure::at_most(
        "the 99th percentile meanwhile, ms",
        late,
        300.0,
    ));
}

/// Runs the commands that read the ledger.
fn commands(path: &Path, plan: Plan, told: &mut Told<'_>, figures: &mut Vec<Figure>) {
    let (mut run, mut slowest) = (Vec::new(), Most::default());
    for command in commands::all(plan) {
        let times = commands::time(&told.args.program, path, &command, 5);
        slowest.take(times.median(), &command);
        told.line(|| times.line(&format!("guestlist {command}")));
        run.push(times.json(&command));
    }
    told.field("commands", run);
    let what = "the slowest command's median, ms";
    figures.push(Figure::at_most(what, slowest, 300.0));

    // However long it takes: it grows with what is printed.
    let command = commands::whole_list(plan);
    let times = commands::time(&told.args.program, path, &command, 5);
    let joins = commands::lines(&told.args.program, path, &command);
    let rate = joins as f64 / (times.median() / 1_000.0);
    told.line(|| {
        times.line(&format!(
            "guestlist {command}: {joins} joins, {rate:.0} a second (no figure)"
        ))
    });
    told.field("whole_list", times.json(&command));
    told.field("whole_list_joins", joins);
}

fn with_cpu(mut told: Value, milliseconds: f64) -> Value {
    if let Some(fields) = told.as_object_mut() {
        fields.insert("cpu_ms".to_owned(), milliseconds.into());
    }
    told
}
