//! The ledger in one SQLite file.

mod attributions;
mod claims;
mod convert;
mod error;
mod feed;
mod files;
mod forget;
mod idle;
mod labels;
mod load;
mod log;
mod members;
mod open;
mod read;
mod state;
mod told;
mod write;

use std::{collections::BTreeMap, path::Path};

use guestlist_model::{GuildId, InviteCode, Timestamp, UserId};
use guestlist_tracker::{Attribution, JoinKey};
use sqlx::{Sqlite, SqlitePool, Transaction};

use self::{error::from_sqlx, files::Files, log::Log, write::Writing};
use crate::{
    Accuracy, Answer, Batch, Bucket, ChangeFilter, Changes, Claim, Committed, Cursor, Forgotten,
    GapRow, GuildRow, InviteRow, InviteStatus, InviterRow, JoinFact, JoinRow, Label, LabelRow,
    Labels, LedgerError, Page, Partition, Privacy, Reports, Resume, ResumePoint, Scope, SeriesRow,
    Store, Totals, TreePage, TreeQuestion,
};

/// A ledger in a SQLite database.
///
/// One process writes, which a lock file next to the database ensures. Any number of
/// processes can read at the same time. A commit that has returned is on disk: the
/// write-ahead log is synced with every transaction.
///
/// ```no_run
/// use guestlist_ledger::{Page, Reports, Scope, SqliteLedger};
///
/// # async fn example() -> Result<(), guestlist_ledger::LedgerError> {
/// // Reads the ledger even while `guestlist track` writes it.
/// let ledger = SqliteLedger::open_read_only("guestlist.db").await?;
/// for row in ledger.joins(&Scope::new(), Page::first(10)).await? {
///     println!("{}: {:?}", row.join.key.user, row.attribution.map(|it| it.certainty));
/// }
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct SqliteLedger {
    at: String,
    writer: Option<SqlitePool>,
    reader: SqlitePool,
    files: Files,
    /// None if it is not this that keeps the log small.
    log: Option<Log>,
}

impl SqliteLedger {
    /// Opens the ledger at `path` for reading and writing. Creates it if it does not
    /// exist, and migrates its schema.
    ///
    /// # Errors
    ///
    /// [`DirectoryMissing`](LedgerError::DirectoryMissing),
    /// [`ReadOnly`](LedgerError::ReadOnly), [`InUse`](LedgerError::InUse),
    /// [`Corrupt`](LedgerError::Corrupt), [`NotALedger`](LedgerError::NotALedger),
    /// [`Newer`](LedgerError::Newer), and other variants for errors of the system. An
    /// error changes nothing.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, LedgerError> {
        open::open(path.as_ref()).await.map(Self::from)
    }

    /// Opens the ledger at `path` for reading, even while another process writes. Does
    /// not create, migrate or lock anything.
    ///
    /// # Errors
    ///
    /// [`NotFound`](LedgerError::NotFound) if there is none,
    /// [`Older`](LedgerError::Older) if it needs a migration, and the errors of
    /// [`open`](Self::open).
    pub async fn open_read_only(path: impl AsRef<Path>) -> Result<Self, LedgerError> {
        open::open_read_only(path.as_ref()).await.map(Self::from)
    }

    /// Opens the ledger at `path` for reading and for setting labels, even while another
    /// process writes joins. Does not create, migrate or lock anything.
    ///
    /// Do not claim, commit or forget anyone through it: these need the ledger's lock,
    /// which [`open`](Self::open) takes.
    ///
    /// # Errors
    ///
    /// The errors of [`open_read_only`](Self::open_read_only), and
    /// [`ReadOnly`](LedgerError::ReadOnly).
    pub async fn open_beside(path: impl AsRef<Path>) -> Result<Self, LedgerError> {
        open::open_beside(path.as_ref()).await.map(Self::from)
    }

    /// Creates a ledger in memory.
    ///
    /// # Errors
    ///
    /// [`LedgerError`] if SQLite cannot be started.
    pub async fn in_memory() -> Result<Self, LedgerError> {
        open::in_memory().await.map(Self::from)
    }

    /// The path.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.at
    }

    /// Closes the database: moves the write-ahead log into the file. Dropping the ledger
    /// loses nothing either, but leaves the log next to the file.
    ///
    /// Others that share this ledger, for example through an `Arc`, can no longer read or
    /// write. The lock is released when the last of them is dropped.
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
            files: opened.files,
            log: opened.log,
        }
    }
}

