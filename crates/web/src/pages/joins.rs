//! Who joined.

use axum::extract::State;
use guestlist_ledger::{CertaintyKind, JoinRow, ORIGINS, Page as Rows};
use guestlist_view::{Answered, member_label, moment};
use maud::{Markup, html};

use crate::{
    app::App,
    fault::Fault,
    parts::{
        Table, foreign,
        frame::{Page, page, spans},
        pill, table,
    },
    query::{Query, cursor, join_path},
};

/// Joins on a page.
const SIZE: u32 = 50;

pub(crate) async fn joins(State(app): State<App>, query: Query) -> Result<Page, Fault> {
    let ledger = app.ledger(&query.visit);
    let guilds = app.guilds(&query.visit).await?;
    let mut rows = Rows::first(SIZE + 1);
    rows.after = query.before;
    let mut rows = ledger.joins(&query.scope(), rows).await?;
    let more = rows.len() > SIZE as usize;
    rows.truncate(SIZE as usize);
    let next = rows
        .last()
        .filter(|_| more)
        .map(|row| cursor(&row.join.key));
    let content = html! {
        (spans(&query))
        (filters(&query))
        section.card {
            @if rows.is_empty() {
                p.empty {
                    @if query.before.is_some() {
                        "There are no earlier joins."
                    } @else {
                        "No join matches. Choose a longer time span or fewer filters."
                    }
                }
            } @else {
                (list(&query, &rows))
            }
            nav.pages aria-label="Pages of joins" {
                @if query.before.is_some() { a href=(query.with(&[])) { "Newest" } }
                @if let Some(next) = next {
                    a.next rel="next" href=(query.with(&[("before", &next)])) { "Earlier joins" }
                }
            }
        }
    };
    Ok(page("Joins", &query, &guilds, &content))
}

/// A list of joins, each with a way to what is behind it.
pub(super) fn list(query: &Query, rows: &[JoinRow]) -> Markup {
    let without: &[&str] = match query.guild {
        Some(_) => &["server"],
        None => &[],
    };
    let replace = |header: &str, row: &JoinRow| {
        let answer = row.answer();
        match header {
            "joined (UTC)" => Some(html! {
                time datetime=(row.join.joined_at) { (moment(row.join.joined_at)) }
            }),
            "origin" => row.label.as_ref().and_then(|it| it.person()).map(|name| {
                html! {
                    (foreign(answer.way().as_deref().unwrap_or("–")))
                    span.small { " link created for " (foreign(name)) }
                }
            }),
            "member" => Some(html! {
                a href=(join_path(&row.join.key)) { (foreign(&member_label(row))) }
            }),
            "certainty" => Some(html! {
                (pill(answer.certainty_word(), answer.tone()))
                @if let Some(reason) = answer.reason() { span.small { " " (reason) } }
            }),
            _ => None,
        }
    };
    table(
        rows,
        &Table {
            caption: "Joins, latest first",
            without,
            noted: true,
            replace: &replace,
        },
    )
}

fn filters(query: &Query) -> Markup {
    const OWN: [&str; 11] = [
        "name",
        "code",
        "label",
        "inviter",
        "user",
        "source",
        "certainty",
        "here",
        "younger",
        "since",
        "until",
    ];
    let field = |name: &'static str, label: &str, hint: &str| {
        html! {
            div.field {
                label for=(name) { (label) }
                input id=(name) name=(name) value=[query.text(name)] placeholder=(hint)
                    autocomplete="off" autocapitalize="none" spellcheck="false";
            }
        }
    };
    let choice = |name: &'static str, label: &str, words: &[&str]| {
        html! {
            div.field {
                label for=(name) { (label) }
                select id=(name) name=(name) {
                    option value="" { "any" }
                    @for word in words {
                        option value=(word) selected[query.text(name) == Some(*word)] {
                            (word.replace('_', " "))
                        }
                    }
                }
            }
        }
    };
    let any = OWN.iter().any(|name| query.text(name).is_some());
    html! {
        details.filters open[any] {
            summary { "Filters" }
            form method="get" action="/joins" {
                @for (name, value) in query.carried(&OWN) {
                    input type="hidden" name=(name) value=(value);
                }
                (field("name", "Member", "part of the name, or id"))
                (field("code", "Invite", "code or link"))
                (field("label", "Label", "newsletter May"))
                (field("inviter", "Inviter", "user id"))
                (choice("source", "Origin", &ORIGINS))
                (choice("certainty", "Certainty", &CertaintyKind::ALL.map(CertaintyKind::as_str)))
                (choice("here", "Still here", &["yes", "no"]))
                (field("younger", "Account younger than", "7d"))
                (field("since", "Since", "7d or 2026-03-01"))
                (field("until", "Until", "1d or 2026-03-31"))
                div.buttons {
                    button type="submit" { "Show" }
                    @if any {
                        a href=(query.with(&OWN.map(|name| (name, "")))) { "Remove filters" }
                    }
                }
            }
        }
    }
}
