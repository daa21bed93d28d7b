//! Members who had been here before.

use guestlist_model::UserId;
use guestlist_tracker::{Config, JoinKey};

use crate::world::{World, by, user};
use crate::{confirmed, guild_with};

/// A member comes by `a`, leaves, and comes again by `b`.
fn comes_again(world: &mut World, who: UserId) -> JoinKey {
    world.join_as(who, by("a"));
    world.run(60_000);
    world.leave(who);
    world.run(60_000);
    world.join_as(who, by("b"))
}

/// From now on, the search says that a member came by this invite.
fn is_told(world: &mut World, who: UserId, code: &str) {
    world.server.members.get_mut(&who).unwrap().told = by(code);
}

#[test]
fn how_a_member_came_the_last_time_is_not_how_they_came_now() {
    let mut world = guild_with(Config::default());
    let who = user(500);
    let key = comes_again(&mut world, who);
    is_told(&mut world, who, "a");
    world.run(20_000);
    assert!(world.count_requests("search_members") >= 2, "it was asked");
    assert!(!confirmed(&world, key, "a"));
    is_told(&mut world, who, "b");
    world.run(80_000);
    assert!(confirmed(&world, key, "b"));
    let never = |said: &&guestlist_tracker::Attribution| {
        let origin = said.certainty.origin();
        origin.is_some_and(|origin| crate::world::is_invite(origin, "a"))
    };
    assert_eq!(
        world
            .attributions(key)
            .iter()
            .filter(|said| never(said))
            .count(),
        0
    );
}

#[test]
fn what_searches_say_for_long_is_confirmed_with_one_more_search() {
    let mut world = guild_with(Config::default());
    let who = user(500);
    let key = comes_again(&mut world, who);
    let asked = world.count_requests("search_members");
    world.run(60_000);
    assert!(confirmed(&world, key, "b"));
    assert_eq!(world.count_requests("search_members"), asked + 2);
}

#[test]
fn a_member_who_was_never_here_is_confirmed_at_once() {
    let mut world = guild_with(Config::default());
    let key = world.join(by("a"));
    world.run(10_000);
    assert!(confirmed(&world, key, "a"));
    assert_eq!(world.count_requests("search_members"), 1);
}

#[test]
fn without_a_wait_the_first_search_is_believed() {
    let mut config = Config::default();
    config.rejoin_lag = std::time::Duration::ZERO;
    let mut world = guild_with(config);
    let key = comes_again(&mut world, user(500));
    world.run(10_000);
    assert!(confirmed(&world, key, "b"));
}

#[test]
fn a_restart_between_the_two_searches_loses_nothing() {
    let mut world = guild_with(Config::default());
    let key = comes_again(&mut world, user(500));
    world.run(10_000);
    assert!(!confirmed(&world, key, "b"));
    world.restart_after(300_000);
    world.run(60_000);
    assert!(confirmed(&world, key, "b"));
}
