//! `guestlist invite list`: the living invites of a server or a channel.

use guestlist::model::{ChannelId, GuildId, Invite, Remaining};

use crate::args::{ApiArgs, now};
use crate::describe;
use crate::error::{CliError, Exit};
use crate::output::{Cell, Out, Table, Tone, count};
use crate::runtime::block_on;
use guestlist_view::{channel_label, expiry_label, inviter_label, moment};

/// List the invites of a server or a channel, with their uses
///
/// A server requires Manage Server, or View Audit Log, with which Discord hides the uses. A channel
/// requires Manage Channels.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  guestlist invite list --guild 613425648685547541
  guestlist invite list --channel 155101607195836416 --json | jq -r .code")]
#[command(group = clap::ArgGroup::new("place").required(true))]
pub(crate) struct Args {
    /// The server
    #[arg(long, value_name = "ID", group = "place")]
    guild: Option<GuildId>,
    /// The channel
    #[arg(long, value_name = "ID", group = "place")]
    channel: Option<ChannelId>,
    /// Print each invite as Discord sent it, one JSON object per line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    api: ApiArgs,
}

/// Lists them.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, CliError> {
    let list = block_on(async {
        let client = args.api.client()?;
        match (args.guild, args.channel) {
            (Some(guild), _) => Ok(client.list_guild_invites(guild).await?),
            (None, Some(channel)) => Ok(client.list_channel_invites(channel).await?),
            (None, None) => Err(CliError::Internal("neither a server nor a channel".into())),
        }
    })?;
    if args.json {
        for invite in &list.invites {
            out.line(invite.to_json())?;
        }
    } else {
        table(&list.invites, out)?;
    }
    // One odd element does not cost the others; it is not passed over either.
    for (index, error) in &list.failed {
        describe::warn(&format!(
            "invite {index} of the list cannot be decoded: {error}"
        ));
    }
    Ok(if list.failed.is_empty() {
        Exit::Ok
    } else {
        Exit::Negative
    })
}

fn table(invites: &[Invite], out: &mut Out) -> Result<(), CliError> {
    if invites.is_empty() {
        return out.line("there are no invites");
    }
    let now = now();
    let mut table = Table::new([
        "code",
        "channel",
        "inviter",
        "uses",
        "left",
        "created (UTC)",
        "expires",
    ])
    .expendable(["created (UTC)", "channel", "inviter", "left"]);
    for invite in invites {
        let left = match invite.remaining_uses() {
            Remaining::Unlimited => Cell::new("∞").right(),
            Remaining::Left(0) => Cell::number(0).tone(Tone::Bad),
            Remaining::Left(left) => Cell::number(left),
            _ => Cell::maybe(None::<&str>).right(),
        };
        table.row([
            Cell::new(invite.code().as_str()),
            Cell::maybe(channel_label(invite)),
            Cell::maybe(inviter_label(invite)),
            invite
                .uses()
                .map_or_else(|| Cell::maybe(None::<&str>).right(), Cell::number),
            left,
            Cell::maybe(invite.created_at().map(moment)).whole(),
            Cell::new(expiry_label(invite, now)).whole(),
        ]);
    }
    out.table(&table)?;
    out.line(format!("\n{}", count(invites.len() as u64, "invite")))
}
