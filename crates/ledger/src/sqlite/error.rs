//! SQLite's errors as the ledger's.

use crate::LedgerError;

/// Sorts SQLite's result codes into [`LedgerError`].
pub(super) fn from_sqlx(at: &str, error: &sqlx::Error) -> LedgerError {
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
        Some(10) => LedgerError::Disk { at, detail },
        Some(11 | 26) => LedgerError::Corrupt { at, detail },
        Some(13) => LedgerError::DiskFull { at },
        Some(3 | 14 | 23) => LedgerError::Denied { at, detail },
        _ => LedgerError::Storage { at, detail },
    }
}

pub(super) fn from_io(at: String, error: &std::io::Error) -> LedgerError {
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
