//! The checks, in the order in which they build on each other.

use std::fs::OpenOptions;
use std::io;
use std::path::Path;

use guestlist::client::Client;
use guestlist::ledger::SqliteLedger;
use guestlist::service::doctor::{Finding, check_permissions};

use super::failed;
use crate::args::{ApiArgs, now};
use crate::error::CliError;
use crate::output::count;

const PORTAL: &str = "https://discord.com/developers/applications";

/// Runs every check that can be run.
pub(super) async fn all(api: &ApiArgs, db: Option<&Path>) -> Vec<Finding> {
    let mut findings = Vec::new();
    match api.client() {
        Ok(client) => discord(&client, &mut findings).await,
        Err(error) => findings.push(failed("token", error)),
    }
    if let Some(path) = db {
        findings.push(database(path).await);
    }
    findings
}

async fn discord(client: &Client, findings: &mut Vec<Finding>) {
    let me = match client.get_current_user().await {
        Ok(user) => {
            findings.push(Finding::ok(
                "token",
                format!("it belongs to {} ({})", user.name(), user.id()),
            ));
            user.id()
        }
        Err(error) => {
            findings.push(failed("token", error));
            return;
        }
    };
    findings.push(clock(client).await);
    findings.push(intents(client).await);
    findings.push(gateway(client).await);
    match client.list_current_guilds().all().await {
        Ok(guilds) if guilds.is_empty() => findings.push(Finding::problem(
            "servers",
            "the bot is not in any server",
            format!("add the bot to a server: {PORTAL}, OAuth2, URL Generator, scope bot"),
        )),
        Ok(guilds) => findings.extend(check_permissions(client, me, &guilds).await),
        Err(error) => findings.push(failed("servers", error)),
    }
}

/// Dates of joins and invites are Discord's, but "since 7d" and expiries in
/// tables are told by this machine's clock.
async fn clock(client: &Client) -> Finding {
    const LIMIT_MS: i64 = 5_000;
    let asked = now().as_millis();
    match client.get_server_time().await {
        Ok(Some(there)) => {
            let here = i64::midpoint(asked, now().as_millis());
            // The header counts whole seconds: on average half of one is lost.
            let skew = here - there.as_millis() - 500;
            if skew.abs() <= LIMIT_MS {
                Finding::ok("clock", "agrees with Discord's clock within a few seconds")
            } else {
                let way = if skew > 0 { "ahead of" } else { "behind" };
                Finding::warning(
                    "clock",
                    format!(
                        "this machine's clock is {} {way} Discord's",
                        count(skew.unsigned_abs() / 1000, "second")
                    ),
                    "set the clock, for example with `timedatectl set-ntp true`",
                )
            }
        }
        Ok(None) => Finding::warning(
            "clock",
            "the API does not return the time, so this machine's clock cannot be checked",
            "nothing needs to be done; Discord itself returns it",
        ),
        // Tracking does not depend on it.
        Err(error) => Finding::warning(
            "clock",
            format!("this machine's clock cannot be checked: {error}"),
            error.help(),
        ),
    }
}

async fn intents(client: &Client) -> Finding {
    match client.get_current_application().await {
        Ok(application) if application.has_members_intent() => {
            Finding::ok("intents", "Server Members is switched on")
        }
        Ok(application) => Finding::problem(
            "intents",
            "the Server Members intent is switched off, so Discord does not announce joins",
            format!(
                "switch it on: {PORTAL}/{}/bot, Privileged Gateway Intents",
                application.id
            ),
        ),
        Err(error) => failed("intents", error),
    }
}

async fn gateway(client: &Client) -> Finding {
    match client.get_gateway_bot().await {
        Ok(gateway) if gateway.session_start_limit.remaining < gateway.shards => Finding::problem(
            "gateway",
            format!(
                "{} left today, but {} are needed",
                count(
                    gateway.session_start_limit.remaining.into(),
                    "session start"
                ),
                gateway.shards
            ),
            format!(
                "wait {} h, and find out what starts the bot so often",
                gateway
                    .session_start_limit
                    .reset_after
                    .as_secs()
                    .div_ceil(3600)
            ),
        ),
        Ok(gateway) => Finding::ok(
            "gateway",
            format!(
                "{}; {} left today",
                count(gateway.shards.into(), "shard"),
                count(
                    gateway.session_start_limit.remaining.into(),
                    "session start"
                )
            ),
        ),
        Err(error) => failed("gateway", error),
    }
}

async fn database(path: &Path) -> Finding {
    let check = "database";
    if !path.exists() {
        return fresh(path);
    }
    let totals = async {
        use guestlist::ledger::Reports;
        SqliteLedger::open_read_only(path)
            .await?
            .totals(&guestlist::ledger::Scope::new())
            .await
    };
    let totals = match totals.await {
        Ok(totals) => totals,
        Err(error) => return failed(check, CliError::from(error)),
    };
    if let Err(error) = OpenOptions::new().append(true).open(path) {
        return Finding::problem(
            check,
            format!("{} cannot be written: {error}", path.display()),
            format!("make it writable: chmod u+w '{}'", path.display()),
        );
    }
    // SQLite keeps its journal beside the database.
    let dir = parent(path);
    if let Err(error) = try_writing(dir) {
        return Finding::problem(
            check,
            format!(
                "{} cannot be written: cannot create files in {}: {error}",
                path.display(),
                dir.display()
            ),
            format!("make it writable: chmod u+w '{}'", dir.display()),
        );
    }
    Finding::ok(
        check,
        format!(
            "{}: {} of {}",
            path.display(),
            count(totals.joins, "join"),
            count(totals.guilds, "server")
        ),
    )
}

/// Whether a database that is not there yet can be made.
fn fresh(path: &Path) -> Finding {
    let check = "database";
    let dir = parent(path);
    match try_writing(dir) {
        Ok(()) => Finding::ok(check, format!("{} will be created", path.display())),
        Err(error) => Finding::problem(
            check,
            format!("{} cannot be created: {error}", path.display()),
            if error.kind() == io::ErrorKind::NotFound {
                format!("create the directory: mkdir -p '{}'", dir.display())
            } else {
                "choose a directory that this user can write to".to_owned()
            },
        ),
    }
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Permission bits say little: whose they are, access lists and read-only
/// mounts count as well. What is made is gone when it is closed.
fn try_writing(dir: &Path) -> io::Result<()> {
    std::fs::metadata(dir)?;
    tempfile::tempfile_in(dir).map(drop)
}
