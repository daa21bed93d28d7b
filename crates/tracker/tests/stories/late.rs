//! Evidence that is late.

use guestlist_tracker::{Certainty, ConfirmPolicy, Origin, Reason};

use crate::world::{How, Invite, by, is_invite, user};
use crate::{config, confirmed, counts_only, deduced, guild_with};

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
fn whoever_joined_before_an_invite_was_made_did_not_use_it() {
    let mut world = counts_only();
    world.run(60_000);
    let before = world.join_with(user(901), How::Discovery, 4_000, 0);
    world.run(3_000);
    world.create(Invite::new("n"));
    world.run(300);
    let by_it = world.join_with(user(902), by("n"), 100, 0);
    world.run(120_000);
    assert!(deduced(&world, by_it, "n"), "{:?}", world.answer(by_it));
    assert!(world.answer(before).unwrap().origin().is_none());
}
