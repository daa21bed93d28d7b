//! Joins, and the counts that moved.

use guestlist_tracker::{Certainty, Config, Evidence, Reason};

use crate::world::{How, by, user};
use crate::{confirmed, counts_only, deduced, guild_with};

#[test]
fn a_lone_join_is_deduced_from_the_one_count_that_moved() {
    let mut world = counts_only();
    let key = world.join(by("a"));
    world.run(12_000);
    assert!(deduced(&world, key, "a"));
    let said = world.answers(key);
    assert_eq!(said.len(), 1);
    assert!(said[0].evidence.iter().any(|evidence| matches!(
        evidence,
        Evidence::UsesRose { code, from: 3, to: 4, .. } if *code == "a"
    )));
    assert_eq!(
        said[0].certainty.origin().unwrap().inviter(),
        Some(user(77))
    );
    // Two lists at the start, one for the join.
    assert_eq!(world.sent.len(), 3);
    world.check(0);
}

#[test]
fn a_deduced_join_is_confirmed_later() {
    let mut world = guild_with(Config::default());
    world.weather.index = (20_000, 20_000);
    let key = world.join(by("a"));
    world.run(60_000);
    let said = world.answers(key);
    let labels: Vec<_> = said.iter().map(|said| said.certainty.label()).collect();
    assert_eq!(labels, ["deduced", "confirmed"]);
    assert_eq!((said[0].revision, said[1].revision), (1, 2));
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
    assert_eq!(world.answers(key).len(), 1);
    // Two lists at the start, one for the join, and one search.
    assert_eq!(world.sent.len(), 4);
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
        Some(&Certainty::Unknown(Reason::Contradiction))
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
