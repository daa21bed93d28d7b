//! What is stated right after a join, before the evidence is complete.

use guestlist_tracker::{Attribution, Candidate, Certainty, ConfirmPolicy, Origin};

use super::world::{How, World, by, is_invite};
use super::{config, counts_only, deduced, guild_with};

/// The candidates of a provisional answer.
fn candidates(said: &Attribution) -> &[Candidate] {
    match &said.certainty {
        Certainty::Provisional(candidates) => candidates,
        other => panic!("{other:?} is not provisional"),
    }
}

fn labels(said: &[&Attribution]) -> Vec<&'static str> {
    said.iter().map(|said| said.certainty.label()).collect()
}

#[test]
fn the_first_list_after_a_join_gives_a_first_answer() {
    let mut world = counts_only();
    // It is soon believed of a server that its members come by ways that are counted.
    for _ in 0..3 {
        world.join(by("b"));
        world.run(30_000);
    }
    let key = world.join(by("a"));
    world.run(500);
    let said = world.attributions(key);
    let first = candidates(said[0]);
    assert!(is_invite(&first[0].origin, "a"), "{first:?}");
    assert!(first[0].weight >= Candidate::LIKELY, "{first:?}");
    assert_eq!(first.last().unwrap().origin, Origin::Unseen);
    assert_eq!(said[0].certainty.origin(), None, "it states no fact");
    assert_eq!(world.answer(key), None);
    world.run(30_000);
    let said = world.attributions(key);
    assert_eq!(labels(&said), ["provisional", "deduced"]);
    assert!(deduced(&world, key, "a"));
    assert_eq!(said[1].revision, 1);
    world.check(0);
}

#[test]
fn provisional_answers_can_be_switched_off() {
    let mut config = config(ConfirmPolicy::Never);
    config.provisional = false;
    let mut world = guild_with(config);
    let key = world.join(by("a"));
    world.run(30_000);
    assert_eq!(labels(&world.attributions(key)), ["deduced"]);
}

#[test]
fn nothing_is_stated_provisionally_while_no_count_has_moved() {
    let mut world = counts_only();
    let key = world.join(How::Discovery);
    world.run(60_000);
    assert_eq!(labels(&world.attributions(key)), ["unknown"]);
    world.check(0);
}

#[test]
fn a_final_answer_follows_even_if_nothing_new_is_learnt() {
    let mut world = counts_only();
    let keys = [world.join(by("a")), world.join(by("b"))];
    world.run(100_000);
    for key in keys {
        let labels = labels(&world.attributions(key));
        assert_eq!(labels.first(), Some(&"provisional"), "{labels:?}");
        assert_eq!(labels.last(), Some(&"ambiguous"), "{labels:?}");
    }
    world.check(0);
}

#[test]
fn a_restart_between_the_first_and_the_final_answer_doubles_nothing() {
    let mut world = counts_only();
    let key = world.join(by("a"));
    world.run(1000);
    assert_eq!(labels(&world.attributions(key)), ["provisional"]);
    world.kill();
    world.run(2000);
    assert!(world.restart());
    world.resume_after(0);
    world.run(100_000);
    let said = world.attributions(key);
    assert_eq!(labels(&said), ["provisional", "deduced"]);
    assert_eq!(said[1].revision, 1);
}

#[test]
fn the_vanity_count_is_waited_for() {
    let mut world = World::with(config(ConfirmPolicy::Never));
    world.server.vanity = Some((String::from("vain"), 100));
    world.begin();
    let key = world.join(How::Vanity);
    world.run(1000);
    let said = world.attributions(key);
    let first = candidates(said[0]);
    assert!(
        matches!(first[0].origin, Origin::Vanity { .. }),
        "{first:?}"
    );
}
