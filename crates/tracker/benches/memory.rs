//! How much memory quiet guilds take: `cargo bench -p guestlist-tracker --bench memory`.
//!
//! It exits with 1 if 100,000 guilds with ten invites each take more than they must. `-- --json`
//! prints JSON. Linux tells how much memory a process has; elsewhere nothing is measured.

use std::process::ExitCode;

use guestlist_model::{Event, GuildId, Invite, ShardId, Timestamp};
use guestlist_tracker::{Config, ConfirmPolicy, Request, Response, Tracker};

const GUILDS: u64 = 100_000;
const INVITES: u64 = 10;
/// In megabytes.
const MUST: u64 = 150;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000 + millis)
}

fn create(number: u64) -> Event {
    let guild =
        GuildId::new_checked((number + 1) << 22).unwrap_or_else(|| unreachable!("not zero"));
    let data = format!(r#"{{"id":"{guild}","name":"g","features":[],"vanity_url_code":null}}"#);
    Event::from_parts("GUILD_CREATE", data.as_bytes())
        .unwrap_or_else(|error| unreachable!("{error}"))
}

/// Each guild's own: nothing is shared with other guilds.
fn invites(of: u64) -> Vec<Invite> {
    (0..INVITES)
        .map(|number| {
            let json = format!(
                r#"{{"type":0,"code":"c{of:06}{number}","expires_at":null,"uses":5,"max_uses":0,"max_age":0,"temporary":false,"created_at":"2023-01-01T00:00:00Z","channel":{{"id":"3","type":0}},"inviter":{{"id":"77","username":"host"}}}}"#
            );
            Invite::from_slice(json.as_bytes()).unwrap_or_else(|error| unreachable!("{error}"))
        })
        .collect()
}

/// Answers all lists that are asked for, and takes all that comes out, as a driver does.
fn drain(tracker: &mut Tracker, now: Timestamp) {
    while let Some((id, request)) = tracker.poll_request() {
        let of = (request.guild().get() >> 22) - 1;
        if matches!(request, Request::ListInvites { .. }) {
            tracker.handle_response(now, id, Ok(Response::Invites(invites(of))));
        }
    }
    while tracker.poll_output().is_some() {}
    drop(tracker.take_changed());
}

/// Resident memory in kB, where the system tells it.
fn memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn main() -> ExitCode {
    let before = memory();
    let mut tracker = Tracker::new(Config::new().confirm(ConfirmPolicy::Always));
    for number in 0..GUILDS {
        tracker.handle_event(at(0), ShardId::ONE, &create(number));
        drain(&mut tracker, at(0));
    }
    // Until the first lists are final.
    for seconds in 1..=20 {
        tracker.handle_timeout(at(seconds * 1_000));
        drain(&mut tracker, at(seconds * 1_000));
    }
    let (Some(before), Some(after)) = (before, memory()) else {
        println!("the system does not tell how much memory is used");
        return ExitCode::SUCCESS;
    };
    let bytes = after.saturating_sub(before) * 1024;
    let megabytes = bytes / 1_000_000;
    let holds = megabytes <= MUST;
    if std::env::args().any(|argument| argument == "--json") {
        println!(
            r#"{{"guilds":{GUILDS},"invites":{INVITES},"megabytes":{megabytes},"bytes_per_guild":{},"must":{MUST},"holds":{holds}}}"#,
            bytes / GUILDS
        );
    } else {
        let word = if holds { "pass" } else { "FAIL" };
        println!(
            "{word}  memory of {GUILDS} guilds with {INVITES} invites each: {megabytes} MB (must be ≤ {MUST}), {} B a guild",
            bytes / GUILDS
        );
    }
    drop(tracker);
    if holds {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
