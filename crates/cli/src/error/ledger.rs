//! What to do about a ledger's errors.

use guestlist::ledger::LedgerError;

/// What to do, in one or two sentences.
pub(super) fn help(error: &LedgerError) -> String {
    match error {
        LedgerError::NotFound { .. } => "check the path; `guestlist track --db PATH` creates a database".into(),
        LedgerError::DirectoryMissing { directory } => format!("create it: mkdir -p '{directory}'"),
        LedgerError::ReadOnly { at } => format!(
            "make it writable (chmod u+w '{at}') or choose another path; SQLite also writes files beside the database, so its directory must be writable"
        ),
        LedgerError::Denied { .. } => "check who owns the file and its directory, and that the path is a file".into(),
        LedgerError::Corrupt { .. } => "check the path; if this was a guestlist database, restore a backup or recover the data with `sqlite3 PATH .recover`".into(),
        LedgerError::NotALedger { .. } => "choose another path; guestlist does not touch other programs' databases".into(),
        LedgerError::InUse { .. } => "stop the `guestlist track` that is using it, or use another database; commands that only read can run at the same time".into(),
        LedgerError::Busy { .. } => "close the program that keeps it locked (an open sqlite3 shell, a backup) and try again".into(),
        LedgerError::DiskFull { .. } => "free some space and start again; everything stored so far is kept".into(),
        LedgerError::Disk { .. } => "check the disk and the system's log, then start again; everything stored so far is kept".into(),
        LedgerError::Moved { .. } => "put the files back if you moved them, then start again; stop guestlist before you move, delete or replace its files".into(),
        LedgerError::Newer { .. } => "update guestlist, or use the database with the version that wrote it".into(),
        LedgerError::Older { .. } => "start `guestlist track` on it once; this migrates it".into(),
        LedgerError::OpenedReadOnly { .. } => "this is a bug in guestlist; please report it with the command that you ran".into(),
        LedgerError::Fenced { .. } => "run only one tracker for each server; this one has stopped and the other continues".into(),
        LedgerError::OutsidePartition { .. } => "this is a bug in guestlist; please report it with the command that you ran".into(),
        LedgerError::Undecodable { .. } => "the database may have been edited by hand or written by another version; update guestlist or restore a backup".into(),
        LedgerError::TooMany { .. } => "choose one server with --guild, or a shorter time span with --since".into(),
        LedgerError::Storage { .. } => "check the disk and the system's log, then try again".into(),
    }
}
