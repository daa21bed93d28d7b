//! Opening: checks first, so that a wrong path is an answer and not a stack of
//! SQLite codes; then the lock, the connection, the schema.

use std::{
    fs::{File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
    str::FromStr,
    sync::{Arc, LazyLock},
    time::{Duration, Instant},
};

use log::LevelFilter;
use sqlx::{
    ConnectOptions as _, Row, SqlSafeStr, SqlitePool,
    migrate::{Migration, MigrationType, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{
    error::{from_io, from_sqlx},
    files::Files,
    log::Log,
};
use crate::LedgerError;

/// The schema, a step a file; a step that was released never changes.
pub(super) static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| {
    let step = |version, description: &'static str, sql: &'static str| {
        Migration::new(
            version,
            description.into(),
            MigrationType::Simple,
            sql.into_sql_str(),
            false,
        )
    };
    Migrator::with_migrations(vec![
        step(
            1,
            "ledger",
            include_str!("../../migrations/0001_ledger.sql"),
        ),
        step(
            2,
            "session owner",
            include_str!("../../migrations/0002_session_owner.sql"),
        ),
        step(
            3,
            "state parts",
            include_str!("../../migrations/0003_state_parts.sql"),
        ),
        step(
            4,
            "positions and claims",
            include_str!("../../migrations/0004_positions_and_claims.sql"),
        ),
        step(
            5,
            "reports",
            include_str!("../../migrations/0005_reports.sql"),
        ),
        step(
            6,
            "provisional",
            include_str!("../../migrations/0006_provisional.sql"),
        ),
        step(
            7,
            "labels",
            include_str!("../../migrations/0007_labels.sql"),
        ),
        step(
            8,
            "compact",
            include_str!("../../migrations/0008_compact.sql"),
        ),
        step(
            9,
            "joins missing",
            include_str!("../../migrations/0009_joins_missing.sql"),
        ),
        step(
            10,
            "counts",
            include_str!("../../migrations/0010_counts.sql"),
        ),
        step(
            11,
            "comparisons",
            include_str!("../../migrations/0011_comparisons.sql"),
        ),
        step(
            12,
            "departures",
            include_str!("../../migrations/0012_departures.sql"),
        ),
        step(
            13,
            "compared at once",
            include_str!("../../migrations/0013_compared_at_once.sql"),
        ),
        step(
            14,
            "shorter feed",
            include_str!("../../migrations/0014_shorter_feed.sql"),
        ),
        step(
            15,
            "bounds",
            include_str!("../../migrations/0015_bounds.sql"),
        ),
    ])
});

/// `PRAGMA application_id` of a ledger, "glst"; set by the first migration.
const APPLICATION_ID: i64 = 1_735_160_692;
/// How long to wait for somebody else's short write before saying `Busy`.
const BUSY: Duration = Duration::from_secs(5);
/// How long to wait for a ledger that is just being closed, before saying that it
/// is in use.
const CLOSING: Duration = Duration::from_secs(3);
const READERS: u32 = 3;
/// What each reader keeps in memory, in KiB below zero. The system keeps the rest of the file.
const CACHE: &str = "-6000";
/// What the writer keeps. A transaction that changes more pages than fit writes some of them
/// twice.
const WRITER_CACHE: &str = "-32000";
/// After so many pages in the write-ahead log, they are moved into the file. Pages that change
/// with every commit are moved once for many.
const CHECKPOINT: &str = "8000";
/// From this size on, the log is begun anew even if that takes waiting for those who read. It
/// stays below it where they leave a moment free.
const LOG: u64 = 48_000_000;

/// The pools of an opened ledger.
pub(super) struct Opened {
    pub(super) at: String,
    /// None if opened read-only.
    pub(super) writer: Option<SqlitePool>,
    pub(super) reader: SqlitePool,
    /// Those that are written.
    pub(super) files: Files,
    /// The log, if this is what keeps it small.
    pub(super) log: Option<Log>,
}

pub(super) async fn open(path: &Path) -> Result<Opened, LedgerError> {
    let path = absolute(path)?;
    let at = path.display().to_string();
    check_writable(&path)?;
    let lock = lock(&path).await?;
    create(&path)?;
    let options = quiet(SqliteConnectOptions::new())
        .filename(&path)
        .create_if_missing(false)
        .journal_mode(SqliteJournalMode::Wal)
        // FULL: a commit that returned is on the disk, not only in a buffer.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .pragma("cache_size", WRITER_CACHE)
        .pragma("wal_autocheckpoint", CHECKPOINT);
    let writer = connect(&at, locked(pool(1), lock), options).await?;
    prepare(&at, &writer, true).await?;
    let reader = connect(&at, pool(READERS), reading(&path)).await?;
    Ok(Opened {
        at,
        writer: Some(writer),
        reader,
        files: Files::at([path.as_path(), sibling(&path, "-wal").as_path()]),
        log: Some(Log::new(sibling(&path, "-wal"), LOG, BUSY)),
    })
}

pub(super) async fn open_read_only(path: &Path) -> Result<Opened, LedgerError> {
    let path = absolute(path)?;
    let at = path.display().to_string();
    match std::fs::metadata(&path) {
        Ok(metadata) if metadata.is_dir() => {
            return Err(LedgerError::Denied {
                at,
                detail: "it is a directory".into(),
            });
        }
        Ok(_) => {}
        Err(error) => return Err(from_io(at, &error)),
    }
    let read = |options| async {
        let reader = connect(&at, pool(READERS), options).await?;
        let version = version(&at, &reader).await?;
        Ok((reader, version))
    };
    let (reader, version) = match read(reading(&path)).await {
        // Reading a WAL database needs its shared-memory file. In a directory
        // that we may not write there can be none; if there is no WAL either,
        // the file is complete by itself and can be read as it lies.
        Err(LedgerError::Denied { .. } | LedgerError::ReadOnly { .. })
            if !sibling(&path, "-wal").exists() =>
        {
            read(reading(&path).immutable(true)).await?
        }
        read => read?,
    };
    let known = newest();
    match version {
        None => Err(LedgerError::NotALedger { at }),
        Some(found) if found > known => Err(LedgerError::Newer { at, found, known }),
        Some(found) if found < known => Err(LedgerError::Older { at, found, known }),
        Some(_) => Ok(Opened {
            at,
            writer: None,
            reader,
            files: Files::default(),
            log: None,
        }),
    }
}

pub(super) async fn open_beside(path: &Path) -> Result<Opened, LedgerError> {
    let mut opened = open_read_only(path).await?;
    let path = absolute(path)?;
    check_writable(&path)?;
    let options = quiet(SqliteConnectOptions::new())
        .filename(&path)
        .create_if_missing(false)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY);
    opened.writer = Some(connect(&opened.at, pool(1), options).await?);
    opened.files = Files::at([path.as_path(), sibling(&path, "-wal").as_path()]);
    Ok(opened)
}

pub(super) async fn in_memory() -> Result<Opened, LedgerError> {
    let at = ":memory:".to_owned();
    let options = SqliteConnectOptions::from_str("sqlite::memory:")
        .map(quiet)
        .map_err(|error| from_sqlx(&at, &error))?
        .foreign_keys(true);
    // One connection is one memory; so reads share it with the writer.
    let pool = connect(&at, pool(1), options).await?;
    prepare(&at, &pool, false).await?;
    Ok(Opened {
        at,
        writer: Some(pool.clone()),
        reader: pool,
        files: Files::default(),
        log: None,
    })
}

/// How long a question takes is seen by whoever asks. The text of its SQL is for those who look
/// for the reason.
fn quiet(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options.log_slow_statements(LevelFilter::Debug, Duration::from_secs(1))
}

fn reading(path: &Path) -> SqliteConnectOptions {
    quiet(SqliteConnectOptions::new())
        .filename(path)
        .read_only(true)
        .create_if_missing(false)
        .busy_timeout(BUSY)
        .pragma("cache_size", CACHE)
}

fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .acquire_timeout(Duration::from_secs(30))
}

