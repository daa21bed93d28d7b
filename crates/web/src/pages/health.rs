//! How tracking is going.

use std::time::Duration;

use axum::extract::State;
use guestlist_ledger::{GapRow, Page as Rows, Reports, share};
use guestlist_model::Timestamp;
use guestlist_service::{
    ShardState, Status,
    doctor::{Finding, Outcome},
};
use guestlist_tracker::{Attribution, Certainty, Observation, Stats};
use guestlist_view::{Tone, count, for_terminal, grouped, moment, percent};
use maud::{Markup, html};
use tokio::time::Instant;

use crate::{
    app::App,
    fault::Fault,
    pace::ALLOWED,
    parts::{
        Table, foreign,
        frame::{Page, page, spans},
        pill, table,
    },
    query::Query,
};

/// Gaps on the page.
const SIZE: usize = 200;
/// Joins that tell how late they were seen.
const LATEST: u32 = 100;

pub(crate) async fn health(State(app): State<App>, query: Query) -> Result<Page, Fault> {
    let ledger = app.ledger(&query.visit);
    let guilds = app.guilds(&query.visit).await?;
    let mut gaps = ledger.gaps(&query.scope()).await?;
    gaps.reverse();
    gaps.truncate(SIZE);
    let end = ledger.latest().await?;
    let lag = lag(&*ledger, &query).await?;
    let content = html! {
        // What is about all servers is for who may see all.
        @if query.visit.sight.is_all() {
            section.card {
                h2 { "Connection" }
                @match app.status() {
                    Some(status) => (connection(&app, &status)),
                    None => p.empty {
                        "This dashboard only reads the ledger. "
                        code { "guestlist track --web" }
                        " also shows the connection to Discord here."
                    },
                }
            }
            section.card {
                h2 { "Ledger" }
                dl.facts {
                    @if let Some(size) = app.database_size() {
                        dt { "Size" } dd { (bytes(size)) }
                    }
                    dt { "Entries in its feed" } dd { (grouped(end.get())) }
                    dt { "Servers" } dd { (guilds.len()) }
                }
            }
        }
        section.card {
            h2 { "Lag" }
            dl.facts { (lag) }
        }
        @if let Some(found) = app.permissions(query.guild).await { (permissions(&found)) }
        section.card {
            h2 { "Gaps in the observation" }
            (spans(&query))
            (missed(&query, &gaps))
        }
    };
    Ok(page("Health", &query, &guilds, &content))
}

fn connection(app: &App, status: &Status) -> Markup {
    let stats = &status.stats;
    html! {
        dl.facts {
            dt { "Shards connected" }
            dd { (status.connected()) " of " (status.shards.len()) }
            dt { "Each shard" }
            dd {
                @for (id, shard) in &status.shards {
                    @let (word, tone) = match shard.state {
                        ShardState::Connected => ("connected", Tone::Good),
                        ShardState::Ended => ("ended", Tone::Bad),
                        _ => ("connecting", Tone::Warn),
                    };
                    span.shard { (id.number()) " " (pill(word, tone)) } " "
                }
            }
            dt { "Servers watched" } dd { (status.guilds) }
            dt { "Joins without a final answer" } dd { (status.pending) }
            dt { "Requests in progress" } dd { (status.requests) }
            dt { "Records not yet stored" }
            dd {
                (status.uncommitted)
                @if let Some(reason) = &status.blocked {
                    " " (pill("cannot be stored", Tone::Bad)) " " (for_terminal(reason))
                }
            }
            dt { "Last stored" }
            dd { (status.committed_at.map_or_else(|| "not yet".to_owned(), moment)) }
            dt { "Contradictions" }
            dd {
                (grouped(stats.contradictions))
                @if stats.contradictions > 0 {
                    " " (pill("a deduction was wrong", Tone::Bad))
                }
            }
        }
        @if !status.troubles.is_empty() {
            h3 { "What does not work" }
            ul.findings {
                @for trouble in &status.troubles {
                    li {
                        (pill(trouble.cause.kind.as_str(), Tone::Warn)) " "
                        (foreign(&trouble.to_string()))
                        p.note {
                            "Since " (moment(trouble.since)) ", tried "
                            (grouped(trouble.times)) " "
                            @if trouble.times == 1 { "time" } @else { "times" } "."
                        }
                    }
                }
            }
        }
        h3 { "Requests to Discord" }
        (app.pace(|pace| requests(stats, pace.before(Instant::now()))))
    }
}

/// How many requests of a kind there were.
type Count = fn(&Stats) -> u64;

