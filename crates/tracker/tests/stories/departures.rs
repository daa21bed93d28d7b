//! Who left while nobody listened.

use guestlist_model::Envelope;
use guestlist_tracker::{Config, JoinKey, Leave, Observation, Record};

use crate::world::{Invite, World, by, guild};
use crate::{away_for, confirmed, gaps, guild_with};

fn leave_of(world: &World, key: JoinKey) -> Option<&Leave> {
    let mut records = world.records.iter().rev();
    records.find_map(|record| match record {
        Record::Leave(leave) if JoinKey::new(leave.guild, leave.user, leave.joined_at?) == key => {
            Some(leave)
        }
        _ => None,
    })
}

/// The connection is gone for a minute, without a session to resume.
fn away(world: &mut World, meanwhile: impl FnOnce(&mut World)) {
    away_for(world, 60_000, meanwhile);
}

/// A GUILD_MEMBER_REMOVE that cannot be decoded.
fn undecoded_leave(world: &mut World) {
    let frame = format!(
        r#"{{"op":0,"t":"GUILD_MEMBER_REMOVE","d":{{"guild_id":"{}","user":7}}}}"#,
        guild()
    );
    let now = world.local();
    let envelope = Envelope::read(frame.as_bytes());
    world
        .tracker
        .handle_undecoded(now, guestlist_model::ShardId::ONE, &envelope);
    world.poll();
}

#[test]
fn who_left_while_nobody_listened_is_found() {
    let mut world = guild_with(Config::default());
    let (stays, leaves) = (world.join(by("a")), world.join(by("b")));
    world.run(60_000);
    let before = world.discord();
    away(&mut world, |world| world.leave(leaves.user));
    world.run(120_000);
    let leave = leave_of(&world, leaves).expect("the leave is stated");
    // Between the last event and now, as nobody said when.
    assert!(leave.since.is_some_and(|since| since <= before));
    assert!(leave.since >= Some(leaves.joined_at));
    assert_eq!(leave_of(&world, stays), None);
    assert_eq!(gaps(&world).len(), 1);
    assert_eq!(
        (gaps(&world)[0].leaves_found, gaps(&world)[0].compared),
        (1, true)
    );
    // One page for both of them.
    assert_eq!(world.count_requests("list_members"), 1);
    world.check(0);
}

#[test]
fn a_leave_that_an_event_told_of_is_not_told_again() {
    let mut world = guild_with(Config::default());
    let key = world.join(by("a"));
    world.run(60_000);
    away(&mut world, |_| {});
    world.run(5_000);
    world.leave(key.user);
    world.run(120_000);
    let leave = leave_of(&world, key).unwrap();
    assert_eq!(leave.since, None);
    assert_eq!(
        (gaps(&world)[0].leaves_found, gaps(&world)[0].compared),
        (0, true)
    );
}

#[test]
fn a_leave_that_names_no_join_says_until_when_that_was() {
    let mut world = guild_with(Config::default());
    let first = world.join(by("a"));
    // So many that the first is no longer remembered.
    for _ in 0..300 {
        world.run(1_000);
        world.join(by("a"));
    }
    world.run(100_000);
    world.leave(first.user);
    world.run(1_000);
    let again = world.join_as(first.user, by("b"));
    let mut leaves = world.records.iter().filter_map(|record| match record {
        Record::Leave(leave) if leave.user == first.user => Some(leave),
        _ => None,
    });
    let leave = leaves.next().expect("the leave is stated");
    assert_eq!(leave.joined_at, None);
    assert!(leave.joined_before >= Some(first.joined_at));
    assert!(leave.joined_before < Some(again.joined_at));
}

#[test]
fn without_the_list_of_members_the_next_gap_finds_them() {
    let mut world = guild_with(Config::default());
    let key = world.join(by("a"));
    world.run(60_000);
    let before = world.discord();
    world.server.permissions.members = false;
    away(&mut world, |world| world.leave(key.user));
    world.run(1_000_000);
    assert_eq!(leave_of(&world, key), None);
    assert!(!gaps(&world)[0].compared);
    world.server.permissions.members = true;
    away(&mut world, |_| {});
    world.run(120_000);
    let leave = leave_of(&world, key).unwrap();
    assert!(leave.since.is_some_and(|since| since <= before));
    assert!(gaps(&world)[1].compared);
}

#[test]
fn who_left_and_came_back_is_here_by_the_later_join() {
    let mut world = guild_with(Config::default());
    let first = world.join(by("a"));
    world.run(60_000);
    let mut second = first;
    away(&mut world, |world| {
        world.leave(first.user);
        world.run(1_000);
        second = world.join_as(first.user, by("b"));
    });
    world.run(200_000);
    assert!(confirmed(&world, second, "b"), "{:?}", world.answer(second));
    assert_eq!(leave_of(&world, second), None);
}

#[test]
fn without_the_search_the_list_of_members_tells_who_joined() {
    let mut world = guild_with(Config::default());
    world.server.permissions.search = false;
    let first = world.join(by("a"));
    world.run(60_000);
    let mut missed = first;
    away(&mut world, |world| missed = world.join(by("b")));
    world.run(200_000);
    let found = world.joins().into_iter().find(|join| join.key == missed);
    assert_eq!(
        found.map(|join| join.observed_by),
        Some(Observation::CatchUp)
    );
    let gap = gaps(&world)[0];
    assert_eq!(
        (gap.joins_found, gap.joins_missing, gap.caught_up),
        (1, 0, true)
    );
    assert!(world.answer(missed).is_some());
    world.check(0);
}

