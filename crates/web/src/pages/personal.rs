//! Personal links: one invite with one use for each name of a list, and what became of them.

use axum::{
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Redirect, Response},
};
use guestlist_client::{Client, MaxAge};
use guestlist_ledger::Label;
use guestlist_model::GuildId;
use guestlist_view::{count, for_csv, for_terminal, grouped, names};
use maud::{Markup, html};

use super::manage::{bad, by, confirmation, confirmed};
use crate::{
    access::Form,
    app::App,
    fault::Fault,
    parts::{
        foreign,
        frame::{Page, page, reloading, secret},
    },
    personal::{Link, MOST, Making, Order, Progress, links},
    query::Query,
};

/// How often the page is loaded again while links are made, in seconds.
const AGAIN: u32 = 2;

pub(crate) async fn personal(
    State(app): State<App>,
    Path(guild): Path<String>,
    mut query: Query,
) -> Result<Page, Fault> {
    let (guild, client) = place(&app, &guild)?;
    query.guild = Some(guild);
    let progress = app.orders().progress(guild);
    let running = progress.as_ref().is_some_and(|it| it.running);
    let found = links(&*app.ledger(&query.visit), guild).await?;
    let content = html! {
        @if let Some(progress) = &progress { (state(progress)) }
        @if !running { (form(&query, guild, client).await?) }
        (list(&query, guild, &found))
    };
    let guilds = app.guilds(&query.visit).await?;
    let title = "Personal links";
    Ok(match running {
        true => reloading(title, AGAIN, &query, &guilds, &content),
        false => page(title, &query, &guilds, &content),
    })
}

/// A server, and the client with which links are made.
fn place<'a>(app: &'a App, guild: &str) -> Result<(GuildId, &'a Client), Fault> {
    let guild = guild.parse().map_err(|_| Fault::NotFound)?;
    match (app.client(), app.labels()) {
        (Some(client), Some(_)) => Ok((guild, client)),
        _ => Err(Fault::NotFound),
    }
}

fn state(progress: &Progress) -> Markup {
    let done = progress.made + progress.skipped;
    html! {
        section.card {
            @if progress.running {
                p role="status" {
                    b { (done) " of " (progress.all) } " links have been created. This page reloads automatically."
                }
                progress max=(progress.all) value=(done) { (done) " of " (progress.all) }
            } @else if let Some(problem) = &progress.problem {
                p.problem role="alert" {
                    (count(progress.made as u64, "link")) " of " (progress.all)
                    " were created, then an error occurred: " (for_terminal(problem)) "."
                }
                p {
                    "They are kept. To continue, send the same list again. People who have a usable "
                    "link do not get a second one."
                }
            } @else {
                p.done role="status" {
                    (count(progress.made as u64, "link")) " created"
                    @if progress.skipped > 0 {
                        "; " (progress.skipped) " already existed"
                    }
                    "."
                }
            }
        }
    }
}

async fn form(query: &Query, guild: GuildId, client: &Client) -> Result<Markup, Fault> {
    let channels = client.list_guild_channels(guild).await?;
    Ok(html! {
        section.card {
            h2 { "Create links" }
            form.stack method="post" action={ "/guilds/" (guild) "/personal" } {
                (secret(query))
                div.field {
                    label for="names" {
                        "Names: one per line, or a CSV with a column “name”; at most " (MOST)
                    }
                    textarea id="names" name="names" rows="6" required autocomplete="off"
                        spellcheck="false" placeholder="Ada Lovelace\nGrace Hopper" {}
                }
                div.field {
                    label for="channel" { "Channel" }
                    select id="channel" name="channel" required {
                        @for channel in channels.iter().filter(|it| it.takes_invites()) {
                            option value=(channel.id) {
                                (for_terminal(channel.name.as_deref().unwrap_or("")))
                            }
                        }
                    }
                }
                div.field {
                    label for="days" { "Days until they expire, at most 60; 0 means never" }
                    input id="days" name="days" type="number" min="0" max="60" value="7" required;
                }
                (confirmation("Yes, create them"))
                button type="submit" { "Create the links" }
            }
            p.note {
                "Each link works once. guestlist shows which link a member used, not who they are, "
                "because people can pass a link on. The names are stored in the ledger and in the "
                "server's audit log."
            }
        }
    })
}

