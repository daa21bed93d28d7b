//! Questions.

use guestlist_model::{InviteCode, Timestamp};
use guestlist_tracker::{Attribution, InviteRecord, Join, JoinKey};
use sqlx::{QueryBuilder, Sqlite, SqlitePool};

use super::{
    attributions::stored_attribution,
    convert::{Columns, id, undecodable},
    memberships::stored_join,
    write::stored_invite,
};
use crate::{
    CertaintyKind, InviteFilter, InviteRow, InviterFilter, InviterRow, JoinFilter, JoinRow,
    LedgerError, Totals, error::from_sqlx,
};

pub(super) async fn attribution_history(
    at: &str,
    pool: &SqlitePool,
    join: &JoinKey,
) -> Result<Vec<Attribution>, LedgerError> {
    let rows = sqlx::query(
        "SELECT * FROM attribution_history WHERE guild_id = ?1 AND user_id = ?2 AND joined_at = ?3
         ORDER BY revision",
    )
    .bind(id(join.guild))
    .bind(id(join.user))
    .bind(join.joined_at.as_micros())
    .fetch_all(pool)
    .await
    .map_err(|error| from_sqlx(at, &error))?;
    rows.iter()
        .map(|row| stored_attribution(&Columns { at, row }, *join))
        .collect()
}

pub(super) async fn totals(at: &str, pool: &SqlitePool) -> Result<Totals, LedgerError> {
    let row = sqlx::query(
        "SELECT (SELECT count(*) FROM joins) AS joins,
             (SELECT count(*) FROM attributions WHERE certainty = 'confirmed') AS confirmed,
             (SELECT count(*) FROM attributions WHERE certainty = 'deduced') AS deduced,
             (SELECT count(*) FROM attributions WHERE certainty = 'ambiguous') AS ambiguous,
             (SELECT count(*) FROM attributions WHERE certainty = 'unknown') AS unknown,
             (SELECT count(*) FROM leaves) AS leaves,
             (SELECT count(*) FROM invites) AS invites,
             (SELECT count(*) FROM guilds) AS guilds",
    )
    .fetch_one(pool)
    .await
    .map_err(|error| from_sqlx(at, &error))?;
    let row = Columns { at, row: &row };
    let mut by_certainty = [0; 4];
    for (slot, kind) in by_certainty.iter_mut().zip(CertaintyKind::ALL) {
        *slot = row.count(kind.as_str())?;
    }
    let joins = row.count("joins")?;
    Ok(Totals {
        joins,
        by_certainty,
        waiting: joins.saturating_sub(by_certainty.iter().sum()),
        leaves: row.count("leaves")?,
        invites: row.count("invites")?,
        guilds: row.count("guilds")?,
    })
}

pub(super) async fn joins(
    at: &str,
    pool: &SqlitePool,
    filter: &JoinFilter,
) -> Result<Vec<JoinRow>, LedgerError> {
    let mut sql = QueryBuilder::<Sqlite>::new(
        "SELECT j.*, member.name AS user_name, g.name AS guild_name, inviter.name AS inviter_name,
             a.revision, a.decided_at, a.certainty_json, a.evidence
         FROM joins AS j
         LEFT JOIN attributions AS a USING (guild_id, user_id, joined_at)
         LEFT JOIN guilds AS g ON g.guild_id = j.guild_id
         LEFT JOIN users AS member ON member.user_id = j.user_id
         LEFT JOIN users AS inviter ON inviter.user_id = a.inviter_id
         WHERE 1",
    );
    if let Some(guild) = filter.guild {
        sql.push(" AND j.guild_id = ").push_bind(id(guild));
    }
    if let Some(user) = filter.user {
        sql.push(" AND j.user_id = ").push_bind(id(user));
    }
    if let Some(inviter) = filter.inviter {
        sql.push(" AND a.inviter_id = ").push_bind(id(inviter));
    }
    if let Some(code) = &filter.code {
        sql.push(" AND a.code = ")
            .push_bind(code.as_str().to_owned());
    }
    if let Some(certainty) = filter.certainty {
        sql.push(" AND a.certainty = ")
            .push_bind(certainty.as_str());
    }
    since_until(&mut sql, "j.joined_at", filter.since, filter.until);
    if let Some(after) = filter.after {
        sql.push(" AND (j.joined_at, j.user_id, j.guild_id) < (")
            .push_bind(after.joined_at.as_micros())
            .push(", ")
            .push_bind(id(after.user))
            .push(", ")
            .push_bind(id(after.guild))
            .push(")");
    }
    sql.push(" ORDER BY j.joined_at DESC, j.user_id DESC, j.guild_id DESC");
    limit(&mut sql, filter.limit);
    let rows = sql
        .build()
        .fetch_all(pool)
        .await
        .map_err(|error| from_sqlx(at, &error))?;
    rows.iter()
        .map(|row| join_row(&Columns { at, row }))
        .collect()
}

