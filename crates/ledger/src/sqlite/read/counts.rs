//! How much there is, and when.

use std::collections::BTreeMap;

use guestlist_model::{GuildId, Timestamp};
use sqlx::SqliteConnection;

use super::{
    super::{
        attributions::number,
        convert::{Columns, id},
    },
    Sql, Table, gap_row, narrow, narrow_invites, rows, span,
    spans::{HOUR, Span, spans},
};
use crate::{CertaintyKind, GapRow, GuildRow, LedgerError, Scope, Totals};

/// Joins and leaves of a scope: `certainty`, `joins` and `leaves`; several rows of one
/// certainty may come.
fn push_counted(sql: &mut Sql, scope: &Scope) {
    for (place, part) in spans(scope, None).into_iter().enumerate() {
        if place > 0 {
            sql.push(" UNION ALL ");
        }
        match part.counts {
            Some(hours) => push_counts(sql, scope, part, hours),
            None => push_rows(sql, scope, part),
        }
    }
}

/// From what is counted.
pub(super) fn push_counts(sql: &mut Sql, scope: &Scope, part: Span, hours: i64) {
    sql.push("SELECT nullif(c.certainty, -1) AS certainty, c.joins, c.leaves ");
    counts_of(sql, scope, part, hours);
}

/// Where counts of a part of a scope's time come from.
pub(super) fn counts_of(sql: &mut Sql, scope: &Scope, part: Span, hours: i64) {
    sql.push("FROM counts AS c WHERE c.guild = ");
    match scope.guild {
        Some(guild) => sql
            .push("(SELECT number FROM guilds WHERE guild_id = ")
            .push_bind(id(guild))
            .push(")"),
        None => sql.push("0"),
    };
    sql.push(" AND c.hours = ").push_bind(hours);
    if let Some(from) = part.from {
        sql.push(" AND c.start >= ").push_bind(from / HOUR);
    }
    if let Some(to) = part.to {
        sql.push(" AND c.start < ").push_bind(to / HOUR);
    }
    if let Some(certainty) = scope.certainty {
        sql.push(" AND c.certainty = ").push_bind(number(certainty));
    }
    if let Some(origin) = &scope.origin {
        sql.push(" AND c.origin = ").push_bind(origin.clone());
    }
}

/// From joins and leaves themselves.
fn push_rows(sql: &mut Sql, scope: &Scope, part: Span) {
    let mut scope = scope.clone();
    scope.since = part.from.map(Timestamp::from_micros);
    scope.until = part.to.map(Timestamp::from_micros);
    for (place, what) in [What::Joins, What::Leaves].into_iter().enumerate() {
        if place > 0 {
            sql.push(" UNION ALL ");
        }
        sql.push(match what {
            What::Joins => "SELECT d.certainty, count(*) AS joins, 0 AS leaves ",
            What::Leaves => "SELECT d.certainty, 0, count(*) ",
        });
        sql.push(what.of(&scope));
        what.conditions(sql, &scope);
        sql.push(" GROUP BY 1");
    }
}

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Joins,
    Leaves,
}

impl What {
    /// Where they come from: leaves with the join that each ended. Conditions can follow.
    pub(super) fn of(self, scope: &Scope) -> &'static str {
        match self {
            Self::Leaves if !are_leaves_by_way(scope) => leaves_of(scope),
            _ => joins_of(scope),
        }
    }

    /// When they happened.
    pub(super) fn time(self, scope: &Scope) -> &'static str {
        match self {
            Self::Joins => "d.joined_at",
            Self::Leaves if are_leaves_by_way(scope) => "(d.joined_at + d.stayed)",
            Self::Leaves => "l.observed_at",
        }
    }

    pub(super) fn conditions(self, sql: &mut Sql, scope: &Scope) {
        let table = match self {
            Self::Leaves if !are_leaves_by_way(scope) => Table::Leaves,
            _ => Table::Joins,
        };
        narrow(sql, table, scope);
        if self == Self::Leaves && are_leaves_by_way(scope) {
            sql.push(" AND d.stayed IS NOT NULL");
        }
        span(sql, self.time(scope), scope);
    }
}

/// Whether it is best to go from guild to guild: joins are kept by guild and time.
fn is_by_guild(scope: &Scope) -> bool {
    let is_by_time = scope.since.is_some() || scope.until.is_some();
    scope.guild.is_none() && is_by_time && !has_index(scope)
}

/// Whether joins are found by something else than guild and time.
pub(super) fn has_index(scope: &Scope) -> bool {
    scope.user.is_some() || is_by_way(scope)
}

/// Whether joins are found by their way in.
fn is_by_way(scope: &Scope) -> bool {
    scope.inviter.is_some() || scope.code.is_some() || scope.label.is_some()
}

/// Whether leaves are found by the way in of the joins that they ended: a join tells when the
/// leave that ended it was observed. A label may be that of many joins, so that there are fewer
/// leaves in a time.
fn are_leaves_by_way(scope: &Scope) -> bool {
    let is_rare = scope.inviter.is_some() || scope.code.is_some();
    let is_of_time = scope.guild.is_some() && scope.since.is_some();
    is_by_way(scope) && (is_rare || !is_of_time)
}

