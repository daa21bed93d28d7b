//! Prints whether weights are what they say: of all candidates that are given 70 to 80 %,
//! how many are true.
//!
//! ```console
//! $ cargo run --release -p guestlist-tracker --example calibration
//! ```
//!
//! The joins are those of the independent world of the test kit, in all policies; 12,000
//! worlds give more than 100,000 ambiguous answers. `--seeds 500` plays fewer worlds,
//! `--first 7` begins with another one, and `--switches none` says what the world may do,
//! as the test `harsh` takes it.

use std::io::{self, Write as _};
use std::process::ExitCode;

use guestlist_testkit::harsh::{AllWeights, Settings, Switches, campaign};

struct Args {
    first: u64,
    seeds: u64,
    switches: Switches,
}

impl Args {
    fn parse(mut args: impl Iterator<Item = String>) -> Option<Self> {
        let mut parsed = Self {
            first: 0,
            seeds: 12_000,
            switches: Switches::documented(),
        };
        while let Some(name) = args.next() {
            let value = args.next()?;
            match name.as_str() {
                "--first" => parsed.first = value.parse().ok()?,
                "--seeds" => parsed.seeds = value.parse().ok()?,
                "--switches" => parsed.switches = value.parse().ok()?,
                _ => return None,
            }
        }
        Some(parsed)
    }
}

fn main() -> io::Result<ExitCode> {
    let mut out = io::stdout().lock();
    let Some(args) = Args::parse(std::env::args().skip(1)) else {
        eprintln!("options: [--first SEED] [--seeds COUNT] [--switches NAMES]");
        return Ok(ExitCode::from(2));
    };
    let until = args.first.saturating_add(args.seeds);
    let report = campaign(args.first..until, args.switches, Settings::Default);
    let mut weights = AllWeights::default();
    let mut ambiguous = 0;
    for counts in &report.counts {
        let [_, _, of_policy, _] = counts.answers;
        ambiguous += of_policy;
        weights.merge(&counts.weights);
    }
    writeln!(out, "{report}")?;
    writeln!(out, "{ambiguous} joins with an ambiguous answer in the end")?;
    writeln!(out, "{weights}")?;
    Ok(ExitCode::SUCCESS)
}