impl SqliteLedger {
    async fn begin(&self) -> Result<Transaction<'static, Sqlite>, LedgerError> {
        let writer = self.writer()?;
        if let Some(moved) = self.files.moved() {
            return Err(self.save(writer, moved).await);
        }
        writer
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(|error| self.failed(&error))
    }

    /// Moves into the database what is in the log, which SQLite still has open although one of
    /// the files is no longer at its path. Then nothing is lost with a log that was deleted.
    async fn save(&self, writer: &SqlitePool, moved: &Path) -> LedgerError {
        let busy: Result<bool, _> = sqlx::query_scalar("PRAGMA wal_checkpoint(TRUNCATE)")
            .fetch_one(writer)
            .await;
        match busy {
            Ok(false) => LedgerError::Moved {
                at: moved.display().to_string(),
            },
            // Somebody reads.
            Ok(true) => LedgerError::Busy {
                at: self.at.clone(),
            },
            Err(error) => match self.failed(&error) {
                full @ LedgerError::DiskFull { .. } => full,
                error => LedgerError::Storage {
                    at: moved.display().to_string(),
                    detail: format!(
                        "it was moved, deleted or replaced while it was in use, and what it contains cannot be moved into the database: {error}"
                    ),
                },
            },
        }
    }

    /// One transaction, so that all of an answer is of one moment. It ends when it is
    /// dropped.
    async fn reading(&self) -> Result<Transaction<'static, Sqlite>, LedgerError> {
        self.reader
            .begin()
            .await
            .map_err(|error| self.failed(&error))
    }

    /// Commits what was done, or takes it back if it failed.
    async fn finish<T>(
        &self,
        mut transaction: Transaction<'static, Sqlite>,
        done: Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        let error = match done {
            Ok(done) => match transaction.commit().await {
                Ok(()) => return Ok(done),
                Err(error) => self.failed(&error),
            },
            Err(error) => {
                // When the disk is full, SQLite has taken everything back by itself, and
                // refuses to do so again. Then this begins something to take back.
                let _ = sqlx::query("BEGIN").execute(&mut *transaction).await;
                match transaction.rollback().await {
                    Ok(()) => return Err(error),
                    Err(_) => error,
                }
            }
        };
        self.renew_writer().await;
        Err(error)
    }

    /// Replaces the connection that writes, after a transaction that could be neither committed
    /// nor taken back: whether it is still open is not known. SQLite takes back what was not
    /// committed. The new connection opens the log now, in case somebody deletes it.
    async fn renew_writer(&self) {
        let Some(writer) = &self.writer else {
            return;
        };
        let closed = match writer.acquire().await {
            Ok(connection) => connection.close().await,
            Err(error) => Err(error),
        };
        if let Err(error) = closed {
            tracing::debug!(%error, "the connection to the ledger did not close in order");
        }
        if let Err(error) = writer.acquire().await {
            tracing::debug!(%error, "the ledger cannot be opened again yet");
        }
    }
}

impl Store for SqliteLedger {
    fn claim<'a>(&'a self, partition: Partition, owner: &'a str) -> Answer<'a, Claim> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            let claim = claims::claim(&self.at, &mut transaction, partition, owner).await;
            self.finish(transaction, claim).await
        })
    }

    fn commit<'a>(&'a self, claim: Claim, batch: &'a Batch) -> Answer<'a, Committed> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            let committed = match claims::check(&self.at, &mut transaction, claim, batch).await {
                Ok(()) => {
                    let writing = Writing::new(&self.at, &mut transaction);
                    writing.batch(claim.partition, batch).await
                }
                Err(error) => Err(error),
            };
            let committed = self.finish(transaction, committed).await?;
            if let (Some(log), Some(writer)) = (&self.log, &self.writer) {
                log.limit(writer).await;
            }
            Ok(committed)
        })
    }
}

impl Resume for SqliteLedger {
    fn resume_point(&self, partition: Partition) -> Answer<'_, ResumePoint> {
        Box::pin(async move {
            let mut reading = self.reading().await?;
            claims::resume_point(&self.at, &mut reading, partition).await
        })
    }

    fn present(&self, guild: GuildId) -> Answer<'_, Vec<JoinKey>> {
        Box::pin(async move {
            let mut reading = self.reading().await?;
            read::present(&self.at, &mut reading, guild).await
        })
    }
}

impl Reports for SqliteLedger {
    fn joins<'a>(&'a self, scope: &'a Scope, page: Page) -> Answer<'a, Vec<JoinRow>> {
        Box::pin(async move {
            let mut reading = self.reading().await?;
            read::joins(&self.at, &mut reading, scope, page).await
        })
    }

    fn join<'a>(&'a self, key: &'a JoinKey) -> Answer<'a, Option<JoinRow>> {
        Box::pin(async move {
            let mut reading = self.reading().await?;
            read::join(&self.at, &mut reading, key).await
        })
    }

    fn attribution_history<'a>(&'a self, key: &'a JoinKey) -> Answer<'a, Vec<Attribution>> {
        Box::pin(async move {
            let mut reading = self.reading().await?;
            read::attribution_history(&self.at, &mut reading, key).await
        })
    }

    fn inviters<'a>(&'a self, scope: &'a Scope, limit: Option<u32>) -> Answer<'a, Vec<InviterRow>> {
        Box::pin(async move {
            let mut reading = self.reading().await?;
            read::inviters(&self.at, &mut reading, scope, limit).await
        })
    }

