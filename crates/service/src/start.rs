//! A whole service in one call.

use std::{path::PathBuf, time::Duration};

use guestlist_client::{
    ApiBase, BuildError, Client, GatewayConfig, GatewayUrl, Shards, Token, TokenError,
};
use guestlist_ledger::{LedgerError, SqliteLedger};
use guestlist_tracker::Config;

use crate::{Discord, Running, Service};

/// Builds a service that connects to Discord; see [`Service::discord`].
///
/// ```no_run
/// # async fn example(token: String) -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
/// use guestlist_service::Service;
/// use guestlist_tracker::{Config, ConfirmPolicy};
///
/// let running = Service::discord(token, "guestlist.db")
///     .config(Config::new().confirm(ConfirmPolicy::WhenAmbiguous))
///     .timeout(Duration::from_secs(10))
///     .start()
///     .await?;
/// # running.stop().await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is started"]
pub struct DiscordBuilder {
    token: Result<Token, TokenError>,
    ledger: PathBuf,
    api: ApiBase,
    shards: Shards,
    config: Config,
    commit_every: Option<Duration>,
    timeout: Option<Duration>,
    gateway: Option<GatewayUrl>,
}

/// The error of a service that cannot start.
///
/// ```no_run
/// # async fn example() -> Result<(), guestlist_service::StartError> {
/// use guestlist_service::{Service, StartError};
///
/// match Service::discord("not a token", "guestlist.db").start().await {
///     Ok(running) => println!("{} shards", running.status().borrow().shards.len()),
///     Err(StartError::Token(error)) => println!("check the token: {error}"),
///     Err(error) => return Err(error),
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The text is not a bot token.
    #[error("the bot token is invalid")]
    Token(#[source] TokenError),
    /// The client cannot be built.
    #[error("cannot build the client")]
    Client(#[source] BuildError),
    /// The ledger cannot be opened or read.
    #[error("cannot open the ledger")]
    Ledger(#[source] LedgerError),
}

impl Service<Client, Discord, SqliteLedger> {
    /// Creates a builder for a service that connects to Discord with this bot token and
    /// stores its results in the SQLite database at this path, which is created if it
    /// does not exist.
    ///
    /// The bot needs the Server Members Intent, and in each server the permissions Manage
    /// Server, Manage Channels and View Audit Log. With fewer permissions, answers say what
    /// was missing.
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
            timeout: None,
            gateway: None,
        }
    }
}

impl DiscordBuilder {
    /// Sets the base URL of the API, for example that of a sandbox; defaults to
    /// `https://discord.com`.
    pub fn api(mut self, base: ApiBase) -> Self {
        self.api = base;
        self
    }

    /// Sets the gateway's URL instead of requesting it from the API. Required if the gateway is
    /// not at a host of the API's domain, because the token is not sent to other hosts.
    pub fn gateway(mut self, url: GatewayUrl) -> Self {
        self.gateway = Some(url);
        self
    }

    /// Sets how long Discord may take to respond; defaults to 20 seconds. See
    /// [`ClientBuilder::timeout`](guestlist_client::ClientBuilder::timeout) and
    /// [`GatewayConfig::timeout`].
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets which shards to connect; defaults to all, as many as Discord recommends.
    pub const fn shards(mut self, shards: Shards) -> Self {
        self.shards = shards;
        self
    }

    /// Sets the tracker's settings, for example [`Config::for_tests`].
    pub const fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// Sets how long a record may wait to be stored together with others; defaults to 100
    /// ms.
    pub const fn commit_every(mut self, interval: Duration) -> Self {
        self.commit_every = Some(interval);
        self
    }

    /// Builds the service without starting it, for [`Service::run`].
    ///
    /// # Errors
    ///
    /// [`StartError`] if the token is invalid, no tokio runtime is running, or the ledger
    /// cannot be opened.
    pub async fn build(self) -> Result<Service<Client, Discord, SqliteLedger>, StartError> {
        let token = self.token.map_err(StartError::Token)?;
        let mut client = Client::builder(token.clone()).api(self.api);
        let mut gateway = GatewayConfig::new(token).shards(self.shards);
        if let Some(timeout) = self.timeout {
            client = client.timeout(timeout);
            gateway = gateway.timeout(timeout);
        }
        if let Some(url) = self.gateway {
            gateway = gateway.url(url);
        }
        let client = client.build().map_err(StartError::Client)?;
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
    /// See [`build`](Self::build). A later error ends the service, and
    /// [`Running::attributions`] and [`Running::stop`] return it.
    pub async fn start(self) -> Result<Running, StartError> {
        let service = self.build().await?;
        service.start().await.map_err(StartError::Ledger)
    }
}
