//! What is stated is true, where counts mislead.

use guestlist_tracker::{Certainty, Config, ConfirmPolicy, Evidence, Origin, Reason, Record};

use super::world::{How, Invite, Lists, World, by, user};
use super::{config, confirmed, counts_only, deduced, guild_with};

/// Six hours, in milliseconds.
const LONG: i64 = 6 * 3_600_000;

fn not_stated_as(world: &World, key: guestlist_tracker::JoinKey, text: &str) {
    assert!(!deduced(world, key, text), "{:?}", world.answer(key));
    world.check(0);
}

#[test]
fn somebody_who_came_before_the_first_list_is_not_counted_for_another() {
    let mut world = World::with(config(ConfirmPolicy::Never));
    world.server.add(Invite::new("a").used(3));
    // Who joined before the bot was there is counted after the first list.
    world.deaf = true;
    let unseen = world.server.next_user();
    world.join_with(user(unseen), by("a"), 0, 3_000);
    world.run(1_000);
    world.deaf = false;
    world.announce();
    world.run(LONG);
    let key = world.join(How::Discovery);
    world.run(60_000);
    not_stated_as(&world, key, "a");
    // From then on counts are trusted.
    let key = world.join(by("a"));
    world.run(60_000);
    assert!(deduced(&world, key, "a"), "{:?}", world.answer(key));
}

#[test]
fn a_first_list_that_was_refused_until_now_may_count_who_is_told_later() {
    let mut world = World::with(config(ConfirmPolicy::Never));
    world.server.add(Invite::new("a").used(3));
    world.server.permissions.lists = Lists::Forbidden;
    world.begin();
    world.run(60_000);
    world.server.permissions.lists = Lists::Full;
    world.run(LONG);
    // The first one asks for the list, which counts the second one already.
    world.join(How::Discovery);
    let late = user(world.server.next_user());
    let key = world.join_with(late, by("a"), 3_000, 0);
    world.run(60_000);
    let said = world.attributions(key);
    let answer = *said.last().unwrap();
    let is_open = answer.evidence.contains(&Evidence::Uncompared);
    assert!(
        is_open || answer.certainty == Certainty::Unknown(Reason::NoBaseline),
        "{answer:?}"
    );
    world.check(0);
}

#[test]
fn the_vanity_link_was_used_before_the_first_count_of_it() {
    let mut world = World::with(config(ConfirmPolicy::Never));
    world.server.vanity = Some((String::from("vain"), 100));
    world.deaf = true;
    let unseen = world.server.next_user();
    world.join_with(user(unseen), How::Vanity, 0, 3_000);
    world.run(1_000);
    world.deaf = false;
    world.announce();
    world.run(LONG);
    let key = world.join(How::Discovery);
    world.run(60_000);
    world.check(0);
    let key_by_vanity = world.join(How::Vanity);
    world.run(60_000);
    world.check(0);
    assert!(!matches!(
        world.answer(key),
        Some(Certainty::Deduced(Origin::Vanity { .. }))
    ));
    assert!(
        matches!(
            world.answer(key_by_vanity),
            Some(Certainty::Deduced(Origin::Vanity { .. }))
        ),
        "{:?}",
        world.answer(key_by_vanity)
    );
}

#[test]
fn an_invite_that_a_list_lacked_by_mistake_is_not_new_when_it_is_back() {
    let mut world = counts_only();
    world.create(Invite::new("new"));
    world.run(100);
    // The next lists lack it, as if they were old, and it is forgotten.
    let kept = world.server.invites.remove("new").unwrap();
    let one = world.join(How::Discovery);
    world.run(LONG);
    assert!(
        world
            .states_of("new")
            .last()
            .is_some_and(|invite| invite.ended_at.is_none()),
        "nobody said that it was deleted"
    );
    // It was used once meanwhile, by somebody who is long forgotten.
    world.server.invites.insert(String::from("new"), kept);
    world.server.count(&by("new"));
    let two = world.join(How::Discovery);
    world.run(60_000);
    not_stated_as(&world, one, "new");
    not_stated_as(&world, two, "new");
}