/// Requests by kind, and how many Discord allows.
fn requests(stats: &Stats, before: Option<(Duration, &Stats)>) -> Markup {
    let kinds: [(&str, Count); 6] = [
        ("Lists of invites", |it| it.list_requests),
        ("Members searches", |it| it.search_requests),
        ("Vanity counts", |it| it.vanity_requests),
        ("Audit log pages", |it| it.audit_requests),
        ("Pages of members", |it| it.member_requests),
        ("All", Stats::requests),
    ];
    let lately = |of: Count| {
        let (_, before) = before?;
        Some(of(stats).saturating_sub(of(before)))
    };
    let seconds = before.map(|(ago, _)| ago.as_secs().max(1));
    html! {
        table.plain {
            thead {
                tr {
                    th scope="col" { "kind" }
                    th.num scope="col" { "since the start" }
                    @if let Some(seconds) = seconds {
                        th.num scope="col" { "last " (seconds) " seconds" }
                    }
                }
            }
            tbody {
                @for (name, of) in kinds {
                    tr {
                        th scope="row" { (name) }
                        td.num { (grouped(of(stats))) }
                        @if let Some(lately) = lately(of) { td.num { (grouped(lately)) } }
                    }
                }
            }
        }
        @if let (Some(seconds), Some(lately)) = (seconds, lately(Stats::requests)) {
            @let allowed = seconds * u64::from(ALLOWED);
            p.note {
                "Discord allows a bot " (ALLOWED) " requests per second. The last " (seconds)
                " seconds used " (percent(share(lately, allowed))) " of that."
            }
        }
    }
}

/// How late joins were seen and answered: the middle one of the latest.
async fn lag(ledger: &dyn Reports, query: &Query) -> Result<Markup, Fault> {
    let rows = ledger.joins(&query.timeless(), Rows::first(LATEST)).await?;
    let (mut seen, mut answered) = (Vec::new(), Vec::new());
    for row in &rows {
        // What a search found was not seen when it happened.
        if row.join.observed_by == Observation::Gateway {
            seen.push(between(row.join.joined_at, row.join.observed_at));
        }
        let is_final = |it: &&Attribution| !matches!(it.certainty, Certainty::Provisional(_));
        if let Some(answer) = row.attribution.as_ref().filter(is_final) {
            answered.push(between(row.join.joined_at, answer.decided_at));
        }
    }
    let shown = |mut times: Vec<u64>| {
        times.sort_unstable();
        let middle = times.get(times.len() / 2)?;
        let median = match middle {
            0..1_000 => format!("{middle} ms"),
            _ => format!("{}.{} s", middle / 1_000, middle % 1_000 / 100),
        };
        Some((median, count(times.len() as u64, "join")))
    };
    let (seen, answered) = (shown(seen), shown(answered));
    Ok(html! {
        dt { "Latest join" }
        dd {
            (rows.first().map_or_else(|| "none".to_owned(), |row| moment(row.join.joined_at)))
        }
        @for (what, shown) in [("Joins seen after", seen), ("Answered after", answered)] {
            @if let Some((median, joins)) = shown {
                dt { (what) }
                dd { (median) " " span.note { "median of " (joins) } }
            }
        }
    })
}

/// Milliseconds; none if a clock says that the end was first.
fn between(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.as_millis() - from.as_millis()).unwrap_or(0)
}

/// What the bot lacks, what that costs, and what to do: what `guestlist doctor` finds.
fn permissions(found: &Result<Vec<Finding>, String>) -> Markup {
    html! {
        section.card {
            h2 { "Permissions" }
            @match found {
                Err(problem) => p.problem role="alert" {
                    "The bot's permissions are unknown: " (for_terminal(problem)) "."
                },
                Ok(found) if found.is_empty() => p.empty { "The bot is not in any server." },
                Ok(found) => ul.findings {
                    @for finding in found {
                        @let (word, tone) = match finding.status {
                            Outcome::Ok => ("ok", Tone::Good),
                            Outcome::Warning => ("limited", Tone::Warn),
                            Outcome::Problem => ("does not work", Tone::Bad),
                        };
                        li {
                            (pill(word, tone)) " " (foreign(&finding.message))
                            @if let Some(help) = &finding.help {
                                p.note { "To fix it: " (for_terminal(help)) "." }
                            }
                        }
                    }
                },
            }
        }
    }
}

fn missed(query: &Query, gaps: &[GapRow]) -> Markup {
    if gaps.is_empty() {
        return html! { p.empty { "Nothing was missed in this time span." } };
    }
    let without: &[&str] = match query.guild {
        Some(_) => &["server"],
        None => &[],
    };
    table(
        gaps,
        &Table {
            caption: "Gaps in which joins may have been missed, latest first",
            without,
            noted: true,
            replace: &|_, _| None,
        },
    )
}

/// "1.2 MB".
fn bytes(size: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)];
    let unit = UNITS.into_iter().find(|(_, unit)| size >= *unit);
    match unit {
        Some((name, unit)) => format!("{}.{} {name}", size / unit, size % unit * 10 / unit),
        None => format!("{size} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn sizes_are_short() {
        assert_eq!(bytes(0), "0 bytes");
        assert_eq!(bytes(1_250), "1.2 kB");
        assert_eq!(bytes(1_100_000_000), "1.1 GB");
    }
}
