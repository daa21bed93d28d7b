//! A dashboard that serves for a test.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use guestlist_ledger::SqliteLedger;
use guestlist_testkit::http::{Answer, Request};
use guestlist_web::Dashboard;
use tokio_util::sync::CancellationToken;

/// Serves until it is dropped.
pub(crate) struct Serving {
    pub(crate) address: SocketAddr,
    pub(crate) stop: CancellationToken,
}

impl Serving {
    pub(crate) async fn of(ledger: Arc<SqliteLedger>) -> Self {
        Self::with(Dashboard::new(ledger)).await
    }

    pub(crate) async fn with(dashboard: Dashboard) -> Self {
        let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let bound = dashboard.bind(free).await.unwrap();
        let (address, stop) = (bound.address(), CancellationToken::new());
        tokio::spawn(bound.serve(stop.clone()));
        Self { address, stop }
    }

    pub(crate) async fn get(&self, target: &str) -> Answer {
        self.send(Request::new("GET", target)).await
    }

    pub(crate) async fn send(&self, request: Request) -> Answer {
        request.send_async(self.address).await
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