fn join_row(row: &Columns<'_>) -> Result<JoinRow, LedgerError> {
    let key = JoinKey {
        guild: row.id("guild_id")?,
        user: row.id("user_id")?,
        joined_at: row.time("joined_at")?,
    };
    let stored = stored_join(row)?;
    let attribution = if row.get::<Option<i64>>("revision")?.is_some() {
        Some(stored_attribution(row, key)?)
    } else {
        None
    };
    let mut join = Join::new(key, stored.observed_at);
    join.name = row.get("user_name")?;
    join.bot = stored.bot;
    join.pending = stored.pending;
    join.rejoined = stored.rejoined;
    join.guest = stored.guest;
    join.observed_by = stored.observed_by;
    Ok(JoinRow {
        join,
        guild_name: row.get("guild_name")?,
        attribution,
        inviter_name: row.get("inviter_name")?,
        left_at: stored.left_at,
        here: stored.here,
    })
}

pub(super) async fn inviters(
    at: &str,
    pool: &SqlitePool,
    filter: &InviterFilter,
) -> Result<Vec<InviterRow>, LedgerError> {
    let mut sql = QueryBuilder::<Sqlite>::new(
        "WITH counted AS (
             SELECT CASE WHEN a.origin = 'invite' THEN a.inviter_id END AS inviter_id,
                 a.certainty, 1.0 AS weight, j.here, j.joined_at
             FROM attributions AS a JOIN joins AS j USING (guild_id, user_id, joined_at)
             WHERE a.certainty <> 'ambiguous'",
    );
    inviter_filter(&mut sql, "a", filter);
    // Adding a bot is not inviting somebody, so only invites have inviters here. An inviter may stand behind several candidates of one join: one join.
    sql.push(
        " UNION ALL
             SELECT CASE WHEN c.origin = 'invite' THEN c.inviter_id END, 'ambiguous', sum(c.weight), j.here, j.joined_at
             FROM attribution_candidates AS c JOIN joins AS j USING (guild_id, user_id, joined_at)
             WHERE 1",
    );
    inviter_filter(&mut sql, "c", filter);
    sql.push(
        " GROUP BY c.guild_id, c.user_id, c.joined_at, 1
         )
         SELECT counted.inviter_id, inviter.name,
             count(*) FILTER (WHERE certainty = 'confirmed') AS confirmed,
             count(*) FILTER (WHERE certainty = 'deduced') AS deduced,
             count(*) FILTER (WHERE certainty = 'ambiguous') AS ambiguous,
             coalesce(sum(weight) FILTER (WHERE certainty = 'ambiguous'), 0.0) AS expected,
             count(*) FILTER (WHERE certainty = 'unknown') AS unknown,
             count(*) FILTER (WHERE certainty IN ('confirmed', 'deduced') AND NOT here) AS left_count,
             count(*) FILTER (WHERE certainty IN ('confirmed', 'deduced') AND here) AS here_count,
             max(joined_at) FILTER (WHERE certainty IN ('confirmed', 'deduced')) AS last_join
         FROM counted LEFT JOIN users AS inviter ON inviter.user_id = counted.inviter_id
         GROUP BY counted.inviter_id
         ORDER BY confirmed + deduced DESC, ambiguous DESC, counted.inviter_id",
    );
    limit(&mut sql, filter.limit);
    let rows = sql
        .build()
        .fetch_all(pool)
        .await
        .map_err(|error| from_sqlx(at, &error))?;
    rows.iter()
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

fn inviter_filter(sql: &mut QueryBuilder<Sqlite>, table: &str, filter: &InviterFilter) {
    if let Some(guild) = filter.guild {
        sql.push(format_args!(" AND {table}.guild_id = "))
            .push_bind(id(guild));
    }
    if let Some(inviter) = filter.inviter {
        sql.push(format_args!(
            " AND {table}.origin = 'invite' AND {table}.inviter_id = "
        ))
        .push_bind(id(inviter));
    }
    if let Some(code) = &filter.code {
        sql.push(format_args!(" AND {table}.code = "))
            .push_bind(code.as_str().to_owned());
    }
    since_until(
        sql,
        &format!("{table}.joined_at"),
        filter.since,
        filter.until,
    );
}

