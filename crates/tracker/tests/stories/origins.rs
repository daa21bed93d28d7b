//! Other ways in, and what can be known without permission.

use guestlist_tracker::{Certainty, Config, ConfirmPolicy, Origin, Reason};

use crate::world::{How, Invite, Lists, World, by, code, user};
use crate::{config, confirmed, deduced, guild_with};

#[test]
fn the_vanity_link_counts_on_its_own() {
    let mut world = World::with(config(ConfirmPolicy::Never));
    world.server.vanity = Some((String::from("vain"), 41));
    world.server.add(Invite::new("a"));
    world.begin();
    let key = world.join(How::Vanity);
    world.run(12_000);
    let Some(Certainty::Deduced(Origin::Vanity { code: Some(vanity) })) = world.answer(key) else {
        panic!("{:?}", world.answer(key));
    };
    assert_eq!(*vanity, code("vain"));
    // A join that the list explains does not ask for the vanity count.
    let asked = world.count_requests("vanity_url");
    let key = world.join(by("a"));
    world.run(20_000);
    assert!(deduced(&world, key, "a"));
    assert_eq!(world.count_requests("vanity_url"), asked);
}

#[test]
fn a_vanity_join_that_is_told_as_an_invite_is_a_vanity_join() {
    let mut world = World::calm();
    world.server.vanity = Some((String::from("vain"), 41));
    world.server.vanity_as_invite = true;
    world.begin();
    let key = world.join(How::Vanity);
    world.run(30_000);
    assert!(matches!(
        world.answer(key),
        Some(Certainty::Confirmed(Origin::Vanity { .. }))
    ));
}

#[test]
fn a_new_vanity_code_starts_a_new_count() {
    let mut world = World::with(config(ConfirmPolicy::Never));
    world.server.vanity = Some((String::from("old"), 0));
    world.server.add(Invite::new("a"));
    world.begin();
    world.server.vanity = Some((String::from("new"), 5));
    let key = world.join(How::Discovery);
    world.run(60_000);
    assert!(world.answer(key).unwrap().origin().is_none());
}

#[test]
fn a_stale_count_right_after_a_change_of_the_vanity_code_proves_nothing() {
    let mut world = World::with(config(ConfirmPolicy::Never));
    world.server.vanity = Some((String::from("old"), 41));
    world.server.add(Invite::new("a"));
    world.begin();
    world.run(20_000);
    world.server.vanity = Some((String::from("new"), 0));
    world.announce_update();
    world.run(1000);
    // What the new code begins with is shown only now.
    world.server.vanity = Some((String::from("new"), 1));
    world.run(2000);
    let key = world.join(How::Discovery);
    world.run(60_000);
    assert!(world.answer(key).unwrap().origin().is_none());
}

#[test]
fn a_bot_comes_by_no_invite() {
    let mut world = guild_with(Config::default());
    let key = world.join(How::Bot);
    world.run(10_000);
    let labels: Vec<_> = world
        .attributions(key)
        .iter()
        .map(|said| said.certainty.clone())
        .collect();
    assert_eq!(
        labels,
        [
            Certainty::Deduced(Origin::Bot { added_by: None }),
            Certainty::Confirmed(Origin::Bot {
                added_by: Some(user(88))
            })
        ]
    );
    // Those at the start.
    assert_eq!(world.count_requests("list_invites"), 2);
}

#[test]
fn without_permission_the_search_may_still_tell() {
    let mut world = World::calm();
    world.server.permissions.lists = Lists::Forbidden;
    world.server.add(Invite::new("a"));
    world.begin();
    let key = world.join(by("a"));
    world.run(30_000);
    assert!(confirmed(&world, key, "a"));

    let mut world = World::calm();
    world.server.permissions.lists = Lists::Forbidden;
    world.server.permissions.search = false;
    world.server.add(Invite::new("a"));
    world.begin();
    let keys: Vec<_> = (0..30)
        .map(|_| {
            world.run(2000);
            world.join(by("a"))
        })
        .collect();
    world.run(30_000);
    for key in keys {
        assert_eq!(
            world.answer(key),
            Some(&Certainty::Unknown(Reason::MissingPermission))
        );
    }
    assert!(world.sent.len() <= 3, "refusals are not collected");
}

#[test]
fn lists_without_uses_tell_nothing() {
    let mut world = World::with(config(ConfirmPolicy::Never));
    world.server.permissions.lists = Lists::WithoutUses;
    world.server.add(Invite::new("a"));
    world.begin();
    let key = world.join(by("a"));
    world.run(30_000);
    assert_eq!(
        world.answer(key),
        Some(&Certainty::Unknown(Reason::UsesHidden))
    );
}

/// The vanity code that the answer names, if the member came by the link.
fn vanity_code(world: &World, key: guestlist_tracker::JoinKey) -> Option<&str> {
    match world.answer(key) {
        Some(Certainty::Confirmed(Origin::Vanity { code })) => {
            code.as_ref().map(guestlist_model::InviteCode::as_str)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn who_came_by_an_earlier_vanity_code_is_not_put_down_to_the_new_one() {
    let mut world = World::calm();
    world.server.vanity = Some((String::from("old"), 41));
    world.server.vanity_unnamed = true;
    world.begin();
    let seen = world.join(How::Vanity);
    world.run(60_000);
    assert_eq!(vanity_code(&world, seen), Some("old"));
    world.disconnect();
    world.run(1);
    world.deaf = true;
    let missed = world.join(How::Vanity);
    world.run(10_000);
    world.server.vanity = Some((String::from("new"), 0));
    world.run(10_000);
    world.new_session();
    world.run(60_000);
    assert_eq!(vanity_code(&world, missed), None);
    let later = world.join(How::Vanity);
    world.run(60_000);
    assert_eq!(vanity_code(&world, later), Some("new"));
}

#[test]
fn a_code_that_is_named_for_another_way_may_have_been_used() {
    let mut world = guild_with(Config::default());
    world.weather.index = (60_000, 60_000);
    let other = world.join(How::Discovery);
    world.weather.index = (100, 100);
    let verified = world.join(How::Verified(String::from("a"), true));
    world.run(50_000);
    assert!(matches!(
        world.answer(verified),
        Some(Certainty::Confirmed(Origin::ManualVerification))
    ));
    world.run(100_000);
    world.check(0);
    assert!(world.answer(other).is_some());
}
