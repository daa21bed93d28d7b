//! Who brings others.

use axum::extract::State;
use guestlist_ledger::{InviterProfile, ProfileLimits, is_forgotten};
use guestlist_view::{Fields, Tone, grouped};
use maud::{Markup, html};

use crate::{
    app::App,
    fault::Fault,
    parts::{
        Table, foreign,
        frame::{Page, page, spans},
        pill, table,
    },
    query::Query,
};

/// Inviters on the page.
const SIZE: usize = 200;

pub(crate) async fn inviters(State(app): State<App>, query: Query) -> Result<Page, Fault> {
    let guilds = app.guilds(&query.visit).await?;
    let limits = ProfileLimits::new(query.now);
    let ledger = app.ledger(&query.visit);
    let mut rows = ledger.inviter_profiles(&query.scope(), &limits).await?;
    let more = rows.len() > SIZE;
    rows.truncate(SIZE);
    let content = html! {
        (spans(&query))
        section.card {
            @if rows.is_empty() {
                p.empty { "No inviter is known in this time span." }
            } @else {
                (list(&query, &rows, &[]))
            }
            @if more {
                p.note { "These are the " (SIZE) " with the most joins." }
            }
        }
    };
    Ok(page("Inviters", &query, &guilds, &content))
}

/// A few columns, where there is little room.
pub(super) fn short(query: &Query, rows: &[InviterProfile]) -> Markup {
    list(query, rows, &["again", "young", "own", "quick", "stayed"])
}

fn list(query: &Query, rows: &[InviterProfile], less: &[&str]) -> Markup {
    let fields = Fields::<InviterProfile>::new();
    let name = fields
        .columns()
        .into_iter()
        .find(|it| it.header == "inviter");
    let replace = |header: &str, row: &InviterProfile| match header {
        "inviter" => {
            let cell = name.map(|it| (it.cell)(row))?;
            let id = row.inviter.to_string();
            (!is_forgotten(row.inviter)).then(|| {
                html! {
                    a href=(query.link("/joins", &[("inviter", &id)])) { (foreign(&cell.text)) }
                }
            })
        }
        // What may be a trick is marked, not hidden.
        "own" => marked(row.own),
        "quick" => marked(row.quick),
        _ => None,
    };
    table(
        rows,
        &Table {
            caption: "Inviters, most joins first",
            without: less,
            noted: less.is_empty(),
            replace: &replace,
        },
    )
}

fn marked(number: u64) -> Option<Markup> {
    (number > 0).then(|| pill(&grouped(number), Tone::Warn))
}
