//! How much there is, and when.

use std::collections::BTreeMap;

use guestlist_model::GuildId;
use sqlx::SqliteConnection;

use super::{
    super::convert::{Columns, id},
    Sql, Table, gap_row, narrow, narrow_invites, rows, span,
};
use crate::{Bucket, CertaintyKind, GapRow, GuildRow, LedgerError, Scope, SeriesRow, Totals};

/// How many joins there are, by certainty.
const BY_CERTAINTY: &str = "count(*) AS joins,
     count(*) FILTER (WHERE d.certainty = 0) AS confirmed,
     count(*) FILTER (WHERE d.certainty = 1) AS deduced,
     count(*) FILTER (WHERE d.certainty = 2) AS ambiguous,
     count(*) FILTER (WHERE d.certainty = 3) AS unknown,
     count(*) FILTER (WHERE d.certainty = 4) AS provisional";

const JOINS: &str = "FROM join_data AS d LEFT JOIN ways AS w ON w.number = d.way WHERE 1";

/// Leaves, each with the join that it ended.
const LEAVES: &str = "FROM leave_data AS l
     LEFT JOIN join_data AS d ON d.guild = l.guild AND d.joined_at = l.which + l.pairs AND d.user_id = l.user_id
     LEFT JOIN ways AS w ON w.number = d.way
     WHERE 1";

fn join_counts(row: &Columns<'_>, totals: &mut Totals) -> Result<(), LedgerError> {
    totals.joins = row.count("joins")?;
    for (slot, kind) in totals.by_certainty.iter_mut().zip(CertaintyKind::ALL) {
        *slot = row.count(kind.as_str())?;
    }
    let known: u64 = totals.by_certainty.iter().sum();
    totals.waiting = totals.joins.saturating_sub(known);
    Ok(())
}

pub(in crate::sqlite) async fn totals(
    at: &str,
    connection: &mut SqliteConnection,
    scope: &Scope,
) -> Result<Totals, LedgerError> {
    let mut totals = Totals::default();
    let mut sql = Sql::new(format!("SELECT {BY_CERTAINTY} {JOINS}"));
    narrow(&mut sql, Table::Joins, scope);
    span(&mut sql, "d.joined_at", scope);
    for row in &rows(at, connection, sql).await? {
        join_counts(&Columns { at, row }, &mut totals)?;
    }
    let mut sql = Sql::new("SELECT count(*) AS number ");
    sql.push(if scope.needs_join() {
        LEAVES
    } else {
        "FROM leave_data AS l WHERE 1"
    });
    narrow(&mut sql, Table::Leaves, scope);
    span(&mut sql, "l.observed_at", scope);
    totals.leaves = number(at, connection, sql).await?;
    let mut sql = Sql::new("SELECT count(*) AS number FROM invites AS i WHERE 1");
    narrow_invites(&mut sql, scope);
    span(&mut sql, "i.created_at", scope);
    totals.invites = number(at, connection, sql).await?;
    let mut sql = Sql::new("SELECT count(*) AS number FROM guilds AS g WHERE 1");
    if let Some(guild) = scope.guild {
        sql.push(" AND g.guild_id = ").push_bind(id(guild));
    }
    totals.guilds = number(at, connection, sql).await?;
    Ok(totals)
}

async fn number(at: &str, connection: &mut SqliteConnection, sql: Sql) -> Result<u64, LedgerError> {
    let rows = rows(at, connection, sql).await?;
    let number = rows.first().map(|row| Columns { at, row }.count("number"));
    number.unwrap_or(Ok(0))
}

