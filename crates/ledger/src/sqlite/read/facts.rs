//! Joins in few words.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
};

use guestlist_model::{GuildId, Id, InviteCode, Timestamp, UserId};
use guestlist_tracker::JoinKey;
use serde_json::json;
use sqlx::SqliteConnection;

use super::{
    super::convert::{Columns, id, undecodable},
    Sql,
    joins::of_joins,
    rows,
    texts::{Numbers, texts},
};
use crate::{CertaintyKind, JoinFact, LedgerError, ORIGINS, Page, Scope};

/// What is read of each fact.
const COLUMNS: [&str; 8] = [
    "d.guild",
    "d.user_id",
    "d.joined_at",
    "d.seen",
    "ifnull(d.stayed, '')",
    // The number of the way, and the flags below.
    "ifnull(d.way, 0) * 128 + ifnull(d.certainty, 7) * 16 + (d.stayed_least IS NOT NULL) * 8
         + (NOT d.here AND d.stayed IS NULL) * 4 + (d.again OR d.rejoined IS 1) * 2 + d.here",
    "CASE WHEN NOT d.here AND d.stayed IS NULL THEN ifnull((SELECT min(n.joined_at)
         FROM join_data AS n INDEXED BY joins_by_user WHERE n.user_id = d.user_id AND n.guild = d.guild
             AND n.joined_at > d.joined_at), '') END",
    "d.stayed_least",
];

pub(in crate::sqlite) async fn facts(
    at: &str,
    connection: &mut SqliteConnection,
    scope: &Scope,
    page: Page,
) -> Result<Vec<JoinFact>, LedgerError> {
    let mut columns = COLUMNS;
    if scope.guild.is_some() {
        // It is known.
        columns[0] = "NULL";
    }
    let push = |sql: &mut Sql, columns: &str| of_joins(sql, columns, None, scope, page);
    let Some(found) = texts(at, connection, columns, push).await? else {
        return Ok(Vec::new());
    };
    let [guilds, users, joined, seen, stayed, flags, later, least] = &found;
    let known = Known::read(at, connection, guilds, flags).await?;
    let (mut guilds, mut users) = (Numbers::of(guilds), Numbers::of(users));
    let (mut joined, mut seen) = (Numbers::of(joined), Numbers::of(seen));
    let mut stayed = Numbers::of(stayed);
    let mut few = Few {
        later: Numbers::of(later),
        least: Numbers::of(least),
    };
    let mut facts = Vec::new();
    for flags in Numbers::of(flags) {
        let line = Line {
            guild: guilds.number(),
            user: users.number(),
            joined: joined.number(),
            seen: seen.number(),
            stayed: stayed.number(),
            flags,
        };
        let fact = line.fact(&mut few, scope.guild, &known);
        facts.push(fact.ok_or_else(|| undecodable(at, "join", &format_args!("{line:?}")))?);
    }
    Ok(facts)
}

/// A way in, as far as facts tell it.
struct Way {
    origin: Cow<'static, str>,
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
        guilds: &str,
        flags: &str,
    ) -> Result<Self, LedgerError> {
        let mut known = Self::default();
        let guilds: BTreeSet<i64> = Numbers::of(guilds).flatten().collect();
        if !guilds.is_empty() {
            let mut sql = Sql::new("SELECT g.number, g.guild_id FROM json_each(");
            sql.push_bind(json!(guilds).to_string())
                .push(") AS k CROSS JOIN guilds AS g ON g.number = k.value");
            for row in &rows(at, connection, sql).await? {
                let row = Columns { at, row };
                known.guilds.insert(row.get("number")?, row.id("guild_id")?);
            }
        }
        let ways: HashSet<i64> = Numbers::of(flags)
            .flatten()
            .map(|flags| flags >> 7)
            .collect();
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
            let origin: String = row.get("origin")?;
            let way = Way {
                origin: match ORIGINS.into_iter().find(|known| *known == origin) {
                    Some(known) => Cow::Borrowed(known),
                    None => Cow::Owned(origin),
                },
                inviter: row.optional_id("inviter_id")?,
                code: code.transpose()?,
            };
            known.ways.insert(row.get("number")?, way);
        }
        Ok(known)
    }
}

/// The columns that are told of few facts.
struct Few<'t> {
    later: Numbers<'t>,
    least: Numbers<'t>,
}

/// What is told of a fact.
#[derive(Debug)]
struct Line {
    guild: Option<i64>,
    user: Option<i64>,
    joined: Option<i64>,
    seen: Option<i64>,
    stayed: Option<i64>,
    flags: Option<i64>,
}

impl Line {
    /// The fact; none if it is not one.
    fn fact(&self, few: &mut Few<'_>, guild: Option<GuildId>, known: &Known) -> Option<JoinFact> {
        let joined = self.joined?;
        let after = |micros: i64| Timestamp::from_micros(joined.wrapping_add(micros));
        let guild = match guild {
            Some(guild) => guild,
            None => *known.guilds.get(&self.guild?)?,
        };
        let user = Id::new_checked(self.user?.cast_unsigned())?;
        let flags = self.flags?;
        let mut fact = JoinFact::new(JoinKey::new(guild, user, after(0)));
        fact.observed_at = after(self.seen?);
        fact.left_at = self.stayed.map(after);
        fact.here = flags & 1 == 1;
        fact.rejoined = flags & 2 == 2;
        if flags & 4 == 4 {
            fact.next_at = few.later.next()?.map(Timestamp::from_micros);
        }
        if flags & 8 == 8 {
            fact.left_after = few.least.number().map(after);
        }
        fact.certainty = match flags >> 4 & 7 {
            7 => None,
            place => Some(*CertaintyKind::ALL.get(usize::try_from(place).ok()?)?),
        };
        if flags >> 7 > 0 {
            let way = known.ways.get(&(flags >> 7))?;
            fact.origin = Some(way.origin.clone());
            fact.inviter = way.inviter;
            fact.code.clone_from(&way.code);
        }
        Some(fact)
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
