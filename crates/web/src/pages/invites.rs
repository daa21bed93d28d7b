//! Invites, living and dead.

use axum::extract::State;
use guestlist_view::SeenInvite;
use maud::{Markup, html};

use crate::{
    app::App,
    fault::Fault,
    parts::{
        Table,
        frame::{Page, page},
        table,
    },
    query::{Living, Query},
};

/// Invites on the page.
const SIZE: u32 = 200;

pub(crate) async fn invites(State(app): State<App>, query: Query) -> Result<Page, Fault> {
    let ledger = app.ledger(&query.visit);
    let guilds = app.guilds(&query.visit).await?;
    let status = query.living.at(query.now);
    let rows = ledger
        .invites(&query.timeless(), status, Some(SIZE + 1))
        .await?;
    let more = rows.len() > SIZE as usize;
    let rows: Vec<SeenInvite> = rows
        .into_iter()
        .take(SIZE as usize)
        .map(|row| SeenInvite {
            row,
            now: query.now,
        })
        .collect();
    let content = html! {
        nav.spans aria-label="Which invites" {
            @for (living, word, label) in Living::ALL {
                a href=(query.with(&[("state", word)]))
                    aria-current=[(living == query.living).then_some("true")] { (label) }
            }
        }
        @if let Some(guild) = query.guild.filter(|_| app.client().is_some()) {
            p {
                a href={ "/guilds/" (guild) "/invites" } { "Create an invite" }
                @if app.labels().is_some() {
                    " · "
                    a href={ "/guilds/" (guild) "/personal" } { "Personal links" }
                }
            }
        }
        section.card {
            @if rows.is_empty() {
                p.empty { "No invite matches." }
            } @else {
                (list(&query, &rows, &[]))
            }
            @if more {
                p.note { "These are the " (SIZE) " with the most joins. Choose a server to see more of its invites." }
            }
        }
    };
    Ok(page("Invites", &query, &guilds, &content))
}

/// A few columns, where there is little room.
pub(super) fn short(query: &Query, rows: &[SeenInvite]) -> Markup {
    const LESS: [&str; 6] = [
        "server",
        "label",
        "created (UTC)",
        "expires (UTC)",
        "uses",
        "last join (UTC)",
    ];
    list(query, rows, &LESS)
}

pub(super) fn list(query: &Query, rows: &[SeenInvite], less: &[&str]) -> Markup {
    let mut without = less.to_vec();
    if query.guild.is_some() {
        without.push("server");
    }
    let replace = |header: &str, it: &SeenInvite| {
        let code = it.row.invite.code.as_str();
        let guild = it.row.invite.guild;
        (header == "code").then(|| {
            html! {
                a.code href=(query.link(&format!("/invites/{guild}/{code}"), &[("guild", "")])) { (code) }
            }
        })
    };
    table(
        rows,
        &Table {
            caption: "Invites, most joins first",
            without: &without,
            noted: true,
            replace: &replace,
        },
    )
}
