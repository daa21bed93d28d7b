//! Joins and leaves over time: from a series of the ledger to bars and their table.

use std::time::Duration;

use guestlist_ledger::{Bucket, LedgerError, Reports, Scope, SeriesRow};
use guestlist_model::Timestamp;
use guestlist_view::{count, grouped, moment};
use maud::{Markup, html};

use crate::{
    fault::Fault,
    parts::chart::{Bars, bars},
    query::Query,
    sources::Source,
};

/// Widths of bars that are offered, in seconds.
const WIDTHS: [u64; 12] = [
    10, 30, 60, 300, 900, 3_600, 10_800, 43_200, 86_400, 604_800, 2_419_200, 31_536_000,
];
const WEEK: u64 = 604_800;
/// So long a time, in seconds, is not looked at roughly before.
const SHORT: i64 = 90 * 86_400;
/// So many bars at most.
const BARS: i64 = 72;

/// Joins and leaves over time.
pub(crate) struct Flow {
    width: Duration,
    starts: Vec<Timestamp>,
    joins: Vec<(Source, Vec<u64>)>,
    leaves: Vec<u64>,
}

impl Flow {
    /// Reads it for what a page asks for; none if nothing happened.
    pub(super) async fn read(
        ledger: &dyn Reports,
        query: &Query,
        scope: &Scope,
    ) -> Result<Option<Self>, LedgerError> {
        let found = look(ledger, query, scope).await?;
        Ok(found.and_then(|found| Self::of(&found)))
    }

    /// The rows that it is made of.
    pub(crate) async fn rows(
        ledger: &dyn Reports,
        query: &Query,
        scope: &Scope,
    ) -> Result<Vec<SeriesRow>, LedgerError> {
        let found = look(ledger, query, scope).await?;
        Ok(found.map(|found| found.rows).unwrap_or_default())
    }

    fn of(found: &Found) -> Option<Self> {
        let Found {
            rows,
            width,
            bucket,
            first,
            end,
        } = found;
        // Times begin where something happened: an hour before it would be empty.
        let from = rows.iter().map(|row| row.from).min()?;
        let from = bucket.start(*first).max(from);
        let mut starts = Vec::new();
        let mut at = from;
        while at < *end || starts.is_empty() {
            starts.push(at);
            at = at.saturating_add(*width);
        }
        let mut joins: Vec<_> = Source::ALL
            .into_iter()
            .map(|source| (source, vec![0; starts.len()]))
            .collect();
        let mut leaves = vec![0; starts.len()];
        for row in rows {
            let Ok(place) = starts.binary_search(&row.from) else {
                continue;
            };
            let of = Source::of(row);
            let counts = joins.iter_mut().find(|(source, _)| *source == of);
            if let Some(count) = counts.and_then(|(_, counts)| counts.get_mut(place)) {
                *count += row.joins;
            }
            if let Some(count) = leaves.get_mut(place) {
                *count += row.leaves;
            }
        }
        Some(Self {
            width: *width,
            starts,
            joins,
            leaves,
        })
    }

    /// The chart, with its numbers in a table beneath.
    pub(super) fn draw(&self, title: &str) -> Result<Markup, Fault> {
        let labels: Vec<String> = self.starts.iter().map(|at| self.label(*at)).collect();
        let up: Vec<_> = self
            .joins
            .iter()
            .enumerate()
            .map(|(colour, (source, counts))| (source.label(), colour, counts.clone()))
            .collect();
        let sum = |counts: &[u64]| counts.iter().sum::<u64>();
        let all = self.joins.iter().map(|(_, counts)| sum(counts)).sum();
        let (joined, left) = (count(all, "join"), count(sum(&self.leaves), "leave"));
        let from = self.starts.first().copied().map(moment).unwrap_or_default();
        let chart = bars(&Bars {
            id: "flow",
            title,
            summary: &format!(
                "{joined} and {left} from {from} UTC on; the table below has the numbers."
            ),
            unit: &format!("members per {}", self.unit()),
            labels: &labels,
            up: &up,
            down: Some(("left", &self.leaves)),
        })?;
        Ok(html! {
            (chart)
            details.numbers {
                summary { "The numbers" }
                div.scroll tabindex="0" role="region" aria-label=(title) { (self.table()) }
            }
        })
    }

