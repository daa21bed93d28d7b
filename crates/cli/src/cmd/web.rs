//! `guestlist web`: the ledger in a browser.

use std::net::SocketAddr;
use std::sync::Arc;

use guestlist_web::{Bound, Dashboard};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::args::{DbArgs, WebArgs};
use crate::error::{CliError, Exit};
use crate::logs::{self, LogFormat};
use crate::output::Out;
use crate::runtime::{block_on_threads, cancelled_by_signals};

/// Show the ledger in a browser
///
/// Serves a dashboard on this machine: joins and leaves over time, which invites and which members
/// bring people who stay, and what each answer rests on. It reads the database and changes nothing;
/// `guestlist track` may be writing it meanwhile, and new joins appear by themselves.
///
/// Prints the dashboard's address, then serves until Ctrl-C or SIGTERM.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  guestlist web --db guestlist.db
  guestlist web --listen 127.0.0.1:0 --json     a free port; the first line tells which
  guestlist web --listen 0.0.0.0:8411 --web-token-file web-token --web-host guests.example")]
pub(crate) struct Args {
    #[command(flatten)]
    db: DbArgs,
    /// Listen on this address; port 0 lets the system choose
    #[arg(long, value_name = "ADDR", default_value_t = Dashboard::DEFAULT_ADDRESS)]
    listen: SocketAddr,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    web: WebArgs,
}

/// Serves the dashboard.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, CliError> {
    logs::start("warn", LogFormat::Text, out.choice())?;
    block_on_threads(async {
        let stop = cancelled_by_signals()?;
        let ledger = Arc::new(args.db.open_read_only().await?);
        let dashboard = Dashboard::new(Arc::clone(&ledger) as _).database(&args.db.db);
        let bound = args.web.apply(dashboard)?.bind(args.listen).await?;
        if args.json {
            out.json(&serde_json::json!({"event": "ready", "web": bound.url()}))?;
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
    out.line(format!("dashboard: {}", bound.url()))
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
