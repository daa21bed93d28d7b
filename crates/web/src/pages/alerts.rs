//! When unusually many came.

use axum::extract::State;
use guestlist_ledger::{Burst, BurstKind, BurstLimits};
use maud::{Markup, html};

use super::manage::pause_form;
use crate::{
    app::App,
    fault::Fault,
    parts::{
        Table,
        frame::{Page, page, spans},
        table,
    },
    query::Query,
};

/// Bursts on the page.
const SIZE: usize = 100;

pub(crate) async fn alerts(State(app): State<App>, query: Query) -> Result<Page, Fault> {
    let guilds = app.guilds(&query.visit).await?;
    let limits = BurstLimits::new(query.now);
    let mut bursts = app
        .ledger(&query.visit)
        .bursts(&query.scope(), &limits)
        .await?;
    bursts.truncate(SIZE);
    let pausing = pause_form(&app, &query).await;
    let content = html! {
        (spans(&query))
        section.card {
            @if bursts.is_empty() {
                p.empty { "Nothing unusual happened in this time span." }
            } @else {
                (list(&query, &bursts))
            }
            p.note {
                "This page lists at least " (limits.least) " joins through one invite, or at least "
                (limits.least_young) " of accounts younger than a week, within "
                (limits.window.as_secs() / 60) " minutes, if that is at least " (limits.times)
                " times the usual number."
                @if app.client().is_none() {
                    " To stop joins, run " code { "guestlist invite pause" } "."
                } @else if query.guild.is_none() {
                    " To stop joins, choose a server. You can then pause its invites here."
                }
            }
        }
        (pausing)
    };
    Ok(page("Alerts", &query, &guilds, &content))
}

fn list(query: &Query, bursts: &[Burst]) -> Markup {
    let replace = |header: &str, burst: &Burst| {
        let guild = burst.guild.to_string();
        let (since, until) = (burst.from.to_string(), after(burst).to_string());
        let mut narrow = vec![
            ("guild", guild.as_str()),
            ("since", since.as_str()),
            ("until", until.as_str()),
        ];
        (header == "what").then(|| match &burst.kind {
            BurstKind::Invite(code) => {
                narrow.push(("code", code.as_str()));
                html! {
                    a href=(query.link("/joins", &narrow)) { "invite " span.code { (code) } }
                }
            }
            BurstKind::YoungAccounts => {
                narrow.push(("younger", "7d"));
                html! { a href=(query.link("/joins", &narrow)) { "young accounts" } }
            }
        })
    };
    table(
        bursts,
        &Table {
            caption: "Unusual numbers of joins, latest first",
            without: &[],
            noted: true,
            replace: &replace,
        },
    )
}

/// The end of a span that has the last join in it.
fn after(burst: &Burst) -> guestlist_model::Timestamp {
    let second = std::time::Duration::from_secs(1);
    burst.until.saturating_add(second)
}
