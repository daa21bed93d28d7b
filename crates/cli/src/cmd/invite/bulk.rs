//! `guestlist invite create --count`: many invites, none of them twice.

use std::path::Path;
use std::time::Duration;

use guestlist::client::{ApiError, Client, CreateInvite, Created, MaxUses, Reason};
use guestlist::model::{AuditAction, ChannelId, Invite, Timestamp};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::create::Prepared;
use super::journal::{Journal, JournalError, Made, Order};
use crate::args::{ApiArgs, now};
use crate::describe::warn;
use crate::error::{CliError, Exit, InputError};
use crate::output::{Out, encode_csv};
use crate::runtime::{block_on, cancelled_by_signals};

/// How long a request may take before Ctrl-C no longer waits for its answer.
const ANSWERED_WITHIN: Duration = Duration::from_secs(3);

/// Creates `count` invites and writes them to `path`.
pub(super) fn run(
    api: &ApiArgs,
    channel: ChannelId,
    prepared: &Prepared<'_>,
    count: u32,
    path: &Path,
    as_json: bool,
    out: &mut Out,
) -> Result<Exit, CliError> {
    if path.exists() {
        return Err(there_already(path));
    }
    let mut journal_path = path.as_os_str().to_owned();
    journal_path.push(".journal");
    let journal_path = Path::new(&journal_path);
    let began = now();
    let order = Order {
        batch: format!("{:x}-{:x}", began.as_micros(), std::process::id()),
        began: began.as_micros(),
        channel: channel.to_string(),
        count,
        options: prepared.fingerprint(),
    };
    let mut journal =
        Journal::open(journal_path, order).map_err(|error| journal_error(error, journal_path))?;
    let kept = |error| journal_error(error, journal_path);
    // Another run may have ended the same order before this one got the lock.
    if path.exists() {
        if journal.is_new {
            journal.finish().map_err(|error| kept(error.into()))?;
        }
        return Err(there_already(path));
    }
    out.outlive_reader();
    let bar = progress(count);
    let finished = block_on(async {
        let stop = cancelled_by_signals()?;
        let client = api.client()?;
        loop {
            bar.set_position(journal.made.len() as u64);
            if journal.in_doubt {
                let lost = find_lost(&client, channel, &journal);
                let Some(lost) = stop.run_until_cancelled(lost).await else {
                    return Ok(false);
                };
                match lost? {
                    Some(made) => journal.created(made).map_err(kept)?,
                    None => journal.refused().map_err(kept)?,
                }
                continue;
            }
            if journal.made.len() >= count as usize {
                return Ok(true);
            }
            if stop.is_cancelled() {
                return Ok(false);
            }
            journal.trying().map_err(kept)?;
            let request = one(prepared, &client, channel, &journal.order)?;
            let answer = tokio::select! {
                biased;
                answer = request.into_future() => answer,
                () = given_up(&stop) => return Ok(false),
            };
            match answer {
                Ok(Created::Invite(invite)) => {
                    journal.created(told(&invite)).map_err(kept)?;
                    if as_json {
                        out.line(invite.to_json())?;
                        out.flush()?;
                    }
                }
                // The invite exists, and its code is found as after a crash.
                Ok(Created::Nothing) => {}
                Err(error) => {
                    if !may_have_worked(&error) {
                        journal.refused().map_err(kept)?;
                    }
                    bar.abandon();
                    if !journal.made.is_empty() || journal.in_doubt {
                        warn(&unfinished(&journal, count));
                    }
                    return Err(error.into());
                }
            }
        }
    })?;
    if !finished {
        bar.abandon();
        warn(&unfinished(&journal, count));
        return Ok(Exit::Negative);
    }
    bar.finish_and_clear();
    write_csv(&journal, path)?;
    if as_json {
        out.json(&json!({"event": "summary", "created": journal.made.len(), "file": path.display().to_string()}))?;
    } else {
        out.line(format!(
            "{} invites are in {}",
            journal.made.len(),
            path.display()
        ))?;
    }
    journal.finish().map_err(|error| kept(error.into()))?;
    Ok(Exit::Ok)
}

/// Ends when no answer is waited for any longer: a while after the request was
/// sent, but not before there was a signal. What takes longer waits for a rate
/// limit, or is found by the next run as after a crash.
async fn given_up(stop: &CancellationToken) {
    tokio::join!(stop.cancelled(), tokio::time::sleep(ANSWERED_WITHIN));
}

fn one(
    prepared: &Prepared<'_>,
    client: &Client,
    channel: ChannelId,
    order: &Order,
) -> Result<CreateInvite, CliError> {
    // Without `unique`, Discord would hand out the same invite again and again.
    let mut request = prepared.request(client, channel).unique(true);
    if prepared.max_uses().is_none() {
        let once = MaxUses::new(1).map_err(|error| CliError::Internal(error.to_string()))?;
        request = request.max_uses(once);
    }
    let tag = tag(order);
    let text = match prepared.reason() {
        Some(reason) => {
            let room = Reason::MAX_CHARS.saturating_sub(tag.chars().count() + 1);
            let reason: String = reason.as_str().chars().take(room).collect();
            format!("{reason} {tag}")
        }
        None => tag,
    };
    let reason = Reason::new(&text).map_err(|error| CliError::Internal(error.to_string()))?;
    Ok(request.reason(reason))
}

/// Names the order in the audit log, where a lost answer is looked for.
fn tag(order: &Order) -> String {
    format!("[guestlist {}]", order.batch)
}

