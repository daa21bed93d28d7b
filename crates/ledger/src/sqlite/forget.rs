//! Deleting what is held about a person.

use guestlist_model::{Id, Timestamp, UserId};
use sqlx::{Row, SqliteConnection};

use super::{
    attributions::{statement_columns, stored_attribution},
    convert::{Columns, id, undecodable},
    error::from_sqlx,
    load,
    write::Writing,
};
use crate::{
    Forgotten, LedgerError,
    merge::{digest, replace},
};

/// What names a person by id, besides JSON. Candidates find their joins by them, so they go
/// first.
const COLUMNS: [(&str, Option<Counter>); 8] = [
    (
        "UPDATE candidate_data SET user_id = ?2 WHERE (guild, joined_at, user_id) IN (
             SELECT guild, joined_at, user_id FROM join_data WHERE user_id = ?1)",
        None,
    ),
    (
        "UPDATE join_data SET user_id = ?2, marks = 0 WHERE user_id = ?1",
        Some(Counter::Joins),
    ),
    (
        "UPDATE leave_data SET user_id = ?2 WHERE user_id = ?1",
        Some(Counter::Leaves),
    ),
    (
        "UPDATE history_data SET user_id = ?2 WHERE user_id = ?1",
        None,
    ),
    ("UPDATE changes SET user_id = ?2 WHERE user_id = ?1", None),
    (
        "UPDATE invites SET inviter_id = ?2 WHERE inviter_id = ?1",
        Some(Counter::Mentions),
    ),
    (
        "UPDATE invites SET ended_by = ?2 WHERE ended_by = ?1",
        Some(Counter::Mentions),
    ),
    (
        "UPDATE ways SET inviter_id = ?2 WHERE inviter_id = ?1",
        None,
    ),
];

/// Statements that name a person as who is behind a way in, but for those that name them in
/// JSON, too.
const BY_WAY: &str = "SELECT
     (SELECT count(*) FROM join_data WHERE way IN (SELECT number FROM ways WHERE inviter_id = ?1)
         AND NOT instr(told, ?2))
     + (SELECT count(*) FROM history_data WHERE way IN (SELECT number FROM ways WHERE inviter_id = ?1)
         AND NOT instr(told, ?2))
     + (SELECT count(DISTINCT guild || ' ' || joined_at || ' ' || user_id) FROM candidate_data
         WHERE way IN (SELECT number FROM ways WHERE inviter_id = ?1))";

#[derive(Clone, Copy)]
enum Counter {
    Joins,
    Leaves,
    Mentions,
}

/// Replaces `user` by a new stand-in wherever it is named, inside the caller's
/// transaction.
pub(super) async fn forget(
    at: &str,
    connection: &mut SqliteConnection,
    user: UserId,
    now: Timestamp,
) -> Result<Forgotten, LedgerError> {
    let mut forgetting = Forgetting { at, connection };
    let until = forgetting.latest_fact(user).await?.max(Some(now));
    let until = until.unwrap_or(now);
    let stand_in = forgetting.stand_in().await?;
    let by_way = forgetting.by_way(user).await?;
    let mut forgotten = forgetting.columns(user, stand_in).await?;
    forgotten.mentions += by_way;
    forgotten.mentions += forgetting.statements(user, stand_in).await?;
    let is_anything = forgotten != Forgotten::default();
    forgetting
        .remember(user, stand_in, until, is_anything)
        .await?;
    if is_anything {
        forgotten.stand_in = Some(stand_in);
    }
    Ok(forgotten)
}

struct Forgetting<'c> {
    at: &'c str,
    connection: &'c mut SqliteConnection,
}

