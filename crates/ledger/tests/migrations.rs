//! A ledger of an earlier version is brought up to date, and keeps what it has.

#![expect(clippy::unwrap_used, reason = "a test's helpers may panic")]

mod recount;

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

/// The steps that there were, up to a version.
fn steps(until: i64) -> Vec<Migration> {
    let steps = [
        ("ledger", include_str!("../migrations/0001_ledger.sql")),
        (
            "session owner",
            include_str!("../migrations/0002_session_owner.sql"),
        ),
        (
            "state parts",
            include_str!("../migrations/0003_state_parts.sql"),
        ),
        (
            "positions and claims",
            include_str!("../migrations/0004_positions_and_claims.sql"),
        ),
        ("reports", include_str!("../migrations/0005_reports.sql")),
        (
            "provisional",
            include_str!("../migrations/0006_provisional.sql"),
        ),
        ("labels", include_str!("../migrations/0007_labels.sql")),
    ];
    (1..=until)
        .zip(steps)
        .map(|(version, (name, sql))| {
            let sql = sql.into_sql_str();
            Migration::new(version, name.into(), MigrationType::Simple, sql, false)
        })
        .collect()
}

/// A ledger of the first version.
async fn first(path: &Path) -> SqliteConnection {
    of_version(path, 1).await
}

/// A ledger of an earlier version.
async fn of_version(path: &Path, version: i64) -> SqliteConnection {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true);
    let mut first = SqliteConnection::connect_with(&options).await.unwrap();
    Migrator::with_migrations(steps(version))
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

/// In version 7, of the kinds of answers one each: 11 confirmed after it was deduced, 12
/// ambiguous after a first estimate, 13 by another way, 14 by an invite of somebody
/// forgotten; and of 15 an answer whose join is not there yet.
const SEVEN: &str = r#"
    INSERT INTO guilds VALUES (1, 'Home');
    INSERT INTO users (user_id, name, seen_at) VALUES (11, 'eleven', 1);
    INSERT INTO joins VALUES
        (1, 11, 1700000000123000, 1700000000123456, 0, 0, 0, NULL, 1700000001000000, 'gateway', 1700000009000000, 1700000050000000, 0, 1, 'confirmed', 'invite', 'abc', 9),
        (1, 12, 1700000002000000, 1700000002000000, 0, 0, 0, 1, 1700000003000000, 'catch_up', 1700000003000000, NULL, 1, 1, 'ambiguous', NULL, NULL, NULL),
        (1, 13, 1700000003000000, 1700000003000000, 1, 0, 0, NULL, 1700000004000000, 'gateway', 1700000004000000, NULL, 1, 0, 'deduced', 'other', NULL, NULL),
        (1, 14, 1700000004000000, 1700000004000000, 0, 0, 0, NULL, 1700000005000000, 'gateway', 1700000005000000, NULL, 0, 0, 'deduced', 'invite', 'abc', -1),
        (1, 14, 1700000006000000, 1700000006000000, 0, 0, 0, NULL, 1700000007000000, 'gateway', 1700000007000000, NULL, 1, NULL, NULL, NULL, NULL, NULL);
    INSERT INTO attribution_history VALUES
        (1, 11, 1700000000123000, 0, 0, 1700000002000000, 'deduced',
            '{"certainty":"deduced","answer":{"origin":"invite","code":"abc","inviter":"9","channel":"77"}}', '[{"evidence":"shared","joins":1}]'),
        (1, 11, 1700000000123000, 1, 1, 1700000003000000, 'confirmed',
            '{"certainty":"confirmed","answer":{"origin":"invite","code":"abc","inviter":"9","channel":"77"}}', '[{"evidence":"bot_flag"}]'),
        (1, 12, 1700000002000000, 0, 0, 1700000003000000, 'provisional',
            '{"certainty":"provisional","answer":[{"origin":{"origin":"unseen"},"weight":1.0}]}', '[]'),
        (1, 12, 1700000002000000, 1, 0, 1700000004000000, 'ambiguous',
            '{"certainty":"ambiguous","answer":[{"origin":{"origin":"invite","code":"abc","inviter":"9","channel":"77"},"weight":0.75},{"origin":{"origin":"vanity","code":"town"},"weight":0.25}]}', '[]'),
        (1, 13, 1700000003000000, 0, 0, 1700000004000000, 'deduced',
            '{"certainty":"deduced","answer":{"origin":"other","join_source_type":12}}', '[]'),
        (1, 14, 1700000004000000, 0, 0, 1700000005000000, 'deduced',
            '{"certainty":"deduced","answer":{"origin":"invite","code":"abc","inviter":"18446744073709551615","channel":null}}', '[]'),
        (1, 15, 1700000008000000, 0, 0, 1700000009000000, 'unknown', '{"certainty":"unknown","answer":"no_count_moved"}', '[]');
    INSERT INTO attribution_candidates VALUES
        (1, 12, 1700000002000000, 0, 'invite', 'abc', 9, 0.75),
        (1, 12, 1700000002000000, 1, 'vanity', 'town', NULL, 0.25);
    INSERT INTO leaves VALUES
        (1, 11, 1700000000123000, 1700000050000000, 1700000000123000),
        (1, 14, NULL, 1700000000000000, NULL);
    INSERT INTO changes (number, kind, guild_id, user_id, joined_at, revision, confirmed, code, created_at, observed_at, closed_at) VALUES
        (3, 'join', 1, 11, 1700000000123000, NULL, NULL, NULL, NULL, NULL, NULL),
        (4, 'attribution', 1, 11, 1700000000123000, 0, 0, NULL, NULL, NULL, NULL),
        (5, 'attribution', 1, 11, 1700000000123000, 1, 1, NULL, NULL, NULL, NULL),
        (9, 'leave', 1, 11, 1700000000123000, NULL, NULL, NULL, NULL, 1700000050000000, NULL);
    DELETE FROM changes WHERE number = 9;
