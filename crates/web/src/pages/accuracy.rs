//! How right the answers were that Discord confirmed or corrected later.

use axum::extract::State;
use guestlist_ledger::{Accuracy, AccuracyRow, CertaintyKind, share};
use guestlist_view::{count, grouped, percent};
use maud::{Markup, html};

use crate::{
    app::App,
    fault::Fault,
    parts::{
        Table,
        chart::{Lines, Series, lines},
        frame::{Page, page, spans},
        table,
    },
    query::Query,
};

pub(crate) async fn accuracy(State(app): State<App>, query: Query) -> Result<Page, Fault> {
    let guilds = app.guilds(&query.visit).await?;
    let found = app.ledger(&query.visit).accuracy(&query.scope()).await?;
    let content = html! {
        (spans(&query))
        @if found.months.is_empty() {
            section.card {
                p.empty {
                    "Discord has not confirmed any join in this time span, so there is nothing to compare. "
                    "With " code { "--confirm never" } " it never confirms joins."
                }
            }
        } @else {
            (summary(&found.months))
            @if !found.weights.is_empty() { (reliability(&found)?) }
            section.card {
                h2 { "Month by month" }
                (months(&query, &found.months))
            }
        }
    };
    Ok(page("Accuracy", &query, &guilds, &content))
}

fn summary(months: &[AccuracyRow]) -> Markup {
    let sum = |of: fn(&AccuracyRow) -> u64| months.iter().map(of).sum::<u64>();
    let tile = |title: &str, right: u64, all: u64| {
        html! {
            div.tile {
                dt { (title) }
                dd {
                    span.big { (percent(share(right, all))) }
                    span.small { (grouped(right)) " of " (grouped(all)) " were correct" }
                }
            }
        }
    };
    html! {
        dl.tiles {
            div.tile {
                dt { "Confirmed by Discord" }
                dd {
                    span.big { (grouped(sum(|it| it.confirmed))) }
                    span.small { "the joins to compare with" }
                }
            }
            (tile("Deduced before", sum(|it| it.deduced_right), sum(|it| it.deduced)))
            (tile("Ambiguous, most likely", sum(|it| it.ambiguous_right), sum(|it| it.ambiguous)))
            (tile("First estimates, most likely", sum(|it| it.provisional_right), sum(|it| it.provisional)))
        }
    }
}

fn reliability(found: &Accuracy) -> Result<Markup, Fault> {
    let series: Vec<Series> = [CertaintyKind::Ambiguous, CertaintyKind::Provisional]
        .into_iter()
        .map(|kind| Series {
            name: kind.as_str().to_owned(),
            points: found
                .weights
                .iter()
                .filter(|row| row.certainty == kind)
                .filter_map(|row| Some((row.given * 100.0, row.share()? * 100.0)))
                .collect(),
        })
        .filter(|series| !series.points.is_empty())
        .collect();
    let candidates = found.weights.iter().map(|row| row.candidates).sum();
    let drawn = lines(&Lines {
        id: "reliability",
        title: "Accuracy of weights",
        summary: &format!(
            "Weights of {}, compared with how many were correct; the table below has the numbers.",
            count(candidates, "candidate")
        ),
        unit: "percent that were correct, by weight",
        right: (100.0, "%"),
        diagonal: true,
        series: &series,
    })?;
    Ok(html! {
        section.card {
            (drawn)
            details.numbers open {
                summary { "The numbers" }
                (table(&found.weights, &Table {
                    caption: "Candidates by weight",
                    without: &[],
                    noted: true,
                    replace: &|_, _| None,
                }))
            }
        }
    })
}

fn months(query: &Query, rows: &[AccuracyRow]) -> Markup {
    let without: &[&str] = match query.guild {
        Some(_) => &["server"],
        None => &[],
    };
    table(
        rows,
        &Table {
            caption: "The answers of each month, compared with what Discord confirmed",
            without,
            noted: true,
            replace: &|_, _| None,
        },
    )
}
