//! `guestlist invite`: ask Discord about invites, make them, end them.

mod bulk;
mod create;
mod delete;
mod get;
mod journal;
mod list;
mod lost;
mod pause;
mod targets;

use crate::error::{CliError, Exit};
use crate::output::Out;

/// Look up, list, create and delete invites on Discord
///
/// Looking up a code requires no token. Everything else requires a bot token, and the permissions
/// that the help of the subcommand lists.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  guestlist invite get https://discord.gg/rust
  guestlist invite list --guild 613425648685547541
  guestlist invite create 155101607195836416 --max-age 7d --max-uses 10
  guestlist invite delete hB6mWNqr --reason \"posted publicly\"
  guestlist invite pause 613425648685547541 --for 2h")]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Get(get::Args),
    List(list::Args),
    Create(create::Args),
    Delete(delete::Args),
    Targets(targets::Args),
    Pause(pause::PauseArgs),
    Resume(pause::ResumeArgs),
}

/// Runs one of them.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, CliError> {
    match &args.command {
        Command::Get(args) => get::run(args, out),
        Command::List(args) => list::run(args, out),
        Command::Create(args) => create::run(args, out),
        Command::Delete(args) => delete::run(args, out),
        Command::Targets(args) => targets::run(args, out),
        Command::Pause(args) => pause::pause(args, out),
        Command::Resume(args) => pause::resume(args, out),
    }
}