"#;

#[tokio::test]
async fn statements_move_into_the_rows_of_joins() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("guestlist.db");
    let mut seven = of_version(&path, 7).await;
    sqlx::raw_sql(SEVEN).execute(&mut seven).await.unwrap();
    seven.close().await.unwrap();

    let ledger = SqliteLedger::open(&path).await.unwrap();
    let mut beside = recount::beside(&path).await;
    recount::assert_counted(&mut beside, "after the migration").await;
    let rows = ledger.joins(&Scope::new(), Page::ALL).await.unwrap();
    let [again, forgotten, other, ambiguous, confirmed] = &rows[..] else {
        panic!("five joins: {rows:?}");
    };
    assert!(again.attribution.is_none() && again.joined_before && !forgotten.joined_before);
    let standing = |row: &guestlist_ledger::JoinRow| row.attribution.clone().unwrap();
    assert_eq!(standing(confirmed).revision, 1);
    assert_eq!(confirmed.join.joined_at.as_micros(), 1_700_000_000_123_456);
    assert_eq!(
        confirmed.left_at.map(Timestamp::as_micros),
        Some(1_700_000_050_000_000)
    );
    let history = ledger
        .attribution_history(&confirmed.join.key)
        .await
        .unwrap();
    let evidence: Vec<_> = (history.iter())
        .map(|told| (told.revision, told.evidence[0].label()))
        .collect();
    assert_eq!(evidence, [(0, "shared"), (1, "bot_flag")]);
    let Certainty::Ambiguous(candidates) = standing(ambiguous).certainty else {
        panic!("still ambiguous: {ambiguous:?}");
    };
    let weights: Vec<f64> = candidates.iter().map(|it| it.weight).collect();
    assert_eq!(weights, [0.75, 0.25]);
    let history = ledger
        .attribution_history(&ambiguous.join.key)
        .await
        .unwrap();
    assert_eq!(history.len(), 2, "and so is the first estimate");
    assert_eq!(ambiguous.join.observed_by, Observation::CatchUp);
    let number = Certainty::Deduced(guestlist_tracker::Origin::Other {
        join_source_type: 12,
    });
    assert_eq!(standing(other).certainty, number);
    let inviter = standing(forgotten).certainty.origin().unwrap().inviter();
    assert!(guestlist_ledger::is_forgotten(inviter.unwrap()));

    let inviters = ledger.inviters(&Scope::new(), None).await.unwrap();
    let mut counts: Vec<_> = (inviters.iter())
        .map(|row| {
            (
                row.inviter.map(guestlist_model::UserId::get),
                row.joins(),
                row.ambiguous,
            )
        })
        .collect();
    counts.sort_unstable();
    let nine = Some(9);
    assert_eq!(counts, [(None, 1, 1), (nine, 1, 1), (Some(u64::MAX), 1, 0)]);
    let totals = ledger.totals(&Scope::new()).await.unwrap();
    assert_eq!((totals.joins, totals.leaves, totals.waiting), (5, 2, 1));

    let everything = ChangeFilter::new();
    let feed = ledger
        .changes(Cursor::START, &everything, 100)
        .await
        .unwrap();
    let numbers: Vec<u64> = feed.entries.iter().map(|it| it.cursor.get()).collect();
    assert_eq!(numbers, [3, 4, 5]);
    assert_eq!(feed.next.get(), 9, "no number is used again");

    // What comes again is known; the answer that waited finds its join.
    let claim = ledger.claim(Partition::ALL, "a test").await.unwrap();
    let known = Batch::of(rows.iter().flat_map(|row| {
        let told = row.attribution.clone().map(Record::Attribution);
        [Some(Record::Join(row.join.clone())), told]
            .into_iter()
            .flatten()
    }));
    assert_eq!(ledger.commit(claim, &known).await.unwrap().news(), 0);
    let (guild, user) = (Id::new_checked(1).unwrap(), Id::new_checked(15).unwrap());
    let key = JoinKey::new(guild, user, Timestamp::from_secs(1_700_000_008));
    let join = guestlist_tracker::Join::new(key, key.joined_at);
    let late = Batch::of([Record::Join(join)]);
    ledger.commit(claim, &late).await.unwrap();
    let row = ledger.join(&key).await.unwrap().unwrap();
    assert!(matches!(standing(&row).certainty, Certainty::Unknown(_)));
    let history = ledger.attribution_history(&key).await.unwrap();
    assert_eq!(history.len(), 1, "told once");
    recount::assert_counted(&mut beside, "after a late join").await;
}

