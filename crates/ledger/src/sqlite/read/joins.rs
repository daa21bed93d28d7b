//! Joins, and what was stated about them.

use guestlist_model::Timestamp;
use guestlist_tracker::{Attribution, Join, JoinKey};
use sqlx::SqliteConnection;

use super::{
    super::{
        attributions::{statement_columns, stored_attribution},
        convert::{Columns, id},
        load::{join_key, stored_join},
    },
    Sql, Table,
    counts::has_index,
    limit, narrow, rows, span,
    spans::HOUR,
};
use crate::{JoinRow, LedgerError, Page, Scope};

/// What [`join_row`] reads of `join_data AS d`, `ways AS w` and `guilds AS g`.
pub(in crate::sqlite) const JOIN_COLUMNS: &str =
    "g.guild_id, d.user_id, d.joined_at, d.exact, d.bot, d.guest, d.pending, d.rejoined, d.again, d.caught_up,
     d.seen, d.updated, d.stayed, d.stayed_least, d.here, d.revision, d.certainty, w.origin, w.code, w.inviter_id,
     (SELECT t.label FROM labels AS t WHERE t.guild_id = g.guild_id AND t.code = w.code) AS label";

fn columns() -> String {
    format!(
        "{JOIN_COLUMNS}, member.name AS user_name, g.name AS guild_name, inviter.name AS inviter_name, {}",
        statement_columns("d", "w")
    )
}

const NAMES: &str = "LEFT JOIN users AS member ON member.user_id = d.user_id
     LEFT JOIN users AS inviter ON inviter.user_id = w.inviter_id";

