//! Joins and leaves over time.

use std::collections::{HashMap, HashSet};

use guestlist_model::Timestamp;
use serde_json::json;
use sqlx::SqliteConnection;

use super::{
    super::convert::{Columns, undecodable},
    Sql,
    counts::{What, counts_of},
    rows, span,
    spans::{HOUR, Span, spans},
    texts::{Numbers, texts},
};
use crate::{Bucket, CertaintyKind, LedgerError, Scope, SeriesRow};

/// Joins or leaves of one guild that are read at once.
const AT_ONCE: usize = 65_536;
/// In the number of a kind: a way in, or the place of an origin, times this, plus the certainty.
const CERTAINTIES: i64 = 8;
/// The certainty of joins without an answer.
const NO_ANSWER: i64 = 7;

pub(in crate::sqlite) async fn series(
    at: &str,
    connection: &mut SqliteConnection,
    scope: &Scope,
    bucket: Bucket,
) -> Result<Vec<SeriesRow>, LedgerError> {
    let mut sums = Sums::new(bucket);
    for part in spans(scope, Some(bucket)) {
        match part.counts {
            Some(hours) => read_counts(at, connection, scope, part, hours, &mut sums).await?,
            None => {
                let mut scope = scope.clone();
                scope.since = part.from.map(Timestamp::from_micros);
                scope.until = part.to.map(Timestamp::from_micros);
                for what in [What::Joins, What::Leaves] {
                    match scope.guild {
                        Some(_) => read_all(at, connection, &scope, what, &mut sums).await?,
                        None => read_groups(at, connection, &scope, what, &mut sums).await?,
                    }
                }
            }
        }
    }
    let origins = origins(at, connection, &sums.ways()).await?;
    sums.rows(at, &origins)
}

/// Kinds, as columns of `join_data AS d`.
fn kinds() -> String {
    format!("ifnull(d.way, 0) * {CERTAINTIES} + ifnull(d.certainty, {NO_ANSWER})")
}

/// Adds what is counted.
async fn read_counts(
    at: &str,
    connection: &mut SqliteConnection,
    scope: &Scope,
    part: Span,
    hours: i64,
    sums: &mut Sums,
) -> Result<(), LedgerError> {
    let columns = ["c.start", "c.certainty", "c.origin", "c.joins", "c.leaves"];
    let found = texts(at, connection, columns, |sql, columns| {
        sql.push(format_args!("SELECT {columns} "));
        counts_of(sql, scope, part, hours);
    });
    let Some([starts, certainties, origins, joins, leaves]) = found.await? else {
        return Ok(());
    };
    let (mut certainties, mut origins) = (Numbers::of(&certainties), origins.split(','));
    let (mut joins, mut leaves) = (Numbers::of(&joins), Numbers::of(&leaves));
    for start in Numbers::of(&starts) {
        let line = (start, certainties.number(), origins.next());
        let (Some(start), Some(certainty), Some(origin)) = line else {
            return Err(undecodable(at, "count", &format_args!("{line:?}")));
        };
        let certainty = if certainty < 0 { NO_ANSWER } else { certainty };
        let counts = [joins.number().unwrap_or(0), leaves.number().unwrap_or(0)];
        sums.add_named(start * HOUR, certainty, origin, counts);
    }
    Ok(())
}

/// Adds joins or leaves of one guild, one by one: to group them takes SQLite longer than to read
/// them.
async fn read_all(
    at: &str,
    connection: &mut SqliteConnection,
    scope: &Scope,
    what: What,
    sums: &mut Sums,
) -> Result<(), LedgerError> {
    let (time, kinds) = (what.time(scope), kinds());
    // From when on, and how many of that time were read before.
    let (mut rest, mut read) = (Scope::new(), 0_usize);
    loop {
        let found = texts(at, connection, [time, &kinds], |sql, columns| {
            sql.push(format_args!("SELECT {columns} {}", what.of(scope)));
            what.conditions(sql, scope);
            span(sql, time, &rest);
            // What has the same time and kind is counted alike.
            sql.push(format_args!(
                " ORDER BY {time}, {kinds} LIMIT {AT_ONCE} OFFSET {read}"
            ));
        });
        let Some([times, kinds]) = found.await? else {
            return Ok(());
        };
        let (mut kinds, mut count) = (Numbers::of(&kinds), 0);
        for time in Numbers::of(&times) {
            let line = (time, kinds.number());
            let (Some(time), Some(kind)) = line else {
                return Err(undecodable(at, "join", &format_args!("{line:?}")));
            };
            sums.add(time, kind, what, 1);
            let time = Timestamp::from_micros(time);
            if rest.since == Some(time) {
                read += 1;
            } else {
                (rest.since, read) = (Some(time), 1);
            }
            count += 1;
        }
        if count < AT_ONCE {
            return Ok(());
        }
    }
}