/// Where joins of a scope come from; conditions can follow.
pub(super) fn joins_of(scope: &Scope) -> &'static str {
    match (is_by_guild(scope), scope.origin.is_some()) {
        (false, false) => "FROM join_data AS d WHERE 1",
        (false, true) => "FROM join_data AS d LEFT JOIN ways AS w ON w.number = d.way WHERE 1",
        (true, false) => "FROM guilds AS g CROSS JOIN join_data AS d ON d.guild = g.number WHERE 1",
        (true, true) => {
            "FROM guilds AS g CROSS JOIN join_data AS d ON d.guild = g.number
             LEFT JOIN ways AS w ON w.number = d.way WHERE 1"
        }
    }
}

/// Leaves, each with the join that it ended.
fn leaves_of(scope: &Scope) -> &'static str {
    if is_by_guild(scope) {
        "FROM guilds AS g CROSS JOIN leave_data AS l ON l.guild = g.number
         LEFT JOIN join_data AS d ON d.guild = l.guild AND d.joined_at = l.which + l.pairs AND d.user_id = l.user_id
         LEFT JOIN ways AS w ON w.number = d.way WHERE 1"
    } else {
        "FROM leave_data AS l
         LEFT JOIN join_data AS d ON d.guild = l.guild AND d.joined_at = l.which + l.pairs AND d.user_id = l.user_id
         LEFT JOIN ways AS w ON w.number = d.way WHERE 1"
    }
}

/// Adds joins of a certainty.
fn add(totals: &mut Totals, certainty: Option<CertaintyKind>, joins: u64) {
    totals.joins += joins;
    let place = CertaintyKind::ALL
        .iter()
        .position(|kind| Some(*kind) == certainty);
    match place.and_then(|place| totals.by_certainty.get_mut(place)) {
        Some(count) => *count += joins,
        None => totals.waiting += joins,
    }
}

pub(in crate::sqlite) async fn totals(
    at: &str,
    connection: &mut SqliteConnection,
    scope: &Scope,
) -> Result<Totals, LedgerError> {
    let mut totals = Totals::default();
    let mut sql = Sql::new("SELECT certainty, sum(joins) AS joins, sum(leaves) AS leaves FROM (");
    push_counted(&mut sql, scope);
    sql.push(") GROUP BY certainty");
    for row in &rows(at, connection, sql).await? {
        let row = Columns { at, row };
        add(&mut totals, row.kind("certainty")?, row.count("joins")?);
        totals.leaves += row.count("leaves")?;
    }
    let mut sql = Sql::new("SELECT count(*) AS number FROM invites AS i WHERE 1");
    narrow_invites(&mut sql, scope);
    span(&mut sql, "i.created_at", scope);
    totals.invites = how_many(at, connection, sql).await?;
    let mut sql = Sql::new("SELECT ifnull(sum(joins_missing), 0) AS number FROM gaps AS p WHERE 1");
    narrow_gaps(&mut sql, scope);
    totals.missing = how_many(at, connection, sql).await?;
    let mut sql = Sql::new("SELECT count(*) AS number FROM guilds AS g WHERE 1");
    if let Some(guild) = scope.guild {
        sql.push(" AND g.guild_id = ").push_bind(id(guild));
    }
    totals.guilds = how_many(at, connection, sql).await?;
    Ok(totals)
}

async fn how_many(
    at: &str,
    connection: &mut SqliteConnection,
    sql: Sql,
) -> Result<u64, LedgerError> {
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
    let counted = "SELECT g.guild_id, nullif(c.certainty, -1) AS certainty, c.joins, c.leaves,
             (SELECT max(d.joined_at) FROM join_data AS d WHERE d.guild = g.number) AS last_join
         FROM guilds AS g CROSS JOIN counts AS c ON c.guild = g.number AND c.hours = 0";
    for row in &rows(at, connection, Sql::new(counted)).await? {
        let row = Columns { at, row };
        if let Some(guild) = guilds.get_mut(&row.id("guild_id")?) {
            guild.last_join = row.optional_time("last_join")?;
            guild.totals.leaves += row.count("leaves")?;
            add(
                &mut guild.totals,
                row.kind("certainty")?,
                row.count("joins")?,
            );
        }
    }
    let counted =
        "SELECT guild_id, 'invites' AS what, count(*) AS number FROM invites GROUP BY guild_id
         UNION ALL SELECT guild_id, 'gaps', count(*) FROM gaps GROUP BY guild_id
         UNION ALL SELECT guild_id, 'missing', sum(joins_missing) FROM gaps GROUP BY guild_id";
    for row in &rows(at, connection, Sql::new(counted)).await? {
        let row = Columns { at, row };
        if let Some(guild) = guilds.get_mut(&row.id("guild_id")?) {
            let (what, number): (String, _) = (row.get("what")?, row.count("number")?);
            match what.as_str() {
                "invites" => guild.totals.invites = number,
                "missing" => guild.totals.missing = number,
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

pub(in crate::sqlite) async fn gaps(
    at: &str,
    connection: &mut SqliteConnection,
    scope: &Scope,
) -> Result<Vec<GapRow>, LedgerError> {
    let mut sql = Sql::new(
        "SELECT p.*, g.name AS guild_name FROM gaps AS p LEFT JOIN guilds AS g ON g.guild_id = p.guild_id WHERE 1",
    );
    narrow_gaps(&mut sql, scope);
    sql.push(" ORDER BY p.observed_at, p.guild_id, p.closed_at");
    rows(at, connection, sql)
        .await?
        .iter()
        .map(|row| gap_row(&Columns { at, row }))
        .collect()
}

/// Only the guild and the time of a scope are about `gaps AS p`.
fn narrow_gaps(sql: &mut Sql, scope: &Scope) {
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
}
