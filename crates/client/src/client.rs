//! The REST client and its builder.

use crate::{
    ApiBase, ApiError, Token,
    transport::{Answered, Link, Own, Reply, Request, Transport},
};
use std::{fmt, sync::Arc, time::Duration};

/// A client for the part of Discord's REST API that concerns invites. Cheap to clone.
///
/// Every method returns a request that is sent when awaited:
///
/// ```no_run
/// use guestlist_client::{Client, MaxUses, Token};
/// use guestlist_model::ChannelId;
///
/// # async fn example(channel: ChannelId) -> Result<(), Box<dyn std::error::Error>> {
/// let client = Client::builder(Token::new("…")?).build()?;
/// let created = client
///     .create_invite(channel)
///     .max_uses(MaxUses::new(1)?)
///     .unique(true)
///     .reason("for the newcomer".parse()?)
///     .await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Client {
    transport: Arc<Transport>,
    base: Option<ApiBase>,
}

/// Builds a [`Client`].
///
/// ```no_run
/// # async fn example(token: guestlist_client::Token) -> Result<(), guestlist_client::BuildError> {
/// use std::time::Duration;
/// use guestlist_client::Client;
///
/// let client = Client::builder(token)
///     .timeout(Duration::from_secs(10))
///     .patience(Duration::from_secs(5))
///     .build()?;
/// # let _ = client;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct ClientBuilder {
    token: Option<Token>,
    base: ApiBase,
    timeout: Duration,
    patience: Duration,
}

/// The error for a [`Client`] or [`Gateway`](crate::Gateway) that cannot be built.
///
/// ```
/// use guestlist_client::{BuildError, Client};
///
/// // There is no tokio runtime here.
/// let error = Client::anonymous().build().unwrap_err();
/// assert!(matches!(error, BuildError::NoRuntime));
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// There is no tokio runtime, which the rate limiter and the gateway's tasks need.
    #[error("no tokio runtime is running; call this within `#[tokio::main]` or `Runtime::enter`")]
    NoRuntime,
}

impl ClientBuilder {
    /// Sets the base URL of the API; defaults to `https://discord.com`.
    pub fn api(mut self, base: ApiBase) -> Self {
        self.base = base;
        self
    }

    /// Sets how long to wait for a response; defaults to 20 seconds.
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets how long a rate limit may delay a request before the request fails with
    /// [`ApiError::RateLimited`]; defaults to one minute.
    pub const fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Builds the client.
    ///
    /// # Errors
    ///
    /// [`BuildError::NoRuntime`] if no tokio runtime is running.
    pub fn build(self) -> Result<Client, BuildError> {
        crate::runtime_and_crypto()?;
        let own = Own::new(self.base.clone(), self.token.as_ref());
        let link = Link::Own(Box::new(own));
        Ok(Client {
            transport: Arc::new(Transport::new(link, self.patience, self.timeout)),
            base: Some(self.base),
        })
    }
}

impl Client {
    /// How long a response may take by default.
    const TIMEOUT: Duration = Duration::from_secs(20);
    /// How long rate limits may delay a request by default.
    const PATIENCE: Duration = Duration::from_secs(60);

    /// Creates a builder for a client with a bot token.
    pub fn builder(token: Token) -> ClientBuilder {
        ClientBuilder {
            token: Some(token),
            base: ApiBase::default(),
            timeout: Self::TIMEOUT,
            patience: Self::PATIENCE,
        }
    }

    /// Creates a builder for a client without a token. It can only look up invites by
    /// code.
    pub fn anonymous() -> ClientBuilder {
        ClientBuilder {
            token: None,
            base: ApiBase::default(),
            timeout: Self::TIMEOUT,
            patience: Self::PATIENCE,
        }
    }

    /// Creates a client that shares the token, rate limiter and connections of a bot's
    /// twilight client. Its rate limiter sends the requests for one resource one after
    /// another, whereas a client from [`builder`](Self::builder) reads a resource up to
    /// three times at once.
    #[must_use]
    pub fn from_twilight(http: Arc<twilight_http::Client>) -> Self {
        Self {
            transport: Arc::new(Transport::new(
                Link::Twilight(http),
                Self::PATIENCE,
                Self::TIMEOUT,
            )),
            base: None,
        }
    }

    /// The base URL of the API; `None` for a client from
    /// [`from_twilight`](Self::from_twilight).
    #[must_use]
    pub const fn base(&self) -> Option<&ApiBase> {
        self.base.as_ref()
    }

    pub(crate) async fn exchange(&self, request: &Request) -> Result<Answered, ApiError> {
        self.transport.exchange(request).await
    }

    pub(crate) async fn send(&self, request: &Request) -> Result<Reply, ApiError> {
        self.transport.send(request).await
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}
