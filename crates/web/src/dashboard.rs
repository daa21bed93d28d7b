//! Setting a dashboard up, and serving it.

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

/// Why a dashboard is not served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WebError {
    /// The address is in use, or may not be used.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// Other machines could reach the address, and nothing would keep them out.
    #[error("{address} can be reached from other machines, and there is no token")]
    Open {
        /// The address.
        address: SocketAddr,
    },
    /// The system gives no random numbers.
    #[error("the system gives no random numbers: {0}")]
    Random(String),
    /// The listening socket failed.
    #[error("the dashboard stopped")]
    Serve(#[source] io::Error),
}

/// A dashboard over a ledger. It reads; it changes labels and invites only if it is given
/// where.
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
    /// Where a dashboard listens unless it is given another address.
    pub const DEFAULT_ADDRESS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8411);

    /// A dashboard over this ledger.
    #[must_use]
    pub fn new(ledger: Arc<dyn Reports>) -> Self {
        Self {
            setup: Setup::new(ledger),
        }
    }

    /// Shows how the service that writes the ledger is doing, on the page Health.
    #[must_use]
    pub fn status(mut self, status: watch::Receiver<Status>) -> Self {
        self.setup.status = Some(status);
        self
    }

    /// Shows the size of the database in this file, on the page Health.
    #[must_use]
    pub fn database(mut self, path: impl Into<PathBuf>) -> Self {
        self.setup.database = Some(path.into());
        self
    }

    /// Lets those who see the dashboard label invites.
    #[must_use]
    pub fn labels(mut self, labels: Arc<dyn Labels>) -> Self {
        self.setup.labels = Some(labels);
        self
    }

    /// Lets those who see the dashboard make, revoke and pause invites, as this client's bot.
    #[must_use]
    pub fn client(mut self, client: Client) -> Self {
        self.setup.client = Some(client);
        self
    }

    /// Shows nothing without this token: a browser logs in with it, and a program sends it in
    /// the header `Authorization`, behind `Bearer`.
    #[must_use]
    pub fn token(mut self, token: WebToken) -> Self {
        self.setup.token = Some(token);
        self
    }

    /// Lets people log in with Discord. Each sees only the servers that they manage; who has
    /// the token sees all.
    #[must_use]
    pub fn discord(mut self, login: DiscordLogin) -> Self {
        self.setup.discord = Some(login);
        self
    }

    /// Answers requests for a host of this name, too. Addresses and `localhost` are always
    /// answered; of other names, a page elsewhere might make a way in.
    #[must_use]
    pub fn host(mut self, name: impl Into<String>) -> Self {
        self.setup.names.push(name.into());
        self
    }

    /// Begins to listen. Port 0 lets the system choose.
    ///
    /// # Errors
    ///
    /// [`WebError::Open`] if the address is not a loopback address and nobody has to log in, and
    /// [`WebError::Listen`] if the system refuses it.
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

/// A dashboard that listens, and answers once it is served.
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
    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of its first page.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where Discord sends browsers back to, if people can log in with it. It has to be
    /// registered in Discord's developer portal.
    #[must_use]
    pub fn redirect_url(&self) -> Option<String> {
        self.access.redirect()
    }

    /// Answers until `stop` is cancelled. Live streams end then; other answers under way are
    /// finished.
    ///
    /// # Errors
    ///
    /// [`WebError::Serve`] if the listening socket fails.
    pub async fn serve(self, stop: CancellationToken) -> Result<(), WebError> {
        let app = App::new(self.setup, self.access, stop.clone());
        let (watching, own) = (tokio::spawn(live::watch(app.clone())), app.clone());
        let warming = tokio::spawn(pages::ask_ahead(app.clone()));
        let router = router::router(app).into_make_service_with_connect_info::<SocketAddr>();
        let served = axum::serve(self.listener, router)
            .with_graceful_shutdown(stop.clone().cancelled_owned())
            .await
            .map_err(WebError::Serve);
        stop.cancel();
        warming.abort();
        // It ends by itself, and has nothing to tell.
        let _ = watching.await;
        own.orders().end().await;
        served
    }
}
