//! `guestlist invite create --count`: many invites, none of them twice.

use std::path::Path;
use std::time::Duration;

use guestlist::client::{ApiError, Client, CreateInvite, Done, MaxUses, Reason};
use guestlist::model::ChannelId;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::create::Prepared;
use super::journal::{Journal, JournalError, Made, Order};
use super::lost::Lost;
use crate::args::{ApiArgs, now};
use crate::describe::warn;
use crate::error::{CliError, Exit, InputError};
use crate::output::{Out, clean, encode_csv};
use crate::runtime::{block_on, cancelled_by_signals};

/// How long a request may take before Ctrl-C no longer waits for its answer.
const ANSWERED_WITHIN: Duration = Duration::from_secs(3);

/// How many are made.
pub(super) enum Many {
    /// So many.
    Count(u32),
    /// One for each of these people, in this order.
    Personal(Vec<String>),
}

impl Many {
    fn count(&self) -> u32 {
        match self {
            Self::Count(count) => *count,
            Self::Personal(people) => u32::try_from(people.len()).unwrap_or(u32::MAX),
        }
    }

    /// For whom the one at a place is made.
    fn person(&self, place: usize) -> Option<&str> {
        match self {
            Self::Count(_) => None,
            Self::Personal(people) => people.get(place).map(String::as_str),
        }
    }

    /// What makes two runs the same order.
    fn fingerprint(&self, mut options: serde_json::Value) -> serde_json::Value {
        if let (Self::Personal(people), Some(options)) = (self, options.as_object_mut()) {
            options.insert("personal".to_owned(), json!(people));
        }
        options
    }
}

/// Creates many invites and writes them to `path`.
pub(super) fn run(
    api: &ApiArgs,
    channel: ChannelId,
    prepared: &Prepared<'_>,
    many: &Many,
    path: &Path,
    as_json: bool,
    out: &mut Out,
) -> Result<Exit, CliError> {
    let count = many.count();
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
        options: many.fingerprint(prepared.fingerprint()),
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
    let once = MaxUses::new(1).map_err(|error| CliError::Internal(error.to_string()))?;
    let max_uses = prepared.max_uses().unwrap_or(once);
    let tag = tag(&journal.order);
    let lost = Lost {
        channel,
        tag: &tag,
        max_uses,
    };
    let bar = progress(count);
    let finished = block_on(async {
        let stop = cancelled_by_signals()?;
        let client = api.client()?;
        loop {
            bar.set_position(journal.made.len() as u64);
            if journal.in_doubt {
                let found = stop.run_until_cancelled(lost.find(&client, &journal)).await;
                let Some(found) = found else {
                    return Ok(false);
                };
                match found? {
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
            let person = many.person(journal.made.len());
            let request = one(prepared, &client, &lost, person)?;
            let answer = tokio::select! {
                biased;
                answer = request.into_future() => answer,
                () = given_up(&stop) => return Ok(false),
            };
            match answer {
                Ok(Done::Told(invite)) => {
                    journal.created(Made::of(&invite)).map_err(kept)?;
                    if as_json {
                        out.line(invite.to_json())?;
                        out.flush()?;
                    }
                }
                // The invite exists, and its code is found as after a crash.
                Ok(Done::Silent | Done::Odd(_)) => {}
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
    write_csv(&journal, many, path)?;
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
    like: &Lost<'_>,
    person: Option<&str>,
) -> Result<CreateInvite, CliError> {
    // Without `unique`, Discord would hand out the same invite again and again.
    let request = prepared.request(client, like.channel).unique(true);
    let request = request.max_uses(like.max_uses);
    let tag = like.tag;
    let person = person.map(|it| format!("for {}", clean(it)));
    let given = prepared.reason().map(|it| it.as_str().to_owned());
    let told: Vec<String> = person.into_iter().chain(given).collect();
    let text = if told.is_empty() {
        tag.to_owned()
    } else {
        let room = Reason::MAX_CHARS.saturating_sub(tag.chars().count() + 1);
        let told: String = told.join("; ").chars().take(room).collect();
        format!("{told} {tag}")
    };
    let reason = Reason::new(&text).map_err(|error| CliError::Internal(error.to_string()))?;
    Ok(request.reason(reason))
}

/// Names the order in the audit log, where a lost answer is looked for.
fn tag(order: &Order) -> String {
    format!("[guestlist {}]", order.batch)
}

/// Whether Discord may have made the invite although the answer was lost.
fn may_have_worked(error: &ApiError) -> bool {
    match error {
        ApiError::Transport(_)
        | ApiError::Timeout
        | ApiError::Decode(_)
        | ApiError::NotDiscord { .. } => true,
        ApiError::Api { status, .. } => *status >= 500,
        ApiError::UnknownInvite { .. }
        | ApiError::InvalidCode(_)
        | ApiError::NotFound { .. }
        | ApiError::MissingPermission
        | ApiError::MissingAccess
        | ApiError::Unauthorized { .. }
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

fn write_csv(journal: &Journal, many: &Many, path: &Path) -> Result<(), CliError> {
    let personal = matches!(many, Many::Personal(_));
    let mut header = vec!["code", "link", "created_at", "expires_at"];
    if personal {
        header.insert(0, "made_for");
    }
    let mut bytes = encode_csv(&header)?;
    for (place, made) in journal.made.iter().enumerate() {
        let mut cells = vec![
            made.code.clone(),
            format!("https://discord.gg/{}", made.code),
            made.created_at.clone().unwrap_or_default(),
            made.expires_at.clone().unwrap_or_default(),
        ];
        if personal {
            cells.insert(0, many.person(place).unwrap_or_default().to_owned());
        }
        bytes.extend(encode_csv(&cells)?);
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
        "{} of {count} invites were created; run the same command again to continue, none is created twice",
        journal.made.len()
    )
}

fn there_already(path: &Path) -> CliError {
    CliError::Usage {
        message: format!("{} already exists", path.display()),
        help: "choose another file; an interrupted run leaves only a .journal file next to it"
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
            help: "choose another --out or move that file away".into(),
        },
        JournalError::OtherOrder => CliError::Usage {
            message: format!("{} belongs to a run with different options", path.display()),
            help: "run that command again to finish it, choose another --out, or delete the journal to abandon it"
                .into(),
        },
        JournalError::InUse => CliError::Usage {
            message: format!("another run is using {}", path.display()),
            help: "wait until that run has ended, or choose another --out".into(),
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
