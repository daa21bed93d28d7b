//! Times in which the tracker did not run.

use guestlist_tracker::{Config, ConfirmPolicy, GuildSnapshot, Record};

use crate::world::{How, Invite, World, by, guild};
use crate::{config, confirmed, counts_only, guild_with};

#[test]
fn who_joined_before_a_restart_is_still_asked_for() {
    for pause in [30_000, 90_000, 180_000, 3_600_000] {
        let mut world = guild_with(Config::default());
        let key = world.join(by("a"));
        world.run(1000);
        world.restart_after(pause);
        world.run(120_000);
        assert!(confirmed(&world, key, "a"), "{pause}");
        world.check(0);
    }
}

#[test]
fn what_is_done_before_a_restart_is_done() {
    let mut world = counts_only();
    let key = world.join(How::Discovery);
    world.run(120_000);
    assert!(world.answer(key).is_some());
    let sent = world.sent.len();
    world.restart_after(600_000);
    world.run(120_000);
    assert_eq!(world.sent.len(), sent);
    assert_eq!(world.tracker.pending(), 0);
}

fn gaps(world: &World) -> Vec<bool> {
    world
        .records
        .iter()
        .filter_map(|record| match record {
            Record::Gap(gap) => Some(gap.caught_up),
            _ => None,
        })
        .collect()
}

#[test]
fn a_gap_outlives_a_restart() {
    let mut world = guild_with(config(ConfirmPolicy::WhenAmbiguous));
    world.join(by("b"));
    world.run(60_000);
    world.disconnect();
    world.run(1);
    world.deaf = true;
    let missed = world.join(by("a"));
    world.run(600_000);
    world.server.not_indexed = 1;
    world.new_session();
    world.run(500);
    // Killed before any search told anything.
    world.restart_after(3_600_000);
    world.run(200_000);
    assert!(confirmed(&world, missed, "a"));
    assert_eq!(gaps(&world), [true]);
}

#[test]
fn a_gap_that_was_not_filled_is_filled_with_the_next() {
    let mut world = guild_with(Config::default());
    world.join(by("b"));
    world.run(60_000);
    world.server.permissions.search = false;
    world.disconnect();
    world.run(1);
    world.deaf = true;
    let missed = world.join(by("a"));
    world.run(600_000);
    world.new_session();
    world.run(60_000);
    // Events go on, and later the bot may search.
    world.join(by("c"));
    world.run(60_000);
    world.server.permissions.search = true;
    world.disconnect();
    world.run(1);
    world.deaf = true;
    world.run(1000);
    world.new_session();
    world.run(200_000);
    assert!(confirmed(&world, missed, "a"));
    assert_eq!(gaps(&world), [false, true]);
    world.check(0);
}

#[test]
fn a_refusal_that_may_end_is_waited_for() {
    let mut world = guild_with(Config::default());
    world.join(by("b"));
    world.run(60_000);
    world.server.absent = true;
    world.disconnect();
    world.run(1);
    world.deaf = true;
    let missed = world.join(by("a"));
    world.run(10_000);
    world.new_session();
    world.run(60_000);
    world.server.absent = false;
    world.run(900_000);
    assert!(confirmed(&world, missed, "a"));
    assert_eq!(gaps(&world), [true]);
}

#[test]
fn what_is_listed_while_events_are_missed_hides_no_join() {
    let mut world = guild_with(Config::default());
    let before = world.join(by("b"));
    world.run(100);
    world.deaf = true;
    let missed = world.join(by("a"));
    world.kill();
    world.run(300_000);
    world.create_silently(Invite::new("new"));
    // Requests are answered before a session is there.
    world.restart();
    world.run(10_000);
    world.new_session();
    world.run(200_000);
    assert!(confirmed(&world, before, "b"));
    assert!(confirmed(&world, missed, "a"));
}

#[test]
fn a_state_of_another_version_is_begun_anew() {
    let mut world = guild_with(Config::default());
    world.join(by("b"));
    world.run(200_000);
    let open = world.join(by("c"));
    world.run(100);
    world.kill();
    let missed = world.join(by("a"));
    world.run(60_000);
    let state = serde_json::to_value(&world.states[&guild()]).unwrap();
    let brief = &state["brief"];
    let later =
        format!(r#"{{"version":7,"brief":{brief},"saved":{{"of":["a","later","shape"]}}}}"#);
    let state: GuildSnapshot = serde_json::from_str(&later).unwrap();
    world.states.insert(guild(), state);
    world.deaf = true;
    assert!(!world.restart());
    world.run(1000);
    world.new_session();
    world.run(200_000);
    assert!(confirmed(&world, open, "c"));
    assert!(confirmed(&world, missed, "a"));
    assert_eq!(world.joins().len(), 3);
    assert_eq!(gaps(&world), [true]);
    world.check(0);
}

#[test]
fn no_state_at_all_is_restored_to_nothing() {
    let mut world = counts_only();
    world.states.insert(guild(), GuildSnapshot::default());
    assert!(world.restart());
}
