//! One join: what was stated about it, when, and what each answer rests on.

use axum::extract::{Path, State};
use guestlist_ledger::{JoinRow, is_forgotten};
use guestlist_model::Timestamp;
use guestlist_tracker::{Attribution, JoinKey};
use guestlist_view::{Answered, Statement, guild_label, member_label, moment};
use maud::{Markup, html};

use crate::{
    app::App,
    fault::Fault,
    parts::{
        foreign,
        frame::{Page, page},
        pill,
    },
    query::Query,
};

pub(crate) async fn join(
    State(app): State<App>,
    Path((guild, user, at)): Path<(String, String, String)>,
    query: Query,
) -> Result<Page, Fault> {
    let key = key(&guild, &user, &at).ok_or(Fault::NotFound)?;
    let ledger = app.ledger(&query.visit);
    let row = ledger.join(&key).await?.ok_or(Fault::NotFound)?;
    let history = ledger.attribution_history(&key).await?;
    let guilds = app.guilds(&query.visit).await?;
    let content = html! {
        p.back { a href=(query.link("/joins", &[])) { "All joins" } }
        section.card { (facts(&query, &row)) }
        section.card { (answers(&row, history)) }
    };
    let title = member_label(&row);
    Ok(page(
        &guestlist_view::for_terminal(&title),
        &query,
        &guilds,
        &content,
    ))
}

fn key(guild: &str, user: &str, at: &str) -> Option<JoinKey> {
    let at = Timestamp::from_millis(at.parse().ok()?);
    Some(JoinKey::new(guild.parse().ok()?, user.parse().ok()?, at))
}

fn facts(query: &Query, row: &JoinRow) -> Markup {
    let user = row.join.key.user;
    let answer = row.answer();
    let origin = row
        .attribution
        .as_ref()
        .and_then(|it| it.certainty.origin());
    let code = origin.and_then(|it| it.code());
    let inviter = origin.and_then(|it| it.inviter());
    html! {
        h2 { "The join" }
        dl.facts {
            dt { "Joined" }
            dd { time datetime=(row.join.joined_at) { (moment(row.join.joined_at)) } }
            dt { "Server" }
            dd { (foreign(&guild_label(row))) }
            @if !is_forgotten(user) {
                dt { "Member" }
                dd {
                    a href=(query.link("/joins", &[("user", &user.to_string()), ("span", "all")])) {
                        (user)
                    }
                }
                dt { "Account since" }
                dd { (moment(user.created_at())) }
            }
            dt { "Still here" }
            dd {
                @match (row.here, row.left_at, row.left_after) {
                    (true, _, _) => "yes",
                    (false, Some(at), None) => { "left, noticed " (moment(at)) }
                    (false, Some(at), Some(after)) => {
                        "left between " (moment(after)) " and " (moment(at)) ", in a gap"
                    }
                    (false, None, _) => "no, joined again later",
                }
            }
            dt { "Origin" }
            dd {
                @match (answer.way(), code) {
                    (Some(way), Some(code)) => a href=(query.link("/joins", &[("code", code.as_str())])) {
                        (foreign(&way))
                    },
                    (Some(way), None) => (foreign(&way)),
                    (None, _) => "–",
                }
            }
            // For whom it was made; who used it is the member above.
            @if let Some(name) = row.label.as_ref().and_then(|it| it.person()) {
                dt { "Link created for" }
                dd { (foreign(name)) }
            }
            @if let (Some(name), Some(id)) = (answer.inviter_label(), inviter) {
                dt { "Invited by" }
                dd {
                    a href=(query.link("/joins", &[("inviter", &id.to_string())])) {
                        (foreign(&name))
                    }
                }
            }
            dt { "Certainty" }
            dd {
                (pill(answer.certainty_word(), answer.tone()))
                @if let Some(reason) = answer.reason() { " " (reason) }
            }
        }
    }
}

/// Every answer, the latest first.
fn answers(row: &JoinRow, history: Vec<Attribution>) -> Markup {
    let statements: Vec<Statement> = history
        .into_iter()
        .rev()
        .map(|it| Statement::new(row, it))
        .collect();
    html! {
        h2 { "Evidence" }
        @if statements.is_empty() {
            p.empty { "There is no answer yet." }
        }
        ol.answers reversed {
            @for statement in &statements {
                @let answer = statement.answer();
                li {
                    p {
                        (pill(answer.certainty_word(), answer.tone()))
                        " "
                        @if let Some(way) = answer.way() { b { (foreign(&way)) } " " }
                        @if let Some(reason) = answer.reason() { (reason) " " }
                        @if let Some(stated) = answer.attribution {
                            span.small { (moment(stated.decided_at)) }
                        }
                    }
                    @if let Some(stated) = answer.attribution {
                        @if !stated.certainty.candidates().is_empty() { (candidates(stated)) }
                        @if !stated.evidence.is_empty() {
                            ul.evidence {
                                @for seen in &stated.evidence { li { (foreign(&seen.to_string())) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn candidates(stated: &Attribution) -> Markup {
    html! {
        table.plain {
            caption.unseen { "Candidates, with their weights" }
            thead { tr { th scope="col" { "perhaps" } th.num scope="col" { "weight" } th {} } }
            tbody {
                @for candidate in stated.certainty.candidates() {
                    tr {
                        th scope="row" { (foreign(&candidate.origin.to_string())) }
                        td.num { (candidate.percent()) " %" }
                        td { meter min="0" max="100" value=(candidate.percent()) { (candidate.percent()) " %" } }
                    }
                }
            }
        }
    }
}
