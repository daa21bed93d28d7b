//! Counts that rise though nobody new came in.

use guestlist_tracker::{Certainty, ConfirmPolicy, Evidence, InviteState, PhantomUses, Reason};

use crate::world::{How, Invite, World, by};
use crate::{config, counts_only, guild_with};

/// Somebody comes by no invite, and the count of one that a member accepted is not
/// taken for the cause.
fn proves_nothing(world: &mut World) {
    let key = world.join(How::Discovery);
    world.run(60_000);
    assert!(
        world.answer(key).unwrap().origin().is_none(),
        "{:?}",
        world.answer(key)
    );
    world.check(0);
}

#[test]
fn an_event_may_leave_out_that_an_invite_grants_roles() {
    let mut world = counts_only();
    world.create(Invite::new("roles").grants_roles().terse());
    world.run(100);
    world.accept_again("roles");
    proves_nothing(&mut world);
}

#[test]
fn an_invite_may_be_given_roles_later() {
    let mut world = counts_only();
    world.grant_roles("b");
    world.accept_again("b");
    proves_nothing(&mut world);
}

#[test]
fn an_invite_that_was_never_listed_may_grant_roles() {
    let mut world = World::with(config(ConfirmPolicy::Never));
    world.begin();
    let once = Invite::new("once").max_uses(1).grants_roles().terse();
    world.create(once);
    world.run(100);
    world.accept_again("once");
    proves_nothing(&mut world);
}

#[test]
fn an_invite_may_be_given_roles_and_be_gone_before_it_is_listed_again() {
    let mut world = World::with(config(ConfirmPolicy::Never));
    world.server.add(Invite::new("once").max_uses(1));
    world.begin();
    world.grant_roles("once");
    world.accept_again("once");
    proves_nothing(&mut world);
}

#[test]
fn an_event_that_tells_the_kind_of_an_invite_is_believed() {
    let mut world = World::with(config(ConfirmPolicy::Never));
    world.begin();
    world.create(Invite::new("once").max_uses(1));
    world.run(100);
    let key = world.join(by("once"));
    world.run(60_000);
    assert!(crate::deduced(&world, key, "once"));
}

/// A guild whose counts are set to prove nothing.
fn nothing_is_trusted() -> World {
    let mut config = config(ConfirmPolicy::Never);
    config.phantom_uses = PhantomUses::Anywhere;
    guild_with(config)
}

#[test]
fn counts_that_are_set_to_prove_nothing_leave_other_ways_open() {
    let mut world = nothing_is_trusted();
    let key = world.join(by("a"));
    world.run(60_000);
    let said = world.answers(key);
    let said = said.last().unwrap();
    assert!(matches!(&said.certainty, Certainty::Ambiguous(_)));
    assert!(said.evidence.contains(&Evidence::Uncompared));
    let other = world.join(How::Discovery);
    world.run(120_000);
    assert_eq!(
        world.answer(other),
        Some(&Certainty::Unknown(Reason::Unproven))
    );
}

#[test]
fn the_audit_logs_silence_is_trusted_no_more_than_counts() {
    for (trusted, state) in [(true, InviteState::Exhausted), (false, InviteState::Gone)] {
        let mut config = config(ConfirmPolicy::Never);
        if !trusted {
            config.phantom_uses = PhantomUses::Anywhere;
        }
        let mut world = World::with(config);
        world.server.add(Invite::new("once").max_uses(1));
        world.begin();
        world.join(by("once"));
        world.run(120_000);
        let last = world.states_of("once").last().map(|said| said.state);
        assert_eq!(last, Some(state));
    }
}
