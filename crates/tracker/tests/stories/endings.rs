//! Invites that end: used up, expired, revoked.

use std::time::Duration;

use guestlist_tracker::{Certainty, Config, ConfirmPolicy, Evidence, InviteState, Origin, Reason};

use crate::world::{How, Invite, Lists, World, by, guild, is_invite, user};
use crate::{config, confirmed, counts_only, deduced, guild_with};

#[test]
fn a_used_up_invite_is_ambiguous_by_its_absence_alone() {
    // Without INVITE_DELETE it may have been deleted just as well.
    let mut world = counts_only();
    world.server.permissions.manage_channels = false;
    world.server.permissions.audit = false;
    world.server.add(Invite::new("once").max_uses(1));
    world.announce();
    world.run(60_000);
    let key = world.join(by("once"));
    world.run(60_000);
    let Some(Certainty::Ambiguous(candidates)) = world.answer(key) else {
        panic!("{:?}", world.answer(key));
    };
    assert!(is_invite(&candidates[0].origin, "once"));
    assert_eq!(candidates[1].origin, Origin::Unseen);
}

#[test]
fn a_used_up_invite_that_nobody_deleted_was_used() {
    let mut world = World::with(config(ConfirmPolicy::Never));
    world.server.add(Invite::new("a"));
    world.server.add(Invite::new("once").max_uses(1));
    world.begin();
    let key = world.join(by("once"));
    world.run(30_000);
    assert!(deduced(&world, key, "once"), "{:?}", world.answer(key));
    let evidence = &world.answers(key)[0].evidence;
    assert!(matches!(
        evidence[0],
        Evidence::Exhausted {
            from: 0,
            max_uses: 1,
            ..
        }
    ));
    let last = world.states_of("once").into_iter().next_back().unwrap();
    assert_eq!(last.state, InviteState::Exhausted);
}

#[test]
fn an_invite_made_and_used_up_between_two_lists_is_found() {
    let mut world = guild_with(Config::default());
    world.create(Invite::new("once").max_uses(1));
    let key = world.join(by("once"));
    world.run(30_000);
    assert!(confirmed(&world, key, "once"));
    let states: Vec<_> = world.states_of("once").iter().map(|at| at.state).collect();
    assert_eq!(states, [InviteState::Active, InviteState::Exhausted]);
}

#[test]
fn an_invite_that_was_never_seen_is_known_by_search_only() {
    let mut world = guild_with(Config::default());
    world.server.permissions.manage_channels = false;
    world.create_silently(Invite::new("ghost").max_uses(1));
    let key = world.join(by("ghost"));
    world.run(30_000);
    assert!(confirmed(&world, key, "ghost"));

    let mut world = counts_only();
    world.server.permissions.manage_channels = false;
    world.create_silently(Invite::new("ghost").max_uses(1));
    let key = world.join(by("ghost"));
    world.run(30_000);
    assert_eq!(
        world.answer(key),
        Some(&Certainty::Unknown(Reason::NoCountMoved))
    );
}

#[test]
fn an_invite_expires_without_a_word() {
    let mut world = World::calm();
    let at = world.discord().saturating_add(Duration::from_secs(30));
    world.server.add(Invite::new("short").expires(at));
    world.server.add(Invite::new("a"));
    world.begin();
    world.run(60_000);
    let key = world.join(by("a"));
    world.run(60_000);
    assert!(confirmed(&world, key, "a"));
    let last = world.states_of("short").into_iter().next_back().unwrap();
    assert_eq!(last.state, InviteState::Expired);
    assert_eq!(last.ended_at, Some(at));
}

#[test]
fn an_invite_that_expires_with_an_event_is_not_used_up() {
    let mut world = guild_with(Config::default());
    let at = world.discord().saturating_add(Duration::from_secs(30));
    world.create(Invite::new("short").max_uses(5).expires(at));
    world.run(20_000);
    // The last that tells of Discord's time, and so of a time before the end.
    world.join(by("a"));
    world.run(10_000);
    world.expire("short");
    world.run(60_000);
    let last = world.states_of("short").into_iter().next_back().unwrap();
    assert_eq!(last.state, InviteState::Gone);
}

#[test]
fn a_moderator_revokes_an_invite() {
    let mut world = guild_with(Config::default());
    world.revoke("b");
    world.run(30_000);
    let last = world.states_of("b").into_iter().next_back().unwrap();
    assert_eq!(last.state, InviteState::Revoked);
    assert_eq!(last.ended_by, Some(user(88)));
    assert!(last.ended_at.is_some());
}

#[test]
fn the_audit_log_is_not_asked_if_the_gateway_told() {
    let mut world = guild_with(Config::default());
    world.revoke("b");
    world.tell_audit(0);
    world.run(30_000);
    let last = world.states_of("b").into_iter().next_back().unwrap();
    assert_eq!(last.state, InviteState::Revoked);
    assert_eq!(world.count_requests("audit_log"), 0);
}

