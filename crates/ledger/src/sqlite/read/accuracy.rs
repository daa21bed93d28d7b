//! What was said of joins before they were confirmed.

use guestlist_model::{GuildId, Id, Timestamp};
use guestlist_tracker::JoinKey;
use sqlx::SqliteConnection;

use super::{
    super::convert::{Columns, undecodable},
    Sql, Table, attribution_history,
    counts::joins_of,
    join, narrow, rows, span,
};
use crate::{
    Accuracy, CertaintyKind, LedgerError, Scope,
    accuracy::{Counting, Plain},
};

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// By guild and day, how many confirmed joins there are of which all that was said before is
/// that they are what they are, which is most of them; and which the others are.
const SUMMARY: &str = "SELECT guild, joined_at / 86400000000 AS day,
     count(*) FILTER (WHERE said < 1000) AS confirmed,
     count(*) FILTER (WHERE said BETWEEN 1 AND 999) AS deduced,
     group_concat(user_id || ' ' || joined_at) FILTER (WHERE said >= 1000) AS others
 FROM (
     SELECT d.guild, d.joined_at, d.user_id, ifnull((
         SELECT sum(CASE WHEN h.certainty = 1 AND h.way IS d.way THEN 1 WHEN h.certainty IN (1, 2, 4) THEN 1000 ELSE 0 END)
         FROM history_data AS h
         WHERE h.user_id = d.user_id AND h.guild = d.guild AND h.joined_at = d.joined_at
     ), 0) AS said ";

pub(in crate::sqlite) async fn accuracy(
    at: &str,
    connection: &mut SqliteConnection,
    scope: &Scope,
) -> Result<Accuracy, LedgerError> {
    let scope = scope.clone().certainty(CertaintyKind::Confirmed);
    let mut sql = Sql::new("SELECT s.*, g.guild_id, g.name FROM (");
    sql.push(SUMMARY).push(joins_of(&scope));
    narrow(&mut sql, Table::Joins, &scope);
    span(&mut sql, "d.joined_at", &scope);
    sql.push(") GROUP BY guild, day) AS s JOIN guilds AS g ON g.number = s.guild");
    let mut counting = Counting::default();
    for row in &rows(at, connection, sql).await? {
        let row = Columns { at, row };
        let guild = row.id("guild_id")?;
        counting.add_plain(Plain {
            guild,
            guild_name: row.get("name")?,
            at: Timestamp::from_micros(row.get::<i64>("day")?.saturating_mul(DAY)),
            confirmed: row.count("confirmed")?,
            deduced: row.count("deduced")?,
        });
        let others: Option<String> = row.get("others")?;
        for word in others.iter().flat_map(|text| text.split(',')) {
            let key = key(guild, word).ok_or_else(|| undecodable(at, "join", &word))?;
            if let Some(join) = join(at, connection, &key).await? {
                let history = attribution_history(at, connection, &key).await?;
                counting.add(&join, &history);
            }
        }
    }
    Ok(counting.finish())
}

fn key(guild: GuildId, word: &str) -> Option<JoinKey> {
    let (user, joined) = word.split_once(' ')?;
    let user = Id::new_checked(user.parse::<i64>().ok()?.cast_unsigned())?;
    Some(JoinKey::new(
        guild,
        user,
        Timestamp::from_micros(joined.parse().ok()?),
    ))
}
