//! Whether the files that are written are still at their paths.
//!
//! SQLite goes on with a file that somebody has deleted, and what it writes is gone with the
//! process.

use std::{
    fs::Metadata,
    io::ErrorKind,
    path::{Path, PathBuf},
};

/// The files of a ledger, as they were when it was opened.
#[derive(Debug, Default)]
pub(super) struct Files(Vec<(PathBuf, Identity)>);

impl Files {
    pub(super) fn at<const N: usize>(paths: [&Path; N]) -> Self {
        let existing = paths
            .into_iter()
            .filter_map(|path| Some((path.to_path_buf(), of(&std::fs::metadata(path).ok()?))));
        Self(existing.collect())
    }

    /// The path of one that was moved, deleted or replaced.
    pub(super) fn moved(&self) -> Option<&Path> {
        let moved = |(path, known): &&(PathBuf, Identity)| match std::fs::metadata(path) {
            Ok(found) => of(&found) != *known,
            // Other errors are for SQLite to report.
            Err(error) => error.kind() == ErrorKind::NotFound,
        };
        self.0.iter().find(moved).map(|(path, _)| path.as_path())
    }
}

/// Device and inode.
#[cfg(unix)]
type Identity = (u64, u64);

#[cfg(unix)]
fn of(metadata: &Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

/// Elsewhere, files that are open stay where they are.
#[cfg(not(unix))]
type Identity = ();

#[cfg(not(unix))]
fn of(_: &Metadata) -> Identity {}
