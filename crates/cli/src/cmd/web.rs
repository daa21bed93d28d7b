//! `guestlist web`: the ledger in a browser.

use std::net::SocketAddr;
use std::sync::Arc;

use guestlist_web::{Bound, Dashboard};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::args::{BaseArgs, DbArgs, WebArgs};
use crate::error::{CliError, Exit};
use crate::logs::{self, LogFormat};
use crate::output::Out;
use crate::runtime::{block_on_threads, cancelled_by_signals};

/// Show the ledger in a browser
///
/// Serves a dashboard on this machine: joins and leaves over time, the invites and inviters whose
/// members stay, and the evidence for each answer. It reads the database and changes nothing.
/// `guestlist track` can run at the same time, and new joins appear automatically.
///
/// Prints the dashboard's address, then serves until Ctrl-C or SIGTERM.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  guestlist web --db guestlist.db
  guestlist web --listen 127.0.0.1:0 --json     use a free port, which the first line names
  guestlist web --listen 0.0.0.0:8411 --web-token-file web-token --web-host guests.example
  guestlist web --web-client-id 41771983423143937 --web-client-secret-file secret   (log in with Discord)")]
pub(crate) struct Args {
    #[command(flatten)]
    db: DbArgs,
    /// Listen on this address; port 0 lets the system choose
    #[arg(long, value_name = "ADDR", default_value_t = Dashboard::DEFAULT_ADDRESS)]
    listen: SocketAddr,
    /// Print one JSON object per line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    web: WebArgs,
    #[command(flatten)]
    base: BaseArgs,
}

/// Serves the dashboard.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, CliError> {
    logs::start("warn", LogFormat::Text, out.choice())?;
    block_on_threads(async {
        let stop = cancelled_by_signals()?;
        let ledger = Arc::new(args.db.open_read_only().await?);
        let dashboard = Dashboard::new(Arc::clone(&ledger) as _).database(&args.db.db);
        let base = args.base.base()?;
        let bound = args.web.apply(dashboard, base)?.bind(args.listen).await?;
        if args.json {
            let mut ready = serde_json::json!({"event": "ready", "web": bound.url()});
            if let (Some(url), Some(ready)) = (bound.redirect_url(), ready.as_object_mut()) {
                ready.insert("redirect".to_owned(), url.into());
            }
            out.json(&ready)?;
        } else {
            announce(&bound, out)?;
        }
        out.flush()?;
        bound.serve(stop).await?;
        ledger.close().await;
        Ok(Exit::Ok)
    })
}

/// Tells a person where the dashboard is.
pub(crate) fn announce(bound: &Bound, out: &mut Out) -> Result<(), CliError> {
    out.line(format!("dashboard: {}", bound.url()))?;
    match bound.redirect_url() {
        Some(url) => out.line(format!(
            "redirect for Discord's developer portal, OAuth2: {url}"
        )),
        None => Ok(()),
    }
}

/// A dashboard that is served beside something else.
pub(crate) struct Beside {
    stop: CancellationToken,
    serving: JoinHandle<Result<(), guestlist_web::WebError>>,
}

impl Beside {
    /// Serves until it is stopped.
    pub(crate) fn serve(bound: Bound) -> Self {
        let stop = CancellationToken::new();
        let serving = tokio::spawn(bound.serve(stop.clone()));
        Self { stop, serving }
    }

    /// Stops, when the answers under way are finished.
    pub(crate) async fn stop(self) -> Result<(), CliError> {
        self.stop.cancel();
        let ended = self.serving.await;
        ended.map_err(|error| CliError::Internal(format!("the dashboard stopped: {error}")))??;
        Ok(())
    }
}
