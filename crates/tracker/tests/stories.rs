//! Stories: what happens in a guild, and what the tracker makes of it.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on stops"
)]

mod world;

use std::time::Duration;

use guestlist_tracker::{
    Certainty, Config, ConfirmPolicy, Evidence, InviteState, Observation, Origin, Reason, Record,
};
use world::{How, Invite, Lists, World, by, code, is_invite, user};

fn config(confirm: ConfirmPolicy) -> Config {
    let mut config = Config::default();
    config.confirm = confirm;
    config
}

/// A calm guild with the invites `a`, `b` and `c`, where counts alone must do.
fn counts_only() -> World {
    guild_with(config(ConfirmPolicy::Never))
}

fn guild_with(config: Config) -> World {
    let mut world = World::with(config);
    for name in ["a", "b", "c"] {
        world.server.add(Invite::new(name).used(3));
    }
    world.begin();
    world
}

fn deduced(world: &World, key: guestlist_tracker::JoinKey, text: &str) -> bool {
    matches!(world.answer(key), Some(Certainty::Deduced(origin)) if is_invite(origin, text))
}

fn confirmed(world: &World, key: guestlist_tracker::JoinKey, text: &str) -> bool {
    matches!(world.answer(key), Some(Certainty::Confirmed(origin)) if is_invite(origin, text))
}

#[test]
fn a_lone_join_is_deduced_from_the_one_count_that_moved() {
    let mut world = counts_only();
    let key = world.join(by("a"));
    world.run(12_000);
    assert!(deduced(&world, key, "a"));
    let said = world.attributions(key);
    assert_eq!(said.len(), 1);
    assert!(said[0].evidence.iter().any(|evidence| matches!(
        evidence,
        Evidence::UsesRose { code, from: 3, to: 4, .. } if *code == "a"
    )));
    assert_eq!(
        said[0].certainty.origin().unwrap().inviter(),
        Some(user(77))
    );
    // One list at the start, one for the join.
    assert_eq!(world.sent.len(), 2);
    world.check(0);
}

#[test]
fn a_deduced_join_is_confirmed_later() {
    let mut world = guild_with(Config::default());
    world.weather.index = (20_000, 20_000);
    let key = world.join(by("a"));
    world.run(60_000);
    let said = world.attributions(key);
    let labels: Vec<_> = said.iter().map(|said| said.certainty.label()).collect();
    assert_eq!(labels, ["deduced", "confirmed"]);
    assert_eq!((said[0].revision, said[1].revision), (0, 1));
    assert!(matches!(
        said[1].evidence[0],
        Evidence::MembersSearch {
            join_source_type: 5,
            ..
        }
    ));
    assert!(said[1].evidence.len() > 1, "the counts are still told");
    assert_eq!(world.tracker.pending(), 0);
}

#[test]
fn a_deduced_join_waits_for_a_confirmation_that_is_near() {
    let mut world = guild_with(Config::default());
    let key = world.join(by("a"));
    world.run(60_000);
    assert!(confirmed(&world, key, "a"));
    assert_eq!(world.attributions(key).len(), 1);
    // Two lists and one search.
    assert_eq!(world.sent.len(), 3);
}

#[test]
fn an_invite_that_is_missing_once_is_not_counted_anew() {
    let mut world = counts_only();
    let missing = world.server.invites.remove("a").unwrap();
    let one = world.join(by("b"));
    world.run(90_000);
    assert!(deduced(&world, one, "b"));
    // It is listed again, with the uses that it always had.
    world.server.add(missing);
    let two = world.join(How::Integration);
    world.run(90_000);
    assert!(world.answer(two).unwrap().origin().is_none());
    assert_eq!(
        world.answer(two),
        Some(&Certainty::Unknown(Reason::NoCountMoved))
    );
}

#[test]
fn a_count_that_rises_for_nobody_ends_the_trust_in_counts() {
    let mut world = counts_only();
    world.accept_again("a");
    let one = world.join(by("b"));
    world.run(60_000);
    // More uses than joins: `a` or `b` rose for nobody.
    assert!(world.answer(one).unwrap().origin().is_none());
    let two = world.join(How::Integration);
    world.accept_again("a");
    world.run(60_000);
    assert!(world.answer(two).unwrap().origin().is_none());
    world.check(0);
}

#[test]
fn a_burst_through_one_invite_shares_one_list() {
    let mut world = counts_only();
    let keys: Vec<_> = (0..20).map(|_| world.join(by("b"))).collect();
    world.run(12_000);
    for key in keys {
        assert!(deduced(&world, key, "b"));
    }
    assert_eq!(world.count_requests("list_invites"), 2);
}

