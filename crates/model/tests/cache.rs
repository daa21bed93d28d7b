//! The cache of entities.

#![expect(clippy::unwrap_used, reason = "a test stops at what is wrong")]

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

fn event(name: &str, data: &str) -> Event {
    Event::from_parts(name, data.as_bytes()).unwrap()
}

#[test]
fn the_gateway_alone_fills_it_and_empties_it() {
    let cache = Cache::new();
    cache.insert_event(&event(
        "GUILD_CREATE",
        r#"{"id":"1","name":"Alien Network","icon":"ff","members":[],"channels":[
            {"id":"5","type":0,"name":"hall","topic":"long","permission_overwrites":[]},
            {"id":"6","type":2,"name":"noises"}]}"#,
    ));
    let bare = invite(r#"{"code":"b","guild_id":"1","channel_id":"5"}"#);
    cache.insert_event(&Event::InviteCreate(bare.clone().into()));
    let guild = bare.guild_in(&cache).unwrap();
    assert_eq!(
        (guild.name(), guild.icon().value()),
        (Some("Alien Network"), Some("ff"))
    );
    let channel = bare.channel_in(&cache).unwrap();
    assert_eq!((channel.name(), channel.kind()), (Some("hall"), Some(0)));
    // Only what invites show is held.
    assert_eq!(channel.get("topic"), None);
    assert_eq!(cache.channels_of(guild.id()).len(), 2);

    cache.insert_event(&event("GUILD_UPDATE", r#"{"id":"1","name":"new"}"#));
    assert_eq!(bare.guild_in(&cache).unwrap().name(), Some("new"));
    cache.insert_event(&event(
        "CHANNEL_UPDATE",
        r#"{"id":"5","guild_id":"1","type":0,"name":"big hall"}"#,
    ));
    assert_eq!(bare.channel_in(&cache).unwrap().name(), Some("big hall"));
    cache.insert_event(&event(
        "CHANNEL_CREATE",
        r#"{"id":"7","guild_id":"1","type":0,"name":"x"}"#,
    ));
    assert_eq!(cache.channels_of(guild.id()).len(), 3);

    cache.insert_event(&event(
        "CHANNEL_DELETE",
        r#"{"id":"5","guild_id":"1","type":0}"#,
    ));
    assert!(bare.channel_in(&cache).is_none());
    // Its invites are gone with it; Discord does not say so one by one.
    assert!(cache.invite(bare.code()).is_none());
    assert_eq!(cache.channels_of(guild.id()).len(), 2);
}

#[test]
fn an_outage_empties_nothing_and_a_removal_does() {
    let cache = Cache::new();
    for guild in ["1", "2"] {
        cache.insert_invite(&invite(&format!(
            r#"{{"code":"of{guild}","guild":{{"id":"{guild}","name":"n"}},
                "channel":{{"id":"1{guild}","type":0,"name":"c"}}}}"#
        )));
    }
    let first = invite(r#"{"code":"of1","guild_id":"1","channel_id":"11"}"#);
    cache.insert_event(&event("GUILD_DELETE", r#"{"id":"1","unavailable":true}"#));
    cache.insert_event(&event("GUILD_CREATE", r#"{"id":"1","unavailable":true}"#));
    assert!(first.guild_in(&cache).is_some() && first.channel_in(&cache).is_some());
    cache.insert_event(&event("GUILD_DELETE", r#"{"id":"1"}"#));
    assert!(first.guild_in(&cache).is_none() && first.channel_in(&cache).is_none());
    assert!(cache.invite(first.code()).is_none());
    assert!(cache.invite(&"of2".parse().unwrap()).is_some());
    assert!(cache.channel("12".parse().unwrap()).is_some());
}

#[test]
fn a_guild_that_comes_back_tells_which_channels_are_gone() {
    let cache = Cache::new();
    let create = |channels| {
        event(
            "GUILD_CREATE",
            &format!(r#"{{"id":"1","name":"n","channels":[{channels}]}}"#),
        )
    };
    cache.insert_event(&create(
        r#"{"id":"5","type":0,"name":"a"},{"id":"6","type":0,"name":"b"}"#,
    ));
    cache.insert_invite(&invite(r#"{"code":"x","guild_id":"1","channel_id":"5"}"#));
    cache.insert_invite(&invite(r#"{"code":"y","guild_id":"1","channel_id":"6"}"#));
    cache.insert_event(&create(r#"{"id":"6","type":0,"name":"b"}"#));
    assert!(cache.channel("5".parse().unwrap()).is_none());
    assert!(cache.invite(&"x".parse().unwrap()).is_none());
    assert!(cache.channel("6".parse().unwrap()).is_some());
    assert!(cache.invite(&"y".parse().unwrap()).is_some());
}

#[test]
fn an_odd_channel_does_not_lose_a_guild() {
    let cache = Cache::new();
    cache.insert_event(&event(
        "GUILD_CREATE",
        r#"{"id":"1","name":"n","channels":[{"id":0,"name":7},{},7,null,{"id":"6","type":0,"name":"b","guild_id":{}}]}"#,
    ));
    assert!(cache.guild("1".parse().unwrap()).is_some());
    assert_eq!(cache.channels_of("1".parse().unwrap()).len(), 1);
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
