//! Changes at Discord: revoking an invite, making one, and pausing all of a server. Only where
//! the dashboard has a client. Each form has to be confirmed; a button of one click confirms itself.

use std::time::Duration;

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use guestlist_client::{Client, MaxAge, MaxUses, Reason};
use guestlist_ledger::{InviteStatus, Scope};
use guestlist_model::{ChannelId, GuildId, InviteCode};
use guestlist_view::{for_terminal, moment};
use maud::{Markup, html};

use super::invite::named;
use crate::{
    access::Form,
    app::{App, now},
    fault::Fault,
    parts::{
        foreign,
        frame::{Page, page, secret},
    },
    query::{BadQuery, Query},
};

const HOUR: u64 = 3_600;

/// A form field that cannot be used.
pub(super) fn bad(name: &'static str, problem: impl ToString) -> Fault {
    let problem = problem.to_string();
    Fault::Query(BadQuery { name, problem })
}

/// The client, if changes can be made, and the form of this one is confirmed.
pub(super) fn confirmed<'a>(app: &'a App, form: &Form) -> Result<&'a Client, Fault> {
    let client = app.client().ok_or(Fault::NotFound)?;
    match form.text("confirm") {
        Some(_) => Ok(client),
        None => Err(bad("confirm", "tick the box to confirm the change")),
    }
}

/// What the server's audit log says: why, and who it was, if they logged in with Discord.
/// Otherwise it would name the bot alone.
fn reason(form: &Form) -> Result<Option<Reason>, Fault> {
    let text = match (form.text("reason"), by(form)) {
        (Some(text), Some(person)) => format!("{text}; {person}"),
        (Some(text), None) => text.to_owned(),
        (None, Some(person)) => person,
        (None, None) => return Ok(None),
    };
    Reason::new(&text)
        .map(Some)
        .map_err(|error| bad("reason", error))
}

pub(super) fn confirmation(question: &str) -> Markup {
    html! {
        label.check { input type="checkbox" name="confirm" value="yes" required; " " (question) }
    }
}

/// Who asks, if they logged in with Discord.
pub(super) fn by(form: &Form) -> Option<String> {
    let person = form.visit.person.as_ref();
    person.map(|it| format!("by {} ({})", for_terminal(&it.name), it.user))
}

/// The channel that was chosen. It has to be one of the server, not of any that the bot sees.
pub(super) async fn channel(
    client: &Client,
    guild: GuildId,
    form: &Form,
) -> Result<ChannelId, Fault> {
    let channel: ChannelId = form
        .text("channel")
        .and_then(|it| it.parse().ok())
        .ok_or_else(|| bad("channel", "choose a channel"))?;
    let channels = client.list_guild_channels(guild).await?;
    match channels.iter().any(|it| it.id == channel) {
        true => Ok(channel),
        false => Err(bad("channel", "choose a channel of this server")),
    }
}

fn why() -> Markup {
    html! {
        div.field {
            label for="reason" { "Reason for the server's audit log" }
            input id="reason" name="reason" maxlength="512" autocomplete="off";
        }
    }
}

/// Offers to revoke an invite that can still be used.
pub(super) fn revocation(
    app: &App,
    query: &Query,
    guild: GuildId,
    code: &InviteCode,
    usable: bool,
) -> Markup {
    if app.client().is_none() || !usable {
        return html! {};
    }
    html! {
        section.card {
            details {
                summary { "Revoke this invite" }
                form.stack method="post" action={ "/invites/" (guild) "/" (code) "/revoke" } {
                    (secret(query))
                    p { "Nobody can join through it anymore. This cannot be undone." }
                    (why())
                    (confirmation("Yes, revoke it"))
                    button.danger type="submit" { "Revoke" }
                }
            }
        }
    }
}