#[test]
fn a_burst_through_two_invites_is_ambiguous_until_it_is_confirmed() {
    let mut world = counts_only();
    let one = world.join(by("a"));
    let two = world.join(by("b"));
    world.run(30_000);
    for key in [one, two] {
        let Some(Certainty::Ambiguous(candidates)) = world.answer(key) else {
            panic!("{:?}", world.answer(key));
        };
        assert_eq!(candidates.len(), 2);
        assert!((candidates[0].weight - 0.5).abs() < 0.01);
    }

    let mut world = guild_with(config(ConfirmPolicy::WhenAmbiguous));
    let one = world.join(by("a"));
    let two = world.join(by("b"));
    world.run(30_000);
    assert!(confirmed(&world, one, "a"));
    assert!(confirmed(&world, two, "b"));
    assert_eq!(world.count_requests("search_members"), 1);
}

#[test]
fn one_confirmed_member_of_a_burst_settles_the_other() {
    let mut world = guild_with(config(ConfirmPolicy::WhenAmbiguous));
    let one = world.join(by("a"));
    let two = world.join(by("b"));
    // Who has left is found by no search.
    world.leave(two.user);
    world.run(30_000);
    assert!(confirmed(&world, one, "a"));
    assert!(deduced(&world, two, "b"));
}

#[test]
fn a_hundred_at_once_are_confirmed_by_one_search() {
    let mut world = guild_with(Config::default());
    let keys: Vec<_> = (0..100)
        .map(|number| world.join(by(["a", "b", "c"][number % 3])))
        .collect();
    world.run(60_000);
    for (number, key) in keys.into_iter().enumerate() {
        assert!(confirmed(&world, key, ["a", "b", "c"][number % 3]));
    }
    assert!(world.sent.len() <= 5, "{:?}", world.tracker.stats());
}

#[test]
fn a_used_up_invite_is_ambiguous_by_its_absence_alone() {
    // Without INVITE_DELETE it may have been deleted just as well.
    let mut world = counts_only();
    world.server.permissions.manage_channels = false;
    world.server.permissions.audit = false;
    world.server.add(Invite::new("once").max_uses(1));
    world.announce();
    world.run(60_000);
    let key = world.join(by("once"));
    world.run(60_000);
    let Some(Certainty::Ambiguous(candidates)) = world.answer(key) else {
        panic!("{:?}", world.answer(key));
    };
    assert!(is_invite(&candidates[0].origin, "once"));
    assert_eq!(candidates[1].origin, Origin::Unseen);
}

#[test]
fn a_used_up_invite_that_nobody_deleted_was_used() {
    let mut world = World::with(config(ConfirmPolicy::Never));
    world.server.add(Invite::new("a"));
    world.server.add(Invite::new("once").max_uses(1));
    world.begin();
    let key = world.join(by("once"));
    world.run(30_000);
    assert!(deduced(&world, key, "once"), "{:?}", world.answer(key));
    let evidence = &world.attributions(key)[0].evidence;
    assert!(matches!(
        evidence[0],
        Evidence::Exhausted {
            from: 0,
            max_uses: 1,
            ..
        }
    ));
    let last = world.states_of("once").into_iter().next_back().unwrap();
    assert_eq!(last.state, InviteState::Exhausted);
}

#[test]
fn an_invite_made_and_used_up_between_two_lists_is_found() {
    let mut world = guild_with(Config::default());
    world.create(Invite::new("once").max_uses(1));
    let key = world.join(by("once"));
    world.run(30_000);
    assert!(confirmed(&world, key, "once"));
    let states: Vec<_> = world.states_of("once").iter().map(|at| at.state).collect();
    assert_eq!(states, [InviteState::Active, InviteState::Exhausted]);
}

#[test]
fn an_invite_that_was_never_seen_is_known_by_search_only() {
    let mut world = guild_with(Config::default());
    world.server.permissions.manage_channels = false;
    world.create_silently(Invite::new("ghost").max_uses(1));
    let key = world.join(by("ghost"));
    world.run(30_000);
    assert!(confirmed(&world, key, "ghost"));

    let mut world = counts_only();
    world.server.permissions.manage_channels = false;
    world.create_silently(Invite::new("ghost").max_uses(1));
    let key = world.join(by("ghost"));
    world.run(30_000);
    assert_eq!(
        world.answer(key),
        Some(&Certainty::Unknown(Reason::NoCountMoved))
    );
}

