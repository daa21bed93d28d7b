//! `guestlist invite delete`: end invites.

use guestlist::client::Reason;

use crate::args::{ApiArgs, code};
use crate::error::{CliError, Exit};
use crate::output::Out;
use crate::runtime::block_on;

/// Delete invites, for good
///
/// Needs Manage Channels in the invite's channel, or Manage Server.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  guestlist invite delete hB6mWNqr --reason \"posted publicly\"
  guestlist invite list --guild ID --json | jq -r 'select(.uses == 0) | .code' \\
    | xargs guestlist invite delete --reason \"never used\"")]
pub(crate) struct Args {
    /// The codes, or links that hold them; those that begin with - come after --
    #[arg(value_name = "CODE", required = true)]
    codes: Vec<String>,
    /// Why, for the audit log
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
    let codes = args
        .codes
        .iter()
        .map(|text| code(text))
        .collect::<Result<Vec<_>, _>>()?;
    out.outlive_reader();
    block_on(async {
        let client = args.api.client()?;
        for code in &codes {
            let mut request = client.delete_invite(code);
            if let Some(reason) = &args.reason {
                request = request.reason(reason.clone());
            }
            let invite = request.await?;
            if args.json {
                out.line(invite.to_json())?;
            } else {
                out.line(format!("deleted {code}"))?;
            }
            out.flush()?;
        }
        Ok(Exit::Ok)
    })
}
