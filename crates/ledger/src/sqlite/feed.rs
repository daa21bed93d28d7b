//! The feed: everything new, in one order.

use std::collections::BTreeMap;

use guestlist_model::{GuildId, Timestamp, UserId};
use guestlist_tracker::Leave;
use serde_json::json;
use sqlx::{Row, Sqlite, SqliteConnection, query::Query, sqlite::SqliteArguments};

use super::{
    attributions::statement_columns,
    convert::{Columns, count, id, undecodable},
    error::from_sqlx,
    read::{JOIN_COLUMNS, gap_row, invite_record, join_row},
    write::Writing,
};
use crate::{Change, ChangeFilter, ChangeKind, Changes, Cursor, LedgerError, News, merge::Entry};

/// An entry as it is stored.
struct Stored {
    kind: u8,
    guild: i64,
    user: Option<i64>,
    at: Option<i64>,
    detail: Option<i64>,
    code: Option<String>,
}

/// Appends what a batch brought.
pub(super) async fn append(
    writing: &mut Writing<'_>,
    entries: &[Entry],
) -> Result<(), LedgerError> {
    let mut rows = Vec::with_capacity(entries.len());
    for entry in entries {
        let guild = writing.guild(guild(entry)).await?;
        rows.push(stored(entry, guild));
    }
    writing
        .run_each(
            [
                "INSERT INTO changes (kind, guild, user_id, at, detail, code) VALUES",
                "(?, ?, ?, ?, ?, ?)",
                "",
            ],
            &rows,
            |query, row| {
                let query = query.bind(row.kind).bind(row.guild).bind(row.user);
                query.bind(row.at).bind(row.detail).bind(row.code.clone())
            },
        )
        .await
}

/// The number that a kind is stored as. Rare kinds have the higher ones.
const fn number(kind: ChangeKind) -> u8 {
    match kind {
        ChangeKind::Join => 0,
        ChangeKind::Attribution => 1,
        ChangeKind::Leave => 2,
        ChangeKind::InviteSeen => 3,
        ChangeKind::InviteEnded => 4,
        ChangeKind::Gap => 5,
    }
}

fn guild(entry: &Entry) -> GuildId {
    match entry {
        Entry::Join(key) | Entry::Attribution(key, _) => key.guild,
        Entry::Leave(leave) => leave.guild,
        Entry::InviteSeen(guild, ..) | Entry::InviteEnded(guild, ..) | Entry::Gap((guild, ..)) => {
            *guild
        }
    }
}

