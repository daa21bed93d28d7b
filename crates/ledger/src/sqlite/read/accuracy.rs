//! What was said of joins before they were confirmed.

use sqlx::SqliteConnection;

use super::{
    super::convert::{Columns, id},
    Sql, Table,
    counts::joins_of,
    narrow, rows, span,
    spans::{DAY, Span, days},
};
use crate::{Accuracy, AccuracyRow, CertaintyKind, LedgerError, Scope, accuracy::Weighed};
use guestlist_model::Timestamp;

pub(in crate::sqlite) async fn accuracy(
    at: &str,
    connection: &mut SqliteConnection,
    scope: &Scope,
) -> Result<Accuracy, LedgerError> {
    let scope = scope.clone().certainty(CertaintyKind::Confirmed);
    let mut sql = Sql::new(
        "SELECT g.guild_id, g.name, strftime('%Y-%m', c.day * 86400, 'unixepoch') AS month,
             sum(c.confirmed) AS confirmed, sum(c.deduced) AS deduced, sum(c.deduced_right) AS deduced_right,
             sum(c.ambiguous) AS ambiguous, sum(c.ambiguous_right) AS ambiguous_right,
             sum(c.provisional) AS provisional, sum(c.provisional_right) AS provisional_right
         FROM (",
    );
    push_parts(
        &mut sql,
        &scope,
        "SELECT * FROM compared AS c WHERE TRUE",
        "SELECT c.guild, c.day, 1 AS confirmed, c.deduced, c.deduced_right, c.ambiguous, c.ambiguous_right,
             c.provisional, c.provisional_right FROM comparisons AS c",
    );
    sql.push(
        ") AS c CROSS JOIN guilds AS g ON g.number = c.guild
         GROUP BY 1, 3 HAVING sum(c.confirmed) > 0",
    );
    let mut months = Vec::new();
    for row in &rows(at, connection, sql).await? {
        let row = Columns { at, row };
        months.push(AccuracyRow {
            guild: row.id("guild_id")?,
            guild_name: row.get("name")?,
            month: row.get("month")?,
            confirmed: row.count("confirmed")?,
            deduced: row.count("deduced")?,
            deduced_right: row.count("deduced_right")?,
            ambiguous: row.count("ambiguous")?,
            ambiguous_right: row.count("ambiguous_right")?,
            provisional: row.count("provisional")?,
            provisional_right: row.count("provisional_right")?,
        });
    }
    months.sort_by(|a, b| (a.guild, &a.month).cmp(&(b.guild, &b.month)));
    let mut sql = Sql::new(
        "SELECT c.certainty, c.tenth, sum(c.candidates) AS candidates, sum(c.given) AS given,
             sum(c.true_ones) AS true_ones
         FROM (",
    );
    push_parts(
        &mut sql,
        &scope,
        "SELECT * FROM compared_weights AS c WHERE TRUE",
        "SELECT c.guild, 0 AS day, c.certainty, c.tenth, 1 AS candidates, c.given, c.is_true AS true_ones
         FROM earlier_candidates AS c",
    );
    sql.push(") AS c GROUP BY 1, 2 HAVING sum(c.candidates) > 0 ORDER BY 1, 2");
    let mut weights = Vec::new();
    for row in &rows(at, connection, sql).await? {
        let row = Columns { at, row };
        let weighed = Weighed {
            candidates: row.count("candidates")?,
            given: row.count("given")?,
            right: row.count("true_ones")?,
        };
        if let Some(kind) = row.kind("certainty")? {
            weights.push(weighed.row(kind, row.get::<u8>("tenth")? * 10));
        }
    }
    Ok(Accuracy { months, weights })
}

/// The parts of a scope, by day from what is counted, and the ends join by join.
fn push_parts(sql: &mut Sql, scope: &Scope, counted: &str, looked_up: &str) {
    for (place, part) in days(scope).into_iter().enumerate() {
        if place > 0 {
            sql.push(" UNION ALL ");
        }
        match part.counts {
            Some(_) => push_days(sql, scope, part, counted),
            None => push_joins(sql, scope, part, looked_up),
        }
    }
}

fn push_days(sql: &mut Sql, scope: &Scope, part: Span, counted: &str) {
    sql.push(counted);
    if let Some(guild) = scope.guild {
        sql.push(" AND c.guild = (SELECT number FROM guilds WHERE guild_id = ")
            .push_bind(id(guild))
            .push(")");
    }
    if let Some(from) = part.from {
        sql.push(" AND c.day >= ").push_bind(from.div_euclid(DAY));
    }
    if let Some(to) = part.to {
        sql.push(" AND c.day < ").push_bind(to.div_euclid(DAY));
    }
}

fn push_joins(sql: &mut Sql, scope: &Scope, part: Span, looked_up: &str) {
    let mut scope = scope.clone();
    scope.since = part.from.map(Timestamp::from_micros);
    scope.until = part.to.map(Timestamp::from_micros);
    sql.push(looked_up)
        .push(
            " WHERE (c.guild, c.joined_at, c.user_id) IN (SELECT d.guild, d.joined_at, d.user_id ",
        )
        .push(joins_of(&scope));
    narrow(sql, Table::Joins, &scope);
    span(sql, "d.joined_at", &scope);
    sql.push(")");
}
