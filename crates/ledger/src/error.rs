//! What can go wrong with a ledger.

use guestlist_model::GuildId;

use crate::{Claim, Partition};

/// A ledger could not be opened, written or read.
///
/// It says what happened; what to do about it depends on the program, which matches on
/// the variants. Nothing of a batch whose commit failed is stored. `at` says where the
/// ledger is: a path, or the name of a database without any password.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// There is no ledger at this place (opened read-only, so none was created).
    #[error("there is no ledger at {at}")]
    NotFound {
        /// Where the ledger is.
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
        /// Where the ledger is.
        at: String,
        /// What the system or the database said.
        detail: String,
    },
    /// The file is not a database, or a damaged one.
    #[error("{at} is not a database, or is damaged ({detail})")]
    Corrupt {
        /// Where the ledger is.
        at: String,
        /// What the database said.
        detail: String,
    },
    /// A sound database that belongs to some other program.
    #[error("{at} is a database, but not a guestlist ledger")]
    NotALedger {
        /// Where the ledger is.
        at: String,
    },
    /// Another process (or another handle of this one) is writing this ledger.
    #[error("{at} is in use by another guestlist process")]
    InUse {
        /// Where the ledger is.
        at: String,
    },
    /// Another program held the database's lock for longer than we wait.
    #[error("{at} stayed locked by another program")]
    Busy {
        /// Where the ledger is.
        at: String,
    },
    /// No room is left on the device.
    #[error("no room is left for {at}")]
    DiskFull {
        /// Where the ledger is.
        at: String,
    },
    /// The ledger was written by a newer guestlist than this.
    #[error("{at} has schema {found}, this guestlist knows up to {known}")]
    Newer {
        /// Where the ledger is.
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
        /// Where the ledger is.
        at: String,
        /// The schema's version in the file.
        found: i64,
        /// The version that this build reads.
        known: i64,
    },
    /// A write on a ledger that was opened to be read.
    #[error("{at} was opened to be read, not written")]
    OpenedReadOnly {
        /// Where the ledger is.
        at: String,
    },
    /// Somebody else has claimed some of the guilds since this claim was made.
    #[error("{owner} has taken over writing {partition} of the guilds in {at}")]
    Fenced {
        /// Where the ledger is.
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
        /// Where the ledger is.
        at: String,
        /// Which kind of value.
        what: &'static str,
        /// Why not.
        detail: String,
    },
    /// A question is about so many joins that nobody would wait for the answer.
    #[error("{joins} joins are too many to look at for one answer, which is {most} at most")]
    TooMany {
        /// So many.
        joins: u64,
        /// At most so many are looked at.
        most: u64,
    },
    /// Something else that the database said.
    #[error("{at}: {detail}")]
    Storage {
        /// Where the ledger is.
        at: String,
        /// What the database said.
        detail: String,
    },
}

impl LedgerError {
    /// Whether the same call may succeed a little later without anybody doing
    /// anything.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Busy { .. })
    }
}
