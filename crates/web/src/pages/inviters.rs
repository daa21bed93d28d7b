//! Who brings others.

use axum::extract::State;
use guestlist_ledger::{InviterRow, is_forgotten};
use guestlist_view::{Fields, View as _};
use maud::{Markup, html};

use crate::{
    app::App,
    fault::Fault,
    parts::{
        Table, foreign,
        frame::{Page, page, spans},
        table,
    },
    query::Query,
};

/// Inviters on the page.
const SIZE: u32 = 200;

pub(crate) async fn inviters(State(app): State<App>, query: Query) -> Result<Page, Fault> {
    let ledger = app.ledger();
    let guilds = app.guilds().await?;
    let mut rows = ledger.inviters(&query.scope(), Some(SIZE + 1)).await?;
    let more = rows.len() > SIZE as usize;
    rows.truncate(SIZE as usize);
    let content = html! {
        (spans(&query))
        section.card {
            @if rows.is_empty() {
                p.empty { "Nobody joined in this time." }
            } @else {
                (list(&query, &rows, &[]))
                p.note {
                    "maybe: how many more to expect of the joins that have several possible ways in"
                }
            }
            @if more {
                p.note { "These are the " (SIZE) " with the most joins." }
            }
        }
    };
    Ok(page("Inviters", &query, &guilds, &content))
}

/// A few columns, where there is little room.
pub(super) fn short(query: &Query, rows: &[InviterRow]) -> Markup {
    const LESS: [&str; 5] = [
        "confirmed",
        "deduced",
        "unknown",
        "maybe",
        "last join (UTC)",
    ];
    list(query, rows, &LESS)
}

fn list(query: &Query, rows: &[InviterRow], less: &[&str]) -> Markup {
    let fields = Fields::<InviterRow>::new();
    let name = fields
        .columns()
        .into_iter()
        .find(|it| it.header == "inviter");
    let replace = |header: &str, row: &InviterRow| {
        let id = row.inviter.filter(|id| !is_forgotten(*id))?;
        let cell = name.map(|it| (it.cell)(row))?;
        (header == "inviter" && row.counts()).then(|| {
            html! {
                a href=(query.link("/joins", &[("inviter", &id.to_string())])) {
                    (foreign(&cell.text))
                }
            }
        })
    };
    table(
        rows,
        &Table {
            caption: "Inviters, those with the most joins first",
            without: less,
            replace: &replace,
        },
    )
}
