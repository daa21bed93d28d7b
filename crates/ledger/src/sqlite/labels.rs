//! Labels of codes.

use guestlist_model::{GuildId, InviteCode, Timestamp};
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use super::{
    convert::{Columns, id, undecodable},
    error::from_sqlx,
};
use crate::{Label, LabelRow, LedgerError, Scope};

pub(super) async fn set(
    at: &str,
    connection: &mut SqliteConnection,
    guild: GuildId,
    code: &InviteCode,
    label: &Label,
    now: Timestamp,
) -> Result<bool, LedgerError> {
    let done = sqlx::query(
        "INSERT INTO labels (guild_id, code, label, set_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (guild_id, code) DO UPDATE SET label = excluded.label, set_at = excluded.set_at
         WHERE labels.label <> excluded.label",
    )
    .bind(id(guild))
    .bind(code.as_str())
    .bind(label.as_str())
    .bind(now.as_micros())
    .execute(connection)
    .await
    .map_err(|error| from_sqlx(at, &error))?;
    Ok(done.rows_affected() > 0)
}

pub(super) async fn remove(
    at: &str,
    connection: &mut SqliteConnection,
    guild: GuildId,
    code: &InviteCode,
) -> Result<bool, LedgerError> {
    let done = sqlx::query("DELETE FROM labels WHERE guild_id = ?1 AND code = ?2")
        .bind(id(guild))
        .bind(code.as_str())
        .execute(connection)
        .await
        .map_err(|error| from_sqlx(at, &error))?;
    Ok(done.rows_affected() > 0)
}

pub(super) async fn list(
    at: &str,
    connection: &mut SqliteConnection,
    scope: &Scope,
) -> Result<Vec<LabelRow>, LedgerError> {
    let mut sql = QueryBuilder::<Sqlite>::new(
        "SELECT t.*, g.name AS guild_name FROM labels AS t LEFT JOIN guilds AS g ON g.guild_id = t.guild_id
         WHERE 1",
    );
    if let Some(guild) = scope.guild {
        sql.push(" AND t.guild_id = ").push_bind(id(guild));
    }
    if let Some(code) = &scope.code {
        sql.push(" AND t.code = ")
            .push_bind(code.as_str().to_owned());
    }
    if let Some(label) = &scope.label {
        sql.push(" AND t.label = ")
            .push_bind(label.as_str().to_owned());
    }
    sql.push(" ORDER BY t.guild_id, t.label, t.code");
    let rows = sql.build().fetch_all(connection).await;
    rows.map_err(|error| from_sqlx(at, &error))?
        .iter()
        .map(|row| {
            let row = Columns { at, row };
            let code: String = row.get("code")?;
            Ok(LabelRow {
                guild: row.id("guild_id")?,
                guild_name: row.get("guild_name")?,
                code: code
                    .parse()
                    .map_err(|error| undecodable(at, "invite code", &error))?,
                label: row
                    .label("label")?
                    .ok_or_else(|| undecodable(at, "label", &"it is missing"))?,
                set_at: row.time("set_at")?,
            })
        })
        .collect()
}