#[test]
fn an_invite_expires_without_a_word() {
    let mut world = World::calm();
    let at = world.discord().saturating_add(Duration::from_secs(30));
    world.server.add(Invite::new("short").expires(at));
    world.server.add(Invite::new("a"));
    world.begin();
    world.run(60_000);
    let key = world.join(by("a"));
    world.run(60_000);
    assert!(confirmed(&world, key, "a"));
    let last = world.states_of("short").into_iter().next_back().unwrap();
    assert_eq!(last.state, InviteState::Expired);
    assert_eq!(last.ended_at, Some(at));
}

#[test]
fn a_moderator_revokes_an_invite() {
    let mut world = guild_with(Config::default());
    world.revoke("b");
    world.run(30_000);
    let last = world.states_of("b").into_iter().next_back().unwrap();
    assert_eq!(last.state, InviteState::Revoked);
    assert_eq!(last.ended_by, Some(user(88)));
    assert!(last.ended_at.is_some());
}

#[test]
fn the_audit_log_is_not_asked_if_the_gateway_told() {
    let mut world = guild_with(Config::default());
    world.revoke("b");
    world.tell_audit(0);
    world.run(30_000);
    let last = world.states_of("b").into_iter().next_back().unwrap();
    assert_eq!(last.state, InviteState::Revoked);
    assert_eq!(world.count_requests("audit_log"), 0);
}

#[test]
fn a_revoked_invite_is_not_mistaken_for_a_used_one() {
    let mut world = counts_only();
    world.server.add(Invite::new("once").max_uses(1));
    world.announce();
    world.run(60_000);
    world.revoke("once");
    let key = world.join(How::Integration);
    world.run(60_000);
    assert!(world.answer(key).unwrap().origin().is_none());
    world.check(0);
}

#[test]
fn the_vanity_link_counts_on_its_own() {
    let mut world = World::with(config(ConfirmPolicy::Never));
    world.server.vanity = Some((String::from("vain"), 41));
    world.server.add(Invite::new("a"));
    world.begin();
    let key = world.join(How::Vanity);
    world.run(12_000);
    let Some(Certainty::Deduced(Origin::Vanity { code: Some(vanity) })) = world.answer(key) else {
        panic!("{:?}", world.answer(key));
    };
    assert_eq!(*vanity, code("vain"));
    // A join that the list explains does not ask for the vanity count.
    let asked = world.count_requests("vanity_url");
    let key = world.join(by("a"));
    world.run(20_000);
    assert!(deduced(&world, key, "a"));
    assert_eq!(world.count_requests("vanity_url"), asked);
}

#[test]
fn a_vanity_join_that_is_told_as_an_invite_is_a_vanity_join() {
    let mut world = World::calm();
    world.server.vanity = Some((String::from("vain"), 41));
    world.server.vanity_as_invite = true;
    world.begin();
    let key = world.join(How::Vanity);
    world.run(30_000);
    assert!(matches!(
        world.answer(key),
        Some(Certainty::Confirmed(Origin::Vanity { .. }))
    ));
}

#[test]
fn a_new_vanity_code_starts_a_new_count() {
    let mut world = World::with(config(ConfirmPolicy::Never));
    world.server.vanity = Some((String::from("old"), 0));
    world.server.add(Invite::new("a"));
    world.begin();
    world.server.vanity = Some((String::from("new"), 5));
    let key = world.join(How::Discovery);
    world.run(60_000);
    assert!(world.answer(key).unwrap().origin().is_none());
}

#[test]
fn a_bot_comes_by_no_invite() {
    let mut world = guild_with(Config::default());
    let key = world.join(How::Bot);
    world.run(10_000);
    let labels: Vec<_> = world
        .attributions(key)
        .iter()
        .map(|said| said.certainty.clone())
        .collect();
    assert_eq!(
        labels,
        [
            Certainty::Deduced(Origin::Bot { added_by: None }),
            Certainty::Confirmed(Origin::Bot {
                added_by: Some(user(88))
            })
        ]
    );
    assert_eq!(world.count_requests("list_invites"), 1);
}

