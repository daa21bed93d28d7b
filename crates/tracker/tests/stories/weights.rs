//! What candidates weigh where counts leave several.

use guestlist_tracker::{Certainty, Config, JoinKey, Request};

use super::world::{How, World, by, guild, is_invite};
use super::{counts_only, guild_with};

/// Members join two seconds apart, through one invite after the other.
fn two_seconds_apart(world: &mut World, joins: usize) -> Vec<(JoinKey, &'static str)> {
    let names = ["a", "b", "c"];
    let found = (0..joins).map(|number| {
        // Neither always the next nor always the same.
        let name = *names
            .iter()
            .cycle()
            .nth(number * number / 2 + number)
            .unwrap();
        let key = world.join(by(name));
        world.run(2_000);
        (key, name)
    });
    let found = found.collect();
    world.run(120_000);
    found
}

#[test]
fn who_joined_next_to_others_is_put_down_to_the_count_that_moved_then() {
    let mut world = counts_only();
    let joins = two_seconds_apart(&mut world, 40);
    world.check(0);
    let mut right = 0;
    for (key, name) in &joins {
        match world.answer(*key) {
            Some(Certainty::Deduced(origin)) => {
                assert!(is_invite(origin, name));
                right += 1;
            }
            Some(Certainty::Ambiguous(candidates)) => {
                let all: f64 = candidates.iter().map(|candidate| candidate.weight).sum();
                assert!((all - 1.0).abs() < 1e-9, "{candidates:?}");
                assert!(
                    candidates.iter().any(|one| is_invite(&one.origin, name)),
                    "the truth is listed: {candidates:?}"
                );
                let [heaviest, ..] = candidates.as_slice() else {
                    panic!("no candidates");
                };
                assert!(heaviest.weight < 1.0, "nothing of this is certain");
                right += usize::from(is_invite(&heaviest.origin, name));
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(
        right * 100 >= joins.len() * 95,
        "{right} of {}",
        joins.len()
    );
}

#[test]
fn a_server_that_counts_late_is_learnt() {
    // Uses are counted three seconds after the event, which a list right after it misses.
    let weights = |learnt: usize| -> f64 {
        let mut world = counts_only();
        world.weather.count = (3_000, 3_000);
        for _ in 0..learnt {
            world.join(by("a"));
            world.run(60_000);
        }
        let one = world.join(by("b"));
        world.run(2_000);
        let two = world.join(How::Discovery);
        world.run(300_000);
        world.check(0);
        assert!(world.answer(two).is_some());
        match world.answer(one) {
            Some(Certainty::Ambiguous(candidates)) => candidates
                .iter()
                .filter(|one| is_invite(&one.origin, "b"))
                .map(|one| one.weight)
                .sum(),
            Some(Certainty::Deduced(origin)) => f64::from(u8::from(is_invite(origin, "b"))),
            _ => 0.0,
        }
    };
    let (before, after) = (weights(0), weights(30));
    assert!(after > before, "{before} {after}");
}

#[test]
fn a_join_that_is_found_again_teaches_nothing_new() {
    let mut world = guild_with(Config::default());
    // Every other member is in the index late, so that the next search by date finds the
    // others once more.
    for number in 0..24 {
        let late = if number % 2 == 0 { 1000 } else { 10_000 };
        world.weather.index = (late, late);
        world.join(by("a"));
        world.run(1);
    }
    world.run(60_000);
    let searches = |request: &&Request| matches!(request, Request::SearchMembers { .. });
    assert!(world.sent.iter().filter(searches).count() > 1);
    let state = &world.states[&guild()];
    let (_, delays) = state.parts().find(|(name, _)| *name == "delays").unwrap();
    let learnt: Vec<f64> = serde_json::from_str(delays).unwrap();
    // What is believed at the beginning weighs as much as 1.3 joins.
    let learnt = learnt.iter().sum::<f64>() - 1.3;
    assert!((learnt - 24.0).abs() < 0.1, "24 joins teach as {learnt}");
}
