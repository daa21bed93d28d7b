//! Wrong paths and broken files: each has its own error, and nothing is changed by having tried.

#![expect(clippy::unwrap_used, reason = "a test's helpers may panic")]

use std::{fs, path::Path};

use guestlist_ledger::{
    Batch, Committed, GuildInfo, InviteStatus, LedgerError, Page, Partition, Reports, Scope,
    SqliteLedger, Store,
};
use guestlist_model::{GuildId, Id, Timestamp, UserId};
use guestlist_tracker::{Join, JoinKey, Record};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::tempdir;

fn a_join(user: u64) -> Batch {
    let guild: GuildId = Id::new_checked(1).unwrap();
    let user: UserId = Id::new_checked(user).unwrap();
    let joined_at = Timestamp::from_secs(1_700_000_000);
    Batch::of([Record::Join(Join::new(
        JoinKey::new(guild, user, joined_at),
        joined_at,
    ))])
}

async fn raw(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true);
    SqliteConnection::connect_with(&options).await.unwrap()
}

async fn store(ledger: &SqliteLedger, batch: &Batch) -> Result<Committed, LedgerError> {
    let claim = ledger.claim(Partition::ALL, "a test").await?;
    ledger.commit(claim, batch).await
}

async fn a_ledger(path: &Path) {
    let ledger = SqliteLedger::open(path).await.unwrap();
    store(&ledger, &a_join(7)).await.unwrap();
    ledger.close().await;
}

/// Every error says which file it is about, and nothing of what it is kept in.
fn names_the_place(error: &LedgerError) {
    let text = error.to_string();
    assert!(text.contains('/'), "no path in {text}");
    assert!(!text.to_lowercase().contains("sqlite"), "{text}");
}

#[tokio::test]
async fn a_missing_directory_is_named_and_not_created() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("no/such/guestlist.db");
    let error = SqliteLedger::open(&path).await.unwrap_err();
    assert!(
        matches!(&error, LedgerError::DirectoryMissing { directory } if directory.ends_with("no/such"))
    );
    names_the_place(&error);
    assert!(!directory.path().join("no").exists());
}

#[tokio::test]
async fn a_reader_never_creates() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("guestlist.db");
    let error = SqliteLedger::open_read_only(&path).await.unwrap_err();
    assert!(matches!(error, LedgerError::NotFound { .. }), "{error:?}");
    names_the_place(&error);
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn read_only_files_and_directories_are_left_alone() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("guestlist.db");
    a_ledger(&path).await;
    let read_only = |path: &Path, yes: bool| {
        let mut permissions = fs::metadata(path).unwrap().permissions();
        permissions.set_readonly(yes);
        fs::set_permissions(path, permissions).unwrap();
    };
    read_only(&path, true);
    let error = SqliteLedger::open(&path).await.unwrap_err();
    assert!(
        matches!(&error, LedgerError::ReadOnly { at } if at.ends_with("guestlist.db")),
        "{error:?}"
    );
    names_the_place(&error);
    let reader = SqliteLedger::open_read_only(&path).await.unwrap();
    assert_eq!(
        reader.joins(&Scope::new(), Page::ALL).await.unwrap().len(),
        1,
        "it can be read"
    );
    reader.close().await;
    read_only(&path, false);
    fs::remove_file(directory.path().join("guestlist.db.lock")).unwrap();

    read_only(directory.path(), true);
    let error = SqliteLedger::open(&path).await.unwrap_err();
    assert!(matches!(error, LedgerError::ReadOnly { .. }), "{error:?}");
    let error = SqliteLedger::open(directory.path().join("other.db"))
        .await
        .unwrap_err();
    assert!(matches!(error, LedgerError::ReadOnly { .. }), "{error:?}");
    let reader = SqliteLedger::open_read_only(&path).await.unwrap();
    assert_eq!(
        reader.joins(&Scope::new(), Page::ALL).await.unwrap().len(),
        1,
        "even there it can be read"
    );
    reader.close().await;
    read_only(directory.path(), false);
}

#[tokio::test]
async fn what_is_no_database_is_not_touched() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("notes.txt");
    let text = "Dear diary, today I pointed --db at the wrong file.\n".repeat(100);
    fs::write(&path, &text).unwrap();
    for error in [
        SqliteLedger::open(&path).await.unwrap_err(),
        SqliteLedger::open_read_only(&path).await.unwrap_err(),
    ] {
        assert!(matches!(error, LedgerError::Corrupt { .. }), "{error:?}");
        names_the_place(&error);
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), text);

    let error = SqliteLedger::open(directory.path()).await.unwrap_err();
    assert!(matches!(error, LedgerError::Denied { .. }), "{error:?}");
    let error = SqliteLedger::open_read_only(directory.path())
        .await
        .unwrap_err();
    assert!(matches!(error, LedgerError::Denied { .. }), "{error:?}");
    let error = SqliteLedger::open(path.join("inside.db"))
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            LedgerError::DirectoryMissing { .. } | LedgerError::Storage { .. }
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn another_programs_database_is_not_migrated() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("places.db");
    let mut other = raw(&path).await;
    sqlx::query("CREATE TABLE bookmarks (url TEXT)")
        .execute(&mut other)
        .await
        .unwrap();
    other.close().await.unwrap();
    for error in [
        SqliteLedger::open(&path).await.unwrap_err(),
        SqliteLedger::open_read_only(&path).await.unwrap_err(),
    ] {
        assert!(matches!(error, LedgerError::NotALedger { .. }), "{error:?}");
        names_the_place(&error);
    }
    let mut other = raw(&path).await;
    let tables: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_schema")
        .fetch_one(&mut other)
        .await
        .unwrap();
    assert_eq!(tables, 1);
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_an_older_one_is_not_read() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("guestlist.db");
    a_ledger(&path).await;
    let mut other = raw(&path).await;
    let newest: i64 = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations")
        .fetch_one(&mut other)
        .await
        .unwrap();
    sqlx::query("UPDATE _sqlx_migrations SET version = version + 900")
        .execute(&mut other)
        .await
        .unwrap();
    for error in [
        SqliteLedger::open(&path).await.unwrap_err(),
        SqliteLedger::open_read_only(&path).await.unwrap_err(),
    ] {
        assert!(
            matches!(error, LedgerError::Newer { found, .. } if found == newest + 900),
            "{error:?}"
        );
        names_the_place(&error);
    }
    sqlx::query("DELETE FROM _sqlx_migrations WHERE version > 901")
        .execute(&mut other)
        .await
        .unwrap();
    sqlx::query("UPDATE _sqlx_migrations SET version = 1")
        .execute(&mut other)
        .await
        .unwrap();
    let error = SqliteLedger::open_read_only(&path).await.unwrap_err();
    assert!(
        matches!(error, LedgerError::Older { found: 1, .. }),
        "{error:?}"
    );
    names_the_place(&error);
}

