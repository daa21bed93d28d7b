//! The ledger in one SQLite file.

mod attributions;
mod convert;
mod forget;
mod memberships;
mod open;
mod read;
mod write;

use std::path::Path;

use guestlist_model::UserId;
use guestlist_tracker::{Attribution, JoinKey};
use sqlx::SqlitePool;

use self::{
    convert::{Columns, id},
    write::Writing,
};
use crate::{
    Batch, CertaintyKind, Committed, Forgotten, GatewaySession, InviteFilter, InviteRow,
    InviterFilter, InviterRow, JoinFilter, JoinRow, Ledger, LedgerError, ResumePoint, Totals,
    error::from_sqlx,
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

impl Ledger for SqliteLedger {
    async fn commit(&self, batch: &Batch) -> Result<Committed, LedgerError> {
        let writer = self.writer()?;
        if batch.is_empty() {
            return Ok(Committed::default());
        }
        let mut transaction = writer
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(|error| self.failed(&error))?;
        let committed = Writing::begin(&self.at, &mut transaction)
            .await?
            .batch(batch)
            .await?;
        transaction
            .commit()
            .await
            .map_err(|error| self.failed(&error))?;
        Ok(committed)
    }

    async fn resume_point(&self) -> Result<ResumePoint, LedgerError> {
        // One transaction, so that both are of one moment.
        let mut reading = self
            .reader
            .begin()
            .await
            .map_err(|error| self.failed(&error))?;
        let states = sqlx::query("SELECT guild_id, state FROM guild_states ORDER BY guild_id")
            .fetch_all(&mut *reading)
            .await
            .map_err(|error| self.failed(&error))?;
        let sessions = sqlx::query("SELECT * FROM gateway_sessions ORDER BY shards, shard")
            .fetch_all(&mut *reading)
            .await
            .map_err(|error| self.failed(&error))?;
        reading
            .rollback()
            .await
            .map_err(|error| self.failed(&error))?;
        let guild_states = states
            .iter()
            .map(|row| write::guild_state(&Columns { at: &self.at, row }))
            .collect::<Result<_, _>>()?;
        let sessions = sessions
            .iter()
            .map(|row| session(&Columns { at: &self.at, row }))
            .collect::<Result<_, _>>()?;
        Ok(ResumePoint {
            guild_states,
            sessions,
        })
    }

    async fn joins(&self, filter: &JoinFilter) -> Result<Vec<JoinRow>, LedgerError> {
        read::joins(&self.at, &self.reader, filter).await
    }

    async fn inviters(&self, filter: &InviterFilter) -> Result<Vec<InviterRow>, LedgerError> {
        read::inviters(&self.at, &self.reader, filter).await
    }

    async fn invites(&self, filter: &InviteFilter) -> Result<Vec<InviteRow>, LedgerError> {
        read::invites(&self.at, &self.reader, filter).await
    }

    async fn attribution_history(&self, join: &JoinKey) -> Result<Vec<Attribution>, LedgerError> {
        let rows = sqlx::query(
            "SELECT * FROM attribution_history WHERE guild_id = ?1 AND user_id = ?2 AND joined_at = ?3
             ORDER BY revision",
        )
        .bind(id(join.guild))
        .bind(id(join.user))
        .bind(join.joined_at.as_micros())
        .fetch_all(&self.reader)
        .await
        .map_err(|error| self.failed(&error))?;
        rows.iter()
            .map(|row| attributions::stored_attribution(&Columns { at: &self.at, row }, *join))
            .collect()
    }

    async fn totals(&self) -> Result<Totals, LedgerError> {
        let row = sqlx::query(
            "SELECT (SELECT count(*) FROM joins) AS joins,
                 (SELECT count(*) FROM attributions WHERE certainty = 'confirmed') AS confirmed,
                 (SELECT count(*) FROM attributions WHERE certainty = 'deduced') AS deduced,
                 (SELECT count(*) FROM attributions WHERE certainty = 'ambiguous') AS ambiguous,
                 (SELECT count(*) FROM attributions WHERE certainty = 'unknown') AS unknown,
                 (SELECT count(*) FROM leaves) AS leaves,
                 (SELECT count(*) FROM invites) AS invites,
                 (SELECT count(*) FROM guilds) AS guilds",
        )
        .fetch_one(&self.reader)
        .await
        .map_err(|error| self.failed(&error))?;
        let row = Columns {
            at: &self.at,
            row: &row,
        };
        let mut by_certainty = [0; 4];
        for (slot, kind) in by_certainty.iter_mut().zip(CertaintyKind::ALL) {
            *slot = row.count(kind.as_str())?;
        }
        let joins = row.count("joins")?;
        Ok(Totals {
            joins,
            by_certainty,
            waiting: joins.saturating_sub(by_certainty.iter().sum()),
            leaves: row.count("leaves")?,
            invites: row.count("invites")?,
            guilds: row.count("guilds")?,
        })
    }

    async fn forget_user(&self, user: UserId) -> Result<Forgotten, LedgerError> {
        let writer = self.writer()?;
        let failed = |error: sqlx::Error| self.failed(&error);
        let mut connection = writer.acquire().await.map_err(failed)?;
        // Deleted is overwritten, not only unlinked.
        sqlx::query("PRAGMA secure_delete = ON")
            .execute(&mut *connection)
            .await
            .map_err(failed)?;
        drop(connection);
        let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
        let forgotten = forget::forget(&self.at, &mut transaction, user).await?;
        transaction.commit().await.map_err(failed)?;
        // The old pages are still in the write-ahead log; this empties it, unless
        // a reader is in the middle of something. Then the next checkpoint does.
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
            .execute(writer)
            .await
            .map_err(failed)?;
        Ok(forgotten)
    }
}

fn session(row: &Columns<'_>) -> Result<GatewaySession, LedgerError> {
    Ok(GatewaySession {
        owner: row.get("owner")?,
        shard: row.get("shard")?,
        shards: row.get("shards")?,
        session_id: row.get("session_id")?,
        resume_url: row.get("resume_url")?,
        sequence: row.count("sequence")?,
    })
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
        ledger.commit(&joins(1)).await.unwrap();
        let writer = ledger.writer().unwrap();
        sqlx::query("PRAGMA max_page_count = 1")
            .execute(writer)
            .await
            .unwrap();
        let error = ledger.commit(&joins(1_000)).await.unwrap_err();
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
        ledger.commit(&joins(1_000)).await.unwrap();
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
