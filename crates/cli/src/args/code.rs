//! Invites as people name them: by their code, or by any link.

use guestlist::model::{InviteCode, InviteLink};

use crate::error::{CliError, InputError};

/// The invite that a command is about.
#[derive(Debug, clap::Args)]
pub(crate) struct CodeArg {
    /// The code or a link; put -- before a code that begins with -
    #[arg(value_name = "CODE")]
    code: String,
}

impl CodeArg {
    /// The code, checked.
    pub(crate) fn code(&self) -> Result<InviteCode, CliError> {
        code(&self.code)
    }

    /// The link, with what else it says.
    pub(crate) fn link(&self) -> Result<InviteLink, CliError> {
        link(&self.code)
    }
}

/// An invite's code, from the code itself or any link.
pub(crate) fn code(text: &str) -> Result<InviteCode, CliError> {
    link(text).map(|link| link.code().clone())
}

/// An invite's link, from a code or any link.
fn link(text: &str) -> Result<InviteLink, CliError> {
    text.parse().map_err(|source| {
        InputError::Code {
            text: text.to_owned(),
            source,
        }
        .into()
    })
}
