//! How much the tracker can take: events a second over many guilds, and one big burst.
//!
//! `cargo bench -p guestlist-tracker`

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use guestlist_model::{Event, GuildId, Invite, MemberSearch, ShardId, Timestamp};
use guestlist_tracker::{Config, ConfirmPolicy, Request, Response, Tracker};

const START: i64 = 1_700_000_000_000;

fn main() {
    divan::main();
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(START + millis)
}

fn guild(number: u64) -> GuildId {
    GuildId::new_checked((number + 1) << 22).unwrap_or_else(|| unreachable!("not zero"))
}

fn event(name: &str, data: &str) -> Event {
    Event::from_parts(name, data.as_bytes()).unwrap_or_else(|error| unreachable!("{error}"))
}

fn create(guild: GuildId) -> Event {
    event(
        "GUILD_CREATE",
        &format!(r#"{{"id":"{guild}","name":"g","features":[],"vanity_url_code":null}}"#),
    )
}

fn add(guild: GuildId, user: u64, joined_at: Timestamp) -> Event {
    event(
        "GUILD_MEMBER_ADD",
        &format!(
            r#"{{"guild_id":"{guild}","user":{{"id":"{user}","username":"u{user}"}},"joined_at":"{joined_at}","roles":[],"flags":0}}"#
        ),
    )
}

fn invites(count: u64, used: impl Fn(u64) -> u64) -> Vec<Invite> {
    (0..count)
        .map(|number| {
            let json = format!(
                r#"{{"type":0,"code":"code{number}","expires_at":null,"uses":{},"max_uses":0,"max_age":0,"temporary":false,"created_at":"2023-01-01T00:00:00Z","channel":{{"id":"3","type":0}},"inviter":{{"id":"77","username":"host"}}}}"#,
                used(number)
            );
            Invite::from_slice(json.as_bytes()).unwrap_or_else(|error| unreachable!("{error}"))
        })
        .collect()
}

/// Answers all lists that are asked for, and takes all that comes out.
fn drain(tracker: &mut Tracker, now: Timestamp, list: &[Invite]) -> usize {
    let mut out = 0;
    while let Some((id, request)) = tracker.poll_request() {
        if matches!(request, Request::ListInvites { .. }) {
            let answer = Response::Invites(list.to_vec());
            tracker.handle_response(now, id, Ok(answer));
        }
    }
    while tracker.poll_output().is_some() {
        out += 1;
    }
    out + tracker.take_changed().len()
}

/// A tracker whose guilds have all been listed.
fn tracker(confirm: ConfirmPolicy, guilds: u64, list: &[Invite]) -> Tracker {
    let mut config = Config::default();
    config.confirm = confirm;
    config.max_in_flight = usize::MAX;
    let mut tracker = Tracker::new(config);
    for number in 0..guilds {
        tracker.handle_event(at(0), ShardId::ONE, &create(guild(number)));
        drain(&mut tracker, at(0), list);
    }
    tracker.handle_timeout(at(2_001));
    drain(&mut tracker, at(2_001), list);
    tracker
}

/// Joins spread over 1000 guilds of ten invites: event, outputs and state each.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn events_over_1000_guilds(bencher: Bencher<'_, '_>) {
    const EVENTS: u64 = 10_000;
    let list = invites(10, |_| 5);
    let events: Vec<Event> = (0..EVENTS)
        .map(|number| {
            let millis = i64::try_from(number / 10).unwrap_or(0);
            add(guild(number % 1000), 1000 + number, at(millis))
        })
        .collect();
    bencher
        .counter(ItemsCount::new(EVENTS))
        .with_inputs(|| tracker(ConfirmPolicy::Never, 1000, &list))
        .bench_local_refs(|tracker| {
            for (number, event) in events.iter().enumerate() {
                let now = at(3_000 + i64::try_from(number / 10).unwrap_or(0));
                tracker.handle_event(now, ShardId::ONE, event);
                tracker.handle_timeout(now);
                black_box(drain(tracker, now, &list));
            }
        });
}

