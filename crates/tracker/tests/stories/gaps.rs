//! What was missed, told twice, or too early.

use std::time::Duration;

use guestlist_model::ShardId;
use guestlist_tracker::{Certainty, Config, ConfirmPolicy, Reason, Record};

use crate::world::{How, Invite, World, by, guild, is_invite, user};
use crate::{config, confirmed, counts_only, deduced, guild_with};

#[test]
fn what_moved_while_offline_proves_nothing_later() {
    let mut world = guild_with(config(ConfirmPolicy::Never));
    world.server.permissions.search = false;
    world.server.permissions.members = false;
    world.disconnect();
    world.run(1);
    world.deaf = true;
    world.join(by("b"));
    world.run(60_000);
    world.new_session();
    world.run(1);
    let key = world.join(How::Discovery);
    world.run(120_000);
    assert!(world.answer(key).unwrap().origin().is_none());
    let gap = world.records.iter().find_map(|record| match record {
        Record::Gap(gap) => Some(gap),
        _ => None,
    });
    assert!(!gap.unwrap().caught_up);
}

#[test]
fn what_is_counted_only_after_a_gap_proves_nothing() {
    let mut world = guild_with(config(ConfirmPolicy::WhenAmbiguous));
    world.weather.index = (60_000, 60_000);
    world.disconnect();
    world.run(1);
    world.deaf = true;
    world.join_with(user(5000), by("a"), 10, 4000);
    world.run(100);
    world.new_session();
    world.run(2000);
    let key = world.join(How::Discovery);
    world.run(200_000);
    world.check(0);
    assert!(world.answer(key).is_some());
}

#[test]
fn a_join_that_cannot_be_decoded_is_searched_for() {
    let mut world = guild_with(Config::default());
    world.join(by("b"));
    world.run(60_000);
    world.weather.garbled = 1000;
    let garbled = world.join(by("a"));
    world.weather.garbled = 0;
    let key = world.join(How::Discovery);
    world.run(120_000);
    assert!(confirmed(&world, garbled, "a"));
    assert!(world.answer(key).is_some());
    world.check(0);
}

#[test]
fn what_counts_for_a_join_that_cannot_be_decoded_proves_nothing() {
    for count in [0, 4000] {
        let mut world = counts_only();
        world.weather.garbled = 1000;
        world.join_with(user(5000), by("a"), 10, count);
        world.weather.garbled = 0;
        world.run(2000);
        let key = world.join(How::Discovery);
        world.run(120_000);
        assert!(world.answer(key).is_some());
        world.check(0);
    }
}

#[test]
fn many_events_that_cannot_be_decoded_make_few_searches() {
    let mut world = guild_with(Config::default());
    world.join(by("b"));
    world.run(60_000);
    let before = world.count_requests("search_members");
    world.weather.garbled = 1000;
    for _ in 0..60 {
        world.join(by("a"));
        world.run(1000);
    }
    world.weather.garbled = 0;
    world.run(120_000);
    assert_eq!(world.joins().len(), 61);
    let searches = world.count_requests("search_members") - before;
    assert!(searches <= 10, "{searches}");
    world.check(0);
}

#[test]
fn a_member_without_a_time_of_joining_is_not_passed_over() {
    let mut world = counts_only();
    let add = format!(
        r#"{{"guild_id":"{}","user":{{"id":"9","username":"u"}},"joined_at":null,"roles":[],"flags":0}}"#,
        guild()
    );
    let add = guestlist_model::Event::from_parts("GUILD_MEMBER_ADD", add.as_bytes()).unwrap();
    world.count_later(100, by("a"));
    world.tell(10, add);
    let key = world.join(How::Discovery);
    world.run(120_000);
    assert!(world.answer(key).unwrap().origin().is_none());
}

#[test]
fn counts_prove_again_soon_after_a_gap() {
    let mut world = counts_only();
    world.disconnect();
    world.run(1);
    world.deaf = true;
    world.run(1000);
    world.new_session();
    world.run(6000);
    let key = world.join(by("a"));
    world.run(30_000);
    assert!(deduced(&world, key, "a"));
}

#[test]
fn a_join_told_twice_is_one_join() {
    let mut world = guild_with(Config::default());
    world.weather.twice = 1000;
    let key = world.join(by("a"));
    world.run(100_000);
    assert_eq!(world.joins().len(), 1);
    assert!(confirmed(&world, key, "a"));
    assert_eq!(world.tracker.stats().duplicates, 1);
}