#[test]
fn a_list_from_before_a_deletion_counts_nobody_twice() {
    let mut world = guild_with(config(ConfirmPolicy::Always));
    let first = world.join(by("a"));
    world.run(5);
    // INVITE_DELETE comes before any list shows the use; the first list does.
    let kept = world.server.invites.get("a").cloned();
    world.revoke("a");
    let deleted = world.server.invites.clone();
    let restore = |world: &mut World| {
        let kept = kept.clone();
        let kept = kept.map(|invite| (invite.code.clone(), invite));
        world.server.invites.extend(kept);
    };
    restore(&mut world);
    world.run(1_000);
    // The list that follows lacks the invite.
    world.server.invites = deleted;
    let second = world.join(by("b"));
    world.run(1_000);
    // And the next one is once more from before.
    restore(&mut world);
    world.weather.index = (600_000, 600_000);
    let third = world.join(How::Discovery);
    world.run(120_000);
    assert!(confirmed(&world, first, "a"), "{:?}", world.answer(first));
    assert!(confirmed(&world, second, "b"), "{:?}", world.answer(second));
    not_stated_as(&world, third, "a");
}

#[test]
fn each_vanity_code_is_a_way_of_its_own() {
    let mut world = World::with(config(ConfirmPolicy::Never));
    world.server.vanity = Some((String::from("old"), 100));
    world.begin();
    let before = world.join(How::Vanity);
    world.run(2_000);
    world.server.vanity = Some((String::from("new"), 0));
    world.announce_update();
    world.run(2_000);
    let after = world.join(How::Vanity);
    world.run(120_000);
    let named = |key, name: &str| match world.answer(key) {
        Some(Certainty::Confirmed(origin) | Certainty::Deduced(origin)) => matches!(
            origin,
            Origin::Vanity { code } if code.as_ref().is_none_or(|code| code == name)
        ),
        _ => true,
    };
    assert!(named(before, "old"), "{:?}", world.answer(before));
    assert!(named(after, "new"), "{:?}", world.answer(after));
    assert!(
        world
            .records
            .iter()
            .any(|record| matches!(record, Record::Attribution(_)))
    );
}

#[test]
fn a_confirmed_join_does_not_take_the_count_of_the_next() {
    for wait in [60_000, 500_000, 700_000] {
        let mut world = guild_with(Config::default());
        let first = world.join(by("a"));
        world.run(wait);
        assert!(confirmed(&world, first, "a"));
        world.server.permissions.search = false;
        let next = world.join(by("a"));
        world.run(60_000);
        assert!(deduced(&world, next, "a"), "{:?}", world.answer(next));
        world.check(0);
    }
}

#[test]
fn members_who_leave_at_once_are_deduced_between_those_who_are_confirmed() {
    let mut world = guild_with(Config::default());
    for number in 0..40 {
        let key = world.join(by("a"));
        if number % 2 == 0 {
            world.run(60_000);
            assert!(confirmed(&world, key, "a"), "{:?}", world.answer(key));
        } else {
            world.run(500);
            world.leave(key.user);
            world.run(59_500);
            assert!(deduced(&world, key, "a"), "{:?}", world.answer(key));
        }
    }
    world.check(0);
}

#[test]
fn a_lone_join_is_not_searched_for_where_its_counts_are_plain() {
    let mut world = guild_with(config(ConfirmPolicy::WhenAmbiguous));
    for name in ["a", "b", "c"] {
        let key = world.join(by(name));
        world.run(60_000);
        assert!(deduced(&world, key, name), "{:?}", world.answer(key));
    }
    assert_eq!(world.count_requests("search_members"), 0);
    // One that moved no count is.
    let key = world.join(How::Discovery);
    world.run(60_000);
    assert!(matches!(
        world.answer(key),
        Some(Certainty::Confirmed(Origin::Discovery))
    ));
}
