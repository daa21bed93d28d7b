//! What happens to the files of a ledger from outside: torn, deleted, replaced. Nothing that was
//! acknowledged is lost.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test's helpers may panic")]

use std::{
    fs::{self, OpenOptions},
    io::{Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use guestlist_ledger::{
    Batch, Committed, LedgerError, Partition, Reports, Scope, SqliteLedger, Store,
};
use guestlist_model::{Id, Timestamp};
use guestlist_tracker::{Join, JoinKey, Record};
use tempfile::{TempDir, tempdir};

/// See https://sqlite.org/fileformat2.html#walformat
const WAL_HEADER: usize = 32;
const FRAME_HEADER: usize = 24;

async fn store(ledger: &SqliteLedger, user: u64) -> Result<Committed, LedgerError> {
    let joined_at = Timestamp::from_secs(1_700_000_000);
    let key = JoinKey::new(
        Id::new_checked(1).unwrap(),
        Id::new_checked(user).unwrap(),
        joined_at,
    );
    let batch = Batch::of([Record::Join(Join::new(key, joined_at))]);
    let claim = ledger.claim(Partition::ALL, "a test").await?;
    ledger.commit(claim, &batch).await
}

async fn joins(ledger: &SqliteLedger) -> u64 {
    ledger.totals(&Scope::new()).await.unwrap().joins
}

fn log_of(path: &Path) -> PathBuf {
    path.with_extension("db-wal")
}

/// The files as they are on the disk if the process is killed now. With its log, or without.
fn killed(path: &Path, with_log: bool) -> (TempDir, PathBuf) {
    let directory = tempdir().unwrap();
    let copy = directory.path().join("guestlist.db");
    fs::copy(path, &copy).unwrap();
    if with_log {
        fs::copy(log_of(path), log_of(&copy)).unwrap();
    }
    (directory, copy)
}

async fn five_joins(path: &Path) -> SqliteLedger {
    let ledger = SqliteLedger::open(path).await.unwrap();
    for user in 1..=5 {
        store(&ledger, user).await.unwrap();
    }
    ledger
}

#[tokio::test]
async fn a_frame_that_was_written_in_part_is_ignored() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("guestlist.db");
    let _ledger = five_joins(&path).await;
    let (_kept, copy) = killed(&path, true);
    let log = fs::read(log_of(&copy)).unwrap();
    let mut torn = OpenOptions::new().append(true).open(log_of(&copy)).unwrap();
    // Its header is that of a frame that is complete.
    torn.write_all(&log[WAL_HEADER..WAL_HEADER + FRAME_HEADER])
        .unwrap();
    torn.write_all(&[0x5a; 2000]).unwrap();
    let again = SqliteLedger::open(&copy).await.unwrap();
    assert_eq!(joins(&again).await, 5);
    store(&again, 6).await.unwrap();
    drop(again);
    let again = SqliteLedger::open(&copy).await.unwrap();
    assert_eq!(joins(&again).await, 6);
}

#[tokio::test]
async fn pages_that_were_written_in_part_are_read_from_the_log() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("guestlist.db");
    // The first log goes into the database, so that pages of it are in a second one too.
    five_joins(&path).await.close().await;
    let ledger = SqliteLedger::open(&path).await.unwrap();
    store(&ledger, 6).await.unwrap();
    let (_kept, copy) = killed(&path, true);
    let log = fs::read(log_of(&copy)).unwrap();
    let four = |bytes: &[u8]| u32::from_be_bytes(bytes.try_into().unwrap());
    let page_size = usize::try_from(four(&log[8..12])).unwrap();
    let size = fs::metadata(&copy).unwrap().len();
    let mut database = OpenOptions::new().write(true).open(&copy).unwrap();
    let mut torn = 0;
    for frame in log[WAL_HEADER..].chunks_exact(FRAME_HEADER + page_size) {
        let end = u64::from(four(&frame[..4])) * page_size as u64;
        // Frames of an earlier log may follow.
        if frame[8..16] == log[16..24] && end <= size {
            database
                .seek(SeekFrom::Start(end - page_size as u64 / 2))
                .unwrap();
            database.write_all(&vec![0x5a; page_size / 2]).unwrap();
            torn += 1;
        }
    }
    assert!(torn > 0, "no page is in both");
    let again = SqliteLedger::open(&copy).await.unwrap();
    assert_eq!(joins(&again).await, 6);
}

#[tokio::test]
async fn what_a_deleted_log_contains_is_not_lost() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("guestlist.db");
    let ledger = five_joins(&path).await;
    fs::remove_file(log_of(&path)).unwrap();
    let error = store(&ledger, 6).await.unwrap_err();
    assert!(
        matches!(&error, LedgerError::Moved { at } if at.ends_with("guestlist.db-wal")),
        "{error:?}"
    );
    let (_kept, copy) = killed(&path, false);
    assert_eq!(joins(&SqliteLedger::open(&copy).await.unwrap()).await, 5);
    // It is not written before it is opened again.
    store(&ledger, 6).await.unwrap_err();
    ledger.close().await;
    drop(ledger);
    let again = SqliteLedger::open(&path).await.unwrap();
    store(&again, 6).await.unwrap();
    assert_eq!(joins(&again).await, 6);
}

#[tokio::test]
async fn a_database_that_was_replaced_is_not_written() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("guestlist.db");
    let ledger = five_joins(&path).await;
    let elsewhere = directory.path().join("elsewhere.db");
    fs::rename(&path, &elsewhere).unwrap();
    let error = store(&ledger, 6).await.unwrap_err();
    assert!(
        matches!(&error, LedgerError::Moved { at } if at.ends_with("guestlist.db")),
        "{error:?}"
    );
    fs::write(&path, "a backup").unwrap();
    let error = store(&ledger, 6).await.unwrap_err();
    assert!(matches!(error, LedgerError::Moved { .. }), "{error:?}");
    assert_eq!(fs::read(&path).unwrap(), b"a backup");
    let (_kept, copy) = killed(&elsewhere, false);
    assert_eq!(joins(&SqliteLedger::open(&copy).await.unwrap()).await, 5);
}

#[tokio::test]
async fn only_the_owner_may_read_a_ledger() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempdir().unwrap();
    let path = folder.path().join("guests.db");
    let ledger = SqliteLedger::open(&path).await.unwrap();
    store(&ledger, 1).await.unwrap();
    for file in [path.clone(), log_of(&path)] {
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}: {mode:o}", file.display());
    }
    // What somebody else may read by the owner's will stays so.
    drop(ledger);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    SqliteLedger::open(&path).await.unwrap();
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
}
