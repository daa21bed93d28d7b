//! What each inviter brought.

use sqlx::SqliteConnection;

use super::{
    super::{
        attributions::number,
        convert::{Columns, id},
    },
    Sql, Table, is_of_ways, limit, narrow, narrow_ways, rows, span,
};
use crate::{CertaintyKind, InviterRow, LedgerError, Scope};

pub(in crate::sqlite) async fn inviters(
    at: &str,
    connection: &mut SqliteConnection,
    scope: &Scope,
    most: Option<u32>,
) -> Result<Vec<InviterRow>, LedgerError> {
    // Adding a bot is not inviting somebody, so only invites have inviters here.
    let mut sql = Sql::new("WITH by_way AS (");
    if is_of_ways(scope) {
        push_counted(&mut sql, scope);
    } else {
        push_rows(&mut sql, scope);
    }
    // An inviter may stand behind several candidates of one join: one join.
    sql.push(
        "), counted AS (
             SELECT CASE WHEN w.origin = 'invite' THEN w.inviter_id END AS inviter_id,
                 b.confirmed, b.deduced, 0 AS ambiguous, 0.0 AS expected, b.unknown, b.here, b.last_join
             FROM by_way AS b LEFT JOIN ways AS w ON w.number = b.way
             UNION ALL
             SELECT inviter_id, 0, 0, count(*), sum(weight), 0, 0, NULL
             FROM (
                 SELECT CASE WHEN w.origin = 'invite' THEN w.inviter_id END AS inviter_id, sum(d.weight) AS weight
                 FROM candidate_data AS d JOIN ways AS w ON w.number = d.way
                 WHERE ",
    );
    let is_wanted = matches!(scope.certainty, None | Some(CertaintyKind::Ambiguous));
    sql.push(u8::from(is_wanted));
    narrow(&mut sql, Table::Candidates, scope);
    span(&mut sql, "d.joined_at", scope);
    if scope.inviter.is_some() {
        sql.push(" AND w.origin = 'invite'");
    }
    sql.push(
        "        GROUP BY d.guild, d.user_id, d.joined_at, 1
             )
             GROUP BY inviter_id
         )
         SELECT c.inviter_id, inviter.name, sum(c.confirmed) AS confirmed, sum(c.deduced) AS deduced,
             sum(c.ambiguous) AS ambiguous, sum(c.expected) AS expected, sum(c.unknown) AS unknown,
             sum(c.confirmed) + sum(c.deduced) - sum(c.here) AS left_count, sum(c.here) AS here_count,
             max(c.last_join) AS last_join
         FROM counted AS c LEFT JOIN users AS inviter ON inviter.user_id = c.inviter_id
         GROUP BY c.inviter_id
         ORDER BY sum(c.confirmed) + sum(c.deduced) DESC, sum(c.ambiguous) DESC, c.inviter_id",
    );
    limit(&mut sql, most);
    rows(at, connection, sql)
        .await?
        .iter()
        .map(|row| {
            let row = Columns { at, row };
            Ok(InviterRow {
                inviter: row.optional_id("inviter_id")?,
                name: row.get("name")?,
                confirmed: row.count("confirmed")?,
                deduced: row.count("deduced")?,
                ambiguous: row.count("ambiguous")?,
                expected: row.get("expected")?,
                unknown: row.count("unknown")?,
                left: row.count("left_count")?,
                here: row.count("here_count")?,
                last_join: row.optional_time("last_join")?,
            })
        })
        .collect()
}

/// From what is counted of each way in.
fn push_counted(sql: &mut Sql, scope: &Scope) {
    sql.push(
        "SELECT w.number AS way, w.confirmed, w.deduced, 0 AS unknown, w.here,
             (SELECT max(d.joined_at) FROM join_data AS d WHERE d.way = w.number) AS last_join
         FROM ways AS w WHERE w.confirmed + w.deduced > 0",
    );
    narrow_ways(sql, scope);
    if scope.inviter.is_some() {
        sql.push(" AND w.origin = 'invite'");
    }
    let mut of_guild = Scope::new();
    of_guild.guild = scope.guild;
    if *scope == of_guild {
        sql.push(" UNION ALL SELECT NULL, 0, 0, c.joins, 0, NULL FROM counts AS c WHERE c.hours = 0 AND c.joins > 0 AND c.certainty = ")
            .push_bind(number(CertaintyKind::Unknown));
        if let Some(guild) = scope.guild {
            sql.push(" AND c.guild = (SELECT number FROM guilds WHERE guild_id = ")
                .push_bind(id(guild))
                .push(")");
        }
    }
}

/// From joins themselves.
fn push_rows(sql: &mut Sql, scope: &Scope) {
    sql.push(
        "SELECT d.way, count(*) FILTER (WHERE d.certainty = 0) AS confirmed,
             count(*) FILTER (WHERE d.certainty = 1) AS deduced,
             count(*) FILTER (WHERE d.certainty = 3) AS unknown,
             count(*) FILTER (WHERE d.certainty <> 3 AND d.here) AS here,
             max(d.joined_at) FILTER (WHERE d.certainty <> 3) AS last_join
         FROM join_data AS d LEFT JOIN ways AS w ON w.number = d.way
         WHERE d.certainty IN (0, 1, 3)",
    );
    narrow(sql, Table::Joins, scope);
    span(sql, "d.joined_at", scope);
    if scope.inviter.is_some() {
        sql.push(" AND w.origin = 'invite'");
    }
    sql.push(" GROUP BY d.way");
}
