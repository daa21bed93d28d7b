//! The ledger in one SQLite file.

mod attributions;
mod claims;
mod convert;
mod forget;
mod memberships;
mod open;
mod read;
mod write;

use std::path::Path;

use guestlist_model::UserId;
use guestlist_tracker::{Attribution, JoinKey};
use sqlx::{Sqlite, SqlitePool, Transaction};

use self::write::Writing;
use crate::{
    Answer, Batch, Claim, Committed, Forgotten, InviteFilter, InviteRow, InviterFilter, InviterRow,
    JoinFilter, JoinRow, LedgerError, Partition, Privacy, Reports, Resume, ResumePoint, Store,
    Totals, error::from_sqlx,
};

/// A ledger in a SQLite database.
///
/// One process writes (a lock file beside the database sees to it), any number
/// read meanwhile. A commit that returned is on the disk: the write-ahead log is
/// synced with every transaction.
#[derive(Debug)]
pub struct SqliteLedger {
    at: String,
    writer: Option<SqlitePool>,
    reader: SqlitePool,
}

impl SqliteLedger {
    /// Opens the ledger at `path` to write and read, creates it if there is
    /// none, and brings its schema up to date.
    ///
    /// # Errors
    ///
    /// Without changing anything: [`DirectoryMissing`](LedgerError::DirectoryMissing),
    /// [`ReadOnly`](LedgerError::ReadOnly), [`InUse`](LedgerError::InUse),
    /// [`Corrupt`](LedgerError::Corrupt), [`NotALedger`](LedgerError::NotALedger),
    /// [`Newer`](LedgerError::Newer), and what else the system says.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, LedgerError> {
        open::open(path.as_ref()).await.map(Self::from)
    }

    /// Opens the ledger at `path` to read it, also while another process writes.
    /// Never creates, migrates or locks anything.
    ///
    /// # Errors
    ///
    /// [`NotFound`](LedgerError::NotFound) if there is none,
    /// [`Older`](LedgerError::Older) if it needs a migration, and as
    /// [`open`](Self::open).
    pub async fn open_read_only(path: impl AsRef<Path>) -> Result<Self, LedgerError> {
        open::open_read_only(path.as_ref()).await.map(Self::from)
    }

    /// A ledger that is gone when it is dropped.
    ///
    /// # Errors
    ///
    /// If SQLite cannot be started.
    pub async fn in_memory() -> Result<Self, LedgerError> {
        open::in_memory().await.map(Self::from)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.at
    }

    /// Closes the database properly: moves the write-ahead log into the file. Dropping
    /// loses nothing either, but leaves the log beside it.
    ///
    /// Whoever shares this ledger can read and write no more. The lock goes with the
    /// last of them.
    pub async fn close(&self) {
        self.reader.close().await;
        if let Some(writer) = &self.writer {
            writer.close().await;
        }
    }

    fn writer(&self) -> Result<&SqlitePool, LedgerError> {
        self.writer
            .as_ref()
            .ok_or_else(|| LedgerError::OpenedReadOnly {
                at: self.at.clone(),
            })
    }

    fn failed(&self, error: &sqlx::Error) -> LedgerError {
        from_sqlx(&self.at, error)
    }
}

impl From<open::Opened> for SqliteLedger {
    fn from(opened: open::Opened) -> Self {
        Self {
            at: opened.at,
            writer: opened.writer,
            reader: opened.reader,
        }
    }
}

impl SqliteLedger {
    async fn begin(&self) -> Result<Transaction<'static, Sqlite>, LedgerError> {
        self.writer()?
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(|error| self.failed(&error))
    }

    async fn finish(&self, transaction: Transaction<'static, Sqlite>) -> Result<(), LedgerError> {
        transaction
            .commit()
            .await
            .map_err(|error| self.failed(&error))
    }
}

impl Store for SqliteLedger {
    fn claim<'a>(&'a self, partition: Partition, owner: &'a str) -> Answer<'a, Claim> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            let claim = claims::claim(&self.at, &mut transaction, partition, owner).await?;
            self.finish(transaction).await?;
            Ok(claim)
        })
    }

    fn commit<'a>(&'a self, claim: Claim, batch: &'a Batch) -> Answer<'a, Committed> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            claims::check(&self.at, &mut transaction, claim, batch).await?;
            let committed = Writing::begin(&self.at, &mut transaction)
                .await?
                .batch(claim.partition, batch)
                .await?;
            self.finish(transaction).await?;
            Ok(committed)
        })
    }
}