/// Ties the lock to the connection itself. A connection outlives the pool for as
/// long as its last command takes; if that is a commit, nobody else may have
/// begun to read what to go on from.
fn locked(pool: SqlitePoolOptions, lock: Option<File>) -> SqlitePoolOptions {
    let Some(lock) = lock.map(Arc::new) else {
        return pool;
    };
    pool.after_connect(move |connection, _| {
        let lock = Arc::clone(&lock);
        Box::pin(async move {
            // Not for the hook's sake: it is what SQLite keeps until it closes.
            connection.lock_handle().await?.set_rollback_hook(move || {
                let _held = &lock;
            });
            Ok(())
        })
    })
}

async fn connect(
    at: &str,
    pool: SqlitePoolOptions,
    options: SqliteConnectOptions,
) -> Result<SqlitePool, LedgerError> {
    pool.connect_with(options)
        .await
        .map_err(|error| from_sqlx(at, &error))
}

/// Brings a database to the newest schema, if it is ours and not from the future.
async fn prepare(at: &str, writer: &SqlitePool, on_disk: bool) -> Result<(), LedgerError> {
    let failed = |error: sqlx::Error| from_sqlx(at, &error);
    if on_disk {
        let mode: String = sqlx::query_scalar("PRAGMA journal_mode")
            .fetch_one(writer)
            .await
            .map_err(failed)?;
        if !mode.eq_ignore_ascii_case("wal") {
            return Err(LedgerError::Storage {
                at: at.to_owned(),
                detail: "this file system cannot hold a write-ahead log; put the database on a local disk".into(),
            });
        }
    }
    let known = newest();
    match version(at, writer).await? {
        Some(found) if found > known => {
            return Err(LedgerError::Newer {
                at: at.to_owned(),
                found,
                known,
            });
        }
        Some(_) => {}
        None => {
            // Empty, or created by us and interrupted before the first
            // migration was through; anything else is somebody else's.
            let tables: i64 = sqlx::query_scalar(
                "SELECT count(*) FROM sqlite_schema WHERE tbl_name <> '_sqlx_migrations'",
            )
            .fetch_one(writer)
            .await
            .map_err(failed)?;
            if tables > 0 {
                return Err(LedgerError::NotALedger { at: at.to_owned() });
            }
        }
    }
    MIGRATIONS.run(writer).await.map_err(|error| match error {
        sqlx::migrate::MigrateError::Execute(error)
        | sqlx::migrate::MigrateError::ExecuteMigration(error, _) => from_sqlx(at, &error),
        other => LedgerError::Storage {
            at: at.to_owned(),
            detail: other.to_string(),
        },
    })
}

