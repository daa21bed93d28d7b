//! Errors of ledgers.

use guestlist_model::GuildId;

use crate::{Claim, Partition};

/// The error of a ledger that cannot be opened, written or read.
///
/// If a commit fails, nothing of its batch is stored. `at` is the location of the ledger:
/// a path, or the name of a database without a password.
///
/// ```no_run
/// # async fn example() -> Result<(), guestlist_ledger::LedgerError> {
/// use guestlist_ledger::{LedgerError, SqliteLedger};
///
/// match SqliteLedger::open_read_only("guestlist.db").await {
///     Ok(_) => {}
///     Err(LedgerError::NotFound { at }) => println!("nothing was tracked yet: {at} does not exist"),
///     Err(error) if error.is_transient() => println!("try again: {error}"),
///     Err(error) => return Err(error),
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// There is no ledger at this location. It was opened read-only, so none was created.
    #[error("there is no ledger at {at}")]
    NotFound {
        /// The location of the ledger.
        at: String,
    },
    /// The directory that should hold the database does not exist.
    #[error("the directory {directory} does not exist")]
    DirectoryMissing {
        /// The missing directory.
        directory: String,
    },
    /// The file or its directory is not writable.
    #[error("{at} is read-only")]
    ReadOnly {
        /// The file or directory that is read-only.
        at: String,
    },
    /// The operating system does not allow this process to open the file.
    #[error("{at} cannot be opened: {detail}")]
    Denied {
        /// The location of the ledger.
        at: String,
        /// The message of the system or the database.
        detail: String,
    },
    /// The file is not a database, or is damaged.
    #[error("{at} is not a database, or is damaged ({detail})")]
    Corrupt {
        /// The location of the ledger.
        at: String,
        /// The message of the database.
        detail: String,
    },
    /// The file is a database that belongs to another program.
    #[error("{at} is a database, but not a guestlist ledger")]
    NotALedger {
        /// The location of the ledger.
        at: String,
    },
    /// Another process (or another handle of this one) is writing this ledger.
    #[error("{at} is in use by another guestlist process")]
    InUse {
        /// The location of the ledger.
        at: String,
    },
    /// Another program held the database's lock for too long.
    #[error("{at} is locked by another program")]
    Busy {
        /// The location of the ledger.
        at: String,
    },
    /// There is no space left on the device.
    #[error("no space is left on the device for {at}")]
    DiskFull {
        /// The location of the ledger.
        at: String,
    },
    /// The disk reports an error.
    #[error("the disk reports an error for {at} ({detail})")]
    Disk {
        /// The location of the ledger.
        at: String,
        /// The message of the database.
        detail: String,
    },
    /// The database or its write-ahead log was moved, deleted or replaced while it was in
    /// use. What was stored in a deleted log is in the database now.
    #[error("{at} was moved, deleted or replaced while it was in use")]
    Moved {
        /// The path of the file.
        at: String,
    },
    /// A newer version of guestlist wrote the ledger.
    #[error("{at} has schema {found}; this version of guestlist supports schemas up to {known}")]
    Newer {
        /// The location of the ledger.
        at: String,
        /// The schema's version in the file.
        found: i64,
        /// The newest version that this build knows.
        known: i64,
    },
    /// An older version of guestlist wrote the ledger. It was opened read-only, so it was
    /// not migrated.
    #[error("{at} has the older schema {found}; this version of guestlist reads schema {known}")]
    Older {
        /// The location of the ledger.
        at: String,
        /// The schema's version in the file.
        found: i64,
        /// The version that this build reads.
        known: i64,
    },
    /// A write to a ledger that was opened read-only.
    #[error("{at} was opened read-only")]
    OpenedReadOnly {
        /// The location of the ledger.
        at: String,
    },
    /// Another writer has claimed some of the guilds in the meantime.
    #[error("{owner} has taken over writing {partition} of the guilds in {at}")]
    Fenced {
        /// The location of the ledger.
        at: String,
        /// The rejected claim.
        claim: Claim,
        /// The partition of the current claim.
        partition: Partition,
        /// The owner of the current claim.
        owner: String,
    },
    /// A batch contains data about a guild that its writer has not claimed.
    #[error("guild {guild} is not in partition {partition}")]
    OutsidePartition {
        /// The guild.
        guild: GuildId,
        /// The claimed partition.
        partition: Partition,
    },
    /// A stored value is invalid.
    #[error("{at} contains an invalid {what}: {detail}")]
    Undecodable {
        /// The location of the ledger.
        at: String,
        /// The kind of value.
        what: &'static str,
        /// What is wrong with it.
        detail: String,
    },
    /// A query covers too many joins.
    #[error("the query covers {joins} joins, but can cover at most {most}")]
    TooMany {
        /// The number of joins.
        joins: u64,
        /// The maximum number of joins.
        most: u64,
    },
    /// Another error of the database.
    #[error("{at}: {detail}")]
    Storage {
        /// The location of the ledger.
        at: String,
        /// The message of the database.
        detail: String,
    },
}

impl LedgerError {
    /// Whether the same call may succeed a little later without any change.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Busy { .. })
    }

    /// Whether the disk prevents writing at the moment. The same call succeeds once there is
    /// space again, or once the disk can be written again.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        matches!(
            self,
            Self::DiskFull { .. } | Self::ReadOnly { .. } | Self::Disk { .. }
        )
    }
}
