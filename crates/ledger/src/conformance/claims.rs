//! Who may write, and where to go on.

use std::collections::BTreeSet;

use guestlist_model::{GuildId, Id};
use guestlist_tracker::{Gap, GuildChange, GuildState, Join, JoinKey, PartChange, Record};

use super::{
    Stores,
    facts::{at, user},
    joins,
};
use crate::{Batch, Claim, LedgerError, Partition, Position, Reports, Resume, Scope, Store};

fn part(number: u32, count: u32) -> Partition {
    Partition::new(number, count).expect("it is in its division")
}

/// A guild of shard `number` of 16.
fn guild(number: u64) -> GuildId {
    Id::new_checked((1_000_000 * 16 + number) << 22).expect("not zero")
}

fn joined(number: u64, user_number: u64) -> Batch {
    let key = JoinKey::new(guild(number), user(user_number), at(0));
    Batch::of([Record::Join(Join::new(key, at(1)))])
}

/// A state of one part.
fn some_state(guild: GuildId) -> GuildChange {
    GuildChange::new(guild, true, vec![PartChange::new("head", "some")])
}

async fn users(ledger: &impl Reports) -> BTreeSet<u64> {
    let rows = joins(ledger, &Scope::new()).await;
    rows.iter()
        .map(|row| row.join.key.user.get() - 2_000)
        .collect()
}

async fn refused(ledger: &impl Store, claim: Claim, batch: &Batch) -> (Partition, String) {
    match ledger.commit(claim, batch).await {
        Err(LedgerError::Fenced {
            claim: of,
            partition,
            owner,
            ..
        }) => {
            assert_eq!(of, claim);
            (partition, owner)
        }
        other => panic!("it should have been refused: {other:?}"),
    }
}

async fn positions(ledger: &impl Resume, partition: Partition) -> Vec<Position> {
    let point = ledger.resume_point(partition).await.expect("read");
    point.positions
}

pub async fn positions_come_back(stores: &impl Stores) {
    let ledger = stores.open("positions").await;
    let claim = ledger.claim(Partition::ALL, "one").await.expect("claimed");
    let mut batch = Batch::new();
    batch.positions = vec![
        Position::new("shard 0 of 2", "ten"),
        Position::new("shard 1 of 2", "twenty"),
    ];
    batch.guild_states = vec![some_state(guild(1))];
    ledger.commit(claim, &batch).await.expect("stored");
    let point = ledger.resume_point(Partition::ALL).await.expect("read");
    assert_eq!(point.positions, batch.positions);
    let state = GuildState::from_iter([("head", "some")]);
    assert_eq!(point.guild_states, [(guild(1), state)]);

    let mut next = Batch::new();
    next.positions = vec![
        Position::new("shard 0 of 2", "eleven"),
        Position::removed("shard 1 of 2"),
        Position::removed("never there"),
    ];
    ledger.commit(claim, &next).await.expect("stored");
    assert_eq!(
        positions(&ledger, Partition::ALL).await,
        next.positions[..1]
    );
}

pub async fn a_later_claim_fences_out_the_earlier(stores: &impl Stores) {
    let ledger = stores.open("fenced").await;
    let first = ledger.claim(Partition::ALL, "one").await.expect("claimed");
    ledger.commit(first, &joined(1, 1)).await.expect("stored");
    let second = ledger.claim(Partition::ALL, "two").await.expect("claimed");
    assert!(second.epoch > first.epoch);

    let mut late = joined(1, 2);
    late.positions = vec![Position::new("shard 0 of 1", "late")];
    late.guild_states = vec![some_state(guild(1))];
    let by = refused(&ledger, first, &late).await;
    assert_eq!(by, (Partition::ALL, "two".to_owned()));
    assert_eq!(
        users(&ledger).await,
        BTreeSet::from([1]),
        "nothing of it is there"
    );
    assert!(positions(&ledger, Partition::ALL).await.is_empty());
    refused(&ledger, first, &Batch::new()).await;

    ledger.commit(second, &joined(1, 3)).await.expect("stored");
    assert_eq!(users(&ledger).await, BTreeSet::from([1, 3]));
    let made_up = Claim {
        epoch: crate::Epoch::new(second.epoch.get() + 1),
        ..second
    };
    refused(&ledger, made_up, &joined(1, 4)).await;
    let narrower = Claim {
        partition: part(1, 16),
        ..second
    };
    refused(&ledger, narrower, &joined(1, 4)).await;
}

pub async fn overlapping_claims_of_other_divisions_fence_too(stores: &impl Stores) {
    let ledger = stores.open("divisions").await;
    let third = ledger.claim(part(3, 8), "3 of 8").await.expect("claimed");
    let fourth = ledger.claim(part(4, 8), "4 of 8").await.expect("claimed");
    ledger.commit(third, &joined(3, 1)).await.expect("stored");
    ledger.commit(fourth, &joined(4, 2)).await.expect("stored");

    // 1 of 2 has the guilds of 3 of 8, and not those of 4 of 8.
    let odd = ledger.claim(part(1, 2), "the odd").await.expect("claimed");
    let by = refused(&ledger, third, &joined(3, 3)).await;
    assert_eq!(by, (part(1, 2), "the odd".to_owned()));
    ledger.commit(fourth, &joined(4, 4)).await.expect("stored");

    let all = ledger.claim(Partition::ALL, "all").await.expect("claimed");
    refused(&ledger, fourth, &joined(4, 5)).await;
    refused(&ledger, odd, &joined(3, 5)).await;
    ledger.commit(all, &joined(3, 6)).await.expect("stored");

    // Whoever was fenced out stays so when the one that did it is, by a third.
    ledger.claim(part(0, 2), "the even").await.expect("claimed");
    refused(&ledger, all, &joined(3, 7)).await;
    refused(&ledger, odd, &joined(3, 7)).await;
    assert_eq!(users(&ledger).await, BTreeSet::from([1, 2, 4, 6]));
}

