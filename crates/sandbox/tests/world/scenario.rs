//! Traffic from a seed.

use guestlist_sandbox::{
    json,
    world::{
        Ending, Via, World, WorldOptions,
        scenario::{Scenario, ScenarioOptions},
    },
};

#[test]
fn same_seed_and_commands_give_the_same_world() {
    let run = |seed| {
        let mut world = World::new(&WorldOptions::seeded(seed));
        let mut scenario = Scenario::new(&world, ScenarioOptions::new(120).seed(seed));
        let mut frames = Vec::new();
        while let Some(step) = scenario.step(&mut world) {
            for effect in &step.effects {
                frames.push(json::dispatch(&world, effect));
            }
        }
        (frames, world.true_joins().to_vec(), world.true_invites())
    };
    assert_eq!(run(5), run(5));
    assert_ne!(run(5).1, run(6).1);
}

#[test]
fn scenarios_hold_their_promises_for_many_seeds() {
    let mut ways = std::collections::BTreeMap::new();
    let mut endings = std::collections::BTreeMap::new();
    for seed in 0..200 {
        println!("seed {seed}");
        let mut options = WorldOptions::seeded(seed);
        options.guilds = 2;
        let mut world = World::new(&options);
        let before: u32 = world.true_invites().iter().map(|it| it.uses).sum();
        world.quirks.reaccept_counts = Some(false);
        let mut scenario = Scenario::new(&world, ScenarioOptions::new(60).seed(seed));
        let mut last = world.now();
        while let Some(step) = scenario.step(&mut world) {
            assert!(step.at >= last);
            last = step.at;
        }
        let progress = scenario.progress();
        assert!(progress.finished && progress.done == 60, "{progress:?}");
        assert_eq!(world.true_joins().len(), 60);
        let through = world
            .true_joins()
            .iter()
            .filter(|it| it.via == Via::Invite)
            .count();
        let after: u32 = world.true_invites().iter().map(|it| it.uses).sum();
        // Somebody who was in already may count as well, in some worlds.
        assert!(usize::try_from(after - before).unwrap() >= through);
        for join in world.true_joins() {
            *ways.entry(join.via.name()).or_insert(0) += 1;
        }
        for invite in world.true_invites() {
            *endings.entry(invite.ending.map(Ending::name)).or_insert(0) += 1;
        }
    }
    println!("{ways:?} {endings:?}");
    assert!(ways.len() >= 6 && endings.len() == 4);
}
