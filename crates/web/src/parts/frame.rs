//! What is around a page: head, navigation, the choice of server and time.

use axum::response::{Html, IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};

use super::foreign;
use crate::{
    access::Form,
    app::Guild,
    asset,
    query::{Query, Span},
};

/// A page, ready to be sent.
#[derive(Debug)]
pub(crate) struct Page(Markup);

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        Html(self.0.into_string()).into_response()
    }
}

/// The pages that the navigation leads to.
const TABS: [(&str, &str); 9] = [
    ("/", "Overview"),
    ("/joins", "Joins"),
    ("/invites", "Invites"),
    ("/inviters", "Inviters"),
    ("/tree", "Tree"),
    ("/retention", "Retention"),
    ("/alerts", "Alerts"),
    ("/accuracy", "Accuracy"),
    ("/tracking", "Health"),
];

/// A page with navigation, which a choice of server and time stands above.
pub(crate) fn page(title: &str, query: &Query, guilds: &[Guild], content: &Markup) -> Page {
    framed(title, None, query, guilds, content)
}

/// The same, loaded again after so many seconds.
pub(crate) fn reloading(
    title: &str,
    seconds: u32,
    query: &Query,
    guilds: &[Guild],
    content: &Markup,
) -> Page {
    framed(title, Some(&seconds.to_string()), query, guilds, content)
}

fn framed(
    title: &str,
    refresh: Option<&str>,
    query: &Query,
    guilds: &[Guild],
    content: &Markup,
) -> Page {
    let name = query.guild.map(|id| {
        let row = guilds.iter().find(|row| row.id == id);
        row.and_then(|row| row.name.clone())
            .unwrap_or_else(|| id.to_string())
    });
    document(
        title,
        refresh,
        &html! {
            header.top {
                a.brand href=(query.link("/", &[])) { "guestlist" }
                nav aria-label="Pages" {
                    @for (path, label) in TABS {
                        a href=(query.link(path, &[])) aria-current=[is_here(query, path)] { (label) }
                    }
                }
                (picker(query, guilds))
                @if query.visit.logged_in {
                    form.out method="post" action="/logout" {
                        (secret(query))
                        @if let Some(person) = &query.visit.person {
                            span.who { (foreign(&person.name)) }
                        }
                        button.quiet type="submit" { "Log out" }
                    }
                }
            }
            main id="main" {
                div.title {
                    h1 { (title) }
                    @if let Some(name) = &name { p { (foreign(name)) } }
                }
                (content)
            }
        },
    )
}

fn is_here(query: &Query, path: &str) -> Option<&'static str> {
    let here = match path {
        "/" => query.path == "/",
        // Invites are made there.
        "/invites" if query.path.starts_with("/guilds/") => true,
        path => query.path.starts_with(path),
    };
    here.then_some("page")
}

/// Chooses a server. A single one needs no choice.
fn picker(query: &Query, guilds: &[Guild]) -> Markup {
    let all = query.visit.sight.is_all();
    if guilds.len() < 2 && (query.guild.is_none() || !all) {
        return html! {};
    }
    // A join is of one server: from there, the choice leads to the list.
    let target = match query.path.as_str() {
        path if path.starts_with("/joins/") => "/joins",
        path if path.starts_with("/guilds/") => "/invites",
        path => path,
    };
    html! {
        form.picker method="get" action=(target) {
            @for (name, value) in query.carried(&["guild"]) {
                input type="hidden" name=(name) value=(value);
            }
            label.unseen for="guild" { "Server" }
            select id="guild" name="guild" {
                @if all { option value="" { "All servers" } }
                @for row in guilds {
                    option value=(row.id) selected[query.guild == Some(row.id)] {
                        @match &row.name {
                            Some(name) => (guestlist_view::for_terminal(name)),
                            None => (row.id),
                        }
                    }
                }
            }
            button type="submit" { "Show" }
        }
    }
}

/// What makes a form one of ours.
pub(crate) fn secret(query: &Query) -> Markup {
    html! { input type="hidden" name=(Form::SECRET) value=(query.visit.secret); }
}

/// Chooses the time, by links.
pub(crate) fn spans(query: &Query) -> Markup {
    html! {
        nav.spans aria-label="Time" {
            @for span in Span::ALL {
                @let here = !query.is_custom() && span == query.span;
                a href=(query.with(&[("span", span.word), ("since", ""), ("until", "")]))
                    aria-current=[here.then_some("true")] { (span.label) }
            }
        }
    }
}

/// A page that nothing can be chosen on.
pub(crate) fn bare(title: &str, content: &Markup) -> Page {
    alone(title, None, content)
}

/// A page that leads on by itself.
pub(crate) fn leading(title: &str, to: &str, content: &Markup) -> Page {
    alone(title, Some(&format!("0;url={to}")), content)
}

fn alone(title: &str, refresh: Option<&str>, content: &Markup) -> Page {
    document(
        title,
        refresh,
        &html! {
            header.top { a.brand href="/" { "guestlist" } }
            main id="main" {
                div.title { h1 { (title) } }
                (content)
            }
        },
    )
}

fn document(title: &str, refresh: Option<&str>, body: &Markup) -> Page {
    Page(html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                @if let Some(refresh) = refresh { meta http-equiv="refresh" content=(refresh); }
                title { (title) " – guestlist" }
                link rel="stylesheet" href=(asset::style());
                link rel="icon" type="image/svg+xml" href=(asset::icon());
                script src=(asset::live()) defer {}
            }
            body {
                a.skip href="#main" { "Skip to the content" }
                (body)
                footer {
                    p { "Times are UTC." }
                }
            }
        }
    })
}
