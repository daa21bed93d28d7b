//! Joins in few words.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use guestlist_model::{GuildId, Id, InviteCode, Timestamp, UserId};
use guestlist_tracker::JoinKey;
use serde_json::json;
use sqlx::SqliteConnection;

use super::{
    super::convert::{Columns, id, undecodable},
    Sql,
    joins::of_joins,
    rows,
};
use crate::{CertaintyKind, JoinFact, LedgerError, Page, Scope};

/// The facts of a page, each column as one text. A row of its own for each fact would take
/// most of the time.
const COLUMNS: [&str; 7] = [
    "d.guild",
    "d.user_id",
    "d.joined_at",
    "d.seen",
    "ifnull(d.stayed, '')",
    // The number of the way, and the flags below.
    "ifnull(d.way, 0) * 64 + ifnull(d.certainty, 7) * 8 + (NOT d.here AND d.stayed IS NULL) * 4
         + (d.again OR d.rejoined IS 1) * 2 + d.here",
    "CASE WHEN NOT d.here AND d.stayed IS NULL THEN ifnull((SELECT min(n.joined_at)
         FROM join_data AS n WHERE n.user_id = d.user_id AND n.guild = d.guild
             AND n.joined_at > d.joined_at), '') END",
];

pub(in crate::sqlite) async fn facts(
    at: &str,
    connection: &mut SqliteConnection,
    scope: &Scope,
    page: Page,
) -> Result<Vec<JoinFact>, LedgerError> {
    let (mut outer, mut inner) = (String::new(), String::new());
    for (place, column) in COLUMNS.iter().enumerate() {
        let before = if place == 0 { "" } else { ", " };
        outer.push_str(&format!("{before}group_concat(c{place}) AS c{place}"));
        inner.push_str(&format!("{before}{column} AS c{place}"));
    }
    let mut sql = Sql::new(format!("SELECT {outer} FROM ("));
    of_joins(&mut sql, &inner, "", scope, page);
    sql.push(")");
    let found = rows(at, connection, sql).await?;
    let Some(row) = found.first() else {
        return Ok(Vec::new());
    };
    let mut texts = Vec::new();
    for place in 0..COLUMNS.len() {
        let text: Option<String> = Columns { at, row }.get(&format!("c{place}"))?;
        texts.push(text.unwrap_or_default());
    }
    if texts.first().is_none_or(String::is_empty) {
        return Ok(Vec::new());
    }
    let known = Known::read(at, connection, &texts).await?;
    // The last is told of few.
    let Some((later, columns)) = texts.split_last() else {
        return Ok(Vec::new());
    };
    let mut later = words(later);
    let mut columns: Vec<_> = columns.iter().map(|text| words(text)).collect();
    let mut facts = Vec::new();
    loop {
        let line: Vec<Option<&str>> = columns.iter_mut().map(Iterator::next).collect();
        if line.iter().all(Option::is_none) {
            return Ok(facts);
        }
        let fact = fact(&line, &mut later, &known);
        facts.push(fact.ok_or_else(|| undecodable(at, "join", &format_args!("{line:?}")))?);
    }
}

/// The words of a column. One that is empty has one, which is empty: there is a row.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(',')
}

/// A way in, as far as facts tell it.
struct Way {
    origin: String,
    inviter: Option<UserId>,
    code: Option<InviteCode>,
}

/// What the numbers in facts stand for.
#[derive(Default)]
struct Known {
    guilds: HashMap<i64, GuildId>,
    ways: HashMap<i64, Way>,
}

impl Known {
    async fn read(
        at: &str,
        connection: &mut SqliteConnection,
        texts: &[String],
    ) -> Result<Self, LedgerError> {
        let numbers = |place: usize| -> BTreeSet<i64> {
            let text = texts.get(place).map_or("", String::as_str);
            words(text).filter_map(|word| word.parse().ok()).collect()
        };
        let mut known = Self::default();
        let mut sql = Sql::new("SELECT g.number, g.guild_id FROM json_each(");
        sql.push_bind(json!(numbers(0)).to_string())
            .push(") AS k CROSS JOIN guilds AS g ON g.number = k.value");
        for row in &rows(at, connection, sql).await? {
            let row = Columns { at, row };
            known.guilds.insert(row.get("number")?, row.id("guild_id")?);
        }
        let ways: BTreeSet<i64> = numbers(5).into_iter().map(|word| word >> 6).collect();
        let mut sql = Sql::new("SELECT w.* FROM json_each(");
        sql.push_bind(json!(ways).to_string())
            .push(") AS k CROSS JOIN ways AS w ON w.number = k.value");
        for row in &rows(at, connection, sql).await? {
            let row = Columns { at, row };
            let code: Option<String> = row.get("code")?;
            let code = code.map(|code| {
                code.parse()
                    .map_err(|error| undecodable(at, "invite code", &error))
            });
            let way = Way {
                origin: row.get("origin")?,
                inviter: row.optional_id("inviter_id")?,
                code: code.transpose()?,
            };
            known.ways.insert(row.get("number")?, way);
        }
        Ok(known)
    }
}

/// A fact from its words; none if it is not one.
fn fact<'l>(
    line: &[Option<&'l str>],
    later: &mut impl Iterator<Item = &'l str>,
    known: &Known,
) -> Option<JoinFact> {
    let [guild, user, joined, seen, stayed, flags] = line else {
        return None;
    };
    let number = |word: &Option<&str>| word.and_then(|word| word.parse::<i64>().ok());
    let joined = number(joined)?;
    let after = |micros: i64| Timestamp::from_micros(joined.wrapping_add(micros));
    let guild = *known.guilds.get(&number(guild)?)?;
    let user = Id::new_checked(number(user)?.cast_unsigned())?;
    let flags = number(flags)?;
    let mut fact = JoinFact::new(JoinKey::new(guild, user, after(0)));
    fact.observed_at = after(number(seen)?);
    fact.left_at = match *stayed {
        Some("") => None,
        _ => Some(after(number(stayed)?)),
    };
    fact.here = flags & 1 == 1;
    fact.rejoined = flags & 2 == 2;
    if flags & 4 == 4 {
        fact.next_at = match later.next()? {
            "" => None,
            word => Some(Timestamp::from_micros(word.parse().ok()?)),
        };
    }
    fact.certainty = match flags >> 3 & 7 {
        7 => None,
        place => Some(*CertaintyKind::ALL.get(usize::try_from(place).ok()?)?),
    };
    if flags >> 6 > 0 {
        let way = known.ways.get(&(flags >> 6))?;
        fact.origin = Some(way.origin.clone());
        fact.inviter = way.inviter;
        fact.code.clone_from(&way.code);
    }
    Some(fact)
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