#[test]
fn who_leaves_before_the_list_comes_is_still_answered() {
    let mut world = counts_only();
    let key = world.join(by("a"));
    world.leave(key.user);
    world.run(30_000);
    assert!(deduced(&world, key, "a"));
    let leave = world.records.iter().find_map(|record| match record {
        Record::Leave(leave) => Some(leave),
        _ => None,
    });
    assert_eq!(leave.unwrap().joined_at, Some(key.joined_at));
}

#[test]
fn who_joins_again_has_two_joins() {
    let mut world = guild_with(Config::default());
    let one = world.join_as(user(5000), by("a"));
    world.run(1000);
    world.leave(user(5000));
    world.run(1000);
    let two = world.join_as(user(5000), by("b"));
    world.run(120_000);
    assert_eq!(world.joins().len(), 2);
    // The search finds the later one, and says nothing of the earlier.
    assert!(confirmed(&world, two, "b"));
    assert!(!matches!(world.answer(one), Some(Certainty::Confirmed(_))));
    world.check(0);
}

#[test]
fn who_joins_before_the_first_list_is_not_guessed() {
    let mut world = World::with(config(ConfirmPolicy::Never));
    world.server.add(Invite::new("a"));
    world.announce();
    world.run(5);
    let key = world.join(by("a"));
    world.run(60_000);
    assert_eq!(
        world.answer(key),
        Some(&Certainty::Unknown(Reason::NoBaseline))
    );
}

#[test]
fn nothing_is_deduced_while_the_connection_is_down() {
    let mut world = counts_only();
    // His event is stuck behind the lost connection.
    let one = world.join(How::Integration);
    world.run(100);
    world.disconnect();
    world.run(1);
    let two = world.join(by("a"));
    world.run(20_000);
    assert_eq!(world.answer(one), None);
    world.resume_after(0);
    world.run(60_000);
    world.check(0);
    for key in [one, two] {
        assert!(matches!(world.answer(key), Some(Certainty::Ambiguous(_))));
    }
}

#[test]
fn lists_that_fail_are_asked_for_again() {
    let mut world = counts_only();
    world.weather.failing = 1000;
    let key = world.join(by("a"));
    world.run(10_000);
    world.weather.failing = 0;
    world.run(30_000);
    assert!(deduced(&world, key, "a"));
    assert!(world.count_requests("list_invites") < 12);
}

