//! Joins in few words.

use std::{collections::BTreeMap, str::FromStr};

use guestlist_model::{Id, Timestamp, UserId};
use guestlist_tracker::JoinKey;
use serde_json::json;
use sqlx::SqliteConnection;

use super::{
    super::convert::{Columns, id, undecodable},
    Sql, certainty,
    joins::newest_first,
    narrow, rows, span,
};
use crate::{JoinFact, LedgerError, Page, Scope};

/// The facts of a page in one text, a line each. A row of its own for each fact would take
/// most of the time.
const LINE: &str = "j.guild_id || ' ' || j.user_id || ' ' || j.joined_at || ' ' || j.observed_at
     || ' ' || ifnull(j.left_at, '') || ' ' || j.here
     || ' ' || (j.rejoined IS 1 OR EXISTS (SELECT 1 FROM joins AS e WHERE e.guild_id = j.guild_id
         AND e.user_id = j.user_id AND e.joined_at < j.joined_at))
     || ' ' || CASE WHEN NOT j.here AND j.left_at IS NULL THEN ifnull((SELECT min(n.joined_at)
         FROM joins AS n WHERE n.guild_id = j.guild_id AND n.user_id = j.user_id
             AND n.joined_at > j.joined_at), '') ELSE '' END
     || ' ' || ifnull(j.certainty, '') || ' ' || ifnull(j.origin, '') || ' ' || ifnull(j.inviter_id, '')
     || ' ' || ifnull(j.code, '')";

pub(in crate::sqlite) async fn facts(
    at: &str,
    connection: &mut SqliteConnection,
    scope: &Scope,
    page: Page,
) -> Result<Vec<JoinFact>, LedgerError> {
    let mut sql = Sql::new(format!(
        "SELECT group_concat(line, char(10)) AS facts FROM (SELECT {LINE} AS line FROM joins AS j WHERE 1"
    ));
    narrow(&mut sql, "j", scope);
    certainty(&mut sql, scope);
    span(&mut sql, "j.joined_at", scope);
    newest_first(&mut sql, page);
    sql.push(")");
    let found = rows(at, connection, sql).await?;
    let Some(row) = found.first() else {
        return Ok(Vec::new());
    };
    let text: Option<String> = Columns { at, row }.get("facts")?;
    let lines = text.as_deref().unwrap_or_default().lines();
    lines
        .map(|line| fact(line).ok_or_else(|| undecodable(at, "join", &line)))
        .collect()
}

/// A line as a fact; none if it is not one.
fn fact(line: &str) -> Option<JoinFact> {
    let mut words = Words(line.split(' '));
    let (guild, user) = (words.id()?, words.id()?);
    let joined_at = Timestamp::from_micros(words.required()?);
    let mut fact = JoinFact::new(JoinKey::new(guild, user, joined_at));
    fact.observed_at = Timestamp::from_micros(words.required()?);
    fact.left_at = words.optional()?.map(Timestamp::from_micros);
    fact.here = words.required::<u8>()? == 1;
    fact.rejoined = words.required::<u8>()? == 1;
    fact.next_at = words.optional()?.map(Timestamp::from_micros);
    fact.certainty = words.optional()?;
    fact.origin = words.optional()?;
    let inviter: Option<i64> = words.optional()?;
    fact.inviter = match inviter {
        Some(stored) => Some(Id::new_checked(stored.cast_unsigned())?),
        None => None,
    };
    fact.code = words.optional()?;
    Some(fact)
}

struct Words<'l>(std::str::Split<'l, char>);

impl Words<'_> {
    fn required<T: FromStr>(&mut self) -> Option<T> {
        self.0.next()?.parse().ok()
    }

    /// Nothing where the word is empty; none if it is not what it should be.
    fn optional<T: FromStr>(&mut self) -> Option<Option<T>> {
        match self.0.next()? {
            "" => Some(None),
            word => word.parse().ok().map(Some),
        }
    }

    fn id<M>(&mut self) -> Option<Id<M>> {
        Id::new_checked(self.required::<i64>()?.cast_unsigned())
    }
}

pub(in crate::sqlite) async fn names(
    at: &str,
    connection: &mut SqliteConnection,
    users: &[UserId],
) -> Result<BTreeMap<UserId, String>, LedgerError> {
    let users: Vec<i64> = users.iter().map(|user| id(*user)).collect();
    let mut sql = Sql::new("SELECT u.user_id, u.name FROM json_each(");
    sql.push_bind(json!(users).to_string())
        .push(") AS k CROSS JOIN users AS u ON u.user_id = k.value");
    rows(at, connection, sql)
        .await?
        .iter()
        .map(|row| {
            let row = Columns { at, row };
            Ok((row.id("user_id")?, row.get("name")?))
        })
        .collect()
}