pub(in crate::sqlite) async fn guilds(
    at: &str,
    connection: &mut SqliteConnection,
) -> Result<Vec<GuildRow>, LedgerError> {
    let mut guilds: BTreeMap<GuildId, GuildRow> = BTreeMap::new();
    for row in &rows(at, connection, Sql::new("SELECT * FROM guilds")).await? {
        let row = Columns { at, row };
        let guild = row.id("guild_id")?;
        let totals = Totals {
            guilds: 1,
            ..Totals::default()
        };
        let named = GuildRow {
            guild,
            name: row.get("name")?,
            totals,
            gaps: 0,
            last_join: None,
        };
        guilds.insert(guild, named);
    }
    let sql = format!(
        "SELECT g.guild_id, max(d.joined_at) AS last_join, {BY_CERTAINTY}
         FROM join_data AS d JOIN guilds AS g ON g.number = d.guild GROUP BY d.guild"
    );
    for row in &rows(at, connection, Sql::new(sql)).await? {
        let row = Columns { at, row };
        if let Some(guild) = guilds.get_mut(&row.id("guild_id")?) {
            guild.last_join = row.optional_time("last_join")?;
            join_counts(&row, &mut guild.totals)?;
        }
    }
    let counted = "SELECT g.guild_id, 'leaves' AS what, count(*) AS number
             FROM leave_data AS l JOIN guilds AS g ON g.number = l.guild GROUP BY l.guild
         UNION ALL SELECT guild_id, 'invites', count(*) FROM invites GROUP BY guild_id
         UNION ALL SELECT guild_id, 'gaps', count(*) FROM gaps GROUP BY guild_id";
    for row in &rows(at, connection, Sql::new(counted)).await? {
        let row = Columns { at, row };
        if let Some(guild) = guilds.get_mut(&row.id("guild_id")?) {
            let (what, number): (String, _) = (row.get("what")?, row.count("number")?);
            match what.as_str() {
                "leaves" => guild.totals.leaves = number,
                "invites" => guild.totals.invites = number,
                _ => guild.gaps = number,
            }
        }
    }
    Ok(guilds.into_values().collect())
}

pub(in crate::sqlite) async fn guild_names(
    at: &str,
    connection: &mut SqliteConnection,
) -> Result<Vec<(GuildId, Option<String>)>, LedgerError> {
    let sql = Sql::new("SELECT guild_id, name FROM guilds ORDER BY guild_id");
    rows(at, connection, sql)
        .await?
        .iter()
        .map(|row| {
            let row = Columns { at, row };
            Ok((row.id("guild_id")?, row.get("name")?))
        })
        .collect()
}

/// The beginning of a column's bucket.
fn push_start(sql: &mut Sql, column: &str, bucket: Bucket) {
    // What is left over, never negative.
    let (width, origin) = (bucket.micros(), bucket.origin());
    sql.push(format_args!(
        "{column} - (({column} - {origin}) % {width} + {width}) % {width} AS start"
    ));
}

pub(in crate::sqlite) async fn series(
    at: &str,
    connection: &mut SqliteConnection,
    scope: &Scope,
    bucket: Bucket,
) -> Result<Vec<SeriesRow>, LedgerError> {
    // By way first: there are fewer of these than joins, and each tells its origin once.
    let mut sql = Sql::new("WITH counted AS (SELECT ");
    push_start(&mut sql, "d.joined_at", bucket);
    sql.push(", d.certainty, d.way, count(*) AS joins, 0 AS leaves ");
    sql.push(JOINS);
    narrow(&mut sql, Table::Joins, scope);
    span(&mut sql, "d.joined_at", scope);
    sql.push(" GROUP BY 1, 2, 3 UNION ALL SELECT ");
    push_start(&mut sql, "l.observed_at", bucket);
    sql.push(", d.certainty, d.way, 0, count(*) ");
    sql.push(LEAVES);
    narrow(&mut sql, Table::Leaves, scope);
    span(&mut sql, "l.observed_at", scope);
    sql.push(
        " GROUP BY 1, 2, 3)
         SELECT c.start, c.certainty, w.origin, sum(c.joins) AS joins, sum(c.leaves) AS leaves
         FROM counted AS c LEFT JOIN ways AS w ON w.number = c.way
         GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
    );
    rows(at, connection, sql)
        .await?
        .iter()
        .map(|row| {
            let row = Columns { at, row };
            Ok(SeriesRow {
                from: row.time("start")?,
                certainty: row.kind("certainty")?,
                origin: row.get("origin")?,
                joins: row.count("joins")?,
                leaves: row.count("leaves")?,
            })
        })
        .collect()
}

pub(in crate::sqlite) async fn gaps(
    at: &str,
    connection: &mut SqliteConnection,
    scope: &Scope,
) -> Result<Vec<GapRow>, LedgerError> {
    let mut sql = Sql::new(
        "SELECT p.*, g.name AS guild_name FROM gaps AS p LEFT JOIN guilds AS g ON g.guild_id = p.guild_id WHERE 1",
    );
    if let Some(guild) = scope.guild {
        sql.push(" AND p.guild_id = ").push_bind(id(guild));
    }
    if let Some(since) = scope.since {
        sql.push(" AND p.closed_at >= ")
            .push_bind(since.as_micros());
    }
    if let Some(until) = scope.until {
        sql.push(" AND p.observed_at < ")
            .push_bind(until.as_micros());
    }
    sql.push(" ORDER BY p.observed_at, p.guild_id, p.closed_at");
    rows(at, connection, sql)
        .await?
        .iter()
        .map(|row| gap_row(&Columns { at, row }))
        .collect()
}
