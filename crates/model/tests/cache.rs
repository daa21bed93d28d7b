//! The cache of entities.

use std::sync::atomic::{AtomicBool, Ordering};

use guestlist_model::{Cache, Event, Invite, User, UserId};

fn invite(json: &str) -> Invite {
    json.parse().unwrap_or_else(|error| unreachable!("{error}"))
}

#[test]
fn what_is_seen_again_replaces_what_was_there() {
    let cache = Cache::new();
    cache.insert_invite(&invite(
        r#"{"code":"a","inviter":{"id":"1","username":"old"}}"#,
    ));
    let join = Event::from_parts(
        "GUILD_MEMBER_ADD",
        br#"{"guild_id":"9","user":{"id":"1","username":"new"}}"#,
    )
    .unwrap();
    cache.insert_event(&join);
    let id = UserId::new_checked(1).unwrap();
    assert_eq!(cache.user(id).unwrap().username(), Some("new"));
    // The invite still says what was true when it came; the cache knows better.
    let cached = cache.invite(&"a".parse().unwrap()).unwrap();
    assert_eq!(cached.inviter().unwrap().username(), Some("old"));
    assert_eq!(cached.inviter_in(&cache).unwrap().username(), Some("new"));
    // The same cache.
    assert!(cache.clone().user(id).is_some());
    cache.remove_user(id);
    assert!(cache.user(id).is_none() && cache.invite(&"a".parse().unwrap()).is_none());
}

#[test]
fn a_guild_that_changed_is_forgotten_rather_than_stale() {
    let cache = Cache::new();
    let listed = invite(r#"{"code":"a","guild":{"id":"1","name":"old"}}"#);
    cache.insert_invite(&listed);
    let bare = invite(r#"{"code":"b","guild_id":"1"}"#);
    assert_eq!(bare.guild_in(&cache).unwrap().name(), Some("old"));
    cache.insert_event(&Event::from_parts("GUILD_UPDATE", br#"{"id":"1","name":"new"}"#).unwrap());
    assert!(bare.guild_in(&cache).is_none());
}

#[test]
fn it_never_holds_more_than_it_should() {
    let cache = Cache::with_capacity(64);
    for round in 0..3 {
        for number in 1..=10_000u64 {
            let user =
                User::from_slice(format!(r#"{{"id":"{number}","username":"{round}"}}"#).as_bytes())
                    .unwrap();
            cache.insert_user(&user.into());
        }
    }
    let held = (1..=10_000)
        .filter(|number| cache.user(UserId::new_checked(*number).unwrap()).is_some())
        .count();
    assert!((32..=64).contains(&held), "{held}");
    // The newest is there.
    assert!(cache.user(UserId::new_checked(10_000).unwrap()).is_some());
    // One that is put in again and again does not push out the others.
    let cache = Cache::with_capacity(16);
    for _ in 0..1_000 {
        cache.insert_invite(&invite(r#"{"code":"a"}"#));
    }
    assert!(cache.invite(&"a".parse().unwrap()).is_some());
}

#[test]
fn readers_and_writers_work_side_by_side() {
    let cache = Cache::with_capacity(256);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    for number in 1..=300 {
                        if let Some(user) = cache.user(UserId::new_checked(number).unwrap()) {
                            assert_eq!(user.id().get(), number);
                        }
                    }
                }
            });
        }
        for _ in 0..10 {
            for number in 1..=300u64 {
                let user = User::from_slice(format!(r#"{{"id":"{number}"}}"#).as_bytes()).unwrap();
                cache.insert_user(&user.into());
            }
        }
        done.store(true, Ordering::Relaxed);
    });
}
