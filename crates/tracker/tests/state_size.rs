//! What one join writes in a guild of a thousand invites.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that cannot go on stops"
)]
use guestlist_testkit::world::{How, Invite, World};
use guestlist_tracker::{Certainty, Config, ConfirmPolicy};

const INVITES: usize = 1000;

/// A guild of a thousand invites in which somebody joined lately, as usual.
fn large(confirm: ConfirmPolicy, barriers: bool) -> World {
    let mut config = Config::default();
    config.confirm = confirm;
    config.barriers = barriers;
    let mut world = World::with(config);
    for number in 0..INVITES {
        world.server.add(Invite::new(&format!("code{number:04}")));
    }
    world.begin();
    for number in 0..300 {
        world.join(way(number));
        world.run(10_000);
    }
    world.run(700_000);
    world
}

fn way(number: usize) -> How {
    How::Invite(format!("code{:04}", number * 7 % INVITES))
}

/// Bytes of state, and bytes of records, that one join writes; and how often.
fn one_join(world: &mut World) -> (usize, usize, usize) {
    let (writes, records) = (world.written.len(), world.records.len());
    let key = world.join(way(500));
    world.run(700_000);
    assert!(
        world
            .answer(key)
            .is_some_and(|answer| answer.origin().is_some()),
        "{:?}",
        world.answer(key)
    );
    let state = world.written[writes..].iter().map(|(_, bytes)| bytes).sum();
    let stated = world.records[records..].iter();
    let stated = stated.map(|record| serde_json::to_string(record).unwrap().len());
    (state, stated.sum(), world.written.len() - writes)
}

#[test]
fn a_lone_join_writes_little_however_many_invites_there_are() {
    for confirm in [
        ConfirmPolicy::Always,
        ConfirmPolicy::WhenAmbiguous,
        ConfirmPolicy::Never,
    ] {
        for barriers in [false, true] {
            let mut world = large(confirm, barriers);
            let (state, records, writes) = one_join(&mut world);
            let whole: usize = world
                .states
                .values()
                .flat_map(|state| state.parts())
                .map(|(name, body)| name.len() + body.len())
                .sum();
            println!(
                "{confirm:?}, barriers {barriers}: {state} bytes of state in {writes} writes, \
                 {records} bytes of records; the whole state has {whole} bytes"
            );
            assert!(state <= 2048, "{state} bytes of state for one join");
            assert!(whole > 50_000, "the guild is large: {whole}");
        }
    }
}

#[test]
fn joins_that_come_together_write_in_proportion() {
    let mut world = large(ConfirmPolicy::Always, false);
    let writes = world.written.len();
    let keys: Vec<_> = (0..20)
        .map(|number| world.join(way(600 + number)))
        .collect();
    world.run(700_000);
    for key in keys {
        assert!(matches!(world.answer(key), Some(Certainty::Confirmed(_))));
    }
    let bytes: usize = world.written[writes..].iter().map(|(_, bytes)| bytes).sum();
    println!("20 joins: {bytes} bytes of state");
    assert!(bytes <= 20 * 2048, "{bytes}");
}
