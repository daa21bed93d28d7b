//! Who joined while nobody listened: found later, or told to be missing.

use guestlist_tracker::{Config, Observation};

use crate::world::{How, Invite, Lists, World, by, guild};
use crate::{away_for, confirmed, gaps, guild_with};

#[test]
fn joins_missed_while_offline_are_caught_up_with() {
    let mut world = guild_with(Config::default());
    let before = world.join(by("a"));
    world.run(60_000);
    world.disconnect();
    world.run(1);
    world.deaf = true;
    let missed = world.join(by("b"));
    let bot = world.join(How::Bot);
    let gone = world.join(by("c"));
    world.run(10_000);
    world.leave(gone.user);
    world.run(60_000);
    world.new_session();
    world.run(120_000);
    assert_eq!(world.joins().len(), 3);
    assert!(confirmed(&world, before, "a"));
    assert!(confirmed(&world, missed, "b"));
    assert!(world.answer(bot).is_some());
    let caught = world.joins().into_iter().find(|join| join.key == missed);
    assert_eq!(caught.unwrap().observed_by, Observation::CatchUp);
    let gaps = gaps(&world);
    assert_eq!(gaps.len(), 1);
    // The counts indicate the one who came and went.
    assert!(!gaps[0].caught_up);
    assert_eq!((gaps[0].joins_found, gaps[0].joins_missing), (2, 1));
    assert_eq!(gaps[0].uses_moved, Some(2));
    world.check(0);
}

#[test]
fn how_many_joined_while_offline_is_told_though_nobody_finds_them() {
    let mut world = guild_with(Config::default());
    world.server.permissions.search = false;
    world.server.permissions.members = false;
    world.join(by("a"));
    world.run(60_000);
    world.disconnect();
    world.run(1);
    world.deaf = true;
    for code in ["a", "b", "b"] {
        world.join(by(code));
    }
    world.run(10_000);
    world.new_session();
    world.run(1_200_000);
    let gaps = gaps(&world);
    assert_eq!(gaps.len(), 1);
    assert_eq!((gaps[0].joins_found, gaps[0].joins_missing), (0, 3));
    assert!(!gaps[0].caught_up);
}

#[test]
fn whom_a_search_found_before_the_event_is_counted_as_a_member() {
    let mut world = guild_with(Config::default());
    world.new_session();
    // A process that was stopped for a while hears of these after it could search.
    for number in 0..5 {
        world.join_with(crate::world::user(5000 + number), by("a"), 40_000, 0);
    }
    world.run(120_000);
    world.new_session();
    world.run(120_000);
    let found: Vec<_> = gaps(&world)
        .into_iter()
        .map(|gap| (gap.joins_found, gap.joins_missing))
        .collect();
    assert_eq!(found, [(5, 0), (0, 0)]);
}

#[test]
fn a_list_from_before_the_gap_does_not_show_who_is_missing() {
    let mut world = guild_with(Config::default());
    world.run(60_000);
    // The list is read at once, and arrives after the new session has begun.
    world.weather.reply = Some((5_000, 5_000));
    world.join(by("a"));
    world.run(1_500);
    world.weather.reply = None;
    away_for(&mut world, 1_000, |world| {
        let gone = world.join(by("b"));
        world.run(500);
        world.leave(gone.user);
    });
    world.run(300_000);
    let gaps = gaps(&world);
    assert_eq!(gaps.len(), 1);
    assert_eq!((gaps[0].joins_found, gaps[0].joins_missing), (0, 1));
}

#[test]
fn whom_the_index_holds_late_is_found_since_members_and_counts_tell_of_them() {
    let mut world = guild_with(Config::default());
    world.weather.index = (200_000, 200_000);
    world.disconnect();
    world.run(1);
    world.deaf = true;
    let missed = world.join(by("b"));
    world.run(10_000);
    world.new_session();
    world.run(1_200_000);
    assert!(confirmed(&world, missed, "b"), "{:?}", world.answer(missed));
    let gaps = gaps(&world);
    assert_eq!((gaps[0].joins_found, gaps[0].joins_missing), (1, 0));
    assert!(gaps[0].caught_up);
}

