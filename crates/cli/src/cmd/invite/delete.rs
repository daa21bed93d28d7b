//! `guestlist invite delete`: end invites.

use std::io::Write;

use guestlist::client::{ApiError, Done, Reason};
use guestlist::model::InviteCode;
use serde_json::json;

use crate::args::{ApiArgs, code};
use crate::describe::{warn, warn_if_odd};
use crate::error::{CliError, Exit, report};
use crate::output::Out;
use crate::runtime::block_on;

/// Delete invites permanently
///
/// Requires Manage Channels in the invite's channel, or Manage Server.
///
/// If an invite cannot be deleted, the command continues with the others and exits with the code
/// of the first failure. A failure that affects all invites, such as an invalid token, ends the
/// command immediately.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  guestlist invite delete hB6mWNqr --reason \"posted publicly\"
  guestlist invite list --guild ID --json | jq -r 'select(.uses == 0) | .code' \\
    | xargs guestlist invite delete --reason \"never used\"")]
pub(crate) struct Args {
    /// The codes or links; put -- before codes that begin with -
    #[arg(value_name = "CODE", required = true)]
    codes: Vec<String>,
    /// The reason for the audit log
    #[arg(long, value_name = "TEXT")]
    reason: Option<Reason>,
    /// Print each deleted invite as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    api: ApiArgs,
}

/// Deletes them.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, CliError> {
    // All codes are read before the first invite is deleted.
    let mut codes = Vec::new();
    for text in &args.codes {
        let code = code(text)?;
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    out.outlive_reader();
    block_on(async {
        let client = args.api.client()?;
        let mut exit = Exit::Ok;
        for (index, code) in codes.iter().enumerate() {
            let mut request = client.delete_invite(code);
            if let Some(reason) = &args.reason {
                request = request.reason(reason.clone());
            }
            match request.await {
                Ok(Done::Told(invite)) if args.json => out.line(invite.to_json())?,
                Ok(done) => {
                    warn_if_odd(&done);
                    if args.json {
                        out.json(&json!({"deleted": true, "code": code.as_str()}))?;
                    } else {
                        out.line(format!("deleted {code}"))?;
                    }
                }
                Err(source) => {
                    let hopeless = concerns_all(&source);
                    let code = code.to_string();
                    let error = CliError::Delete { code, source };
                    let failed = report(&error, args.json, out.choice());
                    if hopeless {
                        not_tried(codes.get(index + 1..).unwrap_or_default(), args.json);
                        return Ok(failed);
                    }
                    if exit == Exit::Ok {
                        exit = failed;
                    }
                }
            }
            out.flush()?;
        }
        Ok(exit)
    })
}

/// Whether the other invites could not be deleted either.
fn concerns_all(error: &ApiError) -> bool {
    match error {
        ApiError::Unauthorized { .. }
        | ApiError::NotForBots
        | ApiError::RateLimited { .. }
        | ApiError::NotDiscord { .. }
        | ApiError::Transport(_)
        | ApiError::Timeout => true,
        ApiError::UnknownInvite { .. }
        | ApiError::InvalidCode(_)
        | ApiError::NotFound { .. }
        | ApiError::MissingPermission
        | ApiError::MissingAccess
        | ApiError::Banned
        | ApiError::LimitReached { .. }
        | ApiError::VanityUnavailable
        | ApiError::NoTargetUsers
        | ApiError::InvalidForm { .. }
        | ApiError::TargetUsersFile { .. }
        | ApiError::NotIndexed { .. }
        | ApiError::Api { .. }
        | ApiError::Decode(_) => false,
    }
}

/// Names the invites that were left alone after a failure that concerns all.
fn not_tried(codes: &[InviteCode], json: bool) {
    if codes.is_empty() {
        return;
    }
    let codes: Vec<&str> = codes.iter().map(InviteCode::as_str).collect();
    if json {
        let line = json!({"event": "not_tried", "codes": codes});
        // A closed standard error leaves nobody to tell.
        let _ = writeln!(std::io::stderr(), "{line}");
    } else {
        warn(&format!("not tried: {}", codes.join(", ")));
    }
}
