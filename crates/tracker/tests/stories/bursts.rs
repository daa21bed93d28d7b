//! Many at once.

use guestlist_tracker::{Certainty, Config, ConfirmPolicy};

use crate::world::by;
use crate::{config, confirmed, counts_only, deduced, guild_with};

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
