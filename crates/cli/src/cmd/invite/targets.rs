//! `guestlist invite targets`: the users who alone may use an invite.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use guestlist::client::TargetUsers;
use guestlist::model::{InviteCode, JobStatus, TargetUsersJob, Timestamp};
use serde_json::json;

use crate::args::{ApiArgs, CodeArg};
use crate::error::{CliError, Exit, InputError};
use crate::output::{Out, clean};
use crate::runtime::block_on;

/// Read or replace the list of users who can use an invite
///
/// Only users on the list can then use the invite. Discord accepts the list as CSV with the header
/// user_id and processes it in the background; `status` shows the progress.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  guestlist invite targets get hB6mWNqr > users.csv
  guestlist invite targets set hB6mWNqr users.csv --wait
  guestlist invite targets status hB6mWNqr")]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Get(Get),
    Set(Set),
    Status(Status),
}

/// Print the users as CSV
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  guestlist invite targets get hB6mWNqr > users.csv")]
struct Get {
    #[command(flatten)]
    code: CodeArg,
    /// Print a JSON array
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    api: ApiArgs,
}

/// Replace the users with those in a CSV file
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  guestlist invite targets set hB6mWNqr users.csv --wait
  echo 80351110224678912 | guestlist invite targets set hB6mWNqr -")]
struct Set {
    #[command(flatten)]
    code: CodeArg,
    /// The file: the header user_id, then one id per line; - reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Wait until Discord has processed the list
    #[arg(long)]
    wait: bool,
    /// Print the job's status as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    api: ApiArgs,
}

/// Show how far Discord has processed the list
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit code 1 means that the job has failed.

Examples:
  guestlist invite targets status hB6mWNqr --wait")]
struct Status {
    #[command(flatten)]
    code: CodeArg,
    /// Wait until it has finished
    #[arg(long)]
    wait: bool,
    /// Print the status as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    api: ApiArgs,
}

/// How long to wait for Discord in all.
const PATIENCE: Duration = Duration::from_secs(600);

/// Runs one of them.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, CliError> {
    match &args.command {
        Command::Get(args) => get(args, out),
        Command::Set(args) => set(args, out),
        Command::Status(args) => {
            let code = args.code.code()?;
            status(&args.api, &code, args.wait, args.json, out)
        }
    }
}

fn get(args: &Get, out: &mut Out) -> Result<Exit, CliError> {
    let code = args.code.code()?;
    let users = block_on(async { Ok(args.api.client()?.get_target_users(&code).await?) })?;
    if args.json {
        let ids: Vec<String> = users.as_slice().iter().map(ToString::to_string).collect();
        out.json(&ids)?;
    } else {
        out.raw(users.to_csv().as_bytes())?;
    }
    Ok(Exit::Ok)
}

fn set(args: &Set, out: &mut Out) -> Result<Exit, CliError> {
    let code = args.code.code()?;
    let users = read(&args.file)?;
    let number = users.len();
    block_on(async { Ok(args.api.client()?.set_target_users(&code, users).await?) })?;
    if args.wait || args.json {
        status(&args.api, &code, args.wait, args.json, out)
    } else {
        out.line(format!(
            "Discord is processing {number} users for {code}; `guestlist invite targets status {code}` shows the progress"
        ))?;
        Ok(Exit::Ok)
    }
}

fn status(
    api: &ApiArgs,
    code: &InviteCode,
    wait: bool,
    as_json: bool,
    out: &mut Out,
) -> Result<Exit, CliError> {
    let job = block_on(async {
        let request = api.client()?.get_target_users_job(code);
        if wait {
            Ok(request
                .wait()
                .every(Duration::from_millis(500))
                .at_most(PATIENCE)
                .await?)
        } else {
            Ok(request.await?)
        }
    })?;
    if as_json {
        let time = |at: Option<Timestamp>| at.map(|at| at.to_string());
        out.json(&json!({
            "status": status_label(job.status),
            "total_users": job.total_users,
            "processed_users": job.processed_users,
            "created_at": time(job.created_at),
            "completed_at": time(job.completed_at),
            "error_message": job.error_message,
        }))?;
    } else {
        out.line(describe(&job))?;
    }
    Ok(if job.status == JobStatus::Failed {
        Exit::Negative
    } else {
        Exit::Ok
    })
}

fn status_label(status: JobStatus) -> &'static str {
    match status {
        JobStatus::Unspecified => "unspecified",
        JobStatus::Processing => "processing",
        JobStatus::Completed => "completed",
        JobStatus::Failed => "failed",
        _ => "unknown",
    }
}

/// "processing: 41 of 100 users", with Discord's words if it failed.
fn describe(job: &TargetUsersJob) -> String {
    let mut text = status_label(job.status).to_owned();
    match (job.processed_users, job.total_users) {
        (Some(processed), Some(total)) => text.push_str(&format!(": {processed} of {total} users")),
        (None, Some(total)) => text.push_str(&format!(": {total} users")),
        _ => {}
    }
    if let Some(message) = &job.error_message {
        text.push_str(&format!(" ({})", clean(message)));
    }
    text
}

/// Reads a CSV of users.
pub(super) fn read(path: &Path) -> Result<TargetUsers, CliError> {
    let shown = path.display().to_string();
    let text = if shown == "-" {
        std::io::read_to_string(std::io::stdin())
    } else {
        fs::read_to_string(path)
    };
    let text = text.map_err(|source| InputError::Read {
        path: shown.clone(),
        source,
    })?;
    TargetUsers::from_csv(&text).map_err(|source| {
        InputError::TargetUsers {
            path: shown,
            source,
        }
        .into()
    })
}