/// A question about a page of joins: the newest first, by time, then user, then guild. With
/// `tables`, there are `guilds AS g`, `ways AS w` and these, too.
pub(super) fn of_joins(
    sql: &mut Sql,
    columns: &str,
    tables: Option<&str>,
    scope: &Scope,
    page: Page,
) {
    let needs_ways = tables.is_some() || scope.origin.is_some();
    let ways = if needs_ways {
        "LEFT JOIN ways AS w ON w.number = d.way"
    } else {
        ""
    };
    let guilds = if tables.is_some() || scope.guild.is_none() {
        "CROSS JOIN guilds AS g ON g.number = d.guild"
    } else {
        ""
    };
    let tables = tables.unwrap_or_default();
    if scope.guild.is_some() || page.limit.is_none() {
        sql.push(format_args!(
            "SELECT {columns} FROM join_data AS d {guilds} {ways} {tables} WHERE 1"
        ));
        conditions(sql, scope, page);
        sql.push(" ORDER BY d.joined_at DESC, d.user_id DESC");
        if scope.guild.is_none() {
            sql.push(", g.guild_id DESC");
        }
    } else {
        // Joins are kept by guild, so the newest of all are among the newest of each. Which
        // ones these are is found out first, and then what there is to tell of them.
        sql.push(format_args!(
            "SELECT {columns} FROM (
                 SELECT k.guild, k.joined_at, k.user_id FROM guilds AS g CROSS JOIN join_data AS k
                 WHERE (k.guild, k.joined_at, k.user_id) IN (
                     SELECT guild, joined_at, user_id FROM (
                         SELECT d.guild, d.joined_at, d.user_id FROM join_data AS d
                         LEFT JOIN ways AS w ON w.number = d.way
                         WHERE d.guild = g.number"
        ));
        conditions(sql, scope, page);
        sql.push(" ORDER BY d.joined_at DESC, d.user_id DESC");
        limit(sql, page.limit);
        sql.push(")) ORDER BY k.joined_at DESC, k.user_id DESC, g.guild_id DESC");
        limit(sql, page.limit);
        sql.push(format_args!(
            ") AS n
             CROSS JOIN join_data AS d ON d.guild = n.guild AND d.joined_at = n.joined_at AND d.user_id = n.user_id
             {guilds} {ways} {tables}
             ORDER BY d.joined_at DESC, d.user_id DESC, g.guild_id DESC"
        ));
    }
    limit(sql, page.limit);
}

fn conditions(sql: &mut Sql, scope: &Scope, page: Page) {
    narrow(sql, Table::Joins, scope);
    span(sql, "d.joined_at", scope);
    if let Some(after) = page.after {
        let joined = after.joined_at.as_micros();
        // The first is what an index can be searched for.
        sql.push(" AND d.joined_at <= ")
            .push_bind(joined)
            .push(" AND (d.joined_at, d.user_id, ");
        match scope.guild {
            Some(guild) => sql.push_bind(id(guild)),
            None => sql.push("g.guild_id"),
        };
        sql.push(") < (")
            .push_bind(joined)
            .push(", ")
            .push_bind(id(after.user))
            .push(", ")
            .push_bind(id(after.guild))
            .push(")");
    }
}

pub(in crate::sqlite) async fn joins(
    at: &str,
    connection: &mut SqliteConnection,
    scope: &Scope,
    page: Page,
) -> Result<Vec<JoinRow>, LedgerError> {
    let mut found = Vec::new();
    for scope in latest_first(at, connection, scope, page).await? {
        let mut sql = Sql::new("");
        of_joins(&mut sql, &columns(), Some(NAMES), &scope, page);
        found = rows(at, connection, sql).await?;
        if u32::try_from(found.len()).ok() == page.limit {
            break;
        }
    }
    found
        .iter()
        .map(|row| join_row(&Columns { at, row }))
        .collect()
}

/// The scopes in which to look for a page, one after the other until it is full. A page of all
/// guilds is mostly found among what is new.
async fn latest_first(
    at: &str,
    connection: &mut SqliteConnection,
    scope: &Scope,
    page: Page,
) -> Result<Vec<Scope>, LedgerError> {
    const HOURS: [i64; 6] = [1, 4, 16, 64, 256, 2_048];
    // What has an index of its own is found as soon without.
    let is_of_all = scope.guild.is_none() && !has_index(scope);
    if !is_of_all || page.limit.is_none() {
        return Ok(vec![scope.clone()]);
    }
    let sql = Sql::new(
        "SELECT max((SELECT max(d.joined_at) FROM join_data AS d WHERE d.guild = g.number)) AS latest
         FROM guilds AS g",
    );
    let found = rows(at, connection, sql).await?;
    let latest = match found.first() {
        Some(row) => Columns { at, row }.optional_time("latest")?,
        None => None,
    };
    let ends = [latest, scope.until, page.after.map(|after| after.joined_at)];
    let Some(end) = ends.into_iter().flatten().min() else {
        return Ok(vec![scope.clone()]);
    };
    let later = HOURS.map(|hours| {
        let since = end.as_micros().saturating_sub(hours * HOUR);
        scope.clone().since(Timestamp::from_micros(since))
    });
    let is_later = |it: &Scope| it.since > scope.since;
    let mut scopes: Vec<Scope> = later.into_iter().filter(is_later).collect();
    scopes.push(scope.clone());
    Ok(scopes)
}

pub(in crate::sqlite) async fn join(
    at: &str,
    connection: &mut SqliteConnection,
    key: &JoinKey,
) -> Result<Option<JoinRow>, LedgerError> {
    let mut sql = Sql::new(format!(
        "SELECT {} FROM guilds AS g CROSS JOIN join_data AS d ON d.guild = g.number
         LEFT JOIN ways AS w ON w.number = d.way {NAMES} WHERE g.guild_id = ",
        columns()
    ));
    sql.push_bind(id(key.guild))
        .push(" AND d.joined_at = ")
        .push_bind(key.joined_at.as_micros())
        .push(" AND d.user_id = ")
        .push_bind(id(key.user));
    let found = rows(at, connection, sql).await?;
    let row = found.first().map(|row| join_row(&Columns { at, row }));
    row.transpose()
}

pub(in crate::sqlite) async fn attribution_history(
    at: &str,
    connection: &mut SqliteConnection,
    key: &JoinKey,
) -> Result<Vec<Attribution>, LedgerError> {
    let mut sql = Sql::new("");
    for (table, confirmed) in [
        ("join_data", "h.certainty = 0"),
        ("history_data", "h.confirmed"),
    ] {
        if table == "history_data" {
            sql.push(" UNION ALL ");
        }
        sql.push(format_args!(
            "SELECT {}, {confirmed} AS is_confirmed FROM {table} AS h LEFT JOIN ways AS w ON w.number = h.way
             WHERE h.revision IS NOT NULL AND h.guild = (SELECT number FROM guilds WHERE guild_id = ",
            statement_columns("h", "w")
        ))
        .push_bind(id(key.guild))
        .push(") AND h.user_id = ")
        .push_bind(id(key.user))
        .push(" AND h.joined_at = ")
        .push_bind(key.joined_at.as_micros());
    }
    sql.push(" ORDER BY s_revision, is_confirmed");
    rows(at, connection, sql)
        .await?
        .iter()
        .map(|row| stored_attribution(&Columns { at, row }, *key))
        .collect()
}

pub(in crate::sqlite) fn join_row(row: &Columns<'_>) -> Result<JoinRow, LedgerError> {
    let key = join_key(row)?;
    let stored = stored_join(row)?;
    let attribution = if row.get::<Option<i64>>("s_revision")?.is_some() {
        Some(stored_attribution(row, key)?)
    } else {
        None
    };
    let mut join = Join::new(key, stored.observed_at);
    join.joined_at = stored.exact_at;
    join.name = row.get("user_name")?;
    join.bot = stored.bot;
    join.pending = stored.pending;
    join.rejoined = stored.rejoined;
    join.guest = stored.guest;
    join.observed_by = stored.observed_by;
    Ok(JoinRow {
        join,
        guild_name: row.get("guild_name")?,
        attribution,
        inviter_name: row.get("inviter_name")?,
        left_at: stored.left_at,
        left_after: stored.left_after,
        here: stored.here,
        joined_before: stored.again,
        label: row.label("label")?,
    })
}
