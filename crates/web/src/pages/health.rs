//! How tracking is going.

use axum::extract::State;
use guestlist_ledger::GapRow;
use guestlist_service::{
    ShardState, Status,
    doctor::{Finding, Outcome},
};
use guestlist_view::{Tone, for_terminal, grouped, moment};
use maud::{Markup, html};

use crate::{
    app::App,
    fault::Fault,
    parts::{
        Table, foreign,
        frame::{Page, page, spans},
        pill, table,
    },
    query::Query,
};

/// Gaps on the page.
const SIZE: usize = 200;

pub(crate) async fn health(State(app): State<App>, query: Query) -> Result<Page, Fault> {
    let ledger = app.ledger(&query.visit);
    let guilds = app.guilds(&query.visit).await?;
    let mut gaps = ledger.gaps(&query.scope()).await?;
    gaps.reverse();
    gaps.truncate(SIZE);
    let end = ledger.latest().await?;
    let content = html! {
        // What is about all servers is for who may see all.
        @if query.visit.sight.is_all() {
            section.card {
                h2 { "Connection" }
                @match app.status() {
                    Some(status) => (connection(&status)),
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
        @if let Some(found) = app.permissions(query.guild).await { (permissions(&found)) }
        section.card {
            h2 { "Gaps in the observation" }
            (spans(&query))
            (missed(&query, &gaps))
        }
    };
    Ok(page("Health", &query, &guilds, &content))
}

fn connection(status: &Status) -> Markup {
    let stats = &status.stats;
    html! {
        dl.facts {
            dt { "Shards" }
            dd {
                @for (id, shard) in &status.shards {
                    @let (word, tone) = match shard.state {
                        ShardState::Connected => ("connected", Tone::Good),
                        ShardState::Ended => ("ended", Tone::Bad),
                        _ => ("connecting", Tone::Warn),
                    };
                    span.shard { (id.to_string()) " " (pill(word, tone)) } " "
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
        h3 { "Requests to Discord since the start" }
        dl.facts {
            dt { "Lists of invites" } dd { (grouped(stats.list_requests)) }
            dt { "Members searches" } dd { (grouped(stats.search_requests)) }
            dt { "Vanity counts" } dd { (grouped(stats.vanity_requests)) }
            dt { "Audit log pages" } dd { (grouped(stats.audit_requests)) }
            dt { "Pages of members" } dd { (grouped(stats.member_requests)) }
            dt { "Contradictions" }
            dd {
                (grouped(stats.contradictions))
                @if stats.contradictions > 0 {
                    " " (pill("a deduction was wrong", Tone::Bad))
                }
            }
        }
    }
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
                            Outcome::Warning => ("knows less", Tone::Warn),
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