/// Revokes an invite of a server.
pub(crate) async fn revoke(
    State(app): State<App>,
    Path((guild, code)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Fault> {
    let (guild, code) = named(&guild, &code)?;
    let client = confirmed(&app, &form)?;
    // The code of an invite of this server, not of any that the bot may delete.
    let own = Scope::new().guild(guild).code(code.clone());
    let lives = app
        .ledger(&form.visit)
        .invites(&own, InviteStatus::Any, Some(1))
        .await?;
    if lives.is_empty() {
        return Err(Fault::NotFound);
    }
    let mut request = client.delete_invite(&code);
    if let Some(reason) = reason(&form)? {
        request = request.reason(reason);
    }
    request.await?;
    Ok(Redirect::to(&format!("/invites/{guild}/{code}")).into_response())
}

/// So long a pause lasts that is begun by one click.
const PAUSE: u64 = 2;

/// Offers to pause all invites of a server, or to end a pause that is shown with its end.
pub(super) async fn pause_form(app: &App, query: &Query) -> Markup {
    let Some(guild) = query.guild.filter(|_| app.client().is_some()) else {
        return html! {};
    };
    let paused = app.paused(guild).await;
    let action = format!("/guilds/{guild}/pause");
    // A pause can be ended, so one click is enough.
    let at_once = |hours: u64, button: &Markup| {
        html! {
            form method="post" action=(action) {
                (secret(query))
                input type="hidden" name="confirm" value="yes";
                input type="hidden" name="hours" value=(hours);
                (button)
            }
        }
    };
    html! {
        section.card {
            h2 { "Pause invites" }
            @if let Some(until) = paused {
                p.problem role="status" {
                    "All invites of this server are paused until " (moment(until)) " UTC."
                }
                (at_once(0, &html! { button type="submit" { "End the pause" } }))
            } @else {
                p { "Nobody can join through an invite during a pause. Afterwards, the invites work again." }
                (at_once(PAUSE, &html! {
                    button.danger type="submit" { "Pause all invites for " (PAUSE) " hours" }
                }))
            }
            details.other {
                summary { "For another time" }
                form.stack method="post" action=(action) {
                    (secret(query))
                    div.field {
                        label for="hours" { "Hours from now, at most 24; 0 ends a pause" }
                        input id="hours" name="hours" type="number" min="0" max="24" value="12" required;
                    }
                    (confirmation("Yes, change it"))
                    button.danger type="submit" { "Change the pause" }
                }
            }
        }
    }
}

/// Pauses all invites of a server, or ends a pause, and says until when.
pub(crate) async fn pause(
    State(app): State<App>,
    Path(guild): Path<String>,
    query: Query,
    form: Form,
) -> Result<Page, Fault> {
    let guild: GuildId = guild.parse().map_err(|_| Fault::NotFound)?;
    let client = confirmed(&app, &form)?;
    let hours = form.text("hours").and_then(|it| it.parse::<u64>().ok());
    let hours = hours.filter(|it| *it <= 24);
    let hours = hours.ok_or_else(|| bad("hours", "must be a number from 0 to 24"))?;
    let until = (hours > 0).then(|| now().saturating_add(Duration::from_secs(hours * HOUR)));
    client
        .set_incident_actions(guild)
        .invites_disabled_until(until)
        .await?;
    app.note_pause(guild, until);
    let content = html! {
        section.card {
            p.done role="status" {
                @match until {
                    Some(until) => { "All invites of this server are paused until " (moment(until)) " UTC." }
                    None => "The invites of this server work again.",
                }
            }
            p { a href={ "/alerts?guild=" (guild) } { "Alerts" } }
        }
    };
    let title = match until {
        Some(_) => "Invites paused",
        None => "Pause ended",
    };
    Ok(page(
        title,
        &query,
        &app.guilds(&query.visit).await?,
        &content,
    ))
}

/// Asks what an invite should be like.
pub(crate) async fn new_invite(
    State(app): State<App>,
    Path(guild): Path<String>,
    mut query: Query,
) -> Result<Page, Fault> {
    let guild: GuildId = guild.parse().map_err(|_| Fault::NotFound)?;
    let client = app.client().ok_or(Fault::NotFound)?;
    query.guild = Some(guild);
    let channels = client.list_guild_channels(guild).await?;
    let channels: Vec<_> = channels.iter().filter(|it| it.takes_invites()).collect();
    let content = html! {
        section.card {
            form.stack method="post" action={ "/guilds/" (guild) "/invites" } {
                (secret(&query))
                div.field {
                    label for="channel" { "Channel" }
                    select id="channel" name="channel" required {
                        @for channel in &channels {
                            option value=(channel.id) {
                                (for_terminal(channel.name.as_deref().unwrap_or("")))
                            }
                        }
                    }
                }
                div.field {
                    label for="days" { "Days until it expires, at most 60; 0 means never" }
                    input id="days" name="days" type="number" min="0" max="60" value="7" required;
                }
                div.field {
                    label for="uses" { "Number of uses, at most 100; 0 means without limit" }
                    input id="uses" name="uses" type="number" min="0" max="100" value="0" required;
                }
                (why())
                (confirmation("Yes, create it"))
                button type="submit" { "Create the invite" }
            }
        }
    };
    Ok(page(
        "New invite",
        &query,
        &app.guilds(&query.visit).await?,
        &content,
    ))
}

/// Makes an invite, and shows its link.
pub(crate) async fn make_invite(
    State(app): State<App>,
    Path(guild): Path<String>,
    mut query: Query,
    form: Form,
) -> Result<Page, Fault> {
    let guild: GuildId = guild.parse().map_err(|_| Fault::NotFound)?;
    let client = confirmed(&app, &form)?;
    query.guild = Some(guild);
    let number = |name: &'static str| {
        let number = form.text(name).and_then(|it| it.parse::<u32>().ok());
        number.ok_or_else(|| bad(name, "must be a number"))
    };
    let channel = channel(client, guild, &form).await?;
    let age = number("days")?.saturating_mul(86_400);
    let age = MaxAge::from_secs(age).map_err(|error| bad("days", error))?;
    let uses = MaxUses::new(number("uses")?).map_err(|error| bad("uses", error))?;
    let mut request = client
        .create_invite(channel)
        .max_age(age)
        .max_uses(uses)
        .unique(true);
    if let Some(reason) = reason(&form)? {
        request = request.reason(reason);
    }
    let made = request.await?.into_told();
    let content = html! {
        section.card {
            p.done role="status" { "The invite was created." }
            @if let Some(invite) = &made {
                p { span.code { "https://discord.gg/" (foreign(invite.code().as_str())) } }
            }
            p { a href=(query.link("/invites", &[])) { "Invites" } }
        }
    };
    Ok(page(
        "New invite",
        &query,
        &app.guilds(&query.visit).await?,
        &content,
    ))
}
