//! A hostile or broken server, as a matrix: `guestlist track` as a process, against
//! scripted servers of which each is broken in one way.
//!
//! Of each row it is expected that the memory and the log are bounded, that the pauses
//! between tries grow, that one warning names the cause and the status the same, that the
//! program recovers when the server is well again – somebody who joins then is in the
//! ledger – and that the token is in nothing that is written.
//!
//! One file for each kind: [`bodies`] (what HTTP answers contain), [`limits`] (401 and
//! 429), [`places`] (redirects, foreign gateways, TLS), [`greeting`] (HELLO and
//! heartbeats), [`frames`] (frames and compressed streams), [`events`] (numbers, ids and
//! servers in events).

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test may panic"
)]
#![cfg(unix)]

mod bodies;
mod discord;
mod events;
mod fault;
mod frames;
mod greeting;
mod limits;
mod places;
mod track;
mod ws;

use std::future::Future;

use tokio::task::JoinSet;

/// Runs rows at the same time: they mostly wait. All are tried, and each that fails is
/// named.
pub(crate) struct Rows {
    rows: JoinSet<()>,
}

impl Rows {
    pub(crate) fn new() -> Self {
        Self {
            rows: JoinSet::new(),
        }
    }

    pub(crate) fn row(&mut self, row: impl Future<Output = ()> + Send + 'static) {
        self.rows.spawn(row);
    }

    pub(crate) async fn finish(mut self) {
        let mut failed = 0;
        while let Some(row) = self.rows.join_next().await {
            // The panic has said which.
            failed += u32::from(row.is_err());
        }
        assert_eq!(failed, 0, "rows failed; see above");
    }
}
