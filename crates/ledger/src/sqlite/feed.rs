//! The feed: everything new, in one order.

use std::collections::BTreeMap;

use guestlist_tracker::Leave;
use serde_json::{Value, json};
use sqlx::{Row, Sqlite, SqliteConnection, query::Query, sqlite::SqliteArguments};

use super::{
    convert::{Columns, count, id, undecodable},
    error::from_sqlx,
    load::moment,
    read::{JOIN_COLUMNS, gap_row, invite_record, join_row},
    write::Writing,
};
use crate::{Change, ChangeFilter, ChangeKind, Changes, Cursor, LedgerError, News, merge::Entry};

/// Appends what a batch brought.
pub(super) async fn append(
    writing: &mut Writing<'_>,
    entries: &[Entry],
) -> Result<(), LedgerError> {
    if entries.is_empty() {
        return Ok(());
    }
    let rows: Vec<Value> = entries.iter().map(row).collect();
    writing
        .run(
            sqlx::query(
                "INSERT INTO changes (kind, guild_id, user_id, joined_at, revision, confirmed, code, created_at,
                     observed_at, closed_at)
                 SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
                     value ->> 7, value ->> 8, value ->> 9
                 FROM json_each(?1) ORDER BY key",
            )
            .bind(Value::Array(rows).to_string()),
        )
        .await?;
    Ok(())
}

/// Kind, guild, user, joined, revision, confirmed, code, created, observed, closed.
fn row(entry: &Entry) -> Value {
    let none = Value::Null;
    match entry {
        Entry::Join(key) => {
            let (guild, user, joined) = (id(key.guild), id(key.user), key.joined_at.as_micros());
            json!([ChangeKind::Join.as_str(), guild, user, joined])
        }
        Entry::Attribution(key, rank) => {
            let (guild, user, joined) = (id(key.guild), id(key.user), key.joined_at.as_micros());
            let (revision, confirmed) = (rank.revision, u8::from(rank.confirmed));
            let kind = ChangeKind::Attribution.as_str();
            json!([kind, guild, user, joined, revision, confirmed])
        }
        Entry::Leave(leave) => {
            let (guild, user) = (id(leave.guild), id(leave.user));
            let (joined, observed) = (moment(leave.joined_at), leave.observed_at.as_micros());
            let kind = ChangeKind::Leave.as_str();
            json!([kind, guild, user, joined, none, none, none, none, observed])
        }
        Entry::InviteSeen(guild, code, created) => {
            let (kind, created) = (ChangeKind::InviteSeen.as_str(), moment(*created));
            json!([kind, id(*guild), none, none, none, none, code, created])
        }
        Entry::InviteEnded(guild, code, created) => {
            let (kind, created) = (ChangeKind::InviteEnded.as_str(), moment(*created));
            json!([kind, id(*guild), none, none, none, none, code, created])
        }
        Entry::Gap((guild, observed, closed)) => {
            let (observed, closed) = (observed.as_micros(), closed.as_micros());
            let (kind, guild) = (ChangeKind::Gap.as_str(), id(*guild));
            json!([
                kind, guild, none, none, none, none, none, none, observed, closed
            ])
        }
    }
}

/// The end of the feed.
pub(super) async fn latest(
    at: &str,
    connection: &mut SqliteConnection,
) -> Result<Cursor, LedgerError> {
    // Not of the rows that are left: no number is used again.
    let row = sqlx::query(
        "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'changes'), 0) AS number",
    )
    .fetch_one(connection)
    .await
    .map_err(|error| from_sqlx(at, &error))?;
    Ok(Cursor::new(Columns { at, row: &row }.count("number")?))
}

/// A page of the feed.
pub(super) async fn changes(
    at: &str,
    connection: &mut SqliteConnection,
    after: Cursor,
    filter: &ChangeFilter,
    limit: u32,
) -> Result<Changes, LedgerError> {
    let failed = |error: sqlx::Error| from_sqlx(at, &error);
    let end = latest(at, connection).await?;
    let kinds: Vec<&str> = filter.kinds().map(ChangeKind::as_str).collect();
    let numbers = sqlx::query(
        "SELECT number FROM changes
         WHERE number > ?1 AND kind IN (SELECT value FROM json_each(?2)) AND (?3 IS NULL OR guild_id = ?3)
         ORDER BY number LIMIT ?4",
    )
    .bind(count(after.get()))
    .bind(json!(kinds).to_string())
    .bind(filter.guild.map(id))
    .bind(limit)
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    let numbers: Vec<i64> = numbers
        .iter()
        .map(|row| row.try_get("number"))
        .collect::<Result<_, _>>()
        .map_err(failed)?;
    let is_full = limit > 0 && u32::try_from(numbers.len()) == Ok(limit);
    let next = match numbers.last() {
        Some(last) if is_full => Cursor::new(last.unsigned_abs()),
        _ if limit == 0 => after,
        _ => end.max(after),
    };
    let mut page = Page {
        at,
        keys: json!(numbers).to_string(),
        news: BTreeMap::new(),
    };
    page.joins(connection).await?;
    page.leaves(connection).await?;
    page.invites(connection).await?;
    page.gaps(connection).await?;
    let entries = (page.news.into_iter())
        .map(|(cursor, news)| Change { cursor, news })
        .collect();
    Ok(Changes { entries, next })
}