    fn invites<'a>(
        &'a self,
        scope: &'a Scope,
        status: InviteStatus,
        limit: Option<u32>,
    ) -> Answer<'a, Vec<InviteRow>> {
        Box::pin(async move {
            let mut reading = self.reading().await?;
            read::invites(&self.at, &mut reading, scope, status, limit).await
        })
    }

    fn guilds(&self) -> Answer<'_, Vec<GuildRow>> {
        Box::pin(async move {
            let mut reading = self.reading().await?;
            read::guilds(&self.at, &mut reading).await
        })
    }

    fn guild_names(&self) -> Answer<'_, Vec<(GuildId, Option<String>)>> {
        Box::pin(async move {
            let mut reading = self.reading().await?;
            read::guild_names(&self.at, &mut reading).await
        })
    }

    fn totals<'a>(&'a self, scope: &'a Scope) -> Answer<'a, Totals> {
        Box::pin(async move {
            let mut reading = self.reading().await?;
            read::totals(&self.at, &mut reading, scope).await
        })
    }

    fn series<'a>(&'a self, scope: &'a Scope, bucket: Bucket) -> Answer<'a, Vec<SeriesRow>> {
        Box::pin(async move {
            let mut reading = self.reading().await?;
            read::series(&self.at, &mut reading, scope, bucket).await
        })
    }

    fn gaps<'a>(&'a self, scope: &'a Scope) -> Answer<'a, Vec<GapRow>> {
        Box::pin(async move {
            let mut reading = self.reading().await?;
            read::gaps(&self.at, &mut reading, scope).await
        })
    }

    fn changes<'a>(
        &'a self,
        after: Cursor,
        filter: &'a ChangeFilter,
        limit: u32,
    ) -> Answer<'a, Changes> {
        Box::pin(async move {
            let mut reading = self.reading().await?;
            feed::changes(&self.at, &mut reading, after, filter, limit).await
        })
    }

    fn labels<'a>(&'a self, scope: &'a Scope) -> Answer<'a, Vec<LabelRow>> {
        Box::pin(async move {
            let mut reading = self.reading().await?;
            labels::list(&self.at, &mut reading, scope).await
        })
    }

    fn facts<'a>(&'a self, scope: &'a Scope, page: Page) -> Answer<'a, Vec<JoinFact>> {
        Box::pin(async move {
            let mut reading = self.reading().await?;
            read::facts(&self.at, &mut reading, scope, page).await
        })
    }

    fn names<'a>(&'a self, users: &'a [UserId]) -> Answer<'a, BTreeMap<UserId, String>> {
        Box::pin(async move {
            let mut reading = self.reading().await?;
            read::names(&self.at, &mut reading, users).await
        })
    }

    fn tree<'a>(&'a self, question: &'a TreeQuestion) -> Answer<'a, TreePage> {
        Box::pin(async move {
            let mut reading = self.reading().await?;
            read::tree(&self.at, &mut reading, question).await
        })
    }

    fn accuracy<'a>(&'a self, scope: &'a Scope) -> Answer<'a, Accuracy> {
        Box::pin(async move {
            let mut reading = self.reading().await?;
            read::accuracy(&self.at, &mut reading, scope).await
        })
    }

    fn latest(&self) -> Answer<'_, Cursor> {
        Box::pin(async move {
            let mut reading = self.reading().await?;
            feed::latest(&self.at, &mut reading).await
        })
    }
}

impl Labels for SqliteLedger {
    fn set_label<'a>(
        &'a self,
        guild: GuildId,
        code: &'a InviteCode,
        label: &'a Label,
        now: Timestamp,
    ) -> Answer<'a, bool> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            let changed = labels::set(&self.at, &mut transaction, guild, code, label, now).await;
            self.finish(transaction, changed).await
        })
    }

    fn remove_label<'a>(&'a self, guild: GuildId, code: &'a InviteCode) -> Answer<'a, bool> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            let changed = labels::remove(&self.at, &mut transaction, guild, code).await;
            self.finish(transaction, changed).await
        })
    }
}

impl Privacy for SqliteLedger {
    fn idle_people(&self, before: Timestamp, limit: u32) -> Answer<'_, Vec<UserId>> {
        Box::pin(async move {
            let mut transaction = self.reading().await?;
            idle::people(&self.at, &mut transaction, before, limit).await
        })
    }

    fn forget_user(&self, user: UserId, now: Timestamp) -> Answer<'_, Forgotten> {
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
            let forgotten = forget::forget(&self.at, &mut transaction, user, now).await;
            let forgotten = self.finish(transaction, forgotten).await?;
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

    fn joins(from: u64) -> Batch {
        Batch::of((from..from + 500).map(|user| {
            let joined_at = Timestamp::from_secs(1_700_000_000);
            let guild = Id::new_checked(1).unwrap();
            let key = JoinKey::new(guild, Id::new_checked(user).unwrap(), joined_at);
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
            ledger.joins(&Scope::new(), Page::ALL).await.unwrap().len(),
            500,
            "nothing of the batch is there"
        );
        sqlx::query("PRAGMA max_page_count = 1000000")
            .execute(writer)
            .await
            .unwrap();
        ledger.commit(claim, &joins(1_000)).await.unwrap();
        assert_eq!(
            ledger.joins(&Scope::new(), Page::ALL).await.unwrap().len(),
            1_000
        );
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