    fn table(&self) -> Markup {
        let shown: Vec<_> = self
            .joins
            .iter()
            .filter(|(_, counts)| counts.iter().any(|it| *it > 0))
            .collect();
        html! {
            table.plain {
                thead {
                    tr {
                        th scope="col" { "from (UTC)" }
                        @for (source, _) in &shown { th.num scope="col" { (source.label()) } }
                        th.num scope="col" { "left" }
                    }
                }
                tbody {
                    @for (place, at) in self.starts.iter().enumerate() {
                        tr {
                            th.whole scope="row" { (moment(*at)) }
                            @for (_, counts) in &shown {
                                td.num { (grouped(counts.get(place).copied().unwrap_or(0))) }
                            }
                            td.num { (grouped(self.leaves.get(place).copied().unwrap_or(0))) }
                        }
                    }
                }
            }
        }
    }

    /// A time, as precisely as the bars are wide.
    fn label(&self, at: Timestamp) -> String {
        let text = moment(at);
        let (date, time) = text.split_once(' ').unwrap_or((&text, ""));
        match self.width.as_secs() {
            0..60 => time.to_owned(),
            60..43_200 => {
                let time = time.get(..5).unwrap_or(time);
                if time == "00:00" {
                    date.get(5..).unwrap_or(date).to_owned()
                } else {
                    time.to_owned()
                }
            }
            43_200..=WEEK => date.get(5..).unwrap_or(date).to_owned(),
            _ => date.get(..7).unwrap_or(date).to_owned(),
        }
    }

    fn unit(&self) -> String {
        let (number, unit) = match self.width.as_secs() {
            secs @ 0..60 => (secs, "second"),
            secs @ 60..3_600 => (secs / 60, "minute"),
            secs @ 3_600..86_400 => (secs / 3_600, "hour"),
            secs @ 86_400..WEEK => (secs / 86_400, "day"),
            secs => (secs / WEEK, "week"),
        };
        if number == 1 {
            unit.to_owned()
        } else {
            format!("{number} {unit}s")
        }
    }
}

/// A series whose buckets fit its time.
struct Found {
    rows: Vec<SeriesRow>,
    width: Duration,
    bucket: Bucket,
    first: Timestamp,
    end: Timestamp,
}

async fn look(
    ledger: &dyn Reports,
    query: &Query,
    scope: &Scope,
) -> Result<Option<Found>, LedgerError> {
    let end = query.until().unwrap_or(query.now).min(query.now);
    let mut first = match query.since() {
        Some(since) if secs(since, end) <= SHORT => since,
        since => {
            // Days are counted already.
            let rough = ledger.series(scope, Bucket::DAY).await?;
            let Some(first) = rough.iter().map(|row| row.from).min() else {
                return Ok(None);
            };
            since.map_or(first, |since| since.max(first))
        }
    };
    // A bucket may begin long before what is in it: look again, more closely.
    loop {
        let Some((width, bucket)) = width(secs(first, end)) else {
            return Ok(None);
        };
        let rows = ledger.series(scope, bucket).await?;
        let Some(begins) = rows.iter().map(|row| row.from).min() else {
            return Ok(None);
        };
        let closer = self::width(secs(begins, end)).is_some_and(|(it, _)| it < width);
        if !closer || begins <= first {
            return Ok(Some(Found {
                rows,
                width,
                bucket,
                first,
                end,
            }));
        }
        first = begins;
    }
}

fn secs(from: Timestamp, to: Timestamp) -> i64 {
    to.as_secs().saturating_sub(from.as_secs()).max(0)
}

/// The narrowest bars of which not too many fit.
fn width(span: i64) -> Option<(Duration, Bucket)> {
    let fits = |width: &u64| span / i64::try_from(*width).unwrap_or(i64::MAX) < BARS;
    let secs = WIDTHS.into_iter().find(fits)?;
    let width = Duration::from_secs(secs);
    let bucket = match secs {
        // Weeks begin on Mondays.
        WEEK => Bucket::WEEK,
        _ => Bucket::of(width)?,
    };
    Some((width, bucket))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_never_too_many() {
        for span in [0, 1, 700, 86_400, 7 * 86_400, 400 * 86_400, 50 * 31_536_000] {
            let (width, _) = width(span).unwrap();
            let bars = span / i64::try_from(width.as_secs()).unwrap();
            assert!(bars < BARS, "{span}");
        }
    }
}
