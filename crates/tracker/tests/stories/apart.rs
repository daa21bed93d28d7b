//! How strong answers are without the search, by how far joins are apart.

use guestlist_tracker::{ConfirmPolicy, JoinKey, Record};

use super::world::{How, Invite, Weather, World, by};
use super::{config, leads_to};

/// A network and a Discord as they often are: events up to a second late, counts up to
/// 0.7 s, and lists 20 to 240 ms on their way.
const ORDINARY: Weather = Weather {
    event: (20, 1000),
    count: (0, 700),
    latency: (10, 120),
    ..Weather::CALM
};
const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// Joins by invites and the vanity link, so far apart, in ten worlds.
fn worlds(apart: (i64, i64), mut look: impl FnMut(u64, &World, &[(JoinKey, How)])) {
    for seed in 0..10 {
        let mut world = World::new(seed, config(ConfirmPolicy::Never), ORDINARY);
        for name in NAMES {
            world.server.add(Invite::new(name).used(3));
        }
        world.server.vanity = Some((String::from("vain"), 100));
        world.begin();
        world.run(20_000);
        let mut keys = Vec::new();
        for number in 0..100_u64 {
            let draw = (number + 1).wrapping_mul(seed * 2 + 0x9E37_79B9) % 7919;
            let way = usize::try_from(draw % 7).unwrap();
            let how = NAMES.get(way).map_or(How::Vanity, |name| by(name));
            keys.push((world.join(how.clone()), how));
            let (least, most) = apart;
            world.run(least + i64::try_from(draw).unwrap() % (most - least));
        }
        world.run(60_000);
        world.check(seed);
        look(seed, &world, &keys);
    }
}

#[test]
fn whoever_joins_half_a_minute_after_the_last_is_deduced() {
    let [mut joins, mut deduced] = [0, 0];
    worlds((30_000, 60_000), |seed, world, keys| {
        joins += keys.len();
        deduced += world.check(seed)[1];
    });
    println!("{deduced} of {joins} deduced");
    assert!(deduced * 10 >= joins * 9, "{deduced} of {joins}");
}

#[test]
fn whoever_joins_two_seconds_after_the_last_is_told_apart_at_once() {
    let [mut joins, mut at_first, mut in_the_end] = [0, 0, 0];
    let mut waits = Vec::new();
    worlds((2000, 5000), |_, world, keys| {
        for (key, how) in keys {
            joins += 1;
            let arrived = world.records.iter().find_map(|record| match record {
                Record::Join(join) if join.key == *key => Some(join.observed_at),
                _ => None,
            });
            let said = world.attributions(*key);
            let (first, last) = (said[0], said[said.len() - 1]);
            waits.push(first.decided_at.as_millis() - arrived.unwrap().as_millis());
            at_first += usize::from(leads_to(first, how));
            in_the_end += usize::from(leads_to(last, how));
        }
    });
    waits.sort_unstable();
    let median = waits[waits.len() / 2];
    println!(
        "{joins} joins, {at_first} right at first ({median} ms after the event at the median), \
         {in_the_end} in the end"
    );
    assert!(at_first * 100 >= joins * 95, "{at_first} of {joins}");
    assert!(in_the_end * 100 >= joins * 95, "{in_the_end} of {joins}");
    assert!(median <= 500, "{median} ms");
}
