//! A whole service in one call.

use std::{path::PathBuf, time::Duration};

use guestlist_client::{ApiBase, BuildError, Client, GatewayConfig, Shards, Token, TokenError};
use guestlist_ledger::{LedgerError, SqliteLedger};
use guestlist_tracker::Config;

use crate::{Discord, Running, Service};

/// Sets up a service that connects to Discord: see [`Service::discord`].
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is started"]
pub struct DiscordBuilder {
    token: Result<Token, TokenError>,
    ledger: PathBuf,
    api: ApiBase,
    shards: Shards,
    config: Config,
    commit_every: Option<Duration>,
}

/// Why a service did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The text is not a bot token.
    #[error("the bot token cannot be used")]
    Token(#[source] TokenError),
    /// The client cannot be built.
    #[error("the client cannot be built")]
    Client(#[source] BuildError),
    /// The ledger cannot be opened or read.
    #[error("the ledger cannot be opened")]
    Ledger(#[source] LedgerError),
}

impl Service<Client, Discord, SqliteLedger> {
    /// A service that connects to Discord with this bot token and stores in the SQLite
    /// database at this path, which is created if it does not exist.
    ///
    /// The bot needs the Server Members Intent, and in each server the permissions Manage
    /// Server, Manage Channels and View Audit Log. With fewer, answers say what was missing.
    ///
    /// ```no_run
    /// use guestlist_service::Service;
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let token = std::env::var("DISCORD_TOKEN")?;
    /// let running = Service::discord(token, "guestlist.db").start().await?;
    /// let mut answers = running.attributions().finals();
    /// while let Some(answer) = answers.next().await {
    ///     println!("{}", answer?);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn discord(token: impl AsRef<str>, ledger: impl Into<PathBuf>) -> DiscordBuilder {
        DiscordBuilder {
            token: Token::new(token.as_ref()),
            ledger: ledger.into(),
            api: ApiBase::default(),
            shards: Shards::Auto,
            config: Config::default(),
            commit_every: None,
        }
    }
}

impl DiscordBuilder {
    /// Where the API is, a sandbox for instance; defaults to `https://discord.com`.
    pub fn api(mut self, base: ApiBase) -> Self {
        self.api = base;
        self
    }

    /// Which shards to connect; defaults to all, as many as Discord recommends.
    pub const fn shards(mut self, shards: Shards) -> Self {
        self.shards = shards;
        self
    }

    /// The tracker's settings, [`Config::for_tests`] for instance.
    pub const fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// How long a record may wait for others to be stored with; defaults to 100 ms.
    pub const fn commit_every(mut self, interval: Duration) -> Self {
        self.commit_every = Some(interval);
        self
    }

    /// The service, not yet started, for [`Service::run`].
    ///
    /// # Errors
    ///
    /// When the token cannot be one, when there is no tokio runtime, or when the ledger
    /// cannot be opened.
    pub async fn build(self) -> Result<Service<Client, Discord, SqliteLedger>, StartError> {
        let token = self.token.map_err(StartError::Token)?;
        let client = Client::builder(token.clone())
            .api(self.api)
            .build()
            .map_err(StartError::Client)?;
        let gateway = GatewayConfig::new(token).shards(self.shards);
        let gateway = Discord::new(client.clone(), gateway);
        let ledger = SqliteLedger::open(self.ledger)
            .await
            .map_err(StartError::Ledger)?;
        let mut service = Service::builder(client, gateway, ledger).config(self.config);
        if let Some(interval) = self.commit_every {
            service = service.commit_every(interval);
        }
        Ok(service.build())
    }

    /// Starts the service in the background.
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build). Whatever fails later ends the service, and
    /// [`Running::attributions`] and [`Running::stop`] return it.
    pub async fn start(self) -> Result<Running, StartError> {
        let service = self.build().await?;
        service.start().await.map_err(StartError::Ledger)
    }
}