#[test]
fn who_came_and_went_is_counted() {
    let mut world = guild_with(Config::default());
    world.join(by("a"));
    world.create(Invite::new("once").max_uses(1));
    world.run(60_000);
    away(&mut world, |world| {
        for name in ["b", "b", "once"] {
            let gone = world.join(by(name));
            world.run(1_000);
            world.leave(gone.user);
        }
        // Who stays is found, and is not missing.
        world.join(by("b"));
    });
    world.run(1_200_000);
    let gap = gaps(&world)[0];
    assert_eq!((gap.joins_found, gap.joins_missing), (1, 3));
    assert!(!gap.caught_up);
}

#[test]
fn a_join_that_is_counted_late_is_not_missing() {
    let mut world = guild_with(Config::default());
    world.run(60_000);
    // Told before the connection is lost, and counted afterwards.
    world.join_with(crate::world::user(5000), by("a"), 10, 4_000);
    world.run(100);
    away(&mut world, |_| {});
    world.run(1_200_000);
    assert_eq!(gaps(&world)[0].joins_missing, 0);
}

#[test]
fn a_leave_that_is_not_understood_is_found() {
    let mut world = guild_with(Config::default());
    let key = world.join(by("a"));
    world.run(60_000);
    world.server.members.remove(&key.user);
    undecoded_leave(&mut world);
    world.run(120_000);
    assert!(leave_of(&world, key).is_some());
}

#[test]
fn a_comparison_outlives_a_restart() {
    let mut world = guild_with(Config::default());
    let key = world.join(by("a"));
    world.run(60_000);
    away(&mut world, |world| world.leave(key.user));
    world.run(20_000);
    assert_eq!(leave_of(&world, key), None);
    world.restart_after(3_600_000);
    world.run(120_000);
    assert!(leave_of(&world, key).is_some());
    assert!(gaps(&world).last().unwrap().compared);
}

#[test]
fn who_came_and_went_is_counted_though_the_connection_is_lost_again() {
    let mut world = guild_with(Config::default());
    world.join(by("a"));
    world.run(60_000);
    for name in ["b", "c"] {
        away_for(&mut world, 10_000, |world| {
            let gone = world.join(by(name));
            world.run(1_000);
            world.leave(gone.user);
        });
        world.run(10_000);
    }
    world.run(200_000);
    let gaps = gaps(&world);
    assert_eq!(gaps.len(), 1);
    assert_eq!((gaps[0].joins_missing, gaps[0].uses_moved), (2, Some(2)));
}

#[test]
fn who_used_an_invite_up_and_stayed_is_not_missing() {
    let mut world = guild_with(Config::default());
    world.join(by("a"));
    for name in ["x", "y"] {
        world.create(Invite::new(name).max_uses(1));
    }
    world.run(60_000);
    away(&mut world, |world| {
        for name in ["x", "y"] {
            world.join(by(name));
        }
    });
    world.run(300_000);
    let gap = gaps(&world)[0];
    assert_eq!((gap.joins_found, gap.joins_missing), (2, 0));
}

#[test]
fn uses_that_a_list_shows_while_nobody_listens_count_for_the_gap() {
    let mut world = guild_with(Config::default());
    world.run(60_000);
    // A list is asked for, and comes when the connection is down.
    world.weather.latency = (2_000, 2_000);
    world.join(by("a"));
    world.run(20);
    away(&mut world, |_| {});
    world.run(5);
    let gone = world.joins().len();
    assert_eq!(gone, 1);
    world.run(300_000);
    assert_eq!(gaps(&world)[0].joins_missing, 0);
}

#[test]
fn a_leave_that_was_kept_back_does_not_end_a_join_that_was_just_found() {
    let mut world = guild_with(Config::default());
    let first = world.join(by("a"));
    world.run(60_000);
    away(&mut world, |_| {});
    world.run(10);
    // The process is stopped: events wait, and the search is answered before they are read.
    world.hang_for(32_000);
    world.leave(first.user);
    world.run(1_000);
    let second = world.join_as(first.user, by("b"));
    world.run(200_000);
    assert!(confirmed(&world, second, "b"), "{:?}", world.answer(second));
    let ended =
        |leave: &&Leave| leave.user == first.user && leave.joined_at != Some(first.joined_at);
    let leaves = world.records.iter().filter_map(|record| match record {
        Record::Leave(leave) => Some(leave),
        _ => None,
    });
    let wrong: Vec<&Leave> = leaves.filter(ended).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn a_gap_that_is_widened_while_it_waits_for_a_late_pass_is_closed_soon() {
    let mut world = guild_with(Config::default());
    // The index holds nobody for long: only the list of members tells of them.
    world.weather.index = (2_000_000, 2_000_000);
    let key = world.join(by("a"));
    world.run(60_000);
    away(&mut world, |world| {
        world.join(by("b"));
    });
    // The third pass is over, and the fourth is far away.
    world.run(150_000);
    assert!(gaps(&world).is_empty());
    world.server.members.remove(&key.user);
    undecoded_leave(&mut world);
    world.run(60_000);
    assert!(leave_of(&world, key).is_some());
}

#[test]
fn a_gap_that_begins_while_events_are_waited_for_is_searched() {
    let mut world = guild_with(Config::default());
    world.weather.index = (10_000, 10_000);
    world.run(60_000);
    // Somebody came and went, so the whole list is read half a minute later. It shows a join
    // whose event comes only then.
    away(&mut world, |world| {
        let gone = world.join(by("c"));
        world.run(1_000);
        world.leave(gone.user);
    });
    world.run(29_000);
    let late = crate::world::user(5000);
    world.join_with(late, by("a"), 3_000, 0);
    world.run(5_000);
    let mut missed = None;
    away_for(&mut world, 2_000, |world| {
        missed = Some(world.join(by("b")))
    });
    world.run(200_000);
    let missed = missed.unwrap();
    assert!(confirmed(&world, missed, "b"), "{:?}", world.answer(missed));
}