fn told(invite: &Invite) -> Made {
    Made {
        code: invite.code().to_string(),
        created_at: invite.created_at().map(|at| at.to_string()),
        expires_at: invite.expires_at().value().map(|at| at.to_string()),
    }
}

/// Whether Discord may have made the invite although the answer was lost.
fn may_have_worked(error: &ApiError) -> bool {
    match error {
        ApiError::Transport(_)
        | ApiError::Timeout
        | ApiError::Decode(_)
        | ApiError::NotDiscord { .. } => true,
        ApiError::Api { status, .. } => *status >= 500,
        ApiError::UnknownInvite
        | ApiError::NotFound { .. }
        | ApiError::MissingPermission
        | ApiError::MissingAccess
        | ApiError::Unauthorized
        | ApiError::Banned
        | ApiError::LimitReached { .. }
        | ApiError::VanityUnavailable
        | ApiError::NoTargetUsers
        | ApiError::NotForBots
        | ApiError::InvalidForm { .. }
        | ApiError::TargetUsersFile { .. }
        | ApiError::NotIndexed { .. }
        | ApiError::RateLimited { .. } => false,
    }
}

/// Looks for the invite of the request whose answer was lost.
///
/// The audit log knows it by the order's tag, also when it was used up since.
/// Who may not read that can still list the channel's invites.
async fn find_lost(
    client: &Client,
    channel: ChannelId,
    journal: &Journal,
) -> Result<Option<Made>, CliError> {
    let listed = client.list_channel_invites(channel).await;
    let guild = match &listed {
        Ok(list) => list.invites.iter().find_map(Invite::guild_id),
        Err(_) => client.channel(channel).await?.guild_id,
    };
    if let Some(guild) = guild
        && let Ok(log) = client
            .audit_log(guild)
            .action(AuditAction::INVITE_CREATE)
            .await
    {
        let tag = tag(&journal.order);
        let lost = log.entries.iter().find_map(|entry| {
            let ours = entry
                .reason
                .as_deref()
                .is_some_and(|reason| reason.contains(&tag));
            let code = entry.invite_change()?.code?.to_string();
            (ours && !journal.has(&code)).then_some(code)
        });
        if let Some(code) = lost {
            let invite = listed.ok().and_then(|list| {
                list.invites
                    .into_iter()
                    .find(|it| it.code().as_str() == code)
            });
            return Ok(Some(match invite {
                Some(invite) => told(&invite),
                None => Made {
                    code,
                    created_at: None,
                    expires_at: None,
                },
            }));
        }
        return Ok(None);
    }
    let me = client.current_user().await?.id();
    let since = not_before(journal);
    Ok(listed?
        .invites
        .iter()
        .find(|invite| {
            invite.inviter_id() == Some(me)
                && invite.created_at().is_some_and(|at| at >= since)
                && !journal.has(invite.code().as_str())
        })
        .map(told))
}

/// The earliest moment, by Discord's clock, at which the lost invite can have
/// been made: after the one before it or, for the first, after the order with
/// an hour to spare for clocks that differ.
fn not_before(journal: &Journal) -> Timestamp {
    const HOUR: i64 = 3_600_000_000;
    journal
        .made
        .iter()
        .rev()
        .find_map(|made| Timestamp::parse(made.created_at.as_deref()?).ok())
        .unwrap_or_else(|| Timestamp::from_micros(journal.order.began.saturating_sub(HOUR)))
}

fn write_csv(journal: &Journal, path: &Path) -> Result<(), CliError> {
    let mut bytes = encode_csv(&["code", "link", "created_at", "expires_at"])?;
    for made in &journal.made {
        bytes.extend(encode_csv(&[
            made.code.clone(),
            format!("https://discord.gg/{}", made.code),
            made.created_at.clone().unwrap_or_default(),
            made.expires_at.clone().unwrap_or_default(),
        ])?);
    }
    std::fs::write(path, bytes).map_err(|source| {
        InputError::Write {
            path: path.to_owned(),
            source,
        }
        .into()
    })
}

fn unfinished(journal: &Journal, count: u32) -> String {
    format!(
        "{} of {count} are created; run the same command again to go on, none is created twice",
        journal.made.len()
    )
}

fn there_already(path: &Path) -> CliError {
    CliError::Usage {
        message: format!("{} is there already", path.display()),
        help: "choose another file; an order that was interrupted has only a .journal beside it"
            .into(),
    }
}

fn journal_error(error: JournalError, path: &Path) -> CliError {
    match error {
        JournalError::Io(source) => InputError::Write {
            path: path.to_owned(),
            source,
        }
        .into(),
        JournalError::Garbled => CliError::Usage {
            message: format!("{} is not a journal of `invite create --count`", path.display()),
            help: "choose another --out, or move that file away".into(),
        },
        JournalError::OtherOrder => CliError::Usage {
            message: format!("{} is of an order with other options", path.display()),
            help: "run that command again to finish it, choose another --out, or delete the journal to give it up"
                .into(),
        },
        JournalError::InUse => CliError::Usage {
            message: format!("another run is working on {}", path.display()),
            help: "wait until that one has ended, or choose another --out".into(),
        },
    }
}

/// A bar on a terminal, nothing elsewhere.
fn progress(count: u32) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(u64::from(count)), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} invites, {eta} left") {
        bar.set_style(style);
    }
    bar
}