pub async fn nothing_outside_the_partition_is_stored(stores: &impl Stores) {
    let ledger = stores.open("outside").await;
    let claim = ledger.claim(part(1, 2), "the odd").await.expect("claimed");
    ledger.commit(claim, &joined(5, 1)).await.expect("stored");
    let mut mixed = joined(5, 2);
    mixed.records.extend(joined(6, 3).records);
    let mut state = Batch::new();
    state.guild_states = vec![some_state(guild(6))];
    let gap = Batch::of([Record::Gap(Gap::new(guild(6), at(1), at(2)))]);
    for batch in [mixed, state, gap] {
        match ledger.commit(claim, &batch).await {
            Err(LedgerError::OutsidePartition { guild: of, .. }) => assert_eq!(of, guild(6)),
            other => panic!("it should have been refused: {other:?}"),
        }
    }
    assert_eq!(users(&ledger).await, BTreeSet::from([1]));
}

pub async fn positions_of_others_stay(stores: &impl Stores) {
    let ledger = stores.open("shared").await;
    let put = async |partition: Partition, guild_number: u64, positions: Vec<Position>| {
        let claim = ledger.claim(partition, "a story").await.expect("claimed");
        let mut batch = Batch::new();
        batch.guild_states = vec![some_state(guild(guild_number))];
        batch.positions = positions;
        ledger.commit(claim, &batch).await.expect("stored");
    };
    // Two processes that name their streams alike, and one with another division.
    put(part(0, 2), 0, vec![Position::new("stream", "even")]).await;
    put(part(1, 2), 1, vec![Position::new("stream", "odd")]).await;
    assert_eq!(
        positions(&ledger, part(0, 2)).await,
        [Position::new("stream", "even")]
    );
    assert_eq!(
        positions(&ledger, part(3, 16)).await,
        [Position::new("stream", "odd")]
    );
    assert_eq!(positions(&ledger, Partition::ALL).await.len(), 2);

    // A part takes over: what it stores replaces what covers its guilds, no more.
    put(
        part(3, 4),
        3,
        vec![Position::new("stream", "three of four")],
    )
    .await;
    assert_eq!(
        positions(&ledger, part(0, 2)).await,
        [Position::new("stream", "even")]
    );
    assert_eq!(
        positions(&ledger, part(3, 4)).await,
        [Position::new("stream", "three of four")]
    );
    // One process has all again, and goes on from none of these.
    put(Partition::ALL, 2, vec![Position::removed("stream")]).await;
    assert!(positions(&ledger, Partition::ALL).await.is_empty());

    let guilds = async |partition: Partition| {
        let point = ledger.resume_point(partition).await.expect("read");
        let ids: Vec<GuildId> = point.guild_states.iter().map(|(id, _)| *id).collect();
        ids
    };
    assert_eq!(guilds(Partition::ALL).await, [0, 1, 2, 3].map(guild));
    assert_eq!(guilds(part(1, 2)).await, [1, 3].map(guild));
    assert_eq!(guilds(part(2, 16)).await, [guild(2)]);
}

pub async fn states_come_back_part_by_part<S: Stores>(stores: &S) {
    let ledger = stores.open("states.db").await;
    let claim = ledger.claim(Partition::ALL, "one").await.expect("claimed");
    let part = PartChange::new;
    let first = vec![
        part("head", "one"),
        part("invite/a", "3"),
        part("seen/1", ""),
    ];
    let second = vec![
        part("head", "two"),
        PartChange::removed("invite/a"),
        part("invite/b", "\u{e4}"),
    ];
    let third = vec![part("invite/a", "4"), PartChange::removed("never there")];
    let of_one = |parts| GuildChange::new(guild(1), false, parts);
    let mut batch = Batch::new();
    batch.guild_states = vec![of_one(first), some_state(guild(2)), of_one(second)];
    ledger.commit(claim, &batch).await.expect("stored");
    batch.guild_states = vec![of_one(third)];
    ledger.commit(claim, &batch).await.expect("stored");
    let states = async || {
        let point = ledger.resume_point(Partition::ALL).await;
        point.expect("read").guild_states
    };
    let one = [
        ("head", "two"),
        ("invite/a", "4"),
        ("invite/b", "\u{e4}"),
        ("seen/1", ""),
    ];
    let two = (guild(2), GuildState::from_iter([("head", "some")]));
    let expected = [(guild(1), GuildState::from_iter(one)), two.clone()];
    assert_eq!(states().await, expected);

    batch.guild_states = vec![some_state(guild(1))];
    ledger.commit(claim, &batch).await.expect("stored");
    let anew = (guild(1), GuildState::from_iter([("head", "some")]));
    assert_eq!(states().await, [anew, two.clone()]);
    batch.guild_states = vec![GuildChange::new(guild(1), true, Vec::new())];
    ledger.commit(claim, &batch).await.expect("stored");
    assert_eq!(states().await, [two]);
}
