//! People about whom nothing has happened for long.

use guestlist_model::{Id, Timestamp, UserId};
use sqlx::SqliteConnection;

use super::{convert::undecodable, error::from_sqlx};
use crate::LedgerError;

/// The last that is known of each person who is named by id. Stand-ins have negative ids, as
/// SQLite has them. An invite that can still be used is of today.
const LAST: &str = "SELECT who FROM (
         SELECT user_id AS who, max(joined_at) AS at FROM join_data WHERE user_id > 0 GROUP BY user_id
         UNION ALL
         SELECT user_id, max(observed_at) FROM leave_data WHERE user_id > 0 GROUP BY user_id
         UNION ALL
         SELECT w.inviter_id, max(j.joined_at) FROM join_data AS j JOIN ways AS w ON w.number = j.way
             WHERE w.inviter_id > 0 GROUP BY w.inviter_id
         UNION ALL
         SELECT inviter_id, max(CASE
                 WHEN ended_at IS NOT NULL THEN ended_at
                 WHEN expires_at < ?1 THEN expires_at
                 WHEN state <> 'active' THEN state_at
                 ELSE ?1 END)
             FROM invites WHERE inviter_id > 0 GROUP BY inviter_id
         UNION ALL
         SELECT ended_by, max(coalesce(ended_at, state_at)) FROM invites
             WHERE ended_by > 0 GROUP BY ended_by
     )
     GROUP BY who HAVING max(at) < ?1 ORDER BY max(at), who LIMIT ?2";

pub(super) async fn people(
    at: &str,
    connection: &mut SqliteConnection,
    before: Timestamp,
    limit: u32,
) -> Result<Vec<UserId>, LedgerError> {
    let ids: Vec<i64> = sqlx::query_scalar(LAST)
        .bind(before.as_micros())
        .bind(limit)
        .fetch_all(connection)
        .await
        .map_err(|error| from_sqlx(at, &error))?;
    ids.into_iter()
        .map(|id| {
            Id::new_checked(id.cast_unsigned()).ok_or_else(|| undecodable(at, "user id", &id))
        })
        .collect()
}
