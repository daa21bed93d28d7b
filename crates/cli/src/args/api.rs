//! Where Discord is, and the token.

use std::fs;
use std::path::{Path, PathBuf};

use guestlist::client::{ApiBase, Client, Token};

use crate::error::{CliError, ConfigError};

/// Where Discord is and who asks.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct ApiArgs {
    /// Read the bot token from this file instead of DISCORD_TOKEN
    ///
    /// The token itself cannot be an option, because other users of the machine can read every
    /// program's arguments.
    #[arg(
        long,
        value_name = "FILE",
        env = "DISCORD_TOKEN_FILE",
        hide_env_values = true
    )]
    token_file: Option<PathBuf>,
    #[command(flatten)]
    base: BaseArgs,
}

/// Where Discord is.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct BaseArgs {
    /// The address of Discord's API; `guestlist sandbox` prints one to try
    #[arg(
        long,
        value_name = "URL",
        env = "GUESTLIST_API",
        hide_env_values = true,
        default_value = "https://discord.com"
    )]
    api: String,
}

impl BaseArgs {
    /// The address.
    pub(crate) fn base(&self) -> Result<ApiBase, CliError> {
        self.api.parse().map_err(|source| {
            CliError::Config(ConfigError::Api {
                text: self.api.clone(),
                source,
            })
        })
    }
}

impl ApiArgs {
    /// The address.
    pub(crate) fn base(&self) -> Result<ApiBase, CliError> {
        self.base.base()
    }

    /// The token, which has to be there.
    pub(crate) fn token(&self) -> Result<Token, CliError> {
        self.token_if_any()?
            .ok_or(CliError::Config(ConfigError::NoToken))
    }

    /// The token, if there is one.
    pub(crate) fn token_if_any(&self) -> Result<Option<Token>, CliError> {
        let (text, origin) = match &self.token_file {
            Some(path) => (read_token(path)?, path.display().to_string()),
            None => match std::env::var("DISCORD_TOKEN") {
                Ok(text) if text.trim().is_empty() => return Ok(None),
                Ok(text) => (text, "DISCORD_TOKEN".to_owned()),
                Err(std::env::VarError::NotPresent) => return Ok(None),
                Err(std::env::VarError::NotUnicode(_)) => {
                    return Err(ConfigError::TokenNotText {
                        origin: "DISCORD_TOKEN".to_owned(),
                    }
                    .into());
                }
            },
        };
        // A line break at the end is an editor's or a shell's, not the token's.
        Token::new(text.trim())
            .map(Some)
            .map_err(|source| ConfigError::Token { origin, source }.into())
    }

    /// A client for the bot.
    pub(crate) fn client(&self) -> Result<Client, CliError> {
        let builder = Client::builder(self.token()?).api(self.base()?);
        builder.build().map_err(CliError::from)
    }

    /// A client for the bot or, without a token, one that can look up codes.
    pub(crate) fn client_or_anonymous(&self) -> Result<Client, CliError> {
        let builder = match self.token_if_any()? {
            Some(token) => Client::builder(token),
            None => Client::anonymous(),
        };
        builder.api(self.base()?).build().map_err(CliError::from)
    }
}

fn read_token(path: &Path) -> Result<String, CliError> {
    let bytes = fs::read(path).map_err(|source| ConfigError::TokenFile {
        path: path.display().to_string(),
        source,
    })?;
    warn_if_readable_by_others(path);
    String::from_utf8(bytes).map_err(|_| {
        ConfigError::TokenNotText {
            origin: path.display().to_string(),
        }
        .into()
    })
}

/// Says so when others can read the token. A warning, not a refusal: secrets
/// mounted into containers are often readable by all.
#[cfg(unix)]
pub(super) fn warn_if_readable_by_others(path: &Path) {
    use std::os::unix::fs::PermissionsExt;

    use crate::describe::warn;

    // A pipe or a device has no permissions that a `chmod` should change.
    let Ok(meta) = fs::metadata(path) else {
        return;
    };
    if meta.is_file() && meta.permissions().mode() & 0o077 != 0 {
        let path = path.display();
        warn(&format!(
            "other users can read the token in {path}; run `chmod 600 '{path}'` to fix this"
        ));
    }
}

#[cfg(not(unix))]
pub(super) fn warn_if_readable_by_others(_path: &Path) {}
