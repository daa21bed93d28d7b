//! What each inviter brought.

use sqlx::SqliteConnection;

use super::{super::convert::Columns, Sql, Table, limit, narrow, rows, span};
use crate::{CertaintyKind, InviterRow, LedgerError, Scope};

pub(in crate::sqlite) async fn inviters(
    at: &str,
    connection: &mut SqliteConnection,
    scope: &Scope,
    most: Option<u32>,
) -> Result<Vec<InviterRow>, LedgerError> {
    // Adding a bot is not inviting somebody, so only invites have inviters here.
    let mut sql = Sql::new(
        "WITH by_way AS (
             SELECT d.way, d.certainty, d.here, count(*) AS joins, max(d.joined_at) AS last_join
             FROM join_data AS d LEFT JOIN ways AS w ON w.number = d.way
             WHERE d.certainty IN (0, 1, 3)",
    );
    narrow(&mut sql, Table::Joins, scope);
    span(&mut sql, "d.joined_at", scope);
    if scope.inviter.is_some() {
        sql.push(" AND w.origin = 'invite'");
    }
    // An inviter may stand behind several candidates of one join: one join.
    sql.push(
        "    GROUP BY d.way, d.certainty, d.here
         ), counted AS (
             SELECT CASE WHEN w.origin = 'invite' THEN w.inviter_id END AS inviter_id,
                 b.certainty, b.here, b.joins, 0.0 AS weight, b.last_join
             FROM by_way AS b LEFT JOIN ways AS w ON w.number = b.way
             UNION ALL
             SELECT inviter_id, 2, NULL, count(*), sum(weight), NULL
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
         SELECT counted.inviter_id, inviter.name,
             coalesce(sum(joins) FILTER (WHERE certainty = 0), 0) AS confirmed,
             coalesce(sum(joins) FILTER (WHERE certainty = 1), 0) AS deduced,
             coalesce(sum(joins) FILTER (WHERE certainty = 2), 0) AS ambiguous,
             coalesce(sum(weight) FILTER (WHERE certainty = 2), 0.0) AS expected,
             coalesce(sum(joins) FILTER (WHERE certainty = 3), 0) AS unknown,
             coalesce(sum(joins) FILTER (WHERE certainty IN (0, 1) AND NOT here), 0) AS left_count,
             coalesce(sum(joins) FILTER (WHERE certainty IN (0, 1) AND here), 0) AS here_count,
             max(last_join) FILTER (WHERE certainty IN (0, 1)) AS last_join
         FROM counted LEFT JOIN users AS inviter ON inviter.user_id = counted.inviter_id
         GROUP BY counted.inviter_id
         ORDER BY confirmed + deduced DESC, ambiguous DESC, counted.inviter_id",
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
