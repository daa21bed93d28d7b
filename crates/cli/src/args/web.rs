//! Who may see a dashboard.

use std::fs;
use std::path::PathBuf;

use guestlist_web::{Dashboard, WebToken};

use super::api::warn_if_readable_by_others;
use crate::error::{CliError, ConfigError};

/// The variable that holds the token.
const VARIABLE: &str = "GUESTLIST_WEB_TOKEN";

/// Who may see the dashboard.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Dashboard")]
pub(crate) struct WebArgs {
    /// Show the dashboard only to those who have the token in this file
    ///
    /// Any address but a loopback address needs a token. It can also be in the environment variable
    /// GUESTLIST_WEB_TOKEN. It has at least 16 characters.
    #[arg(
        long,
        value_name = "FILE",
        env = "GUESTLIST_WEB_TOKEN_FILE",
        hide_env_values = true
    )]
    web_token_file: Option<PathBuf>,
    /// Answer requests for this host name, too; addresses and localhost are always answered
    #[arg(long, value_name = "NAME")]
    web_host: Vec<String>,
}

impl WebArgs {
    /// The dashboard, for those people.
    pub(crate) fn apply(&self, mut dashboard: Dashboard) -> Result<Dashboard, CliError> {
        for name in &self.web_host {
            dashboard = dashboard.host(name);
        }
        Ok(match self.token()? {
            Some(token) => dashboard.token(token),
            None => dashboard,
        })
    }

    fn token(&self) -> Result<Option<WebToken>, CliError> {
        let (text, origin) = match &self.web_token_file {
            Some(path) => {
                let origin = path.display().to_string();
                let text = fs::read_to_string(path).map_err(|source| ConfigError::TokenFile {
                    path: origin.clone(),
                    source,
                })?;
                warn_if_readable_by_others(path);
                (text, origin)
            }
            None => match std::env::var(VARIABLE) {
                Ok(text) => (text, VARIABLE.to_owned()),
                Err(std::env::VarError::NotPresent) => return Ok(None),
                Err(std::env::VarError::NotUnicode(_)) => {
                    let origin = VARIABLE.to_owned();
                    return Err(ConfigError::TokenNotText { origin }.into());
                }
            },
        };
        // A line break at the end is an editor's or a shell's, not the token's.
        WebToken::new(text.trim())
            .map(Some)
            .map_err(|source| ConfigError::WebToken { origin, source }.into())
    }
}