/// The entries of a page, looked up kind by kind.
struct Page<'a> {
    at: &'a str,
    /// The numbers, a JSON list.
    keys: String,
    news: BTreeMap<Cursor, News>,
}

impl Page<'_> {
    async fn each(
        &mut self,
        connection: &mut SqliteConnection,
        query: Query<'_, Sqlite, SqliteArguments>,
        news: impl Fn(&Columns<'_>) -> Result<News, LedgerError>,
    ) -> Result<(), LedgerError> {
        let at = self.at;
        let rows = query
            .bind(self.keys.clone())
            .fetch_all(connection)
            .await
            .map_err(|error| from_sqlx(at, &error))?;
        for row in &rows {
            let row = Columns { at, row };
            let cursor = Cursor::new(row.count("number")?);
            self.news.insert(cursor, news(&row)?);
        }
        Ok(())
    }

    async fn joins(&mut self, connection: &mut SqliteConnection) -> Result<(), LedgerError> {
        let sql = format!(
            "SELECT c.number, {JOIN_COLUMNS}, member.name AS user_name, g.name AS guild_name,
                 NULL AS inviter_name, NULL AS stated_revision
             FROM json_each(?1) AS k CROSS JOIN changes AS c ON c.number = k.value AND c.kind = 'join'
             JOIN joins AS j USING (guild_id, user_id, joined_at)
             LEFT JOIN guilds AS g ON g.guild_id = j.guild_id
             LEFT JOIN users AS member ON member.user_id = j.user_id"
        );
        let query = sqlx::query(sqlx::AssertSqlSafe(sql));
        self.each(connection, query, |row| {
            Ok(News::Join(Box::new(join_row(row)?)))
        })
        .await?;
        let sql = format!(
            "SELECT c.number, {JOIN_COLUMNS}, member.name AS user_name, g.name AS guild_name,
                 h.revision AS stated_revision, h.decided_at, h.certainty_json, h.evidence,
                 (SELECT u.name FROM users AS u WHERE u.user_id =
                     CAST(coalesce(h.certainty_json ->> '$.answer.inviter', h.certainty_json ->> '$.answer.added_by') AS INTEGER)
                 ) AS inviter_name
             FROM json_each(?1) AS k CROSS JOIN changes AS c ON c.number = k.value AND c.kind = 'attribution'
             JOIN joins AS j USING (guild_id, user_id, joined_at)
             JOIN attribution_history AS h ON h.guild_id = c.guild_id AND h.user_id = c.user_id
                 AND h.joined_at = c.joined_at AND h.revision = c.revision AND h.confirmed = c.confirmed
             LEFT JOIN guilds AS g ON g.guild_id = j.guild_id
             LEFT JOIN users AS member ON member.user_id = j.user_id"
        );
        let query = sqlx::query(sqlx::AssertSqlSafe(sql));
        self.each(connection, query, |row| {
            Ok(News::Attribution(Box::new(join_row(row)?)))
        })
        .await
    }

    async fn leaves(&mut self, connection: &mut SqliteConnection) -> Result<(), LedgerError> {
        let query = sqlx::query(
            "SELECT c.* FROM json_each(?1) AS k CROSS JOIN changes AS c ON c.number = k.value AND c.kind = 'leave'",
        );
        self.each(connection, query, |row| {
            Ok(News::Leave(Leave::new(
                row.id("guild_id")?,
                row.id("user_id")?,
                row.optional_time("joined_at")?,
                row.time("observed_at")?,
            )))
        })
        .await
    }

    async fn invites(&mut self, connection: &mut SqliteConnection) -> Result<(), LedgerError> {
        let query = sqlx::query(
            "SELECT c.number, c.kind, i.*, inviter.name AS inviter_name
             FROM json_each(?1) AS k CROSS JOIN changes AS c ON c.number = k.value AND c.code IS NOT NULL
             JOIN invites AS i ON i.guild_id = c.guild_id AND i.code = c.code
                 AND ifnull(i.created_at, -9223372036854775808) = ifnull(c.created_at, -9223372036854775808)
             LEFT JOIN users AS inviter ON inviter.user_id = i.inviter_id",
        );
        self.each(connection, query, |row| {
            let kind: String = row.get("kind")?;
            let record = Box::new(invite_record(row)?);
            match ChangeKind::from_word(&kind) {
                Some(ChangeKind::InviteSeen) => Ok(News::InviteSeen(record)),
                Some(ChangeKind::InviteEnded) => Ok(News::InviteEnded(record)),
                _ => Err(undecodable(row.at, "kind of change", &kind)),
            }
        })
        .await
    }

    async fn gaps(&mut self, connection: &mut SqliteConnection) -> Result<(), LedgerError> {
        let query = sqlx::query(
            "SELECT c.number, p.*, g.name AS guild_name
             FROM json_each(?1) AS k CROSS JOIN changes AS c ON c.number = k.value AND c.kind = 'gap'
             JOIN gaps AS p ON p.guild_id = c.guild_id AND p.observed_at = c.observed_at AND p.closed_at = c.closed_at
             LEFT JOIN guilds AS g ON g.guild_id = p.guild_id",
        );
        self.each(connection, query, |row| Ok(News::Gap(gap_row(row)?)))
            .await
    }
}
