//! Stories: what happens in a guild, and what the tracker makes of it.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on stops"
)]

use guestlist_testkit::world;

mod absent;
mod apart;
mod bursts;
mod counts;
mod departures;
mod endings;
mod far;
mod gaps;
mod late;
mod missed;
mod origins;
mod phantoms;
mod provisional;
mod rejoins;
mod restarts;
mod truth;
mod weights;

use guestlist_tracker::{Attribution, Certainty, Config, ConfirmPolicy, Gap, Origin, Record};
use world::{How, Invite, World, is_invite};

fn config(confirm: ConfirmPolicy) -> Config {
    let mut config = Config::default();
    config.confirm = confirm;
    config
}

/// A calm guild with the invites `a`, `b` and `c`, where counts alone must do.
fn counts_only() -> World {
    guild_with(config(ConfirmPolicy::Never))
}

fn guild_with(config: Config) -> World {
    let mut world = World::with(config);
    for name in ["a", "b", "c"] {
        world.server.add(Invite::new(name).used(3));
    }
    world.begin();
    world
}

/// The connection is gone for so long, without a session to resume.
fn away_for(world: &mut World, span: i64, meanwhile: impl FnOnce(&mut World)) {
    world.disconnect();
    world.run(1);
    world.deaf = true;
    world.run(span / 2);
    meanwhile(world);
    world.run(span / 2);
    world.new_session();
}

/// The gaps that were stated.
fn gaps(world: &World) -> Vec<&Gap> {
    let records = world.records.iter();
    let gaps = records.filter_map(|record| match record {
        Record::Gap(gap) => Some(gap),
        _ => None,
    });
    gaps.collect()
}

fn deduced(world: &World, key: guestlist_tracker::JoinKey, text: &str) -> bool {
    matches!(world.answer(key), Some(Certainty::Deduced(origin)) if is_invite(origin, text))
}

fn confirmed(world: &World, key: guestlist_tracker::JoinKey, text: &str) -> bool {
    matches!(world.answer(key), Some(Certainty::Confirmed(origin)) if is_invite(origin, text))
}

/// Whether an answer states a way in, or has it as the heaviest candidate.
fn leads_to(said: &Attribution, how: &How) -> bool {
    let heaviest = said.certainty.candidates().first();
    let origin = said.certainty.origin();
    let origin = origin.or(heaviest.map(|candidate| &candidate.origin));
    origin.is_some_and(|origin| match how {
        How::Invite(name) => is_invite(origin, name),
        _ => matches!(origin, Origin::Vanity { .. }),
    })
}
