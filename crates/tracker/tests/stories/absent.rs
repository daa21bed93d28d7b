//! A members search that is refused, missing or never ready.

use guestlist_tracker::{Config, JoinKey};

use super::guild_with;
use super::world::{World, by};
use super::{confirmed, deduced};

/// When the first final answer about a join was stated, in seconds after its event.
fn answered_after(world: &World, key: JoinKey) -> f64 {
    let joins = world.joins();
    let join = joins.iter().find(|join| join.key == key).unwrap();
    let said = world.answers(key);
    let micros = said.first().unwrap().decided_at.as_micros() - join.observed_at.as_micros();
    #[expect(clippy::cast_precision_loss, reason = "some seconds")]
    let seconds = micros as f64 / 1e6;
    seconds
}

#[test]
fn a_search_that_is_never_ready_holds_no_answer_back() {
    let mut world = guild_with(Config::default());
    world.server.not_indexed = u64::MAX;
    for (name, searches) in [("a", 2), ("b", 5), ("c", 6)] {
        let key = world.join(by(name));
        world.run(150_000);
        assert!(deduced(&world, key, name), "{:?}", world.answer(key));
        let after = answered_after(&world, key);
        assert!(after < 10.0, "{name}: {after} s");
        let asked = world.count_requests("search_members");
        assert!(asked >= searches && asked <= 8, "{name}: {asked}");
    }
}

#[test]
fn a_search_that_becomes_ready_confirms_what_was_stated_without_it() {
    let mut world = guild_with(Config::default());
    world.server.not_indexed = 3;
    let key = world.join(by("a"));
    world.run(15_000);
    assert!(deduced(&world, key, "a"));
    world.run(60_000);
    assert!(confirmed(&world, key, "a"));
    // And it is trusted again.
    let key = world.join(by("b"));
    world.run(60_000);
    assert_eq!(world.answers(key).len(), 1);
    assert!(confirmed(&world, key, "b"));
}

#[test]
fn a_search_that_is_refused_is_asked_ever_more_rarely_and_noticed_when_it_is_back() {
    for absent in [false, true] {
        let mut world = guild_with(Config::default());
        world.server.permissions.search = absent;
        world.server.absent = absent;
        let mut asked = Vec::new();
        for minutes in 0..180 {
            let key = world.join(by("a"));
            world.run(60_000);
            assert!(deduced(&world, key, "a"));
            assert!(answered_after(&world, key) < 10.0);
            if world.count_requests("search_members") > asked.len() {
                asked.push(minutes);
            }
        }
        // After 10, 20, 40 and 60 minutes.
        assert_eq!(asked.len(), 5, "{asked:?}");
        let waits: Vec<i32> = asked.windows(2).map(|two| two[1] - two[0]).collect();
        assert!(waits.is_sorted(), "{waits:?}");
        world.server.permissions.search = true;
        world.server.absent = false;
        world.run(3_600_000);
        let key = world.join(by("c"));
        world.run(60_000);
        assert!(confirmed(&world, key, "c"));
    }
}
