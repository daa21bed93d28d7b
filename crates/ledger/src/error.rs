//! What can go wrong with a ledger, and what to do about it.

use guestlist_model::GuildId;

use crate::{Claim, Partition};

/// A ledger could not be opened, written or read.
///
/// `Display` says what happened; [`advice`](LedgerError::advice) says what to do.
/// Nothing of a batch whose commit failed is stored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// There is no ledger at this place (opened read-only, so none was created).
    #[error("there is no ledger at {at}")]
    NotFound {
        /// Path of the database.
        at: String,
    },
    /// The directory that should hold the database does not exist.
    #[error("the directory {directory} does not exist")]
    DirectoryMissing {
        /// The missing directory.
        directory: String,
    },
    /// The file or its directory may not be written.
    #[error("{at} is read-only")]
    ReadOnly {
        /// The file or directory that is read-only.
        at: String,
    },
    /// The operating system does not let this process open the file.
    #[error("{at} cannot be opened: {detail}")]
    Denied {
        /// Path of the database.
        at: String,
        /// What the system or SQLite said.
        detail: String,
    },
    /// The file is not a database, or a damaged one.
    #[error("{at} is not a database, or is damaged ({detail})")]
    Corrupt {
        /// Path of the database.
        at: String,
        /// What SQLite said.
        detail: String,
    },
    /// A sound database that belongs to some other program.
    #[error("{at} is a database, but not a guestlist ledger")]
    NotALedger {
        /// Path of the database.
        at: String,
    },
    /// Another process (or another handle of this one) is writing this ledger.
    #[error("{at} is in use by another guestlist process")]
    InUse {
        /// Path of the database.
        at: String,
    },
    /// Another program held the database's lock for longer than we wait.
    #[error("{at} stayed locked by another program")]
    Busy {
        /// Path of the database.
        at: String,
    },
    /// No room is left on the device.
    #[error("no room is left for {at}")]
    DiskFull {
        /// Path of the database.
        at: String,
    },
    /// The ledger was written by a newer guestlist than this.
    #[error("{at} has schema {found}, this guestlist knows up to {known}")]
    Newer {
        /// Path of the database.
        at: String,
        /// The schema's version in the file.
        found: i64,
        /// The newest version that this build knows.
        known: i64,
    },
    /// The ledger was written by an older guestlist and opened read-only, so it
    /// was not migrated.
    #[error("{at} has the older schema {found}, this guestlist reads {known}")]
    Older {
        /// Path of the database.
        at: String,
        /// The schema's version in the file.
        found: i64,
        /// The version that this build reads.
        known: i64,
    },
    /// A write on a ledger that was opened to be read.
    #[error("{at} was opened to be read, not written")]
    OpenedReadOnly {
        /// Path of the database.
        at: String,
    },
    /// Somebody else has claimed some of the guilds since this claim was made.
    #[error("{owner} has taken over writing {partition} of the guilds in {at}")]
    Fenced {
        /// Path of the database.
        at: String,
        /// The claim that was refused.
        claim: Claim,
        /// The partition of the claim that holds now.
        partition: Partition,
        /// Who holds it, in their own words.
        owner: String,
    },
    /// A batch holds something about a guild that its writer has not claimed.
    #[error("guild {guild} is not in partition {partition}")]
    OutsidePartition {
        /// The guild.
        guild: GuildId,
        /// The partition that was claimed.
        partition: Partition,
    },
    /// A stored value is not what this version writes.
    #[error("{at} holds a {what} that cannot be read: {detail}")]
    Undecodable {
        /// Path of the database.
        at: String,
        /// Which kind of value.
        what: &'static str,
        /// Why not.
        detail: String,
    },
    /// Something else that the database said.
    #[error("{at}: {detail}")]
    Storage {
        /// Path of the database.
        at: String,
        /// What the database said.
        detail: String,
    },
}

impl LedgerError {
    /// What to do about it, in one or two sentences for whoever runs guestlist.
    #[must_use]
    pub fn advice(&self) -> String {
        match self {
            Self::NotFound { .. } => "check the path; `guestlist track --db PATH` creates a ledger".into(),
            Self::DirectoryMissing { directory } => format!("create it: mkdir -p '{directory}'"),
            Self::ReadOnly { at } => format!(
                "make it writable (chmod u+w '{at}') or choose another path; SQLite also writes files beside the database, so its directory must be writable"
            ),
            Self::Denied { .. } => "check who owns the file and its directory, and that the path is a file".into(),
            Self::Corrupt { .. } => "check the path; if this was a ledger, restore a backup or save what is left with `sqlite3 PATH .recover`".into(),
            Self::NotALedger { .. } => "choose another path; guestlist does not touch other programs' databases".into(),
            Self::InUse { .. } => "stop the other `guestlist track`, or give this one its own database; reading while it runs is fine".into(),
            Self::Busy { .. } => "close the program that keeps it locked (an open sqlite3 shell, a backup) and try again".into(),
            Self::DiskFull { .. } => "free some room and start again; everything acknowledged before is kept".into(),
            Self::Newer { .. } => "update guestlist, or use the database with the version that wrote it".into(),
            Self::Older { .. } => "start `guestlist track` on it once (or any command that writes): that migrates it".into(),
            Self::OpenedReadOnly { .. } => "open it with SqliteLedger::open".into(),
            Self::Fenced { .. } => "run one tracker for these guilds; stop this one, or the other and start this one again".into(),
            Self::OutsidePartition { .. } => "give each tracker the events of its own guilds".into(),
            Self::Undecodable { .. } => "it may have been edited by hand or written by another version; update guestlist or restore a backup".into(),
            Self::Storage { .. } => "check the disk and the system's log, then try again".into(),
        }
    }

    /// Whether the same call may succeed a little later without anybody doing
    /// anything.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Busy { .. })
    }
}

/// Sorts SQLite's result codes into [`LedgerError`].
pub(crate) fn from_sqlx(at: &str, error: &sqlx::Error) -> LedgerError {
    let at = at.to_owned();
    let detail = match error {
        sqlx::Error::Database(database) => database.message().to_owned(),
        other => other.to_string(),
    };
    let code = match error {
        sqlx::Error::Database(database) => {
            database.code().and_then(|code| code.parse::<i32>().ok())
        }
        sqlx::Error::Io(io) => return from_io(at, io),
        sqlx::Error::PoolTimedOut => return LedgerError::Busy { at },
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
            return LedgerError::Undecodable {
                at,
                what: "column",
                detail,
            };
        }
        _ => None,
    };
    // Extended result codes keep the primary one in the low byte.
    // See https://sqlite.org/rescode.html
    match code.map(|code| code & 0xff) {
        Some(5 | 6) => LedgerError::Busy { at },
        Some(8) => LedgerError::ReadOnly { at },
        Some(11 | 26) => LedgerError::Corrupt { at, detail },
        Some(13) => LedgerError::DiskFull { at },
        Some(3 | 14 | 23) => LedgerError::Denied { at, detail },
        _ => LedgerError::Storage { at, detail },
    }
}

pub(crate) fn from_io(at: String, error: &std::io::Error) -> LedgerError {
    use std::io::ErrorKind;
    let detail = error.to_string();
    match error.kind() {
        ErrorKind::NotFound => LedgerError::NotFound { at },
        ErrorKind::ReadOnlyFilesystem => LedgerError::ReadOnly { at },
        ErrorKind::PermissionDenied | ErrorKind::IsADirectory => LedgerError::Denied { at, detail },
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => LedgerError::DiskFull { at },
        _ => LedgerError::Storage { at, detail },
    }
}