fn list(query: &Query, guild: GuildId, found: &[Link]) -> Markup {
    html! {
        section.card {
            h2 { "Links of this server" }
            @if found.is_empty() {
                p.empty { "This server has no links yet." }
            } @else {
                table.rows {
                    caption.unseen { "Personal links, by name" }
                    thead {
                        tr {
                            th scope="col" { "created for" }
                            th scope="col" { "link" }
                            th scope="col" { "state" }
                            th.num scope="col" { "joins" }
                        }
                    }
                    tbody {
                        @for link in found { (row(query, guild, link)) }
                    }
                }
                p { a href={ "/guilds/" (guild) "/personal.csv" } { "Download as CSV" } }
            }
        }
    }
}

fn row(query: &Query, guild: GuildId, link: &Link) -> Markup {
    let code = link.code.as_str();
    let joins = link.joins();
    html! {
        tr {
            td data-label="created for" {
                a href=(query.link(&format!("/invites/{guild}/{code}"), &[("guild", "")])) {
                    (foreign(link.name()))
                }
            }
            td data-label="link" { span.code.select { "https://discord.gg/" (code) } }
            td data-label="state" { (link.state()) }
            td.num data-label="joins" {
                @if joins > 0 {
                    a href=(query.link("/joins", &[("code", code), ("span", "all")])) { (grouped(joins)) }
                } @else {
                    "0"
                }
            }
        }
    }
}

/// Begins to make links.
pub(crate) async fn make_personal(
    State(app): State<App>,
    Path(guild): Path<String>,
    form: Form,
) -> Result<Response, Fault> {
    let (guild, _) = place(&app, &guild)?;
    let client = confirmed(&app, &form)?;
    let given =
        names(form.text("names").unwrap_or(""), MOST).map_err(|error| bad("names", error))?;
    let people = given.iter().map(|name| {
        Label::for_person(name).map_err(|error| bad("names", format!("{name}: {error}")))
    });
    let people: Vec<Label> = people.collect::<Result<_, _>>()?;
    let channel = super::manage::channel(client, guild, &form).await?;
    let days = form.text("days").and_then(|it| it.parse::<u32>().ok());
    let days = days.ok_or_else(|| bad("days", "must be a number"))?;
    let age = MaxAge::from_secs(days.saturating_mul(86_400)).map_err(|error| bad("days", error))?;
    let order = Order {
        guild,
        channel,
        age,
        people,
        by: by(&form),
    };
    let making = Making {
        client: client.clone(),
        ledger: app.ledger(&form.visit),
        labels: app.labels().cloned().ok_or(Fault::NotFound)?,
        stop: app.stop().clone(),
    };
    if !app.orders().begin(making, order) {
        return Err(bad(
            "names",
            "links of this server are being created; wait until this has finished",
        ));
    }
    Ok(Redirect::to(&format!("/guilds/{guild}/personal")).into_response())
}

/// The links of a server as CSV.
pub(crate) async fn personal_csv(
    State(app): State<App>,
    Path(guild): Path<String>,
    query: Query,
) -> Result<Response, Fault> {
    let (guild, _) = place(&app, &guild)?;
    let mut csv = csv::Writer::from_writer(Vec::new());
    let mut write = |cells: [&str; 4]| csv.write_record(cells.map(|it| for_csv(it).into_owned()));
    write(["made_for", "link", "state", "joins"])?;
    for link in links(&*app.ledger(&query.visit), guild).await? {
        let url = format!("https://discord.gg/{}", link.code);
        write([link.name(), &url, &link.state(), &link.joins().to_string()])?;
    }
    let body = csv
        .into_inner()
        .map_err(|error| Fault::Csv(error.into_error().into()))?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"personal-links.csv\"",
        ),
    ];
    Ok((headers, body).into_response())
}
