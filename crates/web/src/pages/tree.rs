//! Who brought whom.

use axum::extract::State;
use guestlist_ledger::{CertaintyKind, TreeNode, TreePage, TreeQuestion, is_forgotten};
use guestlist_model::GuildId;
use guestlist_view::{Tone, count, grouped, moment};
use maud::{Markup, html};

use crate::{
    app::{App, Guild},
    fault::Fault,
    parts::{
        foreign,
        frame::{Page, page},
        pill,
    },
    query::Query,
};

/// Members on a page.
const SIZE: u32 = 100;

pub(crate) async fn tree(State(app): State<App>, query: Query) -> Result<Page, Fault> {
    let guilds = app.guilds(&query.visit).await?;
    let Some(guild) = query.guild.or_else(|| only(&guilds)) else {
        return Ok(page("Tree", &query, &guilds, &choose(&query, &guilds)));
    };
    let shown = app
        .ledger(&query.visit)
        .tree(&question(&query, guild))
        .await?;
    let content = html! {
        (path(&query, &shown))
        section.card {
            @if shown.nodes.is_empty() {
                p.empty {
                    @if query.parent.is_some() {
                        "Nobody is known to have joined through an invite of this member."
                    } @else {
                        "No inviter is known in this server yet."
                    }
                }
            } @else {
                (nodes(&query, &shown))
            }
        }
        p.note {
            (count(shown.members, "member")) " in this tree, according to confirmed and deduced answers; "
            (grouped(shown.outside)) " joined in other or unknown ways."
        }
    };
    Ok(page("Tree", &query, &guilds, &content))
}

/// What the address asks.
pub(crate) const fn question(query: &Query, guild: GuildId) -> TreeQuestion {
    let question = match query.parent {
        Some(parent) => TreeQuestion::children(guild, parent, SIZE),
        None => TreeQuestion::roots(guild, SIZE),
    };
    match query.place {
        Some(place) => question.after(place),
        None => question,
    }
}

fn only(guilds: &[Guild]) -> Option<GuildId> {
    match guilds {
        [one] => Some(one.id),
        _ => None,
    }
}

fn choose(query: &Query, guilds: &[Guild]) -> Markup {
    html! {
        section.card {
            @if guilds.is_empty() {
                p.empty { "This ledger is still empty." }
            } @else {
                h2 { "Choose a server" }
                ul {
                    @for guild in guilds {
                        li {
                            a href=(query.link("/tree", &[("guild", &guild.id.to_string())])) {
                                @match &guild.name {
                                    Some(name) => (foreign(name)),
                                    None => (guild.id),
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn name(node: &TreeNode) -> Markup {
    match &node.name {
        Some(name) => foreign(name),
        None if is_forgotten(node.user) => html! { "(forgotten)" },
        None => html! { (node.user) },
    }
}

/// The way from the root down to the member whose people are shown.
fn path(query: &Query, shown: &TreePage) -> Markup {
    let to = |user: &str| query.with(&[("parent", user), ("place", "")]);
    html! {
        @if query.parent.is_some() {
            nav.path aria-label="Path from the root" {
                a href=(to("")) { "All" }
                @for (at, node) in shown.path.iter().enumerate() {
                    span aria-hidden="true" { "›" }
                    @if at + 1 == shown.path.len() {
                        b aria-current="page" { (name(node)) }
                    } @else {
                        a href=(to(&node.user.to_string())) { (name(node)) }
                    }
                }
            }
        }
    }
}

fn nodes(query: &Query, shown: &TreePage) -> Markup {
    let most = shown
        .nodes
        .iter()
        .map(|it| it.descendants)
        .max()
        .unwrap_or(0);
    let next = shown
        .next
        .map(|it| format!("{}-{}", it.descendants, it.user));
    // Of those whom nobody is known to have invited, there is nothing to tell of that.
    let is_told = shown
        .nodes
        .iter()
        .any(|it| it.joined_at.is_some() || it.code.is_some() || it.certainty.is_some());
    html! {
        table.rows {
            caption.unseen { "Members, most descendants first" }
            thead {
                tr {
                    th scope="col" { "member" }
                    th.num scope="col" { "invited" }
                    th.num scope="col" { "descendants" }
                    th.num scope="col" { "still members" }
                    th scope="col" {}
                    @if is_told {
                        th scope="col" { "joined (UTC)" }
                        th scope="col" { "by" }
                        th scope="col" { "certainty" }
                    }
                }
            }
            tbody {
                @for node in &shown.nodes { (row(query, node, most, is_told)) }
            }
        }
        nav.pages aria-label="Pages of members" {
            @if query.place.is_some() { a href=(query.with(&[("place", "")])) { "First" } }
            @if let Some(next) = next {
                a.next rel="next" href=(query.with(&[("place", &next)])) { "More" }
            }
        }
    }
}

fn row(query: &Query, node: &TreeNode, most: u64, is_told: bool) -> Markup {
    let certainty = node.certainty.map(|kind| {
        let tone = match kind {
            CertaintyKind::Confirmed => Tone::Good,
            CertaintyKind::Deduced => Tone::Fair,
            _ => Tone::Warn,
        };
        pill(kind.as_str(), tone)
    });
    let user = node.user.to_string();
    html! {
        tr {
            td data-label="member" {
                @if node.children > 0 {
                    a href=(query.with(&[("parent", &user), ("place", "")])) { (name(node)) }
                } @else {
                    (name(node))
                }
                @if node.here == Some(false) { " " (pill("left", Tone::Dim)) }
            }
            td.num data-label="brought" { (grouped(node.children)) }
            td.num data-label="below" { (grouped(node.descendants)) }
            td.num data-label="still here" { (grouped(node.descendants_here)) }
            td.bar data-label="" { progress max=(most.max(1)) value=(node.descendants) aria-hidden="true" {} }
            @if is_told {
                td.whole data-label="joined (UTC)" {
                    (node.joined_at.map_or_else(|| "–".to_owned(), moment))
                }
                td data-label="by" {
                    @match &node.code {
                        Some(code) => span.code { (code) },
                        None => "–",
                    }
                }
                td data-label="certainty" {
                    @match certainty {
                        Some(certainty) => (certainty),
                        None => "–",
                    }
                }
            }
        }
    }
}
