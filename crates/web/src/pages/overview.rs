//! The first page: what happens now, what works, and how sure we are.

use std::time::Duration;

use axum::extract::State;
use guestlist_ledger::{
    Bucket, CertaintyKind, InviteRow, InviteStatus, InviterProfile, JoinRow, LedgerError,
    Page as Rows, ProfileLimits, Reports, Scope, Totals, share,
};
use guestlist_model::Timestamp;
use guestlist_view::{SeenInvite, grouped, percent};
use maud::{Markup, html};

use super::{flow::Flow, inviters, invites, joins};
use crate::{
    app::App,
    fault::Fault,
    parts::frame::{Page, page, spans},
    query::Query,
    usual::Usual,
};

/// Joins in the list that new ones are added to.
const LATEST: u32 = 12;
/// Invites and inviters that are shown.
const BEST: u32 = 5;
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

pub(crate) async fn overview(State(app): State<App>, query: Query) -> Result<Page, Fault> {
    let ledger = app.ledger(&query.visit);
    let scope = query.scope();
    let lasting = query.timeless();
    let guilds = app.guilds(&query.visit).await?;
    let totals = ledger.totals(&scope).await?;
    let flow = Flow::read(&*ledger, &query, &scope).await?;
    let usual = usual(&*ledger, &lasting, query.now).await?;
    let best = ledger
        .invites(&lasting, InviteStatus::Any, Some(BEST))
        .await?;
    let limits = ProfileLimits::new(query.now);
    let bringers = match ledger.inviter_profiles(&scope, &limits).await {
        Ok(rows) => Some(rows),
        Err(LedgerError::TooMany { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    // The place in the feed comes first: what is stored meanwhile comes twice, not never.
    let end = ledger.latest().await?;
    let latest = ledger.joins(&lasting, Rows::first(LATEST)).await?;
    let content = html! {
        (spans(&query))
        @if guilds.is_empty() {
            (nothing_yet())
        } @else {
            (tiles(&totals, usual.as_ref()))
            section.card {
                @match flow {
                    Some(flow) => (flow.draw("Joins and leaves by origin")?),
                    None => {
                        h2 { "Joins and leaves by origin" }
                        p.empty { "Nobody joined or left in this time span." }
                    }
                }
            }
            div.pair {
                (top_invites(&query, best))
                (top_inviters(&query, bringers))
            }
            (arrivals(&query, &latest, end.get()))
        }
    };
    Ok(page("Overview", &query, &guilds, &content))
}

fn nothing_yet() -> Markup {
    html! {
        section.card.empty {
            h2 { "This ledger is still empty" }
            p {
                "Members appear here as soon as they join a server that "
                code { "guestlist track" }
                " watches. "
                code { "guestlist doctor" }
                " checks whether the bot has everything that it needs."
            }
        }
    }
}

/// The last day against the days before, or the last hour against the hours before.
async fn usual(
    ledger: &dyn Reports,
    scope: &Scope,
    now: Timestamp,
) -> Result<Option<(Usual, &'static str)>, Fault> {
    for (width, spans, label) in [(DAY, 28, "24 hours"), (HOUR, 24, "hour")] {
        let since = now.saturating_sub(width * (spans + 1));
        // Of all servers, the hours are counted already; days of them are as good.
        let since = match scope.guild {
            None if width > HOUR => Bucket::HOUR.start(since).saturating_add(HOUR),
            _ => since,
        };
        let Some(bucket) = Bucket::of(width) else {
            continue;
        };
        let scope = scope.clone().since(since);
        let rows = ledger.series(&scope, bucket.from(since)).await?;
        let Some(first) = rows
            .iter()
            .filter(|it| it.joins > 0)
            .map(|it| it.from)
            .min()
        else {
            return Ok(None);
        };
        // Only whole spans in which somebody watched; the first may have begun late.
        let counts: Vec<u64> = (0..=spans)
            .map(|at| since.saturating_add(width * at))
            .filter(|start| *start > first)
            .map(|start| {
                rows.iter()
                    .filter(|it| it.from == start)
                    .map(|it| it.joins)
                    .sum()
            })
            .collect();
        if let Some(usual) = Usual::of(&counts) {
            return Ok(Some((usual, label)));
        }
    }
    Ok(None)
}

fn tiles(totals: &Totals, usual: Option<&(Usual, &'static str)>) -> Markup {
    let confirmed = totals.of(CertaintyKind::Confirmed);
    let certain = confirmed + totals.of(CertaintyKind::Deduced);
    let answered =
        certain + totals.of(CertaintyKind::Ambiguous) + totals.of(CertaintyKind::Unknown);
    let open = totals.joins.saturating_sub(answered);
    html! {
        dl.tiles {
            div.tile {
                dt { "Joined" }
                dd {
                    span.big { (grouped(totals.joins)) }
                    span.small { (grouped(totals.leaves)) " left" }
                }
            }
            div.tile {
                dt { "Certain answers" }
                dd {
                    span.big { (percent(share(certain, answered))) }
                    span.small { (grouped(confirmed)) " confirmed by Discord" }
                }
            }
            div.tile {
                dt { "Pending" }
                dd {
                    span.big { (grouped(open)) }
                    span.small { "without a final answer" }
                }
            }
            div.tile {
                dt { "Now, compared with the usual" }
                dd {
                    @match usual {
                        Some((usual, span)) => {
                            span.big { (grouped(usual.now)) }
                            span.small {
                                b { (usual.word()) } ": " (grouped(usual.median)) " in the "
                                (span) " usually (" (grouped(usual.low)) " to "
                                (grouped(usual.high)) ")"
                            }
                        }
                        None => {
                            span.big { "–" }
                            span.small { "there is not enough data yet" }
                        }
                    }
                }
            }
        }
    }
}

fn top_invites(query: &Query, rows: Vec<InviteRow>) -> Markup {
    let rows: Vec<SeenInvite> = rows
        .into_iter()
        .filter(|row| row.joins() > 0)
        .map(|row| SeenInvite {
            row,
            now: query.now,
        })
        .collect();
    html! {
        section.card {
            h2 { a href=(query.link("/invites", &[])) { "Top invites" } }
            @if rows.is_empty() {
                p.empty { "Nobody has joined through an invite yet." }
            } @else {
                (invites::short(query, &rows))
            }
        }
    }
}

fn top_inviters(query: &Query, rows: Option<Vec<InviterProfile>>) -> Markup {
    let is_known = rows.is_some();
    let mut rows = rows.unwrap_or_default();
    rows.truncate(BEST as usize);
    html! {
        section.card {
            h2 { a href=(query.link("/inviters", &[])) { "Top inviters" } }
            @if !is_known {
                p.empty { "There are too many joins. Choose a server or a shorter time span." }
            } @else if rows.is_empty() {
                p.empty { "Nobody has invited anyone yet." }
            } @else {
                (inviters::short(query, &rows))
            }
        }
    }
}

/// The latest joins. A script adds those that come.
fn arrivals(query: &Query, rows: &[JoinRow], end: u64) -> Markup {
    let source = query.link("/live", &[("after", &end.to_string()), ("span", "")]);
    html! {
        section.card {
            h2 {
                a href=(query.link("/joins", &[])) { "Latest joins" }
                span.live hidden data-live-state {}
            }
            @if rows.is_empty() {
                p.empty data-live-empty { "Nobody has joined yet." }
            }
            div data-live=(source) data-live-rows=(LATEST) data-live-server[query.guild.is_none()] {
                (joins::list(query, rows))
            }
        }
    }
}
