//! `guestlist doctor`: is everything there that tracking needs?

mod checks;
mod permissions;

use std::path::PathBuf;

use serde::Serialize;

use crate::args::ApiArgs;
use crate::error::{CliError, Exit};
use crate::output::{Out, Paint, Tone, clean};
use crate::runtime::block_on;

/// Check the token, intents, permissions, database and clock, and say how to fix what is wrong
///
/// Changes nothing, neither here nor at Discord. Exit code 1 means that joins cannot be attributed
/// until a problem is fixed; with warnings only, the exit code is 0.
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
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    api: ApiArgs,
}

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Ok,
    /// Tracking works, but knows less.
    Warning,
    /// Tracking does not work.
    Problem,
}

/// One check.
#[derive(Debug, Serialize)]
struct Finding {
    check: &'static str,
    status: Status,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
}

impl Finding {
    fn ok(check: &'static str, message: impl Into<String>) -> Self {
        Self {
            check,
            status: Status::Ok,
            message: message.into(),
            help: None,
        }
    }

    fn warning(check: &'static str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            check,
            status: Status::Warning,
            message: message.into(),
            help: Some(help.into()),
        }
    }

    fn problem(check: &'static str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            check,
            status: Status::Problem,
            message: message.into(),
            help: Some(help.into()),
        }
    }

    /// A failure of one of our own calls, as a problem.
    fn failed(check: &'static str, error: impl Into<CliError>) -> Self {
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
        Self::problem(check, message, error.help())
    }
}

/// Checks.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, CliError> {
    let findings = block_on(async { Ok(checks::all(&args.api, args.db.as_deref()).await) })?;
    let worst = findings
        .iter()
        .map(|finding| finding.status)
        .max()
        .unwrap_or(Status::Ok);
    for finding in &findings {
        if args.json {
            out.json(finding)?;
        } else {
            print(finding, out)?;
        }
    }
    if !args.json {
        out.line(match worst {
            Status::Ok => "\nall checks passed; `guestlist track` can start",
            Status::Warning => {
                "\n`guestlist track` can start; the warnings say what it will not know"
            }
            Status::Problem => "\nfix the problems above, then run this again",
        })?;
    }
    Ok(if worst == Status::Problem {
        Exit::Negative
    } else {
        Exit::Ok
    })
}

fn print(finding: &Finding, out: &mut Out) -> Result<(), CliError> {
    let (sign, tone) = match finding.status {
        Status::Ok => ("✓", Tone::Good),
        Status::Warning => ("!", Tone::Warn),
        Status::Problem => ("✗", Tone::Bad),
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
