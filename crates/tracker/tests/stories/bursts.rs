//! Many at once.

use guestlist_tracker::{Certainty, Config, ConfirmPolicy, Evidence, InviteState, Origin};

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
fn lists_that_are_answered_out_of_order_end_no_invite_and_hide_no_use() {
    let uneven = Weather {
        latency: (5, 500),
        ..Weather::CALM
    };
    for seed in 0..60 {
        let mut world = World::new(seed, config(ConfirmPolicy::Never), uneven);
        for name in ["a", "b"] {
            world.server.add(Invite::new(name).used(3));
        }
        world.begin();
        // The first list is trusted from then on.
        world.run(10_000);
        let mut keys = Vec::new();
        for round in 0..4 {
            keys.push((world.join(by("a")), String::from("a")));
            world.run(90);
            let name = format!("new{round}");
            world.create(Invite::new(&name));
            keys.push((world.join(by(&name)), name));
            world.run(110);
            keys.push((world.join(by("b")), String::from("b")));
            world.run(1500);
        }
        world.run(60_000);
        world.check(seed);
        for (key, name) in keys {
            let states = world.states_of(&name);
            let is_over = states.iter().any(|said| said.state != InviteState::Active);
            assert!(!is_over, "seed {seed}: {name} has not ended");
            let is_true = |origin: &Origin| is_invite(origin, &name);
            let answer = world.answer(key);
            let answer = answer.unwrap_or_else(|| panic!("seed {seed}: no answer"));
            let candidates = answer.candidates();
            assert!(
                answer.origin().is_some_and(is_true)
                    || candidates
                        .iter()
                        .any(|candidate| is_true(&candidate.origin)),
                "seed {seed}: {answer:?}, in truth {name}"
            );
        }
    }
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