/// In version 7: 16 was estimated twice and confirmed, 17 was deduced and confirmed otherwise.
const COMPARED: &str = r#"
    INSERT INTO guilds VALUES (1, 'Home');
    INSERT INTO joins VALUES
        (1, 16, 1700000000000000, 1700000000000000, 0, 0, 0, NULL, 1700000001000000, 'gateway', 1700000009000000, NULL, 1, 2, 'confirmed', 'invite', 'abc', 9),
        (1, 17, 1700000002000000, 1700000002000000, 0, 0, 0, NULL, 1700000003000000, 'gateway', 1700000003000000, NULL, 1, 1, 'confirmed', 'vanity', NULL, NULL);
    INSERT INTO attribution_history VALUES
        (1, 16, 1700000000000000, 0, 0, 1700000002000000, 'provisional',
            '{"certainty":"provisional","answer":[{"origin":{"origin":"unseen"},"weight":0.75},{"origin":{"origin":"vanity","code":null},"weight":0.25}]}', '[]'),
        (1, 16, 1700000000000000, 1, 0, 1700000003000000, 'ambiguous',
            '{"certainty":"ambiguous","answer":[{"origin":{"origin":"vanity","code":null},"weight":0.6},{"origin":{"origin":"invite","code":"abc","inviter":null,"channel":"77"},"weight":0.4}]}', '[]'),
        (1, 16, 1700000000000000, 2, 1, 1700000004000000, 'confirmed',
            '{"certainty":"confirmed","answer":{"origin":"invite","code":"abc","inviter":"9","channel":"77"}}', '[]'),
        (1, 17, 1700000002000000, 0, 0, 1700000004000000, 'deduced',
            '{"certainty":"deduced","answer":{"origin":"invite","code":"abc","inviter":"9","channel":"77"}}', '[]'),
        (1, 17, 1700000002000000, 1, 1, 1700000005000000, 'confirmed',
            '{"certainty":"confirmed","answer":{"origin":"vanity","code":null}}', '[]');
"#;

#[tokio::test]
async fn what_was_said_before_is_compared() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("guestlist.db");
    let mut seven = of_version(&path, 7).await;
    sqlx::raw_sql(COMPARED).execute(&mut seven).await.unwrap();
    seven.close().await.unwrap();

    let ledger = SqliteLedger::open(&path).await.unwrap();
    let found = ledger.accuracy(&Scope::new()).await.unwrap();
    let [month] = &found.months[..] else {
        panic!("one month: {found:?}");
    };
    assert_eq!(
        (month.confirmed, month.deduced, month.deduced_right),
        (2, 1, 0)
    );
    assert_eq!((month.ambiguous, month.ambiguous_right), (1, 0));
    assert_eq!((month.provisional, month.provisional_right), (1, 1));
    let weights: Vec<_> = (found.weights.iter())
        .map(|row| (row.certainty.as_str(), row.from, row.candidates, row.right))
        .collect();
    assert_eq!(
        weights,
        [
            ("ambiguous", 40, 1, 1),
            ("ambiguous", 60, 1, 0),
            ("provisional", 20, 1, 0),
            ("provisional", 70, 1, 1),
        ]
    );
}
