//! `guestlist invite pause` and `resume`: stop all invites of a server.

use std::time::Duration;

use guestlist::model::{GuildId, Timestamp};
use serde_json::json;

use crate::args::{ApiArgs, duration, now};
use crate::describe::warn_if_odd;
use crate::error::{CliError, Exit};
use crate::output::Out;
use crate::runtime::block_on;
use guestlist_view::moment;

/// Stop everyone from joining a server by invite, for a while
///
/// The invites are kept and work again afterwards. Requires Manage Server. Discord allows up to 24
/// hours at a time.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  guestlist invite pause 613425648685547541 --for 2h
  guestlist invite resume 613425648685547541")]
pub(crate) struct PauseArgs {
    /// The server
    #[arg(value_name = "GUILD_ID")]
    guild: GuildId,
    /// For how long: 30m, 2h, up to 24h
    #[arg(
        long = "for",
        value_name = "TIME",
        default_value = "24h",
        allow_hyphen_values = true,
        value_parser = pause_length
    )]
    length: Duration,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    api: ApiArgs,
}

/// Let people join a server by invite again
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  guestlist invite resume 613425648685547541")]
pub(crate) struct ResumeArgs {
    /// The server
    #[arg(value_name = "GUILD_ID")]
    guild: GuildId,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    api: ApiArgs,
}

fn pause_length(text: &str) -> Result<Duration, String> {
    let length = duration(text)?;
    if length.is_zero() || length > Duration::from_secs(24 * 60 * 60) {
        return Err("Discord pauses invites for 1s to 24h at a time".to_owned());
    }
    Ok(length)
}

/// Pauses.
pub(crate) fn pause(args: &PauseArgs, out: &mut Out) -> Result<Exit, CliError> {
    let micros = i64::try_from(args.length.as_micros()).unwrap_or(i64::MAX);
    let until = Timestamp::from_micros(now().as_micros().saturating_add(micros));
    set(&args.api, args.guild, Some(until))?;
    report(args.guild, Some(until), args.json, out)
}

/// Resumes.
pub(crate) fn resume(args: &ResumeArgs, out: &mut Out) -> Result<Exit, CliError> {
    set(&args.api, args.guild, None)?;
    report(args.guild, None, args.json, out)
}

fn set(api: &ApiArgs, guild: GuildId, until: Option<Timestamp>) -> Result<(), CliError> {
    block_on(async {
        let done = api
            .client()?
            .set_incident_actions(guild)
            .invites_disabled_until(until)
            .await?;
        warn_if_odd(&done);
        Ok(())
    })
}

fn report(
    guild: GuildId,
    until: Option<Timestamp>,
    as_json: bool,
    out: &mut Out,
) -> Result<Exit, CliError> {
    if as_json {
        out.json(&json!({
            "guild_id": guild.to_string(),
            "invites_disabled_until": until.map(|at| at.to_string()),
        }))?;
    } else {
        out.line(match until {
            Some(until) => format!("invites of {guild} are paused until {} UTC", moment(until)),
            None => format!("invites of {guild} work again"),
        })?;
    }
    Ok(Exit::Ok)
}
