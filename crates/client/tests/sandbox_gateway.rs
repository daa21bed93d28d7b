//! The gateway against the sandbox: what is lost and what is not.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use guestlist_client::{Gateway, Item, SavedSession};
use guestlist_model::{Event, RawFrame};
use guestlist_sandbox::{Options, RateLimits, world::NewInvite};
use std::time::Duration;
use support::world::World;
use tokio::time::timeout;

async fn next(gateway: &mut Gateway) -> Item {
    timeout(Duration::from_secs(10), gateway.next())
        .await
        .unwrap()
        .unwrap()
        .item
}

fn event(frame: &RawFrame) -> Event {
    Event::from_frame(&frame.bytes).unwrap().unwrap().event
}

/// Who joined.
fn joined(frame: &RawFrame) -> Option<u64> {
    match event(frame) {
        Event::MemberAdd(add) => Some(add.member.user.id().get()),
        _ => None,
    }
}

/// Reads up to the join of a user, and gives its sequence and what was passed.
async fn read_to_join(gateway: &mut Gateway, user: u64) -> (u64, Vec<Item>) {
    let mut passed = Vec::new();
    loop {
        match next(gateway).await {
            Item::Frame(frame) if joined(&frame) == Some(user) => {
                return (frame.sequence.unwrap(), passed);
            }
            item => passed.push(item),
        }
    }
}

fn session(items: &[Item]) -> Option<SavedSession> {
    items.iter().rev().find_map(|item| match item {
        Item::Session(session) => Some(session.clone()),
        _ => None,
    })
}

async fn join(world: &World) -> u64 {
    let invite = world.one_use().await;
    world
        .sandbox
        .world()
        .accept_invite(invite.code().as_str(), None)
        .unwrap()
        .user_id
}

#[tokio::test]
async fn events_arrive_and_a_dropped_connection_loses_nothing() {
    let world = World::start().await;
    let mut gateway = world.connect(None).await;
    loop {
        if let Item::Frame(frame) = next(&mut gateway).await
            && let Event::GuildCreate(guild) = event(&frame)
            && guild.id == world.guild
        {
            break;
        }
    }
    let user = join(&world).await;
    read_to_join(&mut gateway, user).await;

    assert_eq!(world.sandbox.world().drop_gateway(None, true), 1);
    let user = join(&world).await;
    let (_, passed) = read_to_join(&mut gateway, user).await;
    assert!(
        passed
            .iter()
            .any(|item| matches!(item, Item::Reconnecting { .. })),
        "{passed:?}"
    );
    assert!(
        !passed.iter().any(|item| matches!(item, Item::SessionLost)),
        "{passed:?}"
    );

    assert_eq!(world.sandbox.world().drop_gateway(None, false), 1);
    loop {
        match next(&mut gateway).await {
            Item::SessionLost => break,
            Item::Session(_) => panic!("a new session without a word of the old one"),
            _ => {}
        }
    }
    loop {
        if let Item::Session(_) = next(&mut gateway).await {
            break;
        }
    }
}

#[tokio::test]
async fn a_barrier_comes_behind_every_event_that_was_on_its_way() {
    let world = World::start().await;
    let mut gateway = world.connect(None).await;
    for number in 0..3 {
        let user = join(&world).await;
        gateway.barrier(guestlist_model::ShardId::ONE, number);
        let mut has_joined = false;
        loop {
            match next(&mut gateway).await {
                Item::Frame(frame) if joined(&frame) == Some(user) => has_joined = true,
                Item::Barrier(passed) => {
                    assert!(has_joined, "the join was on its way");
                    assert_eq!(passed, number);
                    break;
                }
                _ => {}
            }
        }
        // One that is asked for while there is no connection waits for the next.
        assert_eq!(world.sandbox.world().drop_gateway(None, true), 1);
    }
}

#[tokio::test]
async fn a_stopped_program_resumes_where_it_stored_and_hears_what_it_missed() {
    let world = World::start().await;
    let mut gateway = world.connect(None).await;
    let first = loop {
        if let Item::Session(session) = next(&mut gateway).await {
            break session;
        }
    };
    let user = join(&world).await;
    let (stored, _) = read_to_join(&mut gateway, user).await;
    let unstored = join(&world).await;
    read_to_join(&mut gateway, unstored).await;
    gateway.close();
    while let Some(item) = timeout(Duration::from_secs(5), gateway.next())
        .await
        .unwrap()
    {
        assert!(!matches!(item.item, Item::SessionLost));
    }
    let missed = join(&world).await;

    let saved = first.at(stored);
    let mut gateway = world.connect(Some(saved)).await;
    let (sequence, passed) = read_to_join(&mut gateway, unstored).await;
    assert!(sequence > stored);
    assert!(session(&passed).is_none(), "{passed:?}");
    read_to_join(&mut gateway, missed).await;
}

#[tokio::test]
async fn of_many_events_over_a_bad_line_each_comes_once() {
    let world = World::start().await;
    let mut gateway = world.connect(None).await;
    while !matches!(next(&mut gateway).await, Item::Session(_)) {}
    let handle = world.sandbox.world();
    let code = handle
        .create_invite(world.guild.get(), NewInvite::default())
        .unwrap()
        .code;
    let mut expected = std::collections::HashSet::new();
    for number in 0..200 {
        expected.insert(handle.accept_invite(&code, None).unwrap().user_id);
        // Now and then in the middle of what is on its way.
        if number % 50 == 25 {
            handle.drop_gateway(None, true);
        }
        if number % 10 == 0 {
            // What came so far may be read before there is more.
            tokio::task::yield_now().await;
        }
    }
    let (mut last, mut cuts) = (0, 0);
    while !expected.is_empty() {
        match next(&mut gateway).await {
            Item::Frame(frame) => {
                let sequence = frame.sequence.unwrap();
                assert!(sequence > last, "{sequence} after {last}");
                last = sequence;
                if let Some(user) = joined(&frame) {
                    expected.remove(&user);
                }
            }
            Item::Reconnecting { .. } => cuts += 1,
            Item::Session(_) => {}
            other => panic!("{other:?}"),
        }
    }
    assert!(cuts >= 1);
}

#[tokio::test]
async fn two_shards_share_the_guilds() {
    let world = World::with(Options::seeded(7).rate_limits(RateLimits::none()).shards(2)).await;
    let mut gateway = world.connect(None).await;
    assert_eq!(gateway.shards().total(), 2);
    let mut seen = Vec::new();
    while seen.len() < world.sandbox.guild_ids().len() {
        let item = timeout(Duration::from_secs(15), gateway.next())
            .await
            .unwrap()
            .unwrap();
        if let Item::Frame(frame) = item.item
            && let Event::GuildCreate(guild) = event(&frame)
        {
            assert_eq!((guild.id.get() >> 22) % 2, u64::from(item.shard.number()));
            seen.push(guild.id.get());
        }
    }
    world.sandbox.shutdown().await;
}
