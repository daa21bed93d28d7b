//! What can go wrong, which exit code that is, and what to do about it.

mod exit;
mod render;

use std::io;
use std::path::PathBuf;

pub(crate) use exit::Exit;
pub(crate) use render::{report, report_usage};

/// Why a subcommand failed.
///
/// Every variant has an exit code and a piece of advice; both matches below
/// are exhaustive on purpose.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// Arguments that clap accepts one by one, but not together.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to type instead.
        help: String,
    },
    /// A file, document or code that cannot be used.
    #[error(transparent)]
    Input(#[from] InputError),
    /// Something has to be set up first.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Standard output could not be written.
    #[error("the output could not be written")]
    Output(#[source] io::Error),
    /// A defect.
    #[error("this should not have happened: {0}")]
    Internal(String),
}

/// A file, document or code that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InputError {
    /// A file could not be read.
    #[error("failed to read {path}")]
    Read {
        /// The file, or `-`.
        path: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file could not be written.
    #[error("failed to write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Something has to be set up first.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// The asynchronous runtime did not start.
    #[error("failed to start the runtime")]
    Runtime(#[source] io::Error),
}

impl CliError {
    /// The exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Usage { .. } => Exit::Usage,
            Self::Input(_) => Exit::Input,
            Self::Config(_) => Exit::Config,
            Self::Output(_) | Self::Internal(_) => Exit::Internal,
        }
    }

    /// What to do next.
    pub(crate) fn help(&self) -> String {
        match self {
            Self::Usage { help, .. } => help.clone(),
            Self::Input(error) => error.help(),
            Self::Config(error) => error.help(),
            Self::Output(_) => "make room where the output goes, then run this again".into(),
            Self::Internal(_) => {
                "please report this with the command that you ran; nothing you did should cause it"
                    .into()
            }
        }
    }

    /// Whether the reader of standard output has hung up, which is no error.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl InputError {
    fn help(&self) -> String {
        match self {
            Self::Read { source, .. } => match source.kind() {
                io::ErrorKind::NotFound => "check the path; `-` reads standard input".into(),
                io::ErrorKind::PermissionDenied => "make the file readable for this user".into(),
                io::ErrorKind::IsADirectory => {
                    "give the files in it, for example with `DIRECTORY/*.json`".into()
                }
                _ => "check the file, then run this again".into(),
            },
            Self::Write { source, .. } => match source.kind() {
                io::ErrorKind::NotFound => "create the directory first".into(),
                io::ErrorKind::PermissionDenied => {
                    "choose a place that this user may write to".into()
                }
                io::ErrorKind::StorageFull => "make room on the disk".into(),
                _ => "choose another place, then run this again".into(),
            },
        }
    }
}

impl ConfigError {
    fn help(&self) -> String {
        match self {
            Self::Runtime(_) => "check the limits on threads and open files (`ulimit -a`)".into(),
        }
    }
}
