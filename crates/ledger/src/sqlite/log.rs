//! The write-ahead log does not grow while somebody reads all the time.
//!
//! By itself, SQLite begins the log anew only in a moment in which nobody reads from it. With
//! many readers there is none. This waits for those who read at that moment, while new ones
//! already read from the database itself.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
};

use sqlx::SqlitePool;

/// How long it waits for those who read, in milliseconds.
const PATIENCE: &str = "PRAGMA busy_timeout = 100";

/// The log of a ledger that is written.
#[derive(Debug)]
pub(super) struct Log {
    path: PathBuf,
    /// From this size on, it is begun anew.
    most: u64,
    /// From this size on, that is tried next.
    next: AtomicU64,
    /// How long the writer waits otherwise, in milliseconds.
    patience: u128,
}

impl Log {
    pub(super) fn new(path: PathBuf, most: u64, patience: std::time::Duration) -> Self {
        Self {
            path,
            most,
            next: AtomicU64::new(most),
            patience: patience.as_millis(),
        }
    }

    /// Moves what is in the log into the database, and begins it anew, if it has become too
    /// large. What fails is tried again when it is larger, or told by the next commit.
    pub(super) async fn limit(&self, writer: &SqlitePool) {
        let size = std::fs::metadata(&self.path).map_or(0, |file| file.len());
        if size < self.next.load(Ordering::Relaxed) {
            return;
        }
        let begun = match self.begin_anew(writer).await {
            Ok(busy) => !busy,
            Err(error) => {
                tracing::debug!(%error, "the write-ahead log cannot be begun anew yet");
                false
            }
        };
        let next = if begun {
            self.most
        } else {
            size + self.most / 4
        };
        self.next.store(next, Ordering::Relaxed);
    }

    /// Returns whether somebody read for too long.
    async fn begin_anew(&self, writer: &SqlitePool) -> Result<bool, sqlx::Error> {
        let mut writer = writer.acquire().await?;
        sqlx::query(PATIENCE).execute(&mut *writer).await?;
        let busy = sqlx::query_scalar("PRAGMA wal_checkpoint(TRUNCATE)")
            .fetch_one(&mut *writer)
            .await;
        let usual = format!("PRAGMA busy_timeout = {}", self.patience);
        sqlx::query(sqlx::AssertSqlSafe(usual))
            .execute(&mut *writer)
            .await?;
        busy
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use guestlist_model::{Id, Timestamp};
    use guestlist_tracker::{Join, JoinKey, Record};

    use crate::{Batch, Partition, Reports as _, Scope, SqliteLedger, Store as _};

    fn joins(from: u64) -> Batch {
        Batch::of((from..from + 100).map(|user| {
            let joined_at = Timestamp::from_secs(1_700_000_000);
            let guild = Id::new_checked(1).unwrap();
            let key = JoinKey::new(guild, Id::new_checked(user).unwrap(), joined_at);
            Record::Join(Join::new(key, joined_at))
        }))
    }

    /// Whether the log stays small while others read without a pause, each for so long.
    async fn stays_small(each: Duration) -> bool {
        const MOST: u64 = 400_000;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("guestlist.db");
        let mut ledger = SqliteLedger::open(&path).await.unwrap();
        ledger.log.as_mut().unwrap().most = MOST;
        *ledger.log.as_mut().unwrap().next.get_mut() = MOST;
        let claim = ledger.claim(Partition::ALL, "a test").await.unwrap();
        ledger.commit(claim, &joins(1)).await.unwrap();
        let log = directory.path().join("guestlist.db-wal");
        let mut most = 0;
        let write = async {
            for round in 1..30 {
                ledger.commit(claim, &joins(round * 100 + 1)).await.unwrap();
                most = most.max(std::fs::metadata(&log).unwrap().len());
            }
        };
        let read = async |begin: Duration| {
            tokio::time::sleep(begin).await;
            loop {
                let mut reading = ledger.reading().await.unwrap();
                let sql = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM guilds");
                sql.fetch_one(&mut *reading).await.unwrap();
                tokio::time::sleep(each).await;
            }
        };
        tokio::select! {
            () = write => {}
            () = read(Duration::ZERO) => {}
            () = read(each / 2) => {}
        }
        let totals = ledger.totals(&Scope::new()).await.unwrap();
        assert_eq!(totals.joins, 3_000, "all is there");
        most < 2 * MOST
    }

    #[tokio::test]
    async fn the_log_stays_small_while_others_read_all_the_time() {
        assert!(stays_small(Duration::from_millis(20)).await);
    }

    #[tokio::test]
    async fn who_reads_for_long_does_not_hold_up_the_writer() {
        assert!(!stays_small(Duration::from_secs(3_600)).await);
    }
}
