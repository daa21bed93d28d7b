//! What the exit codes mean.

use std::process::ExitCode;

/// How the program ended.
///
/// The numbers are a promise to scripts; `guestlist --help` lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Ok = 0,
    /// Done, and the answer is "no": a check failed.
    Negative = 1,
    /// The arguments make no sense.
    Usage = 2,
    /// A file, a document or a code cannot be used.
    Input = 3,
    /// Discord refused.
    Refused = 4,
    /// Discord was not reached, or has trouble of its own; later it may work.
    Unreached = 5,
    /// The database cannot be used.
    Database = 6,
    /// Something has to be set up first.
    Config = 7,
    /// A defect of this program, or its output could not be written.
    Internal = 70,
}

impl Exit {
    /// The number.
    pub(crate) fn code(self) -> u8 {
        self as u8
    }

    /// The word for it in `--json` errors.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Negative => "negative",
            Self::Usage => "usage",
            Self::Input => "input",
            Self::Refused => "refused",
            Self::Unreached => "unreached",
            Self::Database => "database",
            Self::Config => "config",
            Self::Internal => "internal",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
