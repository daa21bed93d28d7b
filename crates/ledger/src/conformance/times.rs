//! Reports about guilds and about time.

use std::{sync::Arc, time::Duration};

use guestlist_model::Timestamp;
use guestlist_tracker::{Gap, Record};

use super::{
    Stores, Write,
    facts::{at, by_invite, confirmed, deduced, guild, invite, join, key, leave, unknown, user},
    joins,
};
use crate::{
    Batch, Bucket, CertaintyKind, GuildInfo, InviteStatus, Ledger, Page, Reports, Scope, SeriesRow,
};

fn story() -> Batch {
    let mut gap = Gap::new(guild(2), at(55), at(58));
    gap.joins_found = 3;
    let mut batch = Batch::of([
        join(key(1, 1, 0)),
        confirmed(key(1, 1, 0), by_invite("a", Some(8))),
        join(key(1, 2, 10)),
        deduced(key(1, 2, 10), by_invite("a", Some(8))),
        join(key(1, 3, 70)),
        deduced(key(1, 3, 70), by_invite("b", Some(9))),
        join(key(2, 4, 75)),
        unknown(key(2, 4, 75)),
        join(key(2, 5, 80)),
        leave(1, 1, None, 65),
        leave(1, 2, None, 130),
        leave(2, 99, None, 20),
        Record::Invite(invite(1, "a", Some(8), Some(-5))),
        Record::Gap(gap),
    ]);
    batch.guilds = vec![GuildInfo::new(guild(2), "Two")];
    batch
}

pub async fn reports_work_behind_dyn(stores: &impl Stores) {
    let ledger: Arc<dyn Ledger> = Arc::new(stores.open("dyn").await);
    ledger.store(&story()).await.expect("stored");
    let reports: Arc<dyn Reports> = ledger.clone();
    let everything = Scope::new();
    let rows = reports.joins(&everything, Page::ALL).await.expect("read");
    assert_eq!(rows.len(), 5);
    let asked = tokio::spawn(async move {
        let invites = reports.invites(&everything, InviteStatus::Any, None).await;
        invites.expect("read").len()
    });
    assert_eq!(asked.await.expect("answered from another task"), 1);
}

pub async fn guilds_are_counted_each(stores: &impl Stores) {
    let ledger = stores.open("guilds").await;
    assert!(ledger.guilds().await.expect("read").is_empty());
    ledger.store(&story()).await.expect("stored");
    let rows = ledger.guilds().await.expect("read");
    let [one, two] = &rows[..] else {
        panic!("there are two guilds: {rows:?}")
    };
    assert_eq!((one.guild, two.guild), (guild(1), guild(2)));
    assert_eq!(
        (one.name.as_deref(), two.name.as_deref()),
        (None, Some("Two"))
    );
    assert_eq!(one.totals.by_certainty, [1, 2, 0, 0, 0]);
    assert_eq!(two.totals.by_certainty, [0, 0, 0, 1, 0]);
    assert_eq!((two.totals.joins, two.totals.waiting), (2, 1));
    assert_eq!((one.totals.leaves, two.totals.leaves), (2, 1));
    assert_eq!((one.totals.invites, two.totals.invites), (1, 0));
    assert_eq!((one.gaps, two.gaps), (0, 1));
    assert_eq!(two.last_join, Some(at(80)));
    for row in &rows {
        let alone = ledger.totals(&Scope::new().guild(row.guild)).await;
        assert_eq!(row.totals, alone.expect("read"));
    }
}

pub async fn series_put_joins_and_leaves_into_buckets(stores: &impl Stores) {
    let ledger = stores.open("series").await;
    ledger.store(&story()).await.expect("stored");
    // at(0) is no whole minute.
    let minute = Bucket::of(Duration::from_secs(60))
        .expect("a minute")
        .from(at(0));
    let ask = async |scope: Scope| {
        let rows = ledger.series(&scope, minute).await.expect("read");
        let plain = |row: &SeriesRow| {
            let from = row.from.as_secs() - at(0).as_secs();
            let certainty = row.certainty.map(CertaintyKind::as_str);
            (from, certainty, row.joins, row.leaves)
        };
        rows.iter().map(plain).collect::<Vec<_>>()
    };
    let (sure, deduced) = (Some("confirmed"), Some("deduced"));
    assert_eq!(
        ask(Scope::new()).await,
        [
            (0, None, 0, 1), // somebody from before
            (0, sure, 1, 0),
            (0, deduced, 1, 0),
            (60, None, 1, 0), // waits for an answer
            (60, sure, 0, 1),
            (60, deduced, 1, 0),
            (60, Some("unknown"), 1, 0),
            (120, deduced, 0, 1),
        ]
    );
    assert_eq!(
        ask(Scope::new().inviter(user(8))).await,
        [
            (0, sure, 1, 0),
            (0, deduced, 1, 0),
            (60, sure, 0, 1),
            (120, deduced, 0, 1),
        ]
    );
    assert_eq!(
        ask(Scope::new().guild(guild(1)).since(at(60)).until(at(120))).await,
        [(60, sure, 0, 1), (60, deduced, 1, 0)]
    );
    let days = ledger
        .series(&Scope::new(), Bucket::DAY)
        .await
        .expect("read");
    let (joins, leaves) = days.iter().fold((0, 0), |(joins, leaves), row| {
        (joins + row.joins, leaves + row.leaves)
    });
    assert_eq!((joins, leaves), (5, 3));
    for row in &days {
        assert_eq!(
            row.from,
            Bucket::DAY.start(row.from),
            "it begins at midnight"
        );
    }
    // Before the beginning of all buckets as well.
    let late = minute.from(at(10_000_000));
    let rows = ledger.series(&Scope::new(), late).await.expect("read");
    for row in rows {
        assert_eq!(row.from, late.start(row.from));
        assert!(row.from > at(-60) && row.from <= at(130), "{row:?}");
    }
}

pub async fn gaps_can_be_read(stores: &impl Stores) {
    let ledger = stores.open("gaps").await;
    let mut first = Gap::new(guild(1), at(10), at(20));
    first.last_known = Some(Timestamp::from_micros(at(5).as_micros() + 1));
    first.caught_up = true;
    first.joins_found = 2;
    first.joins_missing = 3;
    first.joins_missing_at_most = Some(5);
    first.uses_moved = Some(7);
    let second = Gap::new(guild(2), at(30), at(31));
    let batch = Batch::of([first.clone(), second.clone(), first.clone()].map(Record::Gap));
    let committed = ledger.store(&batch).await.expect("stored");
    assert_eq!(committed.fresh, [true, true, false]);
    let again = ledger.store(&batch).await.expect("stored");
    assert_eq!(again.news(), 0);
    let ask = async |scope: Scope| {
        let rows = ledger.gaps(&scope).await.expect("read");
        rows.into_iter().map(|row| row.gap).collect::<Vec<_>>()
    };
    assert_eq!(ask(Scope::new()).await, [first.clone(), second.clone()]);
    assert_eq!(
        ask(Scope::new().guild(guild(2))).await,
        std::slice::from_ref(&second)
    );
    assert_eq!(ask(Scope::new().since(at(25))).await, [second]);
    assert_eq!(ask(Scope::new().until(at(25))).await, [first]);
    assert!(joins(&ledger, &Scope::new()).await.is_empty());
}