#[test]
fn without_permission_the_search_may_still_tell() {
    let mut world = World::calm();
    world.server.permissions.lists = Lists::Forbidden;
    world.server.add(Invite::new("a"));
    world.begin();
    let key = world.join(by("a"));
    world.run(30_000);
    assert!(confirmed(&world, key, "a"));

    let mut world = World::calm();
    world.server.permissions.lists = Lists::Forbidden;
    world.server.permissions.search = false;
    world.server.add(Invite::new("a"));
    world.begin();
    let keys: Vec<_> = (0..30)
        .map(|_| {
            world.run(2000);
            world.join(by("a"))
        })
        .collect();
    world.run(30_000);
    for key in keys {
        assert_eq!(
            world.answer(key),
            Some(&Certainty::Unknown(Reason::MissingPermission))
        );
    }
    assert!(world.sent.len() <= 3, "refusals are not collected");
}

#[test]
fn lists_without_uses_tell_nothing() {
    let mut world = World::with(config(ConfirmPolicy::Never));
    world.server.permissions.lists = Lists::WithoutUses;
    world.server.add(Invite::new("a"));
    world.begin();
    let key = world.join(by("a"));
    world.run(30_000);
    assert_eq!(
        world.answer(key),
        Some(&Certainty::Unknown(Reason::UsesHidden))
    );
}

#[test]
fn the_search_index_is_late() {
    let mut world = guild_with(config(ConfirmPolicy::WhenAmbiguous));
    world.weather.index = (25_000, 25_000);
    let one = world.join(by("a"));
    let two = world.join(by("b"));
    world.run(60_000);
    assert!(confirmed(&world, one, "a"));
    assert!(confirmed(&world, two, "b"));
    assert!(world.count_requests("search_members") <= 5);
}

#[test]
fn the_search_index_is_not_ready() {
    let mut world = guild_with(config(ConfirmPolicy::WhenAmbiguous));
    world.server.not_indexed = 3;
    let key = world.join(How::Discovery);
    world.run(60_000);
    assert_eq!(
        world.answer(key),
        Some(&Certainty::Confirmed(Origin::Discovery))
    );
    assert_eq!(world.count_requests("search_members"), 4);
}

#[test]
fn a_search_that_never_finds_is_given_up() {
    let mut world = guild_with(config(ConfirmPolicy::WhenAmbiguous));
    world.weather.index = (10_000_000, 10_000_000);
    let key = world.join(How::Discovery);
    world.run(200_000);
    assert_eq!(
        world.answer(key),
        Some(&Certainty::Unknown(Reason::NoCountMoved))
    );
    assert_eq!(world.tracker.pending(), 0);
    assert!(world.count_requests("search_members") <= 8);
}

#[test]
fn a_straggler_is_counted_in() {
    // The first came by an integration. The second's use is listed already when his event
    // has not come yet: the only waiting join and the only use are not one.
    let mut world = counts_only();
    let one = world.join_with(user(1), How::Integration, 10, 0);
    let two = world.join_with(user(2), by("a"), 1800, 0);
    world.run(60_000);
    world.check(0);
    for key in [one, two] {
        assert!(matches!(world.answer(key), Some(Certainty::Ambiguous(_))));
    }
}

#[test]
fn a_count_that_lags_is_waited_for() {
    let mut world = counts_only();
    let key = world.join_with(user(1), by("a"), 10, 3000);
    world.run(20_000);
    assert!(deduced(&world, key, "a"));
}

#[test]
fn a_use_that_may_be_a_members_proves_nothing() {
    let mut world = counts_only();
    world.server.add(Invite::new("role").grants_roles());
    world.announce();
    world.run(60_000);
    let key = world.join(How::Discovery);
    world.accept_again("role");
    world.run(30_000);
    let Some(Certainty::Ambiguous(candidates)) = world.answer(key) else {
        panic!("{:?}", world.answer(key));
    };
    assert!(is_invite(&candidates[0].origin, "role"));
    assert_eq!(candidates[1].origin, Origin::Unseen);
}

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
    let gaps: Vec<_> = world
        .records
        .iter()
        .filter_map(|record| match record {
            Record::Gap(gap) => Some(gap),
            _ => None,
        })
        .collect();
    assert_eq!(gaps.len(), 1);
    assert!(gaps[0].caught_up);
    assert_eq!(gaps[0].joins_found, 2);
    assert_eq!(gaps[0].uses_moved, Some(2));
    world.check(0);
}

#[test]
fn what_moved_while_offline_proves_nothing_later() {
    let mut world = guild_with(config(ConfirmPolicy::Never));
    world.server.permissions.search = false;
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
        format!(r#"{{"id":"{}"}}"#, world::guild()).as_bytes(),
    );
    let now = guestlist_model::Timestamp::from_secs(1_700_000_020);
    world.tracker.handle_event(now, &delete.unwrap());
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
