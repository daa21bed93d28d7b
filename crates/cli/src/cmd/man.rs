//! `guestlist man`: manual pages.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Command, CommandFactory};

use crate::app::Cli;
use crate::error::{CliError, Exit, InputError};
use crate::output::Out;

/// Print the manual page, or write the pages of all subcommands to a directory
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  guestlist man | man -l -                             read the page
  guestlist man --out ~/.local/share/man/man1          install all pages")]
pub(crate) struct Args {
    /// Write guestlist.1, guestlist-demo.1 and so on into this directory
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Prints or writes the pages.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, CliError> {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    match &args.out {
        None => out.raw(&page(&command)?)?,
        Some(dir) => {
            fs::create_dir_all(dir).map_err(|source| InputError::Write {
                path: dir.clone(),
                source,
            })?;
            write_all(&command, dir, out)?;
        }
    }
    Ok(Exit::Ok)
}

fn page(command: &Command) -> Result<Vec<u8>, CliError> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone())
        .render(&mut page)
        .map_err(|error| CliError::Internal(format!("render a manual page: {error}")))?;
    Ok(page)
}

/// Writes the page of a command, then those of all below it.
fn write_all(command: &Command, dir: &Path, out: &mut Out) -> Result<(), CliError> {
    let man = clap_mangen::Man::new(command.clone());
    let path = dir.join(man.get_filename());
    man.generate_to(dir).map_err(|source| InputError::Write {
        path: path.clone(),
        source,
    })?;
    out.line(path.display().to_string())?;
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        write_all(sub, dir, out)?;
    }
    Ok(())
}
