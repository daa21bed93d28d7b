//! Who stayed.

use axum::extract::State;
use guestlist_ledger::{Cohort, CohortBy, RetentionQuestion, RetentionRow};
use guestlist_view::{Fields, grouped};
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
    query::{Grouping, Query},
};

/// Cohorts on the page.
const SIZE: usize = 200;
/// Of them, those that have a curve.
const CURVES: usize = 5;
/// After so many days, a curve has a point.
const DAYS: [u32; 6] = [1, 2, 3, 7, 14, 30];

pub(crate) async fn retention(State(app): State<App>, query: Query) -> Result<Page, Fault> {
    let guilds = app.guilds(&query.visit).await?;
    let question = question(&query);
    let mut rows = app
        .ledger(&query.visit)
        .retention(&query.scope(), &question)
        .await?;
    let more = rows.len() > SIZE;
    rows.truncate(SIZE);
    let content = html! {
        (spans(&query))
        nav.spans aria-label="Cohorts" {
            @for grouping in Grouping::ALL {
                a href=(query.with(&[("by", grouping.word)]))
                    aria-current=[(grouping == query.grouping).then_some("true")] { (grouping.label) }
            }
            a href=(query.with(&[("weekly", if query.weekly { "" } else { "yes" })]))
                aria-current=[query.weekly.then_some("true")] { "week by week" }
        }
        @if rows.is_empty() {
            section.card { p.empty { "Nobody joined in this time span." } }
        } @else {
            section.card { (curves(&rows)?) }
            section.card { (list(&query, &rows)) }
        }
        @if more { p.note { "These are the first " (SIZE) " cohorts." } }
    };
    Ok(page("Retention", &query, &guilds, &content))
}

/// What the address asks.
pub(crate) fn question(query: &Query) -> RetentionQuestion {
    let question = RetentionQuestion::new(query.now)
        .by(query.grouping.by)
        .days(DAYS);
    if query.weekly {
        question.weekly()
    } else {
        question
    }
}

/// What a cohort is called.
fn name(row: &RetentionRow) -> String {
    let fields = Fields::<RetentionRow>::new();
    let columns = fields.columns();
    let text = |header: &str| {
        let column = columns.iter().find(|it| it.header == header);
        column.map(|it| (it.cell)(row).text.into_owned())
    };
    let cohort = text("cohort").unwrap_or_default();
    match row.week.and_then(|_| text("week of (UTC)")) {
        Some(week) => format!("{cohort}, week of {week}"),
        None => cohort,
    }
}

fn curves(rows: &[RetentionRow]) -> Result<Markup, Fault> {
    let rows = rows.iter().filter(|row| row.cohort != Cohort::Rest);
    let series: Vec<Series> = rows
        .map(|row| {
            let mut points = vec![(0.0, 100.0)];
            points.extend(row.kept.iter().filter_map(|kept| {
                let share = kept.share()? * 100.0;
                Some((f64::from(kept.days), share))
            }));
            Series {
                name: name(row),
                points,
            }
        })
        // One point is no curve.
        .filter(|series| series.points.len() > 1)
        .take(CURVES)
        .collect();
    if series.is_empty() {
        return Ok(html! {
            h2 { "Who stayed" }
            p.empty { "Nobody has been observed for a day yet. The curves start tomorrow." }
        });
    }
    lines(&Lines {
        id: "stayed",
        title: "Who stayed",
        summary: "Shares of members who stayed, by the number of days; the table below has the numbers.",
        unit: "percent of those observed, by days after the join",
        right: (30.0, "d"),
        diagonal: false,
        series: &series,
    })
}

fn list(query: &Query, rows: &[RetentionRow]) -> Markup {
    let observed = |row: &RetentionRow| {
        let kept = row.kept.iter().map(|kept| kept.observed).max();
        kept.unwrap_or(0)
    };
    let replace = |header: &str, row: &RetentionRow| match (header, &row.cohort) {
        ("cohort", Cohort::Invite(guild, code)) => Some(html! {
            a.code href=(query.link(&format!("/invites/{guild}/{code}"), &[])) { (code) }
        }),
        ("cohort", Cohort::Label(label)) => Some(html! {
            a href=(query.link("/joins", &[("label", label.as_str())])) { (label) }
        }),
        ("joined", _) => Some(html! {
            (grouped(row.joined))
            @if observed(row) < row.joined {
                span.small { " (" (grouped(observed(row))) " for a day or more)" }
            }
        }),
        _ => None,
    };
    let weekless: &[&str] = match query.weekly {
        true => &[],
        false => &["week of (UTC)"],
    };
    table(
        rows,
        &Table {
            caption: "Cohorts, and how many members stayed",
            without: weekless,
            noted: true,
            replace: &replace,
        },
    )
}

impl Grouping {
    pub(crate) const ALL: [Self; 5] = [
        Self::new("", "everyone", CohortBy::Everyone),
        Self::new("invite", "by invite", CohortBy::Invite),
        Self::new("label", "by label", CohortBy::Label),
        Self::new("inviter", "by inviter", CohortBy::Inviter),
        Self::new("source", "by origin", CohortBy::Origin),
    ];
}