#[tokio::test]
async fn a_damaged_ledger_is_said_to_be_damaged() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("guestlist.db");
    a_ledger(&path).await;
    let mut bytes = fs::read(&path).unwrap();
    // The header stays, so that it still looks like a database.
    for byte in bytes.iter_mut().skip(100) {
        *byte = 0x5a;
    }
    fs::write(&path, &bytes).unwrap();
    for error in [
        SqliteLedger::open(&path).await.unwrap_err(),
        SqliteLedger::open_read_only(&path).await.unwrap_err(),
    ] {
        assert!(matches!(error, LedgerError::Corrupt { .. }), "{error:?}");
        names_the_place(&error);
    }
}

#[tokio::test]
async fn an_edited_value_is_an_error_and_not_a_panic() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("guestlist.db");
    let ledger = SqliteLedger::open(&path).await.unwrap();
    store(&ledger, &a_join(7)).await.unwrap();
    let mut other = raw(&path).await;
    sqlx::query("UPDATE join_data SET revision = 0, certainty = 9, told = '[]'")
        .execute(&mut other)
        .await
        .unwrap();
    let error = ledger.joins(&Scope::new(), Page::ALL).await.unwrap_err();
    assert!(
        matches!(error, LedgerError::Undecodable { .. }),
        "{error:?}"
    );
    names_the_place(&error);
}

#[tokio::test]
async fn one_writes_many_read() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("guestlist.db");
    let writer = SqliteLedger::open(&path).await.unwrap();
    let error = SqliteLedger::open(&path).await.unwrap_err();
    assert!(matches!(error, LedgerError::InUse { .. }), "{error:?}");
    names_the_place(&error);
    #[cfg(unix)]
    {
        let alias = directory.path().join("alias.db");
        std::os::unix::fs::symlink(&path, &alias).unwrap();
        let error = SqliteLedger::open(&alias).await.unwrap_err();
        assert!(
            matches!(error, LedgerError::InUse { .. }),
            "another name is no way around: {error:?}"
        );
    }

    let reader = SqliteLedger::open_read_only(&path).await.unwrap();
    for user in 1..=5 {
        store(&writer, &a_join(user)).await.unwrap();
        let seen = reader.joins(&Scope::new(), Page::ALL).await.unwrap().len();
        assert_eq!(
            u64::try_from(seen).unwrap(),
            user,
            "what is committed is read at once"
        );
    }
    let error = store(&reader, &a_join(9)).await.unwrap_err();
    assert!(
        matches!(error, LedgerError::OpenedReadOnly { .. }),
        "{error:?}"
    );
    names_the_place(&error);
    drop(writer);

    let again = SqliteLedger::open(&path).await.unwrap();
    assert_eq!(again.totals(&Scope::new()).await.unwrap().joins, 5);
}

#[tokio::test]
async fn a_lock_that_stays_is_said_to_stay() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("guestlist.db");
    let ledger = SqliteLedger::open(&path).await.unwrap();
    let mut shell = raw(&path).await;
    sqlx::query("BEGIN IMMEDIATE")
        .execute(&mut shell)
        .await
        .unwrap();
    let error = store(&ledger, &a_join(7)).await.unwrap_err();
    assert!(matches!(error, LedgerError::Busy { .. }), "{error:?}");
    assert!(error.is_transient());
    names_the_place(&error);
    assert!(
        ledger
            .invites(&Scope::new(), InviteStatus::Any, None)
            .await
            .unwrap()
            .is_empty(),
        "reading goes on"
    );
    sqlx::query("ROLLBACK").execute(&mut shell).await.unwrap();
    store(&ledger, &a_join(7)).await.unwrap();
}

#[tokio::test]
async fn anybody_can_read_it_with_sqlite() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("guestlist.db");
    let ledger = SqliteLedger::open(&path).await.unwrap();
    let mut batch = a_join(7);
    batch.guilds = vec![GuildInfo::new(Id::new_checked(1).unwrap(), "Home")];
    store(&ledger, &batch).await.unwrap();
    let mut shell = raw(&path).await;
    let (user, joined, here): (i64, String, bool) =
        sqlx::query_as("SELECT user_id, joined_time, here FROM attributed_joins")
            .fetch_one(&mut shell)
            .await
            .unwrap();
    assert_eq!(
        (user, joined.as_str(), here),
        (7, "2023-11-14T22:13:20Z", true)
    );
}
