//! Counts that rise though nobody new came in.

use guestlist_tracker::ConfirmPolicy;

use crate::world::{How, Invite, World};
use crate::{config, counts_only};

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
    let key = world.join(crate::world::by("once"));
    world.run(60_000);
    assert!(crate::deduced(&world, key, "once"));
}
