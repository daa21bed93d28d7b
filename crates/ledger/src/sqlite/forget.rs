//! Deleting what is held about a person.

use guestlist_model::{Id, UserId};
use sqlx::{Row, SqliteConnection};

use super::convert::{id, undecodable};
use crate::{Forgotten, LedgerError, error::from_sqlx};

/// Replaces `user` by a new stand-in wherever it is named, inside the caller's
/// transaction.
pub(super) async fn forget(
    at: &str,
    connection: &mut SqliteConnection,
    user: UserId,
) -> Result<Forgotten, LedgerError> {
    let failed = |error: sqlx::Error| from_sqlx(at, &error);
    let number: i64 = sqlx::query(
        "INSERT INTO meta (key, value) VALUES ('forgotten', '1')
         ON CONFLICT (key) DO UPDATE SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT)
         RETURNING CAST(value AS INTEGER)",
    )
    .fetch_one(&mut *connection)
    .await
    .and_then(|row| row.try_get(0))
    .map_err(failed)?;
    let stand_in: UserId = Id::new_checked((-number).cast_unsigned())
        .ok_or_else(|| undecodable(at, "count of the forgotten", &number))?;

    let mut forgotten = Forgotten::default();
    for (sql, counter) in [
        (
            "UPDATE joins SET user_id = ?2 WHERE user_id = ?1",
            Some(Counter::Joins),
        ),
        (
            "UPDATE leaves SET user_id = ?2 WHERE user_id = ?1",
            Some(Counter::Leaves),
        ),
        (
            "UPDATE attributions SET user_id = ?2 WHERE user_id = ?1",
            None,
        ),
        (
            "UPDATE attribution_history SET user_id = ?2 WHERE user_id = ?1",
            None,
        ),
        (
            "UPDATE attribution_candidates SET user_id = ?2 WHERE user_id = ?1",
            None,
        ),
        (
            "UPDATE invites SET inviter_id = ?2 WHERE inviter_id = ?1",
            Some(Counter::Mentions),
        ),
        (
            "UPDATE invites SET ended_by = ?2 WHERE ended_by = ?1",
            Some(Counter::Mentions),
        ),
        (
            "UPDATE attributions SET inviter_id = ?2 WHERE inviter_id = ?1",
            None,
        ),
        (
            "UPDATE attribution_candidates SET inviter_id = ?2 WHERE inviter_id = ?1",
            None,
        ),
        (
            "DELETE FROM users WHERE user_id = ?1 AND ?2 IS NOT NULL",
            None,
        ),
    ] {
        let rows = sqlx::query(sql)
            .bind(id(user))
            .bind(id(stand_in))
            .execute(&mut *connection)
            .await
            .map_err(failed)?
            .rows_affected();
        match counter {
            Some(Counter::Joins) => forgotten.joins += rows,
            Some(Counter::Leaves) => forgotten.leaves += rows,
            Some(Counter::Mentions) => forgotten.mentions += rows,
            None => {}
        }
    }
    // In JSON an id is a string of its digits, quotes included: no longer number
    // contains it.
    let (from, to) = (format!("\"{user}\""), format!("\"{stand_in}\""));
    for (sql, counted) in [
        (
            "UPDATE attributions SET certainty_json = replace(certainty_json, ?1, ?2), evidence = replace(evidence, ?1, ?2)
             WHERE instr(certainty_json, ?1) OR instr(evidence, ?1)",
            true,
        ),
        (
            "UPDATE attribution_history SET certainty_json = replace(certainty_json, ?1, ?2), evidence = replace(evidence, ?1, ?2)
             WHERE instr(certainty_json, ?1) OR instr(evidence, ?1)",
            false,
        ),
    ] {
        let rows =
            sqlx::query(sql).bind(&from).bind(&to).execute(&mut *connection).await.map_err(failed)?.rows_affected();
        if counted {
            forgotten.mentions += rows;
        }
    }
    if forgotten != Forgotten::default() {
        forgotten.stand_in = Some(stand_in);
    }
    Ok(forgotten)
}

enum Counter {
    Joins,
    Leaves,
    Mentions,
}