/// A burst of 100 joins by 20 of 1000 invites: from the first event to the last answer,
/// which leaves 100 joins with 20 candidates each.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn burst_of_100_joins_over_1000_invites(bencher: Bencher<'_, '_>) {
    let before = invites(1000, |_| 5);
    let after = invites(1000, |number| if number % 50 == 0 { 10 } else { 5 });
    let events: Vec<Event> = (0..100)
        .map(|number| {
            add(
                guild(0),
                1000 + number,
                at(i64::try_from(number).unwrap_or(0)),
            )
        })
        .collect();
    bencher
        .counter(ItemsCount::new(100_u64))
        .with_inputs(|| tracker(ConfirmPolicy::Never, 1, &before))
        .bench_local_refs(|tracker| {
            for (number, event) in events.iter().enumerate() {
                let now = at(10_000 + i64::try_from(number).unwrap_or(0));
                tracker.handle_event(now, ShardId::ONE, event);
                black_box(drain(tracker, now, &after));
            }
            while let Some(now) = tracker.poll_timeout().filter(|now| *now < at(100_000)) {
                tracker.handle_timeout(now);
                black_box(drain(tracker, now, &after));
            }
        });
}

/// A raid: members join through all of 1000 invites, forty at a time, for ten seconds.
/// The list that follows each lot counts it, and the search finds everybody three seconds
/// after they joined.
#[divan::bench(sample_count = 3, sample_size = 1, args = [500, 1000, 2000])]
fn raid_through_1000_invites(bencher: Bencher<'_, '_>, joins: u64) {
    const INVITES: u64 = 1000;
    bencher
        .counter(ItemsCount::new(joins))
        .with_inputs(|| tracker(ConfirmPolicy::Always, 1, &invites(INVITES, |_| 5)))
        .bench_local_refs(|tracker| {
            let pause = i64::try_from(40 * 10_000 / joins).unwrap_or(0);
            let mut joined: Vec<(u64, Timestamp)> = Vec::new();
            let mut clock = 10_000;
            while (joined.len() as u64) < joins {
                for _ in 0..40 {
                    let user = 1000 + joined.len() as u64;
                    let now = at(clock + i64::try_from(user % 40).unwrap_or(0));
                    joined.push((user, now));
                    tracker.handle_event(now, ShardId::ONE, &add(guild(0), user, now));
                    answer(tracker, now, INVITES, &joined);
                }
                let until = clock + pause;
                let due = |tracker: &Tracker| tracker.poll_timeout().filter(|now| *now < at(until));
                while let Some(now) = due(tracker) {
                    tracker.handle_timeout(now);
                    answer(tracker, now, INVITES, &joined);
                }
                clock = until;
            }
        });
}

/// Answers lists and searches about these members.
fn answer(tracker: &mut Tracker, now: Timestamp, invites_there: u64, joined: &[(u64, Timestamp)]) {
    while let Some((id, request)) = tracker.poll_request() {
        let answer = match request {
            Request::ListInvites { .. } => {
                let all = joined.len() as u64;
                let used = |number| 5 + (all + invites_there - 1 - number) / invites_there;
                Response::Invites(invites(invites_there, used))
            }
            Request::SearchMembers { guild, .. } => {
                Response::Members(found(guild, now, invites_there, joined))
            }
            _ => continue,
        };
        tracker.handle_response(now, id, Ok(answer));
    }
    while tracker.poll_output().is_some() {}
    black_box(tracker.take_changed());
}

/// Those who joined three seconds ago or earlier, and of them the thousand newest.
fn found(
    guild: GuildId,
    now: Timestamp,
    invites_there: u64,
    joined: &[(u64, Timestamp)],
) -> MemberSearch {
    let indexed = |at: Timestamp| now.as_millis() - at.as_millis() >= 3000;
    let members: Vec<String> = joined
        .iter()
        .rev()
        .filter(|(_, at)| indexed(*at))
        .take(1000)
        .map(|(user, at)| {
            format!(
                r#"{{"member":{{"user":{{"id":"{user}","username":"u{user}"}},"joined_at":"{at}","roles":[],"flags":0}},"join_source_type":5,"source_invite_code":"code{}","inviter_id":"77"}}"#,
                (user - 1000) % invites_there,
            )
        })
        .collect();
    let json = format!(
        r#"{{"guild_id":"{guild}","members":[{}],"page_result_count":{1},"total_result_count":{1}}}"#,
        members.join(","),
        members.len(),
    );
    MemberSearch::from_slice(json.as_bytes()).unwrap_or_else(|error| unreachable!("{error}"))
}