impl Forgetting<'_> {
    fn failed(&self, error: &sqlx::Error) -> LedgerError {
        from_sqlx(self.at, error)
    }

    /// The latest that is held about somebody, by Discord's clock, which may be ahead of
    /// ours.
    async fn latest_fact(&mut self, user: UserId) -> Result<Option<Timestamp>, LedgerError> {
        let latest: Option<i64> = sqlx::query_scalar(
            "SELECT max(at) FROM (
                 SELECT max(joined_at) AS at FROM join_data WHERE user_id = ?1
                 UNION ALL SELECT max(joined_at) FROM join_data
                     WHERE way IN (SELECT number FROM ways WHERE inviter_id = ?1)
                 UNION ALL SELECT max(created_at) FROM invites WHERE inviter_id = ?1
                 UNION ALL SELECT max(ended_at) FROM invites WHERE ended_by = ?1
             )",
        )
        .bind(id(user))
        .fetch_one(&mut *self.connection)
        .await
        .map_err(|error| self.failed(&error))?;
        Ok(latest.map(Timestamp::from_micros))
    }

    /// Somebody new, who is nobody.
    async fn stand_in(&mut self) -> Result<UserId, LedgerError> {
        let number: i64 = sqlx::query(
            "INSERT INTO meta (key, value) VALUES ('forgotten', '1')
             ON CONFLICT (key) DO UPDATE SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT)
             RETURNING CAST(value AS INTEGER)",
        )
        .fetch_one(&mut *self.connection)
        .await
        .and_then(|row| row.try_get(0))
        .map_err(|error| self.failed(&error))?;
        Id::new_checked((-number).cast_unsigned())
            .ok_or_else(|| undecodable(self.at, "count of the forgotten", &number))
    }

    async fn columns(&mut self, user: UserId, stand_in: UserId) -> Result<Forgotten, LedgerError> {
        let mut forgotten = Forgotten::default();
        for (sql, counter) in COLUMNS {
            let rows = sqlx::query(sql)
                .bind(id(user))
                .bind(id(stand_in))
                .execute(&mut *self.connection)
                .await
                .map_err(|error| self.failed(&error))?
                .rows_affected();
            match counter {
                Some(Counter::Joins) => forgotten.joins += rows,
                Some(Counter::Leaves) => forgotten.leaves += rows,
                Some(Counter::Mentions) => forgotten.mentions += rows,
                None => {}
            }
        }
        sqlx::query("DELETE FROM users WHERE user_id = ?1")
            .bind(id(user))
            .execute(&mut *self.connection)
            .await
            .map_err(|error| self.failed(&error))?;
        Ok(forgotten)
    }

    /// How many statements name somebody by their ways.
    async fn by_way(&mut self, user: UserId) -> Result<u64, LedgerError> {
        let mentions: i64 = sqlx::query_scalar(BY_WAY)
            .bind(id(user))
            .bind(format!("\"{user}\""))
            .fetch_one(&mut *self.connection)
            .await
            .map_err(|error| self.failed(&error))?;
        Ok(mentions.unsigned_abs())
    }

    /// What statements tell of somebody in JSON. Gives how many did.
    async fn statements(&mut self, user: UserId, stand_in: UserId) -> Result<u64, LedgerError> {
        let mut mentions = 0;
        for (table, confirmed) in [
            ("join_data", "h.certainty = 0"),
            ("history_data", "h.confirmed"),
        ] {
            // In JSON an id is a string of its digits, quotes included. This finds all that
            // name the person, and perhaps a code that looks like the id.
            let sql = format!(
                "SELECT g.guild_id, h.user_id, h.joined_at, {confirmed} AS is_confirmed, {}
                 FROM {table} AS h JOIN guilds AS g ON g.number = h.guild
                 LEFT JOIN ways AS w ON w.number = h.way
                 WHERE instr(h.told, ?1)",
                statement_columns("h", "w")
            );
            let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
                .bind(format!("\"{user}\""))
                .fetch_all(&mut *self.connection)
                .await
                .map_err(|error| self.failed(&error))?;
            for row in &rows {
                let row = Columns { at: self.at, row };
                let key = load::join_key(&row)?;
                let mut told = stored_attribution(&row, key)?;
                if replace(
                    &mut told,
                    |named, _| if named == user { stand_in } else { named },
                ) {
                    mentions += 1;
                    let confirmed = row.get("is_confirmed")?;
                    let mut writing = Writing::new(self.at, &mut *self.connection);
                    writing.retell(table, &told, confirmed).await?;
                }
            }
        }
        Ok(mentions)
    }

    /// Keeps in mind, by a digest, who is not to come back by what arrives later.
    async fn remember(
        &mut self,
        user: UserId,
        stand_in: UserId,
        until: Timestamp,
        is_anything: bool,
    ) -> Result<(), LedgerError> {
        sqlx::query(
            "INSERT OR IGNORE INTO meta (key, value) VALUES ('salt', lower(hex(randomblob(32))))",
        )
        .execute(&mut *self.connection)
        .await
        .map_err(|error| self.failed(&error))?;
        let salt = load::salt(self.at, self.connection).await?;
        let digest = digest(&salt.unwrap_or_default(), user);
        // With nothing new held, whoever stood in goes on to.
        let extended = if is_anything {
            0
        } else {
            sqlx::query(
                "UPDATE forgotten SET until = max(until, ?2)
                 WHERE digest = ?1 AND until = (SELECT max(until) FROM forgotten WHERE digest = ?1)",
            )
            .bind(&digest)
            .bind(until.as_micros())
            .execute(&mut *self.connection)
            .await
            .map_err(|error| self.failed(&error))?
            .rows_affected()
        };
        if extended == 0 {
            sqlx::query(
                "INSERT OR REPLACE INTO forgotten (digest, until, stand_in) VALUES (?1, ?2, ?3)",
            )
            .bind(&digest)
            .bind(until.as_micros())
            .bind(id(stand_in))
            .execute(&mut *self.connection)
            .await
            .map_err(|error| self.failed(&error))?;
        }
        Ok(())
    }
}