/// An entry about a guild, by its number.
fn stored(entry: &Entry, guild: i64) -> Stored {
    let micros = |at: Option<Timestamp>| at.map(Timestamp::as_micros);
    let of = |kind, user: Option<UserId>, at| Stored {
        kind: number(kind),
        guild,
        user: user.map(id),
        at: micros(at),
        detail: None,
        code: None,
    };
    match entry {
        Entry::Join(key) => Stored {
            at: Some(key.joined_at.as_millis()),
            ..of(ChangeKind::Join, Some(key.user), None)
        },
        Entry::Attribution(key, rank) => Stored {
            at: Some(key.joined_at.as_millis()),
            detail: Some(i64::from(rank.revision) * 2 + i64::from(rank.confirmed)),
            ..of(ChangeKind::Attribution, Some(key.user), None)
        },
        Entry::Leave(leave) => Stored {
            detail: micros(leave.joined_at),
            ..of(ChangeKind::Leave, Some(leave.user), Some(leave.observed_at))
        },
        Entry::InviteSeen(_, code, created) => Stored {
            code: Some(code.clone()),
            ..of(ChangeKind::InviteSeen, None, *created)
        },
        Entry::InviteEnded(_, code, created) => Stored {
            code: Some(code.clone()),
            ..of(ChangeKind::InviteEnded, None, *created)
        },
        Entry::Gap((_, observed, closed)) => Stored {
            detail: Some(closed.as_micros()),
            ..of(ChangeKind::Gap, None, Some(*observed))
        },
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
    let kinds: Vec<u8> = filter.kinds().map(number).collect();
    // Only what is rare has an index; leaves and what is not are found soon.
    let rare = if kinds.iter().all(|kind| *kind > 2) {
        "AND kind > 2"
    } else {
        ""
    };
    let sql = format!(
        "SELECT number FROM changes
         WHERE number > ?1 {rare} AND kind IN (SELECT value FROM json_each(?2))
             AND (?3 IS NULL OR guild = (SELECT number FROM guilds WHERE guild_id = ?3))
         ORDER BY number LIMIT ?4"
    );
    let numbers = sqlx::query(sqlx::AssertSqlSafe(sql))
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
                 NULL AS inviter_name, NULL AS s_revision
             FROM json_each(?1) AS k
             CROSS JOIN changes AS c ON c.number = k.value AND c.kind = 0
             CROSS JOIN {JOINED_TO_CHANGE}
             LEFT JOIN users AS member ON member.user_id = d.user_id"
        );
        let query = sqlx::query(sqlx::AssertSqlSafe(sql));
        self.each(connection, query, |row| {
            Ok(News::Join(Box::new(join_row(row)?)))
        })
        .await?;
        // A statement stands in its join's row, or it does not stand any more.
        let standing = ("", "d", "d.certainty = 0");
        let other = (
            "JOIN history_data AS h ON h.user_id = d.user_id AND h.guild = d.guild AND h.joined_at = d.joined_at",
            "h",
            "h.confirmed",
        );
        for (history, row, confirmed) in [standing, other] {
            let statement = statement_columns(row, "sw");
            let sql = format!(
                "SELECT c.number, {JOIN_COLUMNS}, member.name AS user_name, g.name AS guild_name,
                     inviter.name AS inviter_name, {statement}
                 FROM json_each(?1) AS k
                 CROSS JOIN changes AS c ON c.number = k.value AND c.kind = 1
                 CROSS JOIN {JOINED_TO_CHANGE}
                 {history}
                 LEFT JOIN ways AS sw ON sw.number = {row}.way
                 LEFT JOIN users AS member ON member.user_id = d.user_id
                 LEFT JOIN users AS inviter ON inviter.user_id = sw.inviter_id
                 WHERE {row}.revision = c.detail / 2 AND ({confirmed}) = c.detail % 2"
            );
            let query = sqlx::query(sqlx::AssertSqlSafe(sql));
            self.each(connection, query, |row| {
                Ok(News::Attribution(Box::new(join_row(row)?)))
            })
            .await?;
        }
        Ok(())
    }

    async fn leaves(&mut self, connection: &mut SqliteConnection) -> Result<(), LedgerError> {
        let query = sqlx::query(
            "SELECT g.guild_id, c.*, l.since, l.joined_before FROM json_each(?1) AS k
             CROSS JOIN changes AS c ON c.number = k.value AND c.kind = 2
             CROSS JOIN guilds AS g ON g.number = c.guild
             LEFT JOIN leave_data AS l ON l.user_id = c.user_id AND l.guild = c.guild
                 AND l.which = ifnull(c.detail, -1 - c.at)",
        );
        self.each(connection, query, |row| {
            let leave = Leave::new(
                row.id("guild_id")?,
                row.id("user_id")?,
                row.optional_time("detail")?,
                row.time("at")?,
            );
            let leave = leave.joined_before(row.optional_time("joined_before")?);
            Ok(News::Leave(leave.since(row.optional_time("since")?)))
        })
        .await
    }

    async fn invites(&mut self, connection: &mut SqliteConnection) -> Result<(), LedgerError> {
        let query = sqlx::query(
            "SELECT c.number, c.kind, i.*, inviter.name AS inviter_name
             FROM json_each(?1) AS k
             CROSS JOIN changes AS c ON c.number = k.value AND c.code IS NOT NULL
             CROSS JOIN guilds AS g ON g.number = c.guild
             CROSS JOIN invites AS i ON i.guild_id = g.guild_id AND i.code = c.code
                 AND ifnull(i.created_at, -9223372036854775808) = ifnull(c.at, -9223372036854775808)
             LEFT JOIN users AS inviter ON inviter.user_id = i.inviter_id",
        );
        self.each(connection, query, |row| {
            let kind: u8 = row.get("kind")?;
            let record = Box::new(invite_record(row)?);
            if kind == number(ChangeKind::InviteSeen) {
                Ok(News::InviteSeen(record))
            } else if kind == number(ChangeKind::InviteEnded) {
                Ok(News::InviteEnded(record))
            } else {
                Err(undecodable(row.at, "kind of change", &kind))
            }
        })
        .await
    }

    async fn gaps(&mut self, connection: &mut SqliteConnection) -> Result<(), LedgerError> {
        let query = sqlx::query(
            "SELECT c.number, p.*, g.name AS guild_name
             FROM json_each(?1) AS k
             CROSS JOIN changes AS c ON c.number = k.value AND c.kind = 5
             CROSS JOIN guilds AS g ON g.number = c.guild
             CROSS JOIN gaps AS p ON p.guild_id = g.guild_id AND p.observed_at = c.at AND p.closed_at = c.detail",
        );
        self.each(connection, query, |row| Ok(News::Gap(gap_row(row)?)))
            .await
    }
}

/// The join that an entry is about, with its guild and its way. The entry has milliseconds.
const JOINED_TO_CHANGE: &str =
    "join_data AS d ON d.guild = c.guild AND d.joined_at = c.at * 1000 AND d.user_id = c.user_id
     CROSS JOIN guilds AS g ON g.number = d.guild
     LEFT JOIN ways AS w ON w.number = d.way";