#[test]
fn a_gap_is_told_though_the_bot_is_removed_before_it_is_filled() {
    let mut world = guild_with(Config::default());
    world.disconnect();
    world.run(1);
    world.deaf = true;
    world.join(by("b"));
    world.run(10_000);
    world.new_session();
    world.run(5_000);
    assert!(gaps(&world).is_empty());
    let delete = guestlist_model::Event::from_parts(
        "GUILD_DELETE",
        format!(r#"{{"id":"{}"}}"#, guild()).as_bytes(),
    );
    world.tell(0, delete.unwrap());
    world.run(1_000);
    assert_eq!(gaps(&world).len(), 1);
}

/// Somebody comes and goes within a second.
fn passes(world: &mut World, name: &str) {
    let gone = world.join(by(name));
    world.run(500);
    world.leave(gone.user);
    world.run(500);
}

/// How many joins all gaps told to be missing, at the least and at the most.
fn missing(world: &World) -> Vec<(u64, Option<u64>)> {
    let gaps = gaps(world).into_iter();
    gaps.map(|gap| (gap.joins_missing, gap.joins_missing_at_most))
        .collect()
}

#[test]
fn who_came_and_went_is_counted_though_many_come_all_the_time() {
    let mut world = guild_with(Config::default());
    let crowd = |world: &mut World| {
        for turn in 0..90 {
            world.join(by(["a", "b", "c"][turn % 3]));
            world.run(700);
        }
    };
    crowd(&mut world);
    away_for(&mut world, 4_000, |world| {
        passes(world, "a");
        world.join(by("a"));
        passes(world, "b");
        world.join(by("c"));
    });
    crowd(&mut world);
    world.run(300_000);
    assert_eq!(missing(&world), [(2, Some(2))]);
}

#[test]
fn who_came_and_went_by_an_invite_that_was_revoked_is_counted() {
    let mut world = guild_with(Config::default());
    world.join(by("a"));
    world.run(60_000);
    away_for(&mut world, 60_000, |world| {
        passes(world, "a");
        world.join(by("a"));
        world.run(100);
        world.revoke("a");
    });
    world.run(300_000);
    assert_eq!(missing(&world), [(1, Some(1))]);
    let states = world.states_of("a");
    assert_eq!(states.last().unwrap().uses, Some(6), "3, and these");
}

#[test]
fn what_a_list_shows_before_the_gap_is_noticed_is_counted() {
    let mut world = guild_with(Config::default());
    world.join(by("a"));
    world.run(60_000);
    // Nothing is heard any more, but requests are answered.
    world.deaf = true;
    passes(&mut world, "b");
    world.run(2_000);
    world.deaf = false;
    world.join(by("a"));
    world.run(20_000);
    away_for(&mut world, 1_000, |_| {});
    world.run(300_000);
    assert_eq!(missing(&world), [(1, Some(1))]);
}

#[test]
fn a_use_that_nobody_joined_by_is_not_one_of_a_later_gap() {
    let mut world = guild_with(Config::default());
    world.join(by("a"));
    world.run(60_000);
    world.server.count(&by("b"));
    world.join(by("a"));
    world.run(300_000);
    away_for(&mut world, 10_000, |world| passes(world, "a"));
    world.run(300_000);
    assert_eq!(missing(&world), [(1, Some(1))]);
}

#[test]
fn who_came_by_an_invite_that_no_list_has_shown_is_not_missing() {
    let mut world = guild_with(Config::default());
    world.join(by("a"));
    world.run(60_000);
    away_for(&mut world, 10_000, |world| {
        world.create_silently(Invite::new("new"));
        world.join(by("new"));
    });
    world.run(300_000);
    assert_eq!(missing(&world), [(0, Some(0))]);
}

#[test]
fn uses_are_told_once() {
    let mut world = guild_with(Config::default());
    world.join(by("a"));
    world.run(60_000);
    for _ in 0..3 {
        away_for(&mut world, 10_000, |world| passes(world, "a"));
        world.run(300_000);
    }
    assert_eq!(missing(&world), [(1, Some(1)); 3]);
}

#[test]
fn what_a_list_shows_while_nobody_listens_is_counted_later() {
    let mut world = guild_with(Config::default());
    world.run(60_000);
    // The list for this join is read after the connection is lost.
    world.join(by("a"));
    away_for(&mut world, 180_000, |_| {});
    world.run(300_000);
    assert_eq!(missing(&world), [(0, Some(0))]);
    world.join(by("a"));
    world.run(300);
    world.disconnect();
    world.run(1);
    world.deaf = true;
    passes(&mut world, "a");
    world.run(180_000);
    world.new_session();
    world.run(300_000);
    assert_eq!(missing(&world)[1], (1, Some(1)));
}

#[test]
fn a_restart_within_a_gap_loses_nothing_of_what_is_missing() {
    let mut world = guild_with(Config::default());
    world.join(by("a"));
    world.run(60_000);
    away_for(&mut world, 10_000, |world| passes(world, "b"));
    world.run(20_000);
    world.restart_after(1_000);
    world.run(300_000);
    let missing = missing(&world);
    assert_eq!(missing.last(), Some(&(1, Some(1))), "{missing:?}");
}

#[test]
fn a_join_whose_invite_is_listed_before_it_is_counted_is_not_missing() {
    let mut world = guild_with(Config::default());
    world.join(by("a"));
    world.run(60_000);
    away_for(&mut world, 4_000, |world| {
        world.create_silently(Invite::new("new"));
        world.join_with(crate::world::user(5000), by("new"), 10, 4_000);
    });
    world.run(300_000);
    assert_eq!(missing(&world), [(0, Some(0))]);
}

#[test]
fn a_join_of_which_it_is_not_known_how_may_be_one_of_the_uses() {
    let mut world = guild_with(Config::default());
    world.join(by("a"));
    world.run(60_000);
    world.server.permissions.search = false;
    away_for(&mut world, 10_000, |world| {
        passes(world, "b");
        world.join(by("c"));
    });
    world.run(1_200_000);
    // One was found, and came by `b`, by `c`, or neither.
    let gap = gaps(&world)[0];
    assert_eq!(gap.joins_found, 1);
    assert_eq!(missing(&world), [(1, Some(2))]);
}

#[test]
fn without_a_list_it_is_not_known_how_many_may_be_missing() {
    let mut world = guild_with(Config::default());
    world.join(by("a"));
    world.run(60_000);
    world.server.permissions.lists = Lists::Forbidden;
    away_for(&mut world, 10_000, |world| passes(world, "b"));
    world.run(1_200_000);
    assert_eq!(missing(&world), [(0, None)]);
}
