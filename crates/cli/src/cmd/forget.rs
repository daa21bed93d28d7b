//! `guestlist forget`: delete what the ledger holds about a person.

use std::io::{BufRead, IsTerminal, Write, stderr, stdin};

use guestlist::ledger::{Forgotten, Privacy, SqliteLedger};
use guestlist::model::UserId;
use serde::Serialize;

use crate::args::{DbArgs, now};
use crate::error::{CliError, Exit};
use crate::output::{Out, clean, count};
use crate::runtime::block_on;

/// Delete the data about a person from the ledger, at their request
///
/// The person's names are deleted. Their id is replaced everywhere with a stand-in that belongs
/// to nobody, so all counts stay the same. A join still shows when, where and through which
/// invite someone joined. This cannot be undone.
///
/// `guestlist track` must not be running on the same database.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit code 1 means that nothing was deleted because the answer was not yes.

Examples:
  guestlist forget 80351110224678912
  guestlist forget 80351110224678912 --yes --json")]
pub(crate) struct Args {
    /// The person
    #[arg(value_name = "USER_ID")]
    user: UserId,
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
    /// Print what was deleted as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    db: DbArgs,
}

#[derive(Serialize)]
struct View {
    event: &'static str,
    user_id: String,
    joins: u64,
    leaves: u64,
    mentions: u64,
    stand_in: Option<String>,
}

/// Deletes it.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, CliError> {
    if !args.yes && !confirmed(args)? {
        return Ok(Exit::Negative);
    }
    out.outlive_reader();
    let forgotten = block_on(async {
        // Opened to be read first, so that a mistyped path creates no database.
        args.db.open_read_only().await?.close().await;
        let ledger = SqliteLedger::open(&args.db.db).await?;
        let forgotten = ledger.forget_user(args.user, now()).await;
        ledger.close().await;
        Ok(forgotten?)
    })?;
    if args.json {
        out.json(&View {
            event: "forgotten",
            user_id: args.user.to_string(),
            joins: forgotten.joins,
            leaves: forgotten.leaves,
            mentions: forgotten.mentions,
            stand_in: forgotten.stand_in.map(|id| id.to_string()),
        })?;
    } else {
        out.line(sentence(args.user, &forgotten))?;
    }
    Ok(Exit::Ok)
}

/// Asks on the terminal; without one, nobody can be asked.
fn confirmed(args: &Args) -> Result<bool, CliError> {
    if args.json || !stdin().is_terminal() || !stderr().is_terminal() {
        return Err(CliError::Usage {
            message: "cannot ask for confirmation without a terminal".into(),
            help: "pass --yes to delete without confirmation".into(),
        });
    }
    let path = args.db.db.display().to_string();
    let question = format!(
        "Delete the data about user {1} from {0}? This cannot be undone. [yes/no] ",
        clean(&path),
        args.user
    );
    let _ = stderr().write_all(question.as_bytes());
    let mut answer = String::new();
    stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|error| CliError::Internal(format!("read the answer: {error}")))?;
    Ok(means_yes(&answer))
}

fn means_yes(answer: &str) -> bool {
    matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
}

fn sentence(user: UserId, forgotten: &Forgotten) -> String {
    match forgotten.stand_in {
        None => format!("there was no data about user {user}"),
        Some(stand_in) => format!(
            "user {user} is forgotten: {}, {} and {} now name the stand-in {stand_in}",
            count(forgotten.joins, "join"),
            count(forgotten.leaves, "leave"),
            count(forgotten.mentions, "mention"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::means_yes;

    #[test]
    fn only_yes_means_yes() {
        for answer in ["yes\n", "Y", " YES \n"] {
            assert!(means_yes(answer), "{answer}");
        }
        for answer in ["", "\n", "no", "yes please", "ok"] {
            assert!(!means_yes(answer), "{answer}");
        }
    }
}