pub(super) async fn invites(
    at: &str,
    pool: &SqlitePool,
    filter: &InviteFilter,
) -> Result<Vec<InviteRow>, LedgerError> {
    // A join belongs to the life of the code that had begun when it happened, and
    // to the first one if none had (the two clocks of Discord's that are compared
    // here need not agree to the microsecond). A life whose beginning is not
    // known is shown only if it is all there is of the code.
    let mut sql = QueryBuilder::<Sqlite>::new(
        "WITH lives AS (
             SELECT *,
                 lag(created_at) OVER life AS earlier,
                 lead(created_at) OVER life AS later,
                 max(created_at) OVER (PARTITION BY guild_id, code) AS dated
             FROM invites WINDOW life AS (PARTITION BY guild_id, code ORDER BY created_at)
         )
         SELECT i.*, g.name AS guild_name, inviter.name AS inviter_name,
             (SELECT count(*) FROM attributions AS a WHERE a.guild_id = i.guild_id AND a.code = i.code
                 AND a.certainty = 'confirmed'
                 AND (i.earlier IS NULL OR a.joined_at >= i.created_at)
                 AND (i.later IS NULL OR a.joined_at < i.later)) AS confirmed,
             (SELECT count(*) FROM attributions AS a WHERE a.guild_id = i.guild_id AND a.code = i.code
                 AND a.certainty = 'deduced'
                 AND (i.earlier IS NULL OR a.joined_at >= i.created_at)
                 AND (i.later IS NULL OR a.joined_at < i.later)) AS deduced,
             (SELECT count(*) FROM attribution_candidates AS c WHERE c.guild_id = i.guild_id AND c.code = i.code
                 AND (i.earlier IS NULL OR c.joined_at >= i.created_at)
                 AND (i.later IS NULL OR c.joined_at < i.later)) AS ambiguous,
             (SELECT count(*) FROM attributions AS a JOIN joins AS j USING (guild_id, user_id, joined_at)
                 WHERE a.guild_id = i.guild_id AND a.code = i.code AND j.here
                 AND (i.earlier IS NULL OR a.joined_at >= i.created_at)
                 AND (i.later IS NULL OR a.joined_at < i.later)) AS here_count,
             (SELECT max(a.joined_at) FROM attributions AS a WHERE a.guild_id = i.guild_id AND a.code = i.code
                 AND (i.earlier IS NULL OR a.joined_at >= i.created_at)
                 AND (i.later IS NULL OR a.joined_at < i.later)) AS last_join
         FROM lives AS i
         LEFT JOIN guilds AS g ON g.guild_id = i.guild_id
         LEFT JOIN users AS inviter ON inviter.user_id = i.inviter_id
         WHERE (i.created_at IS NOT NULL OR i.dated IS NULL)",
    );
    if let Some(guild) = filter.guild {
        sql.push(" AND i.guild_id = ").push_bind(id(guild));
    }
    if let Some(inviter) = filter.inviter {
        sql.push(" AND i.inviter_id = ").push_bind(id(inviter));
    }
    if let Some(code) = &filter.code {
        sql.push(" AND i.code = ")
            .push_bind(code.as_str().to_owned());
    }
    if let Some(active) = filter.active {
        // Its time may have run out while nobody watched.
        sql.push(if active { " AND " } else { " AND NOT " }).push(
            "(i.state = 'active' AND ifnull(i.expires_at > unixepoch('subsec') * 1000000, TRUE))",
        );
    }
    since_until(&mut sql, "i.created_at", filter.since, filter.until);
    sql.push(
        " ORDER BY confirmed + deduced DESC, ambiguous DESC, i.created_at DESC, i.code, i.guild_id",
    );
    limit(&mut sql, filter.limit);
    let rows = sql
        .build()
        .fetch_all(pool)
        .await
        .map_err(|error| from_sqlx(at, &error))?;
    rows.iter()
        .map(|row| invite_row(&Columns { at, row }))
        .collect()
}

fn invite_row(row: &Columns<'_>) -> Result<InviteRow, LedgerError> {
    let stored = stored_invite(row)?;
    let code: String = row.get("code")?;
    let code = code
        .parse::<InviteCode>()
        .map_err(|error| undecodable(row.at, "invite code", &error))?;
    let mut invite = InviteRecord::new(row.id("guild_id")?, code, stored.updated_at);
    invite.channel = stored.channel;
    invite.inviter = stored.inviter;
    invite.inviter_name = row.get("inviter_name")?;
    invite.created_at = row.optional_time("created_at")?;
    invite.expires_at = stored.expires_at;
    invite.max_uses = stored.max_uses;
    invite.max_age = stored.max_age;
    invite.temporary = stored.temporary;
    invite.uses = stored.uses;
    invite.state = stored.state;
    invite.ended_at = stored.ended_at;
    invite.ended_by = stored.ended_by;
    let (confirmed, deduced, here) = (
        row.count("confirmed")?,
        row.count("deduced")?,
        row.count("here_count")?,
    );
    Ok(InviteRow {
        invite,
        guild_name: row.get("guild_name")?,
        confirmed,
        deduced,
        ambiguous: row.count("ambiguous")?,
        left: (confirmed + deduced).saturating_sub(here),
        here,
        last_join: row.optional_time("last_join")?,
    })
}

fn since_until(
    sql: &mut QueryBuilder<Sqlite>,
    column: &str,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
) {
    if let Some(since) = since {
        sql.push(format_args!(" AND {column} >= "))
            .push_bind(since.as_micros());
    }
    if let Some(until) = until {
        sql.push(format_args!(" AND {column} < "))
            .push_bind(until.as_micros());
    }
}

fn limit(sql: &mut QueryBuilder<Sqlite>, limit: Option<u32>) {
    if let Some(limit) = limit {
        sql.push(" LIMIT ").push_bind(limit);
    }
}
