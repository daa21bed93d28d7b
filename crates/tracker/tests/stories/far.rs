//! Bursts through several invites, near and far, beside the method that most other trackers have.

use guestlist_testkit::Random;
use guestlist_tracker::{ConfirmPolicy, JoinKey};

use super::world::{Invite, Weather, World, by};
use super::{config, leads_to};

const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];

/// A join, and when its event came and its use was counted, in milliseconds.
struct Joined {
    key: JoinKey,
    name: &'static str,
    at: i64,
}

/// Bursts of three to eight people within 1.5 s by different invites, with some seconds of
/// rest between them.
fn bursts(seed: u64, weather: Weather, joins: usize) -> (World, Vec<Joined>) {
    let mut world = World::new(seed, config(ConfirmPolicy::Never), weather);
    for name in NAMES {
        world.server.add(Invite::new(name).used(3));
    }
    world.server.vanity = Some((String::from("vain"), 100));
    world.begin();
    world.run(20_000);
    let mut random = Random::new(seed);
    let mut joined = Vec::new();
    while joined.len() < joins {
        world.run(random.between(4000, 7000));
        let people = 3 + random.below(6);
        let mut moments: Vec<i64> = (0..people).map(|_| random.between(0, 1500)).collect();
        moments.sort_unstable();
        let mut before = 0;
        for moment in moments {
            world.run(moment - before);
            before = moment;
            let name = random.of(NAMES);
            let at = world.discord().as_millis();
            let key = world.join(by(name));
            joined.push(Joined { key, name, at });
        }
    }
    world.run(60_000);
    world.check(seed);
    (world, joined)
}

/// How many of them the method of the usual tutorials gets right: list the invites at each
/// event, and take the first whose count rose since the last list.
fn tutorials(joined: &[Joined], there: i64, back: i64) -> usize {
    let count = |name: &str, at: i64| {
        let counted = joined.iter().filter(|join| join.at <= at);
        counted.filter(|join| join.name == name).count()
    };
    let is_right = |join: &&Joined| {
        let others = joined.iter().filter(|other| other.key != join.key);
        let earlier = others.map(|join| join.at + there + back);
        let last = earlier.filter(|at| *at <= join.at).max();
        let before = last.map_or(i64::MIN, |at| at - back);
        let has_risen = |name: &&str| count(name, join.at + there) > count(name, before);
        NAMES.into_iter().find(has_risen) == Some(join.name)
    };
    joined.iter().filter(is_right).count()
}

/// What ten worlds showed in which requests and replies take so long, in milliseconds.
#[derive(Debug, Default)]
struct Score {
    joins: usize,
    at_first: usize,
    in_the_end: usize,
    tutorials: usize,
}

fn play(there: i64, back: i64) -> Score {
    let mut score = Score::default();
    let weather = Weather {
        event: (1, 3),
        latency: (there, there),
        reply: Some((back, back)),
        ..Weather::CALM
    };
    for seed in 0..10 {
        let (world, joined) = bursts(seed, weather, 40);
        score.joins += joined.len();
        score.tutorials += tutorials(&joined, there, back);
        for join in &joined {
            let said = world.attributions(join.key);
            let (first, last) = (said.first().unwrap(), said.last().unwrap());
            let how = by(join.name);
            score.at_first += usize::from(leads_to(first, &how));
            score.in_the_end += usize::from(leads_to(last, &how));
        }
    }
    println!("{there} ms there, {back} ms back: {score:?}");
    score
}

#[test]
fn bursts_are_told_apart_at_least_as_often_as_by_the_tutorials_method() {
    // Whenever a list is read while it is under way.
    for (there, back) in [(75, 75), (149, 1), (1, 149)] {
        let score = play(there, back);
        assert!(score.at_first >= score.tutorials, "{score:?}");
        assert!(score.in_the_end >= score.tutorials, "{score:?}");
    }
}

#[test]
fn bursts_nearby_are_nearly_all_told_apart() {
    // Where lists take 40 ms, some come within that time, and share one.
    for (there, back, percent) in [(0, 1, 95), (20, 20, 90)] {
        let score = play(there, back);
        assert!(score.in_the_end * 100 >= score.joins * percent, "{score:?}");
        assert!(score.at_first * 100 >= score.joins * percent, "{score:?}");
    }
}