#[test]
fn a_removed_bot_answers_what_is_open() {
    let mut world = guild_with(Config::default());
    let key = world.join(by("a"));
    world.run(15);
    let delete = guestlist_model::Event::from_parts(
        "GUILD_DELETE",
        format!(r#"{{"id":"{}"}}"#, guild()).as_bytes(),
    );
    let now = guestlist_model::Timestamp::from_secs(1_700_000_020);
    world
        .tracker
        .handle_event(now, ShardId::ONE, &delete.unwrap());
    world.poll();
    assert_eq!(
        world.answer(key),
        Some(&Certainty::Unknown(Reason::LeftGuild))
    );
    assert_eq!(world.tracker.pending(), 0);
}

#[test]
fn a_search_that_always_fails_keeps_nobody_waiting() {
    let mut world = guild_with(Config::default());
    world.weather.failing = 1000;
    let key = world.join(How::Discovery);
    let bot = world.join(How::Bot);
    world.run(300_000);
    assert_eq!(
        world.answer(key),
        Some(&Certainty::Unknown(Reason::Unreachable))
    );
    assert!(world.answer(bot).is_some());
    assert_eq!(world.tracker.pending(), 0);
    assert!(world.sent.len() < 40, "{:?}", world.tracker.stats());
}

#[test]
fn a_guild_that_is_quiet_asks_for_nothing() {
    let mut world = guild_with(Config::default());
    let sent = world.sent.len();
    world.run(100_000_000);
    assert_eq!(world.sent.len(), sent);
    assert_eq!(world.tracker.poll_timeout(), None);
}

/// Somebody comes in another way, and then somebody else through `a` whose event does not
/// come through: the count seems to be the first one's.
#[test]
fn a_connection_that_hangs_unnoticed_makes_nothing_wrong_if_there_are_barriers() {
    let hanging = |barriers: bool| {
        let mut config = config(ConfirmPolicy::Never);
        config.barriers = barriers;
        let mut world = guild_with(config);
        let first = world.join(How::Discovery);
        world.run(100);
        world.hang_for(40_000);
        world.run(1);
        world.join(by("a"));
        world.run(30_000);
        (world, first)
    };
    let (world, first) = hanging(false);
    assert!(deduced(&world, first, "a"), "time alone is not enough");

    let (mut world, first) = hanging(true);
    assert_eq!(world.answer(first), None);
    world.run(120_000);
    assert!(matches!(
        world.answer(first),
        Some(Certainty::Ambiguous(_) | Certainty::Unknown(_))
    ));
    world.check(0);
}

#[test]
fn with_barriers_what_is_deduced_is_the_same() {
    let mut config = config(ConfirmPolicy::Never);
    config.barriers = true;
    let mut world = guild_with(config);
    let key = world.join(by("a"));
    world.run(30_000);
    assert!(deduced(&world, key, "a"));
}

#[test]
fn a_leave_that_is_told_late_ends_the_join_before_the_one_that_was_found() {
    let mut config = Config::default();
    config.rejoin_lag = Duration::ZERO;
    let mut world = guild_with(config);
    let first = world.join(by("a"));
    world.run(60_000);
    world.disconnect();
    world.run(1);
    world.deaf = true;
    let again = world.join_as(first.user, by("b"));
    world.run(3_000);
    world.new_session();
    world.run(2_000);
    assert_eq!(world.joins().len(), 2, "the second is found");
    // What was sent before the second join comes only now.
    world.leave(first.user);
    world.run(100);
    let left = world.records.iter().find_map(|record| match record {
        Record::Leave(leave) => leave.joined_at,
        _ => None,
    });
    assert_eq!(left, Some(first.joined_at));
    assert!(confirmed(&world, again, "b"));
    // Later, it can only be the second that ends.
    world.run(60_000);
    world.leave(first.user);
    world.run(100);
    let left = world.records.iter().rev().find_map(|record| match record {
        Record::Leave(leave) => leave.joined_at,
        _ => None,
    });
    assert_eq!(left, Some(again.joined_at));
}

/// Something deduced turns out to be false: that is told, and in this guild counts alone
/// prove nothing for a week.
#[test]
fn after_a_false_deduction_nothing_is_deduced_for_a_week() {
    let mut world = guild_with(Config::default());
    world.weather.index = (25_000, 25_000);
    let first = world.join(How::Discovery);
    world.run(100);
    // A connection that hangs for longer than is assumed.
    world.hang_for(20_000);
    world.run(1);
    world.join(by("a"));
    world.run(60_000);
    let said = world.answers(first);
    let labels: Vec<_> = said.iter().map(|said| said.certainty.label()).collect();
    assert_eq!(labels, ["deduced", "confirmed"]);
    let contradicts = said[1].evidence.iter().any(|evidence| {
        matches!(evidence, guestlist_tracker::Evidence::Contradicts { deduced } if is_invite(deduced, "a"))
    });
    assert!(contradicts, "{:?}", said[1].evidence);
    assert_eq!(world.tracker.stats().contradictions, 1);
    world.weather.index = (10_000_000, 10_000_000);
    let later = world.join(by("b"));
    world.run(200_000);
    assert!(matches!(world.answer(later), Some(Certainty::Ambiguous(_))));
    world.run(8 * 24 * 3_600_000);
    let after = world.join(by("c"));
    world.run(200_000);
    assert!(deduced(&world, after, "c"), "{:?}", world.answer(after));
}

#[test]
fn a_resumed_session_says_nothing_of_a_guild_that_it_never_announced() {
    let mut world = counts_only();
    world.run(60_000);
    world.disconnect();
    world.run(1);
    world.deaf = true;
    world.join(by("a"));
    world.run(20_000);
    world.deaf = false;
    // A new session begins, and is resumed before it has announced the guild.
    world.begin_session();
    world.run(1_000);
    world.disconnect();
    world.resume_after(1_000);
    world.run(2_000);
    let key = world.join(How::Discovery);
    world.run(120_000);
    assert!(world.answer(key).is_none_or(|said| said.origin().is_none()));
    assert!(world.sent.len() > 1);
}

#[test]
fn what_is_handed_over_after_a_session_was_resumed_comes_in_time() {
    let mut world = counts_only();
    world.run(60_000);
    // Counted at once, and told half a second after RESUMED. That comes just after the list
    // which counts it would have been final.
    let two = world.join_with(user(900), by("b"), 9_500, 0);
    let one = world.join(How::Discovery);
    world.run(500);
    world.disconnect();
    world.run(8_500);
    world.resume_after(0);
    world.run(120_000);
    assert!(
        world
            .answer(one)
            .is_some_and(|said| said.origin().is_none())
    );
    assert!(world.answer(two).is_some());
    world.check(0);
}
