//! `/metrics` for Prometheus, and `/health` for whatever restarts programs.

use std::{collections::BTreeMap, fmt::Write as _};

use axum::{
    Extension, Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use guestlist_client::Cause;
use guestlist_ledger::CertaintyKind;
use guestlist_model::Timestamp;
use guestlist_service::{Affected, Status};
use serde_json::{Value, json};

use super::Told;
use crate::{access::Visit, app::App, fault::Fault};

/// Whether the ledger can be read and written, and whether the service is connected.
pub(crate) async fn health(State(app): State<App>) -> Response {
    let ledger = app.every_ledger().latest().await.is_ok();
    let service = app.status();
    let connected = service.as_ref().map(|status| status.connected() > 0);
    let writable = service.as_ref().map(|status| status.blocked.is_none());
    let troubles = service.as_ref().map(reasons);
    let (status, word) = match (ledger, writable) {
        (true, None | Some(true)) => (StatusCode::OK, "ok"),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "failing"),
    };
    let body = json!({
        "status": word,
        "ledger": ledger,
        "writable": writable,
        "connected": connected,
        "troubles": troubles,
    });
    (status, Json(body)).into_response()
}

/// What does not work, for anybody: servers are not named, and counted together.
fn reasons(status: &Status) -> Vec<Value> {
    let mut reasons: BTreeMap<(String, &Cause), (Timestamp, u64)> = BTreeMap::new();
    for trouble in &status.troubles {
        let about = match &trouble.about {
            Affected::Requests { kind, .. } => format!("requests: {kind}"),
            about => about.to_string(),
        };
        let (since, times) = reasons
            .entry((about, &trouble.cause))
            .or_insert((trouble.since, 0));
        *since = trouble.since.min(*since);
        *times += trouble.times;
    }
    let reasons = reasons.into_iter();
    reasons
        .map(|((about, cause), (since, times))| {
            json!({
                "about": about,
                "kind": cause.kind,
                "reason": cause.text,
                "since": since.to_string(),
                "times": times,
            })
        })
        .collect()
}

/// Numbers as Prometheus reads them. Servers are named by their ids: names are anything.
pub(crate) async fn metrics(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
) -> Result<Response, Told> {
    if !visit.sight.is_all() {
        return Err(Fault::Whole.into());
    }
    let ledger = app.every_ledger();
    let mut text = Text::default();
    let guilds = ledger.guilds().await?;
    text.about("guestlist_joins", "Joins in the ledger, by certainty.");
    for row in &guilds {
        let counts = CertaintyKind::ALL.into_iter().zip(row.totals.by_certainty);
        let waiting = ("waiting", row.totals.waiting);
        let counts = counts.map(|(kind, count)| (kind.as_str(), count));
        for (certainty, count) in counts.chain([waiting]) {
            let guild = row.guild.to_string();
            let labels = [("guild", guild.as_str()), ("certainty", certainty)];
            text.number("guestlist_joins", &labels, count);
        }
    }
    type Read = fn(&guestlist_ledger::GuildRow) -> u64;
    let kinds: [(&str, &str, Read); 3] = [
        ("guestlist_leaves", "Leaves in the ledger.", |it| {
            it.totals.leaves
        }),
        ("guestlist_invites", "Invites in the ledger.", |it| {
            it.totals.invites
        }),
        (
            "guestlist_gaps",
            "Gaps in which joins may have been missed.",
            |it| it.gaps,
        ),
    ];
    for (name, help, read) in kinds {
        text.about(name, help);
        for row in &guilds {
            text.number(name, &[("guild", &row.guild.to_string())], read(row));
        }
    }
    text.about("guestlist_feed_entries", "Entries of the ledger's feed.");
    text.number("guestlist_feed_entries", &[], ledger.latest().await?.get());
    if let Some(size) = app.database_size() {
        text.about(
            "guestlist_database_bytes",
            "Size of the database with its log.",
        );
        text.number("guestlist_database_bytes", &[], size);
    }
    if let Some(status) = app.status() {
        service(&mut text, &status);
    }
    let kind = [(
        header::CONTENT_TYPE,
        "text/plain; version=0.0.4; charset=utf-8",
    )];
    Ok((kind, text.0).into_response())
}

fn service(text: &mut Text, status: &Status) {
    let now = [
        (
            "guestlist_shards",
            "Shards of the gateway.",
            status.shards.len(),
        ),
        (
            "guestlist_shards_connected",
            "Shards that are connected.",
            status.connected(),
        ),
        (
            "guestlist_guilds_watched",
            "Servers that the bot is in.",
            status.guilds,
        ),
        (
            "guestlist_joins_open",
            "Joins without a final answer.",
            status.pending,
        ),
        (
            "guestlist_requests_open",
            "Requests in progress.",
            status.requests,
        ),
        (
            "guestlist_records_unstored",
            "Records that are not stored yet.",
            status.uncommitted,
        ),
        (
            "guestlist_ledger_blocked",
            "1 if the ledger cannot be written at the moment.",
            usize::from(status.blocked.is_some()),
        ),
    ];
    for (name, help, count) in now {
        text.about(name, help);
        text.number(name, &[], count as u64);
    }
    let stats = &status.stats;
    text.about("guestlist_requests", "Requests to Discord since the start.");
    for (kind, count) in [
        ("list", stats.list_requests),
        ("search", stats.search_requests),
        ("vanity", stats.vanity_requests),
        ("audit", stats.audit_requests),
        ("members", stats.member_requests),
    ] {
        text.number("guestlist_requests", &[("kind", kind)], count);
    }
    text.about(
        "guestlist_contradictions",
        "Deductions that Discord contradicted.",
    );
    text.number("guestlist_contradictions", &[], stats.contradictions);
}

/// Prometheus' text format.
#[derive(Default)]
struct Text(String);

impl Text {
    fn about(&mut self, name: &str, help: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} gauge");
    }

    fn number(&mut self, name: &str, labels: &[(&str, &str)], number: u64) {
        let labels: Vec<String> = labels
            .iter()
            .map(|(name, value)| format!("{name}=\"{value}\""))
            .collect();
        let labels = match labels.is_empty() {
            true => String::new(),
            false => format!("{{{}}}", labels.join(",")),
        };
        let _ = writeln!(self.0, "{name}{labels} {number}");
    }
}
