//! `guestlist completions`: scripts that let a shell complete the arguments.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::app::Cli;
use crate::error::{CliError, Exit};
use crate::output::Out;

/// Print the completion script for a shell
///
/// Save the script where your shell looks for completions, then start a new shell.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  guestlist completions bash > ~/.local/share/bash-completion/completions/guestlist
  guestlist completions zsh > ~/.zfunc/_guestlist     (with ~/.zfunc in $fpath)
  guestlist completions fish > ~/.config/fish/completions/guestlist.fish")]
pub(crate) struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the script.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "guestlist", &mut script);
    out.raw(&script)?;
    Ok(Exit::Ok)
}
