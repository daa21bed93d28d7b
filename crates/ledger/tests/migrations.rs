//! A ledger of an earlier version is brought up to date, and keeps what it has.

#![expect(clippy::unwrap_used, reason = "a test's helpers may panic")]

use std::path::Path;

use guestlist_ledger::{
    Batch, ChangeFilter, Cursor, Page, Partition, Position, Reports, Resume, Scope, SqliteLedger,
    Store,
};
use guestlist_model::{Id, Timestamp};
use guestlist_tracker::{Certainty, JoinKey, Leave, Observation, Record};
use sqlx::{
    Connection, SqlSafeStr, SqliteConnection,
    migrate::{Migration, MigrationType, Migrator},
    sqlite::SqliteConnectOptions,
};
use tempfile::tempdir;

/// A ledger of the first version.
async fn first(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true);
    let mut first = SqliteConnection::connect_with(&options).await.unwrap();
    Migrator::with_migrations(vec![Migration::new(
        1,
        "ledger".into(),
        MigrationType::Simple,
        include_str!("../migrations/0001_ledger.sql").into_sql_str(),
        false,
    )])
    .run(&mut first)
    .await
    .unwrap();
    first
}

#[tokio::test]
async fn a_session_becomes_a_position() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("guestlist.db");
    let mut first = first(&path).await;
    sqlx::query("INSERT INTO gateway_sessions VALUES (0, 1, NULL, 'old', 'wss://old', 5)")
        .execute(&mut first)
        .await
        .unwrap();
    first.close().await.unwrap();

    let ledger = SqliteLedger::open(&path).await.unwrap();
    let point = ledger.resume_point(Partition::ALL).await.unwrap();
    let body = r#"{"owner":null,"session_id":"old","resume_url":"wss://old","sequence":5}"#;
    assert_eq!(point.positions, [Position::new("shard 0 of 1", body)]);
}

/// Member 7 was seen by the gateway, and again by a search that knew milliseconds: two
/// joins then, one now. Member 8 joined twice, and left between.
#[tokio::test]
async fn what_was_two_joins_by_precision_becomes_one() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("guestlist.db");
    let mut first = first(&path).await;
    sqlx::raw_sql(
        r#"
        INSERT INTO guilds VALUES (1, 'Home');
        INSERT INTO users VALUES (7, 'seven', 1);
        INSERT INTO joins VALUES
            (1, 7, 1700000000123000, 0, 0, 0, 1, 1700000050000000, 'catch_up', 1700000050000000, NULL, 0),
            (1, 7, 1700000000123456, 0, 0, 1, NULL, 1700000001000000, 'gateway', 1700000001000000, NULL, 1),
            (1, 8, 1700000002000001, 0, 0, 0, NULL, 1700000003000000, 'gateway', 1700000003000000, 1700000004000000, 0),
            (1, 8, 1700000005000000, 0, 0, 0, NULL, 1700000006000000, 'gateway', 1700000006000000, NULL, 1);
        INSERT INTO leaves VALUES (1, 8, 1700000002000001, 1700000004000000, 1700000002000001);
        INSERT INTO attributions VALUES
            (1, 7, 1700000000123000, 0, 1700000051000000, 'confirmed', 'invite', 'abc', 9,
                '{"certainty":"confirmed","answer":{"origin":"invite","code":"abc","inviter":"9","channel":null}}', '[]'),
            (1, 7, 1700000000123456, 0, 1700000002000000, 'unknown', NULL, NULL, NULL,
                '{"certainty":"unknown","answer":"no_count_moved"}', '[]');
        INSERT INTO attribution_history VALUES
            (1, 7, 1700000000123000, 0, 1700000051000000, 'confirmed',
                '{"certainty":"confirmed","answer":{"origin":"invite","code":"abc","inviter":"9","channel":null}}', '[]'),
            (1, 7, 1700000000123456, 0, 1700000002000000, 'unknown', '{"certainty":"unknown","answer":"no_count_moved"}', '[]');
        INSERT INTO gaps VALUES
            (1, '{"guild":"1","last_known":null,"observed_at":"2023-11-14T22:13:20.123Z","closed_at":"2023-11-14T22:13:21Z","joins_found":2,"caught_up":true,"uses_moved":4}');
        "#,
    )
    .execute(&mut first)
    .await
    .unwrap();
    first.close().await.unwrap();

    let ledger = SqliteLedger::open(&path).await.unwrap();
    let rows = ledger.joins(&Scope::new(), Page::ALL).await.unwrap();
    let [again, once, seven] = &rows[..] else {
        panic!("three joins are left: {rows:?}");
    };
    let exact = Timestamp::from_micros(1_700_000_000_123_456);
    assert_eq!(seven.join.joined_at, exact);
    let (guild, user) = (Id::new_checked(1).unwrap(), Id::new_checked(7).unwrap());
    assert_eq!(seven.join.key, JoinKey::new(guild, user, exact));
    assert_eq!(seven.join.observed_by, Observation::Gateway);
    assert_eq!(
        (seven.join.pending, seven.join.rejoined),
        (false, Some(true))
    );
    assert!(seven.here);
    let stands = seven.attribution.as_ref().unwrap();
    assert!(matches!(stands.certainty, Certainty::Confirmed(_)));
    let history = ledger.attribution_history(&seven.join.key).await.unwrap();
    assert_eq!(history.len(), 2, "both statements are kept");
    assert_eq!((once.here, again.here), (false, true));
    assert!(once.left_at.is_some());

    let gaps = ledger.gaps(&Scope::new()).await.unwrap();
    assert_eq!(gaps[0].gap.observed_at.as_micros(), 1_700_000_000_123_000);
    assert_eq!(
        (gaps[0].gap.joins_found, gaps[0].gap.uses_moved),
        (2, Some(4))
    );
    assert_eq!(
        (gaps[0].gap.caught_up, gaps[0].gap.last_known),
        (true, None)
    );

    let feed = ledger
        .changes(Cursor::START, &ChangeFilter::new(), 100)
        .await
        .unwrap();
    let kinds: Vec<_> = feed
        .entries
        .iter()
        .map(|entry| entry.news.kind().as_str())
        .collect();
    assert_eq!(
        kinds,
        [
            "join",
            "gap",
            "attribution",
            "join",
            "leave",
            "join",
            "attribution"
        ],
        "the feed begins with what was there"
    );
    // What comes again is known.
    let claim = ledger.claim(Partition::ALL, "a test").await.unwrap();
    let user = Id::new_checked(8).unwrap();
    let told = Some(Timestamp::from_micros(1_700_000_002_000_001));
    let left = Leave::new(guild, user, told, Timestamp::from_secs(1_700_000_004));
    let again = Batch::of([
        Record::Join(seven.join.clone()),
        Record::Attribution(stands.clone()),
        Record::Leave(left),
    ]);
    let committed = ledger.commit(claim, &again).await.unwrap();
    assert_eq!(committed.news(), 0);
}
