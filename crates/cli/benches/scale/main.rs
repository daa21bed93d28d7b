//! Whether a large ledger is still fast, and small.
//!
//! `cargo bench --profile release -p guestlist-cli --bench scale` makes a ledger of ten million joins, serves it by
//! `guestlist web`, asks every page and endpoint, asks for some time while joins are written, runs
//! the commands that read the ledger, and says which figures hold. It exits with 1 if one does
//! not. What it makes is deleted at the end; `-- --db FILE` keeps the ledger, and uses it again.
//! `-- --help` shows the rest.

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
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use self::{
    figures::{Figure, Most},
    generate::{INVITES, Plan, generate},
    serving::Serving,
    timing::Times,
};

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
    let bytes = size(&path) as f64 / args.joins as f64;

    let mut figures = Vec::new();
    let server = Serving::start(&args.program, &path);
    let pages = addresses::pages(&server, plan);
    let (mut asked, mut slowest): (Vec<(String, Times, f64)>, [Most; 2]) =
        (Vec::new(), Default::default());
    let busy = serving::load();
    if !args.json {
        println!("   median     99 %      most       CPU; the load is {busy:.1}");
    }
    for address in &pages {
        let (times, cpu) = timing::ask(&server, address, args.rounds);
        if address.counts {
            slowest[0].take(times.median(), &address.name);
            slowest[1].take(times.at(0.99), &address.name);
        }
        if !args.json {
            println!(
                "{}",
                times.line(&format!("{cpu:>6.1} ms  {}", address.name))
            );
        }
        asked.push((address.name.clone(), times, cpu));
    }
    let [median, p99] = slowest;
    figures.push(Figure::at_most(
        "the slowest page's median, ms",
        median,
        100.0,
    ));
    figures.push(Figure::at_most(
        "the slowest page's 99th percentile, ms",
        p99,
        300.0,
    ));
    let alone = server.memory();

    let before = server.cpu();
    let load = load::run(&server, &path, plan, &args);
    let cpu = (server.cpu() - before) / load.answered as f64;
    let per_second = load.answered as f64 / load.seconds;
    figures.push(Figure::at_least(
        "requests a second, while joins are written",
        per_second,
        args.requests as f64 * 0.99,
    ));
    let written = load.written as f64 / load.seconds;
    figures.push(Figure::at_least(
        "joins written a second, meanwhile",
        written,
        args.writes as f64 * 0.99,
    ));
    figures.push(Figure::at_most(
        "the 99th percentile meanwhile, ms",
        Most::of(load.times.at(0.99)),
        300.0,
    ));
    if !args.json {
        let what = format!(
            "{cpu:>6.1} ms  meanwhile, any page of a server; the load is {:.1}",
            serving::load()
        );
        println!("{}", load.times.line(&what));
    }
    let memory = server.memory();
    figures.push(Figure::at_most(
        "memory of the server, MB",
        Most::of(memory),
        200.0,
    ));
    drop(server);
    figures.push(Figure::at_most("bytes a join", Most::of(bytes), 400.0));

    let mut slowest = Most::default();
    let mut commands = Vec::new();
    for command in commands::all(plan) {
        let times = commands::time(&args.program, &path, &command, 5);
        slowest.take(times.median(), &command);
        if !args.json {
            println!("{}", times.line(&format!("guestlist {command}")));
        }
        commands.push((command, times));
    }
    figures.push(Figure::at_most(
        "the slowest command's median, ms",
        slowest,
        300.0,
    ));

    let held = figures.iter().all(Figure::holds);
    if args.json {
        let times = |all: &[(String, Times)]| -> Vec<_> {
            all.iter().map(|(name, times)| times.json(name)).collect()
        };
        let pages: Vec<_> = (asked.iter())
            .map(|(name, times, cpu)| {
                let mut told = times.json(name);
                if let Some(fields) = told.as_object_mut() {
                    fields.insert("cpu_ms".to_owned(), (*cpu).into());
                }
                told
            })
            .collect();
        let told = json!({
            "load_average": [busy, serving::load()],
            "joins": args.joins, "guilds": args.guilds, "invites": args.guilds * INVITES,
            "pages": pages, "commands": times(&commands),
            "load": load.times.json("any page of a server"), "load_cpu_ms": cpu,
            "memory_before_load_mb": alone,
            "figures": figures.iter().map(Figure::json).collect::<Vec<_>>(),
            "held": held,
        });
        println!("{told}");
    } else {
        println!();
        for figure in &figures {
            println!("{figure}");
        }
    }
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