/// Adds joins or leaves of all guilds.
async fn read_groups(
    at: &str,
    connection: &mut SqliteConnection,
    scope: &Scope,
    what: What,
    sums: &mut Sums,
) -> Result<(), LedgerError> {
    let time = what.time(scope);
    let (width, origin) = (sums.bucket.micros(), sums.bucket.origin());
    // What is left over, never negative.
    let start = format!("{time} - (({time} - {origin}) % {width} + {width}) % {width}");
    let columns = [start.as_str(), &kinds(), "count(*)"];
    let found = texts(at, connection, columns, |sql, columns| {
        sql.push(format_args!("SELECT {columns} {}", what.of(scope)));
        what.conditions(sql, scope);
        sql.push(" GROUP BY 1, 2");
    });
    let Some([starts, kinds, counts]) = found.await? else {
        return Ok(());
    };
    let (mut kinds, mut counts) = (Numbers::of(&kinds), Numbers::of(&counts));
    for start in Numbers::of(&starts) {
        let line = (start, kinds.number(), counts.number());
        let (Some(start), Some(kind), Some(count)) = line else {
            return Err(undecodable(at, "join", &format_args!("{line:?}")));
        };
        sums.add(start, kind, what, count);
    }
    Ok(())
}

/// The origins of ways in, by their numbers.
async fn origins(
    at: &str,
    connection: &mut SqliteConnection,
    ways: &HashSet<i64>,
) -> Result<HashMap<i64, String>, LedgerError> {
    let mut origins = HashMap::new();
    if ways.is_empty() {
        return Ok(origins);
    }
    let mut sql = Sql::new("SELECT group_concat(w.number) AS numbers, w.origin FROM json_each(");
    sql.push_bind(json!(ways).to_string())
        .push(") AS k CROSS JOIN ways AS w ON w.number = k.value GROUP BY w.origin");
    for row in &rows(at, connection, sql).await? {
        let row = Columns { at, row };
        let (numbers, origin): (String, String) = (row.get("numbers")?, row.get("origin")?);
        for number in Numbers::of(&numbers).flatten() {
            origins.insert(number, origin.clone());
        }
    }
    Ok(origins)
}

/// The bucket, the certainty and the origin of a row.
type Kind<'o> = (Timestamp, Option<CertaintyKind>, Option<&'o str>);

/// Joins and leaves by bucket and kind.
struct Sums {
    bucket: Bucket,
    /// By the number of the way in.
    found: HashMap<(Timestamp, i64), [i64; 2]>,
    /// By the place of the origin.
    counted: HashMap<(Timestamp, i64), [i64; 2]>,
    origins: Vec<String>,
}

impl Sums {
    fn new(bucket: Bucket) -> Self {
        Self {
            bucket,
            found: HashMap::new(),
            counted: HashMap::new(),
            origins: Vec::new(),
        }
    }

    fn add(&mut self, time: i64, kind: i64, what: What, count: i64) {
        let start = self.bucket.start(Timestamp::from_micros(time));
        let [joins, leaves] = self.found.entry((start, kind)).or_default();
        match what {
            What::Joins => *joins += count,
            What::Leaves => *leaves += count,
        }
    }

    fn add_named(&mut self, time: i64, certainty: i64, origin: &str, counts: [i64; 2]) {
        let place = match self.origins.iter().position(|it| it == origin) {
            Some(place) => place,
            None => {
                self.origins.push(origin.to_owned());
                self.origins.len() - 1
            }
        };
        let place = i64::try_from(place).unwrap_or(i64::MAX / CERTAINTIES);
        let start = self.bucket.start(Timestamp::from_micros(time));
        let sums = (self.counted.entry((start, place * CERTAINTIES + certainty))).or_default();
        for (sum, count) in sums.iter_mut().zip(counts) {
            *sum += count;
        }
    }

    fn ways(&self) -> HashSet<i64> {
        let ways = self.found.keys().map(|(_, kind)| kind / CERTAINTIES);
        ways.filter(|way| *way > 0).collect()
    }

    /// All of it, by time, certainty and origin.
    fn rows(self, at: &str, ways: &HashMap<i64, String>) -> Result<Vec<SeriesRow>, LedgerError> {
        let mut sums: HashMap<Kind<'_>, [i64; 2]> = HashMap::new();
        let by_place = |place: i64| {
            let place = usize::try_from(place).ok()?;
            let origin = self.origins.get(place)?.as_str();
            (!origin.is_empty()).then_some(origin)
        };
        let by_way = |way: i64| ways.get(&way).map(String::as_str);
        let counted =
            (self.counted.iter()).map(|(key, counts)| (key, by_place(key.1 / CERTAINTIES), counts));
        let found =
            (self.found.iter()).map(|(key, counts)| (key, by_way(key.1 / CERTAINTIES), counts));
        for ((start, kind), origin, counts) in counted.chain(found) {
            let certainty = match kind % CERTAINTIES {
                NO_ANSWER => None,
                number => {
                    let place = usize::try_from(number).ok();
                    let known = place.and_then(|place| CertaintyKind::ALL.get(place));
                    Some(*known.ok_or_else(|| undecodable(at, "certainty", &number))?)
                }
            };
            let sum = sums.entry((*start, certainty, origin)).or_default();
            for (sum, count) in sum.iter_mut().zip(counts) {
                *sum += count;
            }
        }
        let mut rows: Vec<SeriesRow> = (sums.into_iter())
            .map(|((from, certainty, origin), [joins, leaves])| SeriesRow {
                from,
                certainty,
                origin: origin.map(str::to_owned),
                joins: u64::try_from(joins).unwrap_or(0),
                leaves: u64::try_from(leaves).unwrap_or(0),
            })
            .filter(|row| row.joins > 0 || row.leaves > 0)
            .collect();
        rows.sort_by(|a, b| {
            (a.from, a.certainty, &a.origin).cmp(&(b.from, b.certainty, &b.origin))
        });
        Ok(rows)
    }
}
