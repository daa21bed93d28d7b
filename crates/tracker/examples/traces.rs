//! Prints what the tracker makes of seeded worlds, so that two commits can be compared.
//!
//! ```console
//! $ cargo run --release -p guestlist-tracker --example traces -- --seeds 2000 > before
//! $ git switch …
//! $ cargo run --release -p guestlist-tracker --example traces -- --seeds 2000 > after
//! $ diff before after
//! ```
//!
//! A line is a seed, how many statements and requests it led to, and a digest of all of
//! them with their times. `--first 17 --seeds 1 --lines` prints what the digest is of.
//! `--cut-every 3` starts the tracker anew from its stored state after every three steps.

use std::io::{self, Write as _};
use std::process::ExitCode;

use guestlist_testkit::world;

struct Args {
    first: u64,
    seeds: u64,
    cut_every: Option<u64>,
    lines: bool,
}

impl Args {
    fn parse(mut args: impl Iterator<Item = String>) -> Option<Self> {
        let mut parsed = Self {
            first: 0,
            seeds: 100,
            cut_every: None,
            lines: false,
        };
        while let Some(name) = args.next() {
            let mut number = || args.next()?.parse().ok();
            match name.as_str() {
                "--first" => parsed.first = number()?,
                "--seeds" => parsed.seeds = number()?,
                "--cut-every" => parsed.cut_every = Some(number()?).filter(|every| *every > 0),
                "--lines" => parsed.lines = true,
                _ => return None,
            }
        }
        Some(parsed)
    }
}

/// FNV-1a, which is the same on every machine and with every compiler.
fn digest<'a>(lines: impl Iterator<Item = &'a String>) -> u64 {
    lines
        .flat_map(|line| line.bytes().chain([b'\n']))
        .fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
        })
}

fn main() -> io::Result<ExitCode> {
    let Some(args) = Args::parse(std::env::args().skip(1)) else {
        eprintln!("options: [--first SEED] [--seeds COUNT] [--cut-every STEPS] [--lines]");
        return Ok(ExitCode::from(2));
    };
    let mut out = io::stdout().lock();
    for seed in args.first..args.first.saturating_add(args.seeds) {
        let trace = world::live(seed, args.cut_every).trace;
        if args.lines {
            for line in &trace {
                writeln!(out, "{line}")?;
            }
        }
        let digest = digest(trace.iter());
        writeln!(out, "seed {seed}: {} lines, {digest:016x}", trace.len())?;
    }
    Ok(ExitCode::SUCCESS)
}
