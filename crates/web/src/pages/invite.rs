//! One invite code: its lives, who joined through it, and its label.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use guestlist_ledger::{InviteStatus, Label, RetentionQuestion, Scope};
use guestlist_model::{GuildId, InviteCode};
use guestlist_view::SeenInvite;
use maud::{Markup, html};

use super::{flow::Flow, invites, manage::revocation};
use crate::{
    access::Form,
    app::{App, now},
    fault::Fault,
    parts::{
        Table,
        frame::{Page, page, secret, spans},
        table,
    },
    query::Query,
};

/// Lives of a code on its page.
const LIVES: u32 = 50;

pub(crate) async fn invite(
    State(app): State<App>,
    Path((guild, code)): Path<(String, String)>,
    mut query: Query,
) -> Result<Page, Fault> {
    let (guild, code) = named(&guild, &code)?;
    let ledger = app.ledger(&query.visit);
    let guilds = app.guilds(&query.visit).await?;
    query.guild = Some(guild);
    let own = Scope::new().guild(guild).code(code.clone());
    let lives = ledger.invites(&own, InviteStatus::Any, Some(LIVES)).await?;
    let label = ledger.labels(&own).await?.pop().map(|row| row.label);
    if lives.is_empty() && label.is_none() {
        return Err(Fault::NotFound);
    }
    let lives: Vec<SeenInvite> = lives
        .into_iter()
        .map(|row| SeenInvite {
            row,
            now: query.now,
        })
        .collect();
    let usable = lives.iter().any(|it| !it.state().has_ended());
    let mut scope = own.clone();
    (scope.since, scope.until) = (query.since(), query.until());
    let flow = Flow::read(&*ledger, &query, &scope).await?;
    let kept = ledger
        .retention(&own, &RetentionQuestion::new(query.now))
        .await?;
    let title = format!("Invite {code}");
    let content = html! {
        p.back {
            a href=(query.link("/invites", &[])) { "All invites" }
            " · "
            a href=(query.link("/joins", &[("code", code.as_str()), ("span", "all")])) {
                "Joins through this invite"
            }
        }
        (spans(&query))
        section.card {
            @match flow {
                Some(flow) => (flow.draw("Joins through this invite, and their leaves")?),
                None => p.empty { "Nobody joined through it in this time span." },
            }
        }
        section.card {
            h2 { "Invites with this code" }
            (invites::list(&query, &lives, &["label"]))
        }
        @if kept.iter().any(|row| row.joined > 0) {
            section.card {
                h2 { "Who stayed" }
                (table(&kept, &Table {
                    caption: "How many members who joined through it stayed",
                    without: &["cohort", "week of (UTC)"],
                    noted: true,
                    replace: &|_, _| None,
                }))
            }
        }
        (revocation(&app, &query, guild, &code, usable))
        (labelled(&app, &query, guild, &code, label.as_ref()))
    };
    Ok(page(&title, &query, &guilds, &content))
}

pub(super) fn named(guild: &str, code: &str) -> Result<(GuildId, InviteCode), Fault> {
    let guild = guild.parse().map_err(|_| Fault::NotFound)?;
    let code = InviteCode::new(code).map_err(|_| Fault::NotFound)?;
    Ok((guild, code))
}

fn labelled(
    app: &App,
    query: &Query,
    guild: GuildId,
    code: &InviteCode,
    label: Option<&Label>,
) -> Markup {
    html! {
        section.card {
            h2 { "Label" }
            @if app.labels().is_some() {
                form.line method="post" action={ "/invites/" (guild) "/" (code) "/label" } {
                    (secret(query))
                    div.field {
                        label for="label" { "Codes with one label are counted together" }
                        input id="label" name="label" maxlength="64" placeholder="newsletter May"
                            value=[label.map(Label::as_str)] autocomplete="off";
                    }
                    button type="submit" { "Save" }
                }
                p.note { "Leave it empty to remove the label." }
            } @else {
                p {
                    @match label {
                        Some(label) => b { (label) },
                        None => span.empty { "none" },
                    }
                }
                p.note { "To change it, run " code { "guestlist label" } "." }
            }
        }
    }
}

/// Changes a code's label.
pub(crate) async fn set_label(
    State(app): State<App>,
    Path((guild, code)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Fault> {
    let (guild, code) = named(&guild, &code)?;
    let labels = app.labels().ok_or(Fault::NotFound)?;
    match form.text("label") {
        Some(text) => {
            let label: Label = text.parse().map_err(Fault::Label)?;
            labels.set_label(guild, &code, &label, now()).await?;
        }
        None => {
            labels.remove_label(guild, &code).await?;
        }
    }
    Ok(Redirect::to(&format!("/invites/{guild}/{code}")).into_response())
}
