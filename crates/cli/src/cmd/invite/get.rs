//! `guestlist invite get`: look up one invite.

use guestlist::model::EventId;

use crate::args::{ApiArgs, CodeArg};
use crate::describe;
use crate::error::{CliError, Exit};
use crate::output::Out;
use crate::runtime::block_on;

/// Look up an invite by its code or any link
///
/// Requires no token. The response does not say how often the invite was used; use `invite list`
/// for this. After about 250 look-ups in ten minutes, Discord blocks an address for a day.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  guestlist invite get rust
  guestlist invite get 'https://discord.gg/rust?event=1234567890'
  guestlist invite get rust --json | jq .guild.name")]
pub(crate) struct Args {
    #[command(flatten)]
    code: CodeArg,
    /// Show the invite with this scheduled event, like ?event= in a link
    #[arg(long, value_name = "EVENT_ID")]
    event: Option<EventId>,
    /// Do not request the member counts
    #[arg(long)]
    no_counts: bool,
    /// Print the invite as Discord sent it, as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    api: ApiArgs,
}

/// Looks it up.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, CliError> {
    let link = args.code.link()?;
    let invite = block_on(async {
        let client = args.api.client_or_anonymous()?;
        let mut request = client.get_invite(link.code()).with_counts(!args.no_counts);
        if let Some(event) = args.event.or(link.event_id()) {
            request = request.scheduled_event(event);
        }
        Ok(request.await?)
    })?;
    if args.json {
        out.line(invite.to_json())?;
    } else {
        describe::invite(&invite, out)?;
    }
    Ok(Exit::Ok)
}