/// The schema's version; none if this is not (yet) a ledger.
async fn version(at: &str, pool: &SqlitePool) -> Result<Option<i64>, LedgerError> {
    let failed = |error: sqlx::Error| from_sqlx(at, &error);
    let application: i64 = sqlx::query("PRAGMA application_id")
        .fetch_one(pool)
        .await
        .and_then(|row| row.try_get::<i64, _>(0))
        .map_err(failed)?;
    if application != APPLICATION_ID {
        return Ok(None);
    }
    sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations")
        .fetch_one(pool)
        .await
        .map_err(failed)
}

fn newest() -> i64 {
    MIGRATIONS
        .iter()
        .map(|migration| migration.version)
        .max()
        .unwrap_or(0)
}

fn absolute(path: &Path) -> Result<PathBuf, LedgerError> {
    // Through symbolic links, so that two names of one file share one lock.
    path.canonicalize()
        .or_else(|_| std::path::absolute(path))
        .map_err(|error| from_io(path.display().to_string(), &error))
}

/// The permission bits are asked before SQLite is, because root passes them and
/// a file somebody marked read-only was marked for a reason.
fn check_writable(path: &Path) -> Result<(), LedgerError> {
    let directory = path.parent().unwrap_or(Path::new("/"));
    match std::fs::metadata(directory) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(LedgerError::DirectoryMissing {
                directory: directory.display().to_string(),
            });
        }
        Err(error) => return Err(from_io(directory.display().to_string(), &error)),
        Ok(metadata) if !metadata.is_dir() => {
            return Err(LedgerError::DirectoryMissing {
                directory: directory.display().to_string(),
            });
        }
        Ok(metadata) if metadata.permissions().readonly() => {
            return Err(LedgerError::ReadOnly {
                at: directory.display().to_string(),
            });
        }
        Ok(_) => {}
    }
    match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(from_io(path.display().to_string(), &error)),
        Ok(metadata) if metadata.is_dir() => Err(LedgerError::Denied {
            at: path.display().to_string(),
            detail: "it is a directory".into(),
        }),
        Ok(metadata) if metadata.permissions().readonly() => Err(LedgerError::ReadOnly {
            at: path.display().to_string(),
        }),
        Ok(_) => Ok(()),
    }
}

/// Creates the file if it does not exist. Only its owner may read it: it says who came, and
/// when. SQLite gives the files beside it the same mode.
fn create(path: &Path) -> Result<(), LedgerError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(from_io(path.display().to_string(), &error))
        }
        _ => Ok(()),
    }
}

/// One writer a ledger. SQLite's own locks last a transaction only; two
/// trackers would take turns and overwrite each other's state.
///
/// The lock is on a file of its own: closing any handle of the database itself
/// would drop the locks that SQLite holds on it (POSIX).
///
/// The system lets go of it even if the process is killed.
async fn lock(path: &Path) -> Result<Option<File>, LedgerError> {
    let name = sibling(path, ".lock");
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&name)
        .map_err(|error| from_io(name.display().to_string(), &error))?;
    let deadline = Instant::now() + CLOSING;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            Err(TryLockError::WouldBlock) => {
                return Err(LedgerError::InUse {
                    at: path.display().to_string(),
                });
            }
            // Some network file systems know no locks. SQLite's remain.
            Err(TryLockError::Error(error)) => {
                tracing::warn!(path = %name.display(), %error, "cannot lock the database; run only one tracker per database");
                return Ok(None);
            }
        }
    }
}

fn sibling(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
