//! Arguments in, exit code out.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue};
use clap::{Command as Clap, CommandFactory, Parser, Subcommand};

use crate::cmd;
use crate::error::{CliError, Exit, report, report_usage};
use crate::output::{ColorChoice, Out};

/// Discord invites, solved: model them, manage them, and know who joined through which one.
///
/// Discord does not say which invite a new member used. guestlist determines it from the use
/// counts of invites, the audit log and the members search. For every join, it reports which
/// invite was used and how certain the answer is: confirmed, deduced, ambiguous or unknown.
///
/// To try it, run `guestlist demo`, which simulates a Discord on this machine.
#[derive(Debug, Parser)]
#[command(
    name = "guestlist",
    version,
    arg_required_else_help = true,
    subcommand_required = true,
    disable_help_subcommand = false,
    max_term_width = 100,
    after_help = AFTER
)]
pub(crate) struct Cli {
    /// Colour the output
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "WHEN",
        default_value = "auto",
        hide_possible_values = true,
        help = "Colour the output: auto, always or never; auto respects NO_COLOR",
        help_heading = "Global options"
    )]
    color: ColorChoice,
    #[command(subcommand)]
    command: Command,
}

const AFTER: &str = "\
Exit codes:
   0  done
   1  done, but a check failed or something is not finished
   2  the arguments are invalid
   3  a file, a document or a code is invalid or cannot be read
   4  Discord rejected the request: no permission, not found, a limit
   5  Discord could not be reached or has a problem: network, rate limit, HTTP 5xx;
      the same command may work later
   6  the database cannot be used
   7  the token, the intents or the port must be set up first
  70  a bug in guestlist, or the output could not be written

With --json, an error is one JSON object on standard error.

Examples:
  guestlist demo                            see it work, without an account
  guestlist doctor                          check the token, intents and permissions
  guestlist track --db guestlist.db         attribute joins in your servers
  guestlist joins --since 7d                list who joined, and through which invite
  guestlist web --db guestlist.db           show the same and more in a browser";

#[derive(Debug, Subcommand)]
enum Command {
    Demo(cmd::demo::Args),
    Track(cmd::track::Args),
    Doctor(cmd::doctor::Args),
    Joins(cmd::joins::Args),
    Inviters(cmd::inviters::Args),
    Invites(cmd::invites::Args),
    Accuracy(cmd::accuracy::Args),
    Report(cmd::report::Args),
    Export(cmd::export::Args),
    Guilds(cmd::guilds::Args),
    Label(cmd::label::Args),
    Web(cmd::web::Args),
    Invite(cmd::invite::Args),
    Forget(cmd::forget::Args),
    Inspect(cmd::inspect::Args),
    Sandbox(cmd::sandbox::Args),
    Completions(cmd::completions::Args),
    Man(cmd::man::Args),
}

impl Command {
    fn run(&self, out: &mut Out) -> Result<Exit, CliError> {
        match self {
            Self::Demo(args) => cmd::demo::run(args, out),
            Self::Track(args) => cmd::track::run(args, out),
            Self::Doctor(args) => cmd::doctor::run(args, out),
            Self::Joins(args) => cmd::joins::run(args, out),
            Self::Inviters(args) => cmd::inviters::run(args, out),
            Self::Invites(args) => cmd::invites::run(args, out),
            Self::Accuracy(args) => cmd::accuracy::run(args, out),
            Self::Report(args) => cmd::report::run(args, out),
            Self::Export(args) => cmd::export::run(args, out),
            Self::Guilds(args) => cmd::guilds::run(args, out),
            Self::Label(args) => cmd::label::run(args, out),
            Self::Web(args) => cmd::web::run(args, out),
            Self::Invite(args) => cmd::invite::run(args, out),
            Self::Forget(args) => cmd::forget::run(args, out),
            Self::Inspect(args) => cmd::inspect::run(args, out),
            Self::Sandbox(args) => cmd::sandbox::run(args, out),
            Self::Completions(args) => cmd::completions::run(args, out),
            Self::Man(args) => cmd::man::run(args, out),
        }
    }
}

/// Runs the program.
pub(crate) fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().collect();
    let json = wants_json(&args);
    let cli = match Cli::try_parse_from(&args) {
        Ok(cli) => cli,
        Err(error) => {
            let advice = misplaced(&error, &args);
            return report_usage(error, advice, &args, json).into();
        }
    };
    let mut out = Out::stdout(cli.color);
    let result = cli
        .command
        .run(&mut out)
        .and_then(|exit| out.flush().map(|()| exit));
    match result {
        Ok(exit) => exit.into(),
        Err(error) => {
            // What was printed before the failure stands.
            let _ = out.flush();
            report(&error, json, cli.color).into()
        }
    }
}

/// Whether errors are to be JSON: `--json`, or `--log-format json`, for which
/// it is short. Read from the bare arguments, for they may be what is wrong.
fn wants_json(args: &[OsString]) -> bool {
    let options: Vec<_> = args.iter().skip(1).take_while(|arg| *arg != "--").collect();
    let long = options
        .windows(2)
        .any(|pair| matches!(pair, [name, value] if *name == "--log-format" && *value == "json"));
    long || options
        .iter()
        .any(|arg| **arg == "--json" || **arg == "--log-format=json")
}

/// Where an option belongs that stands before its subcommand.
fn misplaced(error: &clap::Error, args: &[OsString]) -> Option<String> {
    let Some(ContextValue::String(option)) = error.get(ContextKind::InvalidArg) else {
        return None;
    };
    let program = Cli::command();
    let mut before = args.iter().skip(1).map(|arg| arg.to_string_lossy());
    let mut found = false;
    let subcommand = before.find_map(|arg| {
        found |= arg.split('=').next() == Some(option);
        program.find_subcommand(&*arg)
    })?;
    (found && takes(subcommand, option.strip_prefix("--")?)).then(|| {
        let name = subcommand.get_name();
        format!("put {option} after the subcommand: guestlist {name} … {option}")
    })
}

/// Whether the subcommand, or one of its own, takes an option.
fn takes(command: &Clap, option: &str) -> bool {
    command
        .get_arguments()
        .any(|argument| argument.get_long() == Some(option))
        || command.get_subcommands().any(|inner| takes(inner, option))
}
