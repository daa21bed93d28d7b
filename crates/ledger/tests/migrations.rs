//! A ledger of an earlier version is brought up to date, and keeps what it has.

use guestlist_ledger::{Partition, Position, Resume, SqliteLedger};
use sqlx::{
    Connection, SqlSafeStr, SqliteConnection,
    migrate::{Migration, MigrationType, Migrator},
    sqlite::SqliteConnectOptions,
};
use tempfile::tempdir;

#[tokio::test]
async fn a_ledger_of_the_first_version_is_brought_up_to_date() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("guestlist.db");
    let options = SqliteConnectOptions::new()
        .filename(&path)
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
