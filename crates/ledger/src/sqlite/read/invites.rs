//! Invites, and who came through them.

use sqlx::SqliteConnection;

use super::{
    super::convert::{Columns, id},
    Sql, Table, invite_record, limit, narrow, narrow_invites, rows, span,
};
use crate::{CertaintyKind, InviteRow, InviteStatus, LedgerError, Scope};

/// A join belongs to the life of the code that had begun when it happened, and to the
/// first one if none had: the two clocks of Discord's that are compared here need not
/// agree to the microsecond.
const OF_THIS_LIFE: &str =
    "d.way IN (SELECT iw.number FROM ways AS iw WHERE iw.code = i.code AND iw.guild = i.guild)
     AND d.joined_at >= CASE WHEN i.earlier IS NULL THEN -9223372036854775808 ELSE i.created_at END
     AND d.joined_at < ifnull(i.later, 9223372036854775807)";

pub(in crate::sqlite) async fn invites(
    at: &str,
    connection: &mut SqliteConnection,
    scope: &Scope,
    status: InviteStatus,
    most: Option<u32>,
) -> Result<Vec<InviteRow>, LedgerError> {
    let mut invites = scope.clone();
    invites.inviter = None;
    let joins = Scope {
        guild: None,
        inviter: None,
        code: None,
        label: None,
        ..scope.clone()
    };
    let mut sql = Sql::new(
        "WITH lives AS (
             SELECT i.rowid AS id, i.guild_id, i.code, i.created_at, i.inviter_id, i.state, i.expires_at,
                 g.number AS guild,
                 lag(created_at) OVER life AS earlier,
                 lead(created_at) OVER life AS later,
                 max(created_at) OVER (PARTITION BY i.guild_id, code) AS dated
             FROM invites AS i JOIN guilds AS g ON g.guild_id = i.guild_id
             WHERE 1",
    );
    narrow_invites(&mut sql, &invites);
    // All counts of a life in one look at its joins: SQLite has no lateral joins.
    sql.push(
        "    WINDOW life AS (PARTITION BY i.guild_id, code ORDER BY created_at)
         ), counted AS MATERIALIZED (
             SELECT i.*, CASE WHEN ",
    );
    // Counts are of a code, whichever of its lives it was.
    sql.push(if joins.clone().timeless() == Scope::new() {
        "i.earlier IS NULL AND i.later IS NULL"
    } else {
        "FALSE"
    });
    sql.push(
        " THEN
                 (SELECT json_array(sum(w.confirmed), sum(w.deduced), sum(w.here), count(*) FILTER (WHERE w.ambiguous > 0),
                     sum(w.ambiguous))
                 FROM ways AS w WHERE w.code = i.code AND w.guild = i.guild)
             ELSE
                 (SELECT json_array(
                     count(*) FILTER (WHERE d.certainty = 0),
                     count(*) FILTER (WHERE d.certainty = 1),
                     count(*) FILTER (WHERE d.here))
                 FROM join_data AS d LEFT JOIN ways AS w ON w.number = d.way WHERE ",
    );
    sql.push(OF_THIS_LIFE);
    narrow(&mut sql, Table::Joins, &joins);
    // A life whose beginning is not known is shown only if it is all there is of the code.
    sql.push(
        "        ) END AS counts
             FROM lives AS i WHERE (i.created_at IS NOT NULL OR i.dated IS NULL)",
    );
    if let Some(inviter) = scope.inviter {
        sql.push(" AND i.inviter_id = ").push_bind(id(inviter));
    }
    let (is, at_time) = match status {
        InviteStatus::Any => ("", None),
        InviteStatus::ActiveAt(now) => (" AND ", Some(now)),
        InviteStatus::EndedAt(now) => (" AND NOT ", Some(now)),
    };
    if let Some(now) = at_time {
        // Its time may have run out while nobody watched.
        sql.push(is)
            .push("(i.state = 'active' AND ifnull(i.expires_at > ")
            .push_bind(now.as_micros())
            .push(", TRUE))");
    }
    span(&mut sql, "i.created_at", scope);
    // One way in that an ambiguous join may have been is one join; of several, a join may be
    // all of them.
    sql.push(
        "), weighed AS MATERIALIZED (
             SELECT i.*, ifnull(counts ->> 0, 0) AS confirmed, ifnull(counts ->> 1, 0) AS deduced,
                 ifnull(counts ->> 2, 0) AS here_count,
                 CASE WHEN counts ->> 3 < 2 THEN ifnull(counts ->> 4, 0) ELSE
                     (SELECT count(DISTINCT d.user_id || ' ' || d.joined_at)
                     FROM candidate_data AS d JOIN ways AS w ON w.number = d.way WHERE ",
    );
    sql.push(OF_THIS_LIFE);
    narrow(&mut sql, Table::Candidates, &joins);
    let is_wanted = matches!(scope.certainty, None | Some(CertaintyKind::Ambiguous));
    sql.push(" AND ").push(u8::from(is_wanted));
    sql.push(
        "            ) END AS ambiguous
             FROM counted AS i
         ), best AS MATERIALIZED (
             SELECT * FROM weighed
             ORDER BY confirmed + deduced DESC, ambiguous DESC, created_at DESC, code, guild_id",
    );
    limit(&mut sql, most);
    // What else there is to tell of those that are wanted.
    sql.push(
        ")
         SELECT v.*, g.name AS guild_name, i.confirmed, i.deduced, i.here_count, i.ambiguous,
             inviter.name AS inviter_name,
             (SELECT t.label FROM labels AS t WHERE t.guild_id = i.guild_id AND t.code = i.code) AS label,
             CASE WHEN confirmed + deduced > 0 THEN (SELECT max(d.joined_at) FROM join_data AS d ",
    );
    if joins.origin.is_some() {
        sql.push("LEFT JOIN ways AS w ON w.number = d.way ");
    }
    sql.push("WHERE ").push(OF_THIS_LIFE);
    narrow(&mut sql, Table::Joins, &joins);
    sql.push(
        ") END AS last_join
         FROM best AS i CROSS JOIN invites AS v ON v.rowid = i.id
         CROSS JOIN guilds AS g ON g.number = i.guild
         LEFT JOIN users AS inviter ON inviter.user_id = v.inviter_id
         ORDER BY i.confirmed + i.deduced DESC, i.ambiguous DESC, i.created_at DESC, i.code, i.guild_id",
    );
    rows(at, connection, sql)
        .await?
        .iter()
        .map(|row| invite_row(&Columns { at, row }))
        .collect()
}

fn invite_row(row: &Columns<'_>) -> Result<InviteRow, LedgerError> {
    let (confirmed, deduced, here) = (
        row.count("confirmed")?,
        row.count("deduced")?,
        row.count("here_count")?,
    );
    Ok(InviteRow {
        invite: invite_record(row)?,
        guild_name: row.get("guild_name")?,
        label: row.label("label")?,
        confirmed,
        deduced,
        ambiguous: row.count("ambiguous")?,
        left: (confirmed + deduced).saturating_sub(here),
        here,
        last_join: row.optional_time("last_join")?,
    })
}
