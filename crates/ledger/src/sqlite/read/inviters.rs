//! What each inviter brought.

use sqlx::SqliteConnection;

use super::{super::convert::Columns, Sql, certainty, limit, narrow, rows, span};
use crate::{CertaintyKind, InviterRow, LedgerError, Scope};

pub(in crate::sqlite) async fn inviters(
    at: &str,
    connection: &mut SqliteConnection,
    scope: &Scope,
    most: Option<u32>,
) -> Result<Vec<InviterRow>, LedgerError> {
    // Adding a bot is not inviting somebody, so only invites have inviters here. Grouped
    // as the index has it, so that nothing is sorted.
    let mut sql = Sql::new(
        "WITH counted AS (
             SELECT CASE WHEN j.origin = 'invite' THEN j.inviter_id END AS inviter_id,
                 j.certainty, j.here, count(*) AS joins, 0.0 AS weight, max(j.joined_at) AS last_join
             FROM joins AS j
             WHERE j.certainty IN ('confirmed', 'deduced', 'unknown')",
    );
    narrow(&mut sql, "j", scope);
    certainty(&mut sql, scope);
    span(&mut sql, "j.joined_at", scope);
    if scope.inviter.is_some() {
        sql.push(" AND j.origin = 'invite'");
    }
    // An inviter may stand behind several candidates of one join: one join.
    sql.push(
        "    GROUP BY j.inviter_id, j.origin, j.certainty, j.here
             UNION ALL
             SELECT inviter_id, 'ambiguous', NULL, count(*), sum(weight), NULL
             FROM (
                 SELECT CASE WHEN c.origin = 'invite' THEN c.inviter_id END AS inviter_id, sum(c.weight) AS weight
                 FROM attribution_candidates AS c
                 WHERE ",
    );
    let is_wanted = matches!(scope.certainty, None | Some(CertaintyKind::Ambiguous));
    sql.push(u8::from(is_wanted));
    narrow(&mut sql, "c", scope);
    span(&mut sql, "c.joined_at", scope);
    if scope.inviter.is_some() {
        sql.push(" AND c.origin = 'invite'");
    }
    sql.push(
        "        GROUP BY c.guild_id, c.user_id, c.joined_at, 1
             )
             GROUP BY inviter_id
         )
         SELECT counted.inviter_id, inviter.name,
             coalesce(sum(joins) FILTER (WHERE certainty = 'confirmed'), 0) AS confirmed,
             coalesce(sum(joins) FILTER (WHERE certainty = 'deduced'), 0) AS deduced,
             coalesce(sum(joins) FILTER (WHERE certainty = 'ambiguous'), 0) AS ambiguous,
             coalesce(sum(weight) FILTER (WHERE certainty = 'ambiguous'), 0.0) AS expected,
             coalesce(sum(joins) FILTER (WHERE certainty = 'unknown'), 0) AS unknown,
             coalesce(sum(joins) FILTER (WHERE certainty IN ('confirmed', 'deduced') AND NOT here), 0) AS left_count,
             coalesce(sum(joins) FILTER (WHERE certainty IN ('confirmed', 'deduced') AND here), 0) AS here_count,
             max(last_join) FILTER (WHERE certainty IN ('confirmed', 'deduced')) AS last_join
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
