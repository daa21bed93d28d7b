//! Times in which the tracker did not run.

use guestlist_tracker::{
    Config, ConfirmPolicy, GuildChange, GuildState, JoinKey, PartChange, StateError,
};

use crate::world::{How, Invite, World, by, guild};
use crate::{config, confirmed, counts_only, gaps, guild_with};

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

/// Whether each gap was filled.
fn filled(world: &World) -> Vec<bool> {
    gaps(world).into_iter().map(|gap| gap.caught_up).collect()
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
    assert_eq!(filled(&world), [true]);
}

#[test]
fn a_gap_that_was_not_filled_is_filled_with_the_next() {
    let mut world = guild_with(Config::default());
    world.join(by("b"));
    world.run(60_000);
    world.server.permissions.search = false;
    world.server.permissions.members = false;
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
    assert_eq!(filled(&world), [false, true]);
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
    assert_eq!(filled(&world), [true]);
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
    // A later version may have other parts and other shapes; what decision 7 names stays.
    let state = world.states[&guild()].parts().map(|(name, body)| {
        let body = match name {
            "head" => body.replace(r#""v":2"#, r#""v":7,"other":["shape"]"#),
            "gap" => String::from(r#"{"o":{"l":null,"other":1}}"#),
            name if name.starts_with("join/") => body.replace('{', r#"{"other":{},"#),
            _ => String::from("of another shape"),
        };
        (name, body)
    });
    let state = state.collect();
    world.states.insert(guild(), state);
    world.deaf = true;
    assert!(!world.restart());
    world.run(1000);
    world.new_session();
    world.run(200_000);
    assert!(confirmed(&world, open, "c"));
    assert!(confirmed(&world, missed, "a"));
    assert_eq!(world.joins().len(), 3);
    assert_eq!(filled(&world), [true]);
    world.check(0);
}

#[test]
fn no_state_at_all_is_restored_to_nothing() {
    let mut world = counts_only();
    world.states.insert(guild(), GuildState::default());
    assert!(world.restart());
}

#[test]
fn a_part_that_cannot_be_read_is_named() {
    for (name, body) in [
        ("head", "{"),
        ("join/1", "[]"),
        ("join/first", "{}"),
        ("invite/a", ""),
        ("whole", "{}"),
    ] {
        let mut world = guild_with(Config::default());
        let before = world.states[&guild()].clone();
        let broken = vec![PartChange::new(name, body)];
        world.store(&GuildChange::new(guild(), false, broken));
        let state = world.states[&guild()].clone();
        let error = world.tracker.restore(world.local(), guild(), &state);
        let Err(StateError { part, .. }) = error else {
            panic!("{name}: {error:?}");
        };
        assert_eq!(part, name);
        // The tracker goes on as if nothing had been handed to it.
        world.states.insert(guild(), before);
        let key = world.join(by("a"));
        world.run(60_000);
        assert!(confirmed(&world, key, "a"), "{name}");
    }
}

/// A guild in which much is under way, and the joins that wait.
fn busy() -> (World, Vec<JoinKey>) {
    let mut world = guild_with(Config::default());
    world.join(by("b"));
    world.run(30_000);
    let waiting = vec![world.join(by("a")), world.join(by("c"))];
    world.run(260);
    (world, waiting)
}

#[test]
fn a_guild_that_is_unloaded_goes_on_elsewhere() {
    let (mut world, waiting) = busy();
    assert_eq!(world.tracker.pending(), 2);
    let last = world.tracker.unload(guild());
    if let Some(last) = last {
        world.store(&last);
    }
    assert_eq!(world.tracker.pending(), 0);
    assert_eq!(world.tracker.poll_timeout(), None, "no timer is left");
    assert!(world.tracker.poll_request().is_none());
    assert!(world.tracker.take_changed().is_empty());
    assert!(world.tracker.unload(guild()).is_none(), "it is gone");
    // Replies that are still on their way are ignored.
    let stated = world.records.len();
    world.run(200);
    assert_eq!(world.records.len(), stated);
    assert!(world.tracker.take_changed().is_empty());
    // Another tracker takes it up, and answers.
    assert!(world.restart());
    world.run(60_000);
    assert!(confirmed(&world, waiting[0], "a"));
    assert!(confirmed(&world, waiting[1], "c"));
    world.check(0);
}

#[test]
fn unloading_leaves_room_for_requests_of_other_guilds() {
    let mut config = Config::default();
    config.max_in_flight = 1;
    let mut world = World::with(config);
    world.server.add(Invite::new("a"));
    world.begin();
    world.join(by("a"));
    world.run(265);
    // The one request that may be under way is.
    assert!(world.tracker.poll_request().is_none());
    let last = world.tracker.unload(guild()).into_iter();
    last.for_each(|last| world.store(&last));
    assert!(world.restart());
    assert!(world.sent.len() > 1);
    world.run(60_000);
    world.check(0);
    assert_eq!(world.tracker.pending(), 0);
}