impl Resume for SqliteLedger {
    fn resume_point(&self, partition: Partition) -> Answer<'_, ResumePoint> {
        Box::pin(async move {
            // One transaction, so that all is of one moment.
            let mut reading = self
                .reader
                .begin()
                .await
                .map_err(|error| self.failed(&error))?;
            let point = claims::resume_point(&self.at, &mut reading, partition).await?;
            reading
                .rollback()
                .await
                .map_err(|error| self.failed(&error))?;
            Ok(point)
        })
    }
}

impl Reports for SqliteLedger {
    fn joins<'a>(&'a self, filter: &'a JoinFilter) -> Answer<'a, Vec<JoinRow>> {
        Box::pin(read::joins(&self.at, &self.reader, filter))
    }

    fn inviters<'a>(&'a self, filter: &'a InviterFilter) -> Answer<'a, Vec<InviterRow>> {
        Box::pin(read::inviters(&self.at, &self.reader, filter))
    }

    fn invites<'a>(&'a self, filter: &'a InviteFilter) -> Answer<'a, Vec<InviteRow>> {
        Box::pin(read::invites(&self.at, &self.reader, filter))
    }

    fn attribution_history<'a>(&'a self, join: &'a JoinKey) -> Answer<'a, Vec<Attribution>> {
        Box::pin(read::attribution_history(&self.at, &self.reader, join))
    }

    fn totals(&self) -> Answer<'_, Totals> {
        Box::pin(read::totals(&self.at, &self.reader))
    }
}

impl Privacy for SqliteLedger {
    fn forget_user(&self, user: UserId) -> Answer<'_, Forgotten> {
        Box::pin(async move {
            let writer = self.writer()?;
            let failed = |error: sqlx::Error| self.failed(&error);
            let mut connection = writer.acquire().await.map_err(failed)?;
            // Deleted is overwritten, not only unlinked.
            sqlx::query("PRAGMA secure_delete = ON")
                .execute(&mut *connection)
                .await
                .map_err(failed)?;
            drop(connection);
            let mut transaction = self.begin().await?;
            let forgotten = forget::forget(&self.at, &mut transaction, user).await?;
            self.finish(transaction).await?;
            // The old pages are still in the write-ahead log; this empties it, unless
            // a reader is in the middle of something. Then the next checkpoint does.
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
                .execute(writer)
                .await
                .map_err(failed)?;
            Ok(forgotten)
        })
    }
}

#[cfg(test)]
mod tests {
    use guestlist_model::{Id, Timestamp};
    use guestlist_tracker::{Join, Record};

    use super::*;
    use crate::JoinFilter;

    fn joins(from: u64) -> Batch {
        Batch::of((from..from + 500).map(|user| {
            let joined_at = Timestamp::from_secs(1_700_000_000);
            let key = JoinKey {
                guild: Id::new_checked(1).unwrap(),
                user: Id::new_checked(user).unwrap(),
                joined_at,
            };
            Record::Join(Join::new(key, joined_at))
        }))
    }

    #[tokio::test]
    async fn a_full_disk_loses_nothing_acknowledged() {
        let directory = tempfile::tempdir().unwrap();
        let ledger = SqliteLedger::open(directory.path().join("guestlist.db"))
            .await
            .unwrap();
        let claim = ledger.claim(Partition::ALL, "a test").await.unwrap();
        ledger.commit(claim, &joins(1)).await.unwrap();
        let writer = ledger.writer().unwrap();
        sqlx::query("PRAGMA max_page_count = 1")
            .execute(writer)
            .await
            .unwrap();
        let error = ledger.commit(claim, &joins(1_000)).await.unwrap_err();
        assert!(matches!(error, LedgerError::DiskFull { .. }), "{error:?}");
        assert_eq!(
            ledger.joins(&JoinFilter::new()).await.unwrap().len(),
            500,
            "nothing of the batch is there"
        );
        sqlx::query("PRAGMA max_page_count = 1000000")
            .execute(writer)
            .await
            .unwrap();
        ledger.commit(claim, &joins(1_000)).await.unwrap();
        assert_eq!(ledger.joins(&JoinFilter::new()).await.unwrap().len(), 1_000);
    }

    #[tokio::test]
    async fn what_is_acknowledged_is_synced() {
        let directory = tempfile::tempdir().unwrap();
        let ledger = SqliteLedger::open(directory.path().join("guestlist.db"))
            .await
            .unwrap();
        let writer = ledger.writer().unwrap();
        let full: i64 = sqlx::query_scalar("PRAGMA synchronous")
            .fetch_one(writer)
            .await
            .unwrap();
        assert_eq!(full, 2, "FULL");
        let keys: i64 = sqlx::query_scalar("PRAGMA foreign_keys")
            .fetch_one(writer)
            .await
            .unwrap();
        assert_eq!(keys, 1);
    }
}
