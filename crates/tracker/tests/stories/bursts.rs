//! Many at once.

use guestlist_tracker::{Certainty, Config, ConfirmPolicy, Evidence};

use crate::world::{Invite, Weather, World, by, is_invite};
use crate::{config, confirmed, counts_only, deduced, guild_with};

#[test]
fn a_burst_through_one_invite_shares_one_list() {
    let mut world = counts_only();
    let keys: Vec<_> = (0..20).map(|_| world.join(by("b"))).collect();
    world.run(12_000);
    for key in keys {
        assert!(deduced(&world, key, "b"));
    }
    assert_eq!(world.count_requests("list_invites"), 3);
}

#[test]
fn whoever_joins_while_a_list_is_on_its_way_has_a_list_of_their_own() {
    let far = Weather {
        latency: (75, 75),
        ..Weather::CALM
    };
    let mut world = World::new(1, config(ConfirmPolicy::Never), far);
    for name in ["a", "b", "c", "d"] {
        world.server.add(Invite::new(name).used(3));
    }
    world.begin();
    let keys = ["a", "b", "c", "d"].map(|name| {
        let key = world.join(by(name));
        // Each list takes longer than that.
        world.run(100);
        (key, name)
    });
    world.run(30_000);
    for (key, name) in keys {
        let Some(Certainty::Ambiguous(candidates)) = world.answer(key) else {
            panic!("{:?}", world.answer(key));
        };
        assert!(is_invite(&candidates[0].origin, name), "{candidates:?}");
        assert!(candidates[0].weight > 0.5, "{candidates:?}");
    }
    world.check(1);
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
fn many_candidates_are_told_as_a_few_and_how_many_more() {
    let mut world = World::with(config(ConfirmPolicy::Never));
    let names: Vec<String> = (0..60).map(|number| format!("x{number}")).collect();
    for name in &names {
        world.server.add(Invite::new(name));
    }
    world.begin();
    let keys: Vec<_> = names.iter().map(|name| world.join(by(name))).collect();
    world.run(120_000);
    for key in keys {
        let said = *world.attributions(key).last().unwrap();
        let Certainty::Ambiguous(candidates) = &said.certainty else {
            panic!("{said:?}");
        };
        assert_eq!(candidates.len(), 25);
        let more = Evidence::MoreWays { ways: 35 };
        assert!(said.evidence.contains(&more), "{:?}", said.evidence);
    }
    world.check(0);
}