#[test]
fn a_revoked_invite_is_not_mistaken_for_a_used_one() {
    let mut world = counts_only();
    world.server.add(Invite::new("once").max_uses(1));
    world.announce();
    world.run(60_000);
    world.revoke("once");
    let key = world.join(How::Integration);
    world.run(60_000);
    assert!(world.answer(key).unwrap().origin().is_none());
    world.check(0);
}

/// A guild with an invite for one use, which somebody deletes.
fn revoked_once(audit_lag: i64) -> World {
    let mut world = counts_only();
    world.server.add(Invite::new("once").max_uses(1));
    world.announce();
    world.run(60_000);
    world.weather.audit = (audit_lag, audit_lag);
    world.revoke("once");
    world
}

#[test]
fn a_deletion_may_be_late_in_the_audit_log() {
    for (lag, pause) in [(5000, 10), (5000, 4000), (9000, 30_000)] {
        let mut world = revoked_once(lag);
        world.run(pause);
        let key = world.join(How::Discovery);
        world.run(60_000);
        assert!(world.answer(key).unwrap().origin().is_none());
        let last = world.states_of("once").into_iter().next_back().unwrap();
        assert_eq!(last.state, InviteState::Revoked, "{lag} {pause}");
        world.check(0);
    }
}

#[test]
fn a_deletion_that_is_told_much_too_late_is_believed() {
    let mut world = revoked_once(3_000_000);
    world.run(30_000);
    let last = world.states_of("once").into_iter().next_back().unwrap();
    assert_eq!(last.state, InviteState::Exhausted);
    world.tell_audit(0);
    world.run(1000);
    let last = world.states_of("once").into_iter().next_back().unwrap();
    assert_eq!(last.state, InviteState::Revoked);
    let key = world.join(How::Discovery);
    world.run(60_000);
    assert!(world.answer(key).unwrap().origin().is_none());
    let next = world.join(by("a"));
    world.run(60_000);
    assert!(deduced(&world, next, "a"));
}

#[test]
fn a_page_of_the_audit_log_that_does_not_reach_back_proves_nothing() {
    let mut world = revoked_once(0);
    // So much happens that the entry of the deletion is not on the newest page.
    for number in 0..150 {
        let now = world.discord();
        let code = format!("other{number}");
        world.server.audit_invite(42, &code, None, now, now);
    }
    world.run(60_000);
    assert!(world.count_requests("audit_log") > 0);
    let last = world.states_of("once").into_iter().next_back().unwrap();
    assert_eq!(last.state, InviteState::Gone);
}

#[test]
fn who_comes_long_after_an_invite_ended_did_not_use_it() {
    // Its deletion is never told: whoever comes later has nothing to do with it.
    let mut world = revoked_once(3_000_000);
    world.run(30_000);
    let key = world.join(How::Discovery);
    world.run(60_000);
    assert_eq!(
        world.answer(key),
        Some(&Certainty::Unknown(Reason::NoCountMoved))
    );
    let next = world.join(by("a"));
    world.run(60_000);
    assert!(deduced(&world, next, "a"));
}

#[test]
fn many_deletions_on_one_page_are_all_known() {
    let mut world = counts_only();
    let names: Vec<String> = (0..90).map(|number| format!("x{number}")).collect();
    for name in &names {
        world.server.add(Invite::new(name).max_uses(1));
    }
    world.announce();
    world.run(60_000);
    for name in &names {
        world.revoke(name);
    }
    world.run(60_000);
    for name in &names {
        let last = world.states_of(name).into_iter().next_back().unwrap();
        assert_eq!(last.state, InviteState::Revoked, "{name}");
    }
}

#[test]
fn without_lists_nothing_is_heaped_up() {
    let mut world = World::calm();
    world.server.permissions.lists = Lists::Forbidden;
    world.begin();
    let size = |world: &World| {
        let state = &world.states[&guild()];
        serde_json::to_string(state).unwrap().len()
    };
    // In between, lists are tried again.
    for number in 0..30 {
        let deleted = format!("d{number}");
        let expires = world.discord().saturating_add(Duration::from_secs(100));
        world.create(Invite::new(&deleted));
        world.create(Invite::new(&format!("e{number}")).expires(expires));
        world.run(60_000);
        world.revoke(&deleted);
        world.run(60_000);
    }
    assert!(size(&world) < 4000, "{}", size(&world));
    let last = |text: &str| world.states_of(text).into_iter().next_back().unwrap().state;
    assert_eq!(last("d3"), InviteState::Revoked);
    assert_eq!(last("e3"), InviteState::Expired);
    for number in 0..1100 {
        world.create(Invite::new(&format!("x{number}")));
    }
    world.run(60_000);
    assert!(size(&world) < 300_000, "{}", size(&world));
}
