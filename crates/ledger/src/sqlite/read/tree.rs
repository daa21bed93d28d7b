//! Who brought whom, without looking at every join.
//!
//! Most members joined once and brought nobody. Of these it is enough to know how many came by
//! each way in, which is counted. The others are few, and are looked up: who brought somebody,
//! and who joined again.

use std::collections::{BTreeMap, HashMap, HashSet};

use guestlist_model::{InviteCode, UserId};
use guestlist_tracker::JoinKey;
use sqlx::SqliteConnection;

use super::{
    super::convert::{Columns, id, undecodable},
    Sql, names, rows,
};
use crate::{
    JoinFact, LedgerError, TreePage, TreeQuestion,
    insight::{Crowd, tree_page},
};

/// Those of a guild who have to be looked up: who brought somebody, and who joined again.
const SPECIAL: &str = "SELECT w.inviter_id AS user_id FROM ways AS w, asked
     WHERE w.guild = asked.guild AND w.origin = 'invite' AND w.inviter_id IS NOT NULL
     UNION SELECT d.user_id FROM asked CROSS JOIN join_data AS d INDEXED BY joins_again
         ON d.guild = asked.guild AND d.again
     UNION SELECT asked.parent FROM asked WHERE asked.parent IS NOT NULL";

/// A way in by which members were invited.
struct Way {
    inviter: UserId,
    code: Option<InviteCode>,
    joins: u64,
    here: u64,
}

pub(in crate::sqlite) async fn tree(
    at: &str,
    connection: &mut SqliteConnection,
    question: &TreeQuestion,
) -> Result<TreePage, LedgerError> {
    let mut sql = Sql::new("SELECT number FROM guilds WHERE guild_id = ");
    sql.push_bind(id(question.guild));
    let found = rows(at, connection, sql).await?;
    let Some(row) = found.first() else {
        return Ok(TreePage::default());
    };
    let guild: i64 = Columns { at, row }.get("number")?;
    let mut ways = ways(at, connection, guild).await?;
    let facts = special(at, connection, guild, question, &ways).await?;
    let mut looked_up = HashSet::new();
    for (fact, way) in &facts {
        looked_up.insert(fact.key.user);
        if let Some(way) = ways.get_mut(way) {
            way.joins = way.joins.saturating_sub(1);
            way.here = way.here.saturating_sub(u64::from(fact.here));
        }
    }
    let mut brought: BTreeMap<UserId, (u64, u64)> = BTreeMap::new();
    for way in ways.values().filter(|way| way.joins > 0) {
        let counts = brought.entry(way.inviter).or_default();
        counts.0 += way.joins;
        counts.1 += way.here;
    }
    let others = members(at, connection, guild).await?;
    let others = others.saturating_sub(looked_up.len() as u64);
    let crowd = Crowd {
        outside: others.saturating_sub(brought.values().map(|(joins, _)| joins).sum()),
        brought: (brought.into_iter())
            .map(|(inviter, (joins, here))| (inviter, joins, here))
            .collect(),
    };
    let facts: Vec<JoinFact> = facts.into_iter().map(|(fact, _)| fact).collect();
    let mut page = tree_page(&facts, &crowd, question);
    let named = names(at, connection, &page.users()).await?;
    page.name(&named);
    Ok(page)
}

/// The ways in of a guild that have inviters, by their numbers.
async fn ways(
    at: &str,
    connection: &mut SqliteConnection,
    guild: i64,
) -> Result<HashMap<i64, Way>, LedgerError> {
    let mut sql = Sql::new(
        "SELECT number, code, inviter_id, confirmed + deduced AS joins, here FROM ways
         WHERE origin = 'invite' AND inviter_id IS NOT NULL AND guild = ",
    );
    sql.push_bind(guild);
    let mut ways = HashMap::new();
    for row in &rows(at, connection, sql).await? {
        let row = Columns { at, row };
        let code: Option<String> = row.get("code")?;
        let code = code.map(|code| {
            code.parse()
                .map_err(|error| undecodable(at, "invite code", &error))
        });
        let way = Way {
            inviter: row.id("inviter_id")?,
            code: code.transpose()?,
            joins: row.count("joins")?,
            here: row.count("here")?,
        };
        ways.insert(row.get("number")?, way);
    }
    Ok(ways)
}

/// The joins of those who have to be looked up, in order of time, with the numbers of their
/// ways. Of the others whom the parent brought, as many as a page shows are among them.
async fn special(
    at: &str,
    connection: &mut SqliteConnection,
    guild: i64,
    question: &TreeQuestion,
    ways: &HashMap<i64, Way>,
) -> Result<Vec<(JoinFact, i64)>, LedgerError> {
    let mut sql = Sql::new("WITH asked AS (SELECT ");
    sql.push_bind(guild).push(" AS guild, ");
    sql.push_bind(question.parent.map(id))
        .push(" AS parent), special AS MATERIALIZED (")
        .push(SPECIAL);
    sql.push(
        "), shown AS MATERIALIZED (
             SELECT d.user_id FROM asked
             CROSS JOIN ways AS w ON w.inviter_id = asked.parent AND w.guild = asked.guild AND w.origin = 'invite'
             CROSS JOIN join_data AS d INDEXED BY joins_by_way ON d.way = w.number
             WHERE d.user_id NOT IN (SELECT user_id FROM special)",
    );
    // Those who brought nobody come last, by their ids, of which the largest are stored as
    // numbers below zero.
    if let Some(after) = question.after.filter(|after| after.descendants == 0) {
        let user = id(after.user);
        sql.push(" AND (d.user_id < 0, d.user_id) > (")
            .push_bind(user < 0)
            .push(", ")
            .push_bind(user)
            .push(")");
    }
    sql.push(" ORDER BY d.user_id < 0, d.user_id LIMIT ")
        .push_bind(i64::from(question.limit) + 1);
    sql.push(
        ")
         SELECT d.user_id, d.joined_at, d.here, d.certainty, ifnull(d.way, 0) AS way
         FROM asked
         CROSS JOIN (SELECT user_id FROM special UNION ALL SELECT user_id FROM shown) AS s
         CROSS JOIN join_data AS d INDEXED BY joins_by_user ON d.user_id = s.user_id AND d.guild = asked.guild
         ORDER BY d.joined_at, d.user_id",
    );
    let mut facts = Vec::new();
    for row in &rows(at, connection, sql).await? {
        let row = Columns { at, row };
        let key = JoinKey::new(question.guild, row.id("user_id")?, row.time("joined_at")?);
        let mut fact = JoinFact::new(key);
        fact.here = row.get("here")?;
        fact.certainty = row.kind("certainty")?;
        let number: i64 = row.get("way")?;
        if let Some(way) = ways.get(&number) {
            fact.origin = Some("invite".into());
            fact.inviter = Some(way.inviter);
            fact.code.clone_from(&way.code);
        }
        facts.push((fact, number));
    }
    Ok(facts)
}

/// How many members of a guild there are joins of.
async fn members(
    at: &str,
    connection: &mut SqliteConnection,
    guild: i64,
) -> Result<u64, LedgerError> {
    let mut sql =
        Sql::new("SELECT ifnull((SELECT sum(joins) FROM counts WHERE hours = 0 AND guild = ");
    sql.push_bind(guild)
        .push("), 0) - (SELECT count(*) FROM join_data INDEXED BY joins_again WHERE again AND guild = ")
        .push_bind(guild)
        .push(") AS members");
    let found = rows(at, connection, sql).await?;
    let members = found
        .first()
        .map(|row| Columns { at, row }.count("members"));
    members.unwrap_or(Ok(0))
}
