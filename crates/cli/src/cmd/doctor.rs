//! `guestlist doctor`: is everything there that tracking needs?

mod checks;

use std::path::PathBuf;

use guestlist::service::doctor::{Finding, Outcome};

use crate::args::ApiArgs;
use crate::error::{CliError, Exit};
use crate::output::{Out, Paint, Tone, clean};
use crate::runtime::block_on;

/// Check the token, intents, permissions, database and clock, and say how to fix what is wrong
///
/// Changes nothing, neither locally nor on Discord. Exit code 1 means that joins cannot be
/// attributed until a problem is fixed. With warnings only, the exit code is 0.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  DISCORD_TOKEN=… guestlist doctor --db guestlist.db
  guestlist doctor --token-file token.txt --json | jq 'select(.status != \"ok\")'")]
pub(crate) struct Args {
    /// The database that `guestlist track` will write; without it, no database is checked
    #[arg(
        long,
        value_name = "PATH",
        env = "GUESTLIST_DB",
        hide_env_values = true
    )]
    db: Option<PathBuf>,
    /// Print one JSON object per line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    api: ApiArgs,
}

/// A failure of one of our own calls, as a problem.
fn failed(check: &'static str, error: impl Into<CliError>) -> Finding {
    let error: CliError = error.into();
    let mut message = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(next) = cause {
        let text = next.to_string();
        if !message.contains(&text) {
            message = format!("{message}: {text}");
        }
        cause = next.source();
    }
    Finding::problem(check, message, error.help())
}

/// Checks.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, CliError> {
    let findings = block_on(async { Ok(checks::all(&args.api, args.db.as_deref()).await) })?;
    let worst = findings
        .iter()
        .map(|finding| finding.status)
        .max()
        .unwrap_or(Outcome::Ok);
    for finding in &findings {
        if args.json {
            out.json(finding)?;
        } else {
            print(finding, out)?;
        }
    }
    if !args.json {
        out.line(match worst {
            Outcome::Ok => "\nall checks passed; `guestlist track` can start",
            Outcome::Warning => {
                "\n`guestlist track` can start, with the limitations described by the warnings"
            }
            Outcome::Problem => "\nfix the problems above, then run this again",
        })?;
    }
    Ok(if worst == Outcome::Problem {
        Exit::Negative
    } else {
        Exit::Ok
    })
}

fn print(finding: &Finding, out: &mut Out) -> Result<(), CliError> {
    let (sign, tone) = match finding.status {
        Outcome::Ok => ("✓", Tone::Good),
        Outcome::Warning => ("!", Tone::Warn),
        Outcome::Problem => ("✗", Tone::Bad),
    };
    let sign = tone.paint(sign, out.color());
    out.line(format!(
        "{sign} {}: {}",
        finding.check,
        clean(&finding.message)
    ))?;
    if let Some(help) = &finding.help {
        out.line(format!("    {}", clean(help)))?;
    }
    Ok(())
}
