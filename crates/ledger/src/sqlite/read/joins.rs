//! Joins, and what was stated about them.

use guestlist_tracker::{Attribution, Join, JoinKey};
use sqlx::SqliteConnection;

use super::{
    super::{
        attributions::stored_attribution,
        convert::{Columns, id},
        load::{join_key, stored_join},
    },
    Sql, certainty, limit, narrow, rows, span,
};
use crate::{JoinRow, LedgerError, Page, Scope};

/// What [`join_row`] reads of the table `joins AS j`.
pub(in crate::sqlite) const JOIN_COLUMNS: &str =
    "j.guild_id, j.user_id, j.joined_at, j.exact_at, j.bot, j.guest, j.pending, j.rejoined,
     j.observed_at, j.observed_by, j.updated_at, j.left_at, j.here, j.revision, j.certainty, j.origin,
     j.code, j.inviter_id,
     EXISTS (SELECT 1 FROM joins AS e WHERE e.guild_id = j.guild_id AND e.user_id = j.user_id
         AND e.joined_at < j.joined_at) AS joined_before,
     (SELECT t.label FROM labels AS t WHERE t.guild_id = j.guild_id AND t.code = j.code) AS label";

fn select() -> Sql {
    Sql::new(format!(
        "SELECT {JOIN_COLUMNS}, member.name AS user_name, g.name AS guild_name, inviter.name AS inviter_name,
             h.revision AS stated_revision, h.decided_at, h.certainty_json, h.evidence
         FROM joins AS j
         LEFT JOIN attribution_history AS h ON h.guild_id = j.guild_id AND h.user_id = j.user_id
             AND h.joined_at = j.joined_at AND h.revision = j.revision
             AND h.confirmed = (j.certainty = 'confirmed')
         LEFT JOIN guilds AS g ON g.guild_id = j.guild_id
         LEFT JOIN users AS member ON member.user_id = j.user_id
         LEFT JOIN users AS inviter ON inviter.user_id = j.inviter_id
         WHERE 1"
    ))
}

pub(in crate::sqlite) async fn joins(
    at: &str,
    connection: &mut SqliteConnection,
    scope: &Scope,
    page: Page,
) -> Result<Vec<JoinRow>, LedgerError> {
    let mut sql = select();
    narrow(&mut sql, "j", scope);
    certainty(&mut sql, scope);
    span(&mut sql, "j.joined_at", scope);
    newest_first(&mut sql, page);
    rows(at, connection, sql)
        .await?
        .iter()
        .map(|row| join_row(&Columns { at, row }))
        .collect()
}

/// Orders joins, and takes one page of them.
pub(super) fn newest_first(sql: &mut Sql, page: Page) {
    if let Some(after) = page.after {
        sql.push(" AND (j.joined_at, j.user_id, j.guild_id) < (")
            .push_bind(after.joined_at.as_micros())
            .push(", ")
            .push_bind(id(after.user))
            .push(", ")
            .push_bind(id(after.guild))
            .push(")");
    }
    sql.push(" ORDER BY j.joined_at DESC, j.user_id DESC, j.guild_id DESC");
    limit(sql, page.limit);
}

pub(in crate::sqlite) async fn join(
    at: &str,
    connection: &mut SqliteConnection,
    key: &JoinKey,
) -> Result<Option<JoinRow>, LedgerError> {
    let mut sql = select();
    narrow(&mut sql, "j", &Scope::new().guild(key.guild).user(key.user));
    sql.push(" AND j.joined_at = ")
        .push_bind(key.joined_at.as_micros());
    let found = rows(at, connection, sql).await?;
    let row = found.first().map(|row| join_row(&Columns { at, row }));
    row.transpose()
}

pub(in crate::sqlite) async fn attribution_history(
    at: &str,
    connection: &mut SqliteConnection,
    key: &JoinKey,
) -> Result<Vec<Attribution>, LedgerError> {
    let mut sql = Sql::new("SELECT * FROM attribution_history WHERE guild_id = ");
    sql.push_bind(id(key.guild))
        .push(" AND user_id = ")
        .push_bind(id(key.user))
        .push(" AND joined_at = ")
        .push_bind(key.joined_at.as_micros())
        .push(" ORDER BY revision, confirmed");
    rows(at, connection, sql)
        .await?
        .iter()
        .map(|row| stored_attribution(&Columns { at, row }, *key, "revision"))
        .collect()
}

pub(in crate::sqlite) fn join_row(row: &Columns<'_>) -> Result<JoinRow, LedgerError> {
    let key = join_key(row)?;
    let stored = stored_join(row)?;
    let attribution = if row.get::<Option<i64>>("stated_revision")?.is_some() {
        Some(stored_attribution(row, key, "stated_revision")?)
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
        here: stored.here,
        joined_before: row.get("joined_before")?,
        label: row.label("label")?,
    })
}
