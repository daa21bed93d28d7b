//! Configuring and serving a dashboard.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
};

use guestlist_client::Client;
use guestlist_ledger::{Labels, Reports};
use guestlist_service::Status;
use tokio::{net::TcpListener, sync::watch};
use tokio_util::sync::CancellationToken;

use crate::{
    access::{Access, DiscordLogin, WebToken},
    app::{App, Setup},
    live, pages, router,
};

/// The error of a dashboard that cannot be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WebError {
    /// The address is in use or not allowed.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// Other machines could reach the address, and there is no access control.
    #[error("other machines can reach {address}, but there is no token")]
    Open {
        /// The address.
        address: SocketAddr,
    },
    /// The system cannot generate random numbers.
    #[error("the system cannot generate random numbers: {0}")]
    Random(String),
    /// The listening socket failed.
    #[error("the dashboard stopped")]
    Serve(#[source] io::Error),
}

/// A dashboard for a ledger. It only reads, unless you allow changes to labels or
/// invites.
#[derive(Clone)]
pub struct Dashboard {
    setup: Setup,
}

impl std::fmt::Debug for Dashboard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dashboard").finish_non_exhaustive()
    }
}

impl Dashboard {
    /// The default address.
    pub const DEFAULT_ADDRESS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8411);

    /// Creates a dashboard for a ledger.
    #[must_use]
    pub fn new(ledger: Arc<dyn Reports>) -> Self {
        Self {
            setup: Setup::new(ledger),
        }
    }

    /// Shows the status of the service that writes the ledger on the page Health.
    #[must_use]
    pub fn status(mut self, status: watch::Receiver<Status>) -> Self {
        self.setup.status = Some(status);
        self
    }

    /// Shows the size of the database in this file on the page Health.
    #[must_use]
    pub fn database(mut self, path: impl Into<PathBuf>) -> Self {
        self.setup.database = Some(path.into());
        self
    }

    /// Allows users of the dashboard to label invites.
    #[must_use]
    pub fn labels(mut self, labels: Arc<dyn Labels>) -> Self {
        self.setup.labels = Some(labels);
        self
    }

    /// Allows users of the dashboard to create, revoke and pause invites through this
    /// client's bot.
    #[must_use]
    pub fn client(mut self, client: Client) -> Self {
        self.setup.client = Some(client);
        self
    }

    /// Requires this token for access. A browser logs in with it, and a program sends it in
    /// the header `Authorization`, after `Bearer`.
    #[must_use]
    pub fn token(mut self, token: WebToken) -> Self {
        self.setup.token = Some(token);
        self
    }

    /// Lets people log in with Discord. They see only the servers that they manage. Users
    /// with the token see all servers.
    #[must_use]
    pub fn discord(mut self, login: DiscordLogin) -> Self {
        self.setup.discord = Some(login);
        self
    }

    /// Accepts requests for this host name, too. IP addresses and `localhost` are always
    /// accepted. Other names are rejected, because a malicious page could use them for DNS
    /// rebinding.
    #[must_use]
    pub fn host(mut self, name: impl Into<String>) -> Self {
        self.setup.names.push(name.into());
        self
    }

    /// Starts to listen. Port 0 lets the system choose a port.
    ///
    /// # Errors
    ///
    /// [`WebError::Open`] if the address is not a loopback address and there is no access
    /// control, and [`WebError::Listen`] if the address is not available.
    pub async fn bind(self, address: SocketAddr) -> Result<Bound, WebError> {
        let closed = self.setup.token.is_some() || self.setup.discord.is_some();
        if !address.ip().to_canonical().is_loopback() && !closed {
            return Err(WebError::Open { address });
        }
        let refused = |source| WebError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let (token, names) = (self.setup.token, self.setup.names.clone());
        let discord = self.setup.discord.clone();
        let access = Access::new(token, discord, names, address)
            .map_err(|error| WebError::Random(error.to_string()))?;
        Ok(Bound {
            setup: self.setup,
            access,
            listener,
            address,
        })
    }
}

/// A dashboard that listens. Call [`serve`](Self::serve) to handle requests.
pub struct Bound {
    setup: Setup,
    access: Access,
    listener: TcpListener,
    address: SocketAddr,
}

impl std::fmt::Debug for Bound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bound")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Bound {
    /// The address that it listens on.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL of the first page.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The redirect URL for the log-in with Discord, if enabled. It must be registered in
    /// Discord's developer portal.
    #[must_use]
    pub fn redirect_url(&self) -> Option<String> {
        self.access.redirect()
    }

    /// Handles requests until `stop` is cancelled. Live streams then end; other responses in
    /// progress are finished.
    ///
    /// # Errors
    ///
    /// [`WebError::Serve`] if the listening socket fails.
    pub async fn serve(self, stop: CancellationToken) -> Result<(), WebError> {
        let app = App::new(self.setup, self.access, stop.clone());
        let (watching, own) = (tokio::spawn(live::watch(app.clone())), app.clone());
        let warming = tokio::spawn(pages::ask_ahead(app.clone()));
        let pacing = tokio::spawn(app.clone().keep_pace());
        let router = router::router(app).into_make_service_with_connect_info::<SocketAddr>();
        let served = axum::serve(self.listener, router)
            .with_graceful_shutdown(stop.clone().cancelled_owned())
            .await
            .map_err(WebError::Serve);
        stop.cancel();
        warming.abort();
        pacing.abort();
        // It ends by itself, and has nothing to tell.
        let _ = watching.await;
        own.orders().end().await;
        served
    }
}
