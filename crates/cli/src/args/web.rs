//! Who may see a dashboard.

use std::fs;
use std::path::{Path, PathBuf};

use guestlist::client::{ApiBase, ClientSecret, OauthClient};
use guestlist::model::ApplicationId;
use guestlist_web::{Dashboard, DiscordLogin, WebToken};

use super::api::warn_if_readable_by_others;
use crate::error::{CliError, ConfigError};

/// The variable that holds the token.
const TOKEN: &str = "GUESTLIST_WEB_TOKEN";
/// The variable that holds the client secret.
const CLIENT_SECRET: &str = "GUESTLIST_WEB_CLIENT_SECRET";

/// Who may see the dashboard.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Dashboard")]
pub(crate) struct WebArgs {
    /// Require the token in this file to see the dashboard
    ///
    /// Addresses other than loopback addresses require a token or a log-in with Discord. You can
    /// also put the token into the environment variable GUESTLIST_WEB_TOKEN. It must have at least
    /// 16 characters.
    #[arg(
        long,
        value_name = "FILE",
        env = "GUESTLIST_WEB_TOKEN_FILE",
        hide_env_values = true
    )]
    web_token_file: Option<PathBuf>,
    /// Also accept requests for this host name; IP addresses and localhost are always accepted
    #[arg(long, value_name = "NAME")]
    web_host: Vec<String>,
    /// Let people log in with Discord through the application with this id
    ///
    /// Members with Manage Server in a server see that server. Users with the token see all
    /// servers. Pass the client secret with --web-client-secret-file or the environment variable
    /// GUESTLIST_WEB_CLIENT_SECRET. In Discord's developer portal, under OAuth2, add the redirect
    /// that is printed at the start.
    #[arg(
        long,
        value_name = "APPLICATION_ID",
        env = "GUESTLIST_WEB_CLIENT_ID",
        hide_env_values = true
    )]
    web_client_id: Option<ApplicationId>,
    /// Read the client secret for --web-client-id from this file
    ///
    /// The secret itself cannot be an option, because other users of the machine can read every
    /// program's arguments.
    #[arg(
        long,
        value_name = "FILE",
        env = "GUESTLIST_WEB_CLIENT_SECRET_FILE",
        hide_env_values = true
    )]
    web_client_secret_file: Option<PathBuf>,
    /// The public URL of the dashboard behind a proxy: https://guests.example
    #[arg(
        long,
        value_name = "URL",
        env = "GUESTLIST_WEB_URL",
        hide_env_values = true
    )]
    web_url: Option<String>,
}

impl WebArgs {
    /// The dashboard, for those people. `base` is where Discord is.
    pub(crate) fn apply(
        &self,
        mut dashboard: Dashboard,
        base: ApiBase,
    ) -> Result<Dashboard, CliError> {
        for name in &self.web_host {
            dashboard = dashboard.host(name);
        }
        if let Some(token) = self.token()? {
            dashboard = dashboard.token(token);
        }
        if let Some(id) = self.web_client_id {
            dashboard = dashboard.discord(self.login(id, base)?);
        }
        Ok(dashboard)
    }

    fn token(&self) -> Result<Option<WebToken>, CliError> {
        let found = secret(self.web_token_file.as_deref(), TOKEN)?;
        let token = found.map(|(text, origin)| {
            WebToken::new(&text).map_err(|source| ConfigError::WebToken { origin, source }.into())
        });
        token.transpose()
    }

    fn login(&self, id: ApplicationId, base: ApiBase) -> Result<DiscordLogin, CliError> {
        let found = secret(self.web_client_secret_file.as_deref(), CLIENT_SECRET)?;
        let (text, origin) = found.ok_or(ConfigError::NoClientSecret)?;
        let secret = ClientSecret::new(&text)
            .map_err(|source| ConfigError::ClientSecret { origin, source })?;
        let login = DiscordLogin::new(OauthClient::new(id, secret, base)?);
        match &self.web_url {
            Some(url) => login.url(url).map_err(|source| {
                let text = url.clone();
                ConfigError::WebUrl { text, source }.into()
            }),
            None => Ok(login),
        }
    }
}

/// A secret from a file or a variable, and which it was.
fn secret(file: Option<&Path>, variable: &str) -> Result<Option<(String, String)>, CliError> {
    let (text, origin) = match file {
        Some(path) => {
            let origin = path.display().to_string();
            let text = fs::read_to_string(path).map_err(|source| ConfigError::TokenFile {
                path: origin.clone(),
                source,
            })?;
            warn_if_readable_by_others(path);
            (text, origin)
        }
        None => match std::env::var(variable) {
            Ok(text) => (text, variable.to_owned()),
            Err(std::env::VarError::NotPresent) => return Ok(None),
            Err(std::env::VarError::NotUnicode(_)) => {
                let origin = variable.to_owned();
                return Err(ConfigError::TokenNotText { origin }.into());
            }
        },
    };
    // A line break at the end is an editor's or a shell's, not the secret's.
    Ok(Some((text.trim().to_owned(), origin)))
}
