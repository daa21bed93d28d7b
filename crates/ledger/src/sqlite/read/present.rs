//! Who is still here.

use guestlist_model::GuildId;
use guestlist_tracker::JoinKey;
use sqlx::SqliteConnection;

use super::{
    super::{
        convert::{Columns, id},
        load::join_key,
    },
    Sql, rows,
};
use crate::LedgerError;

/// Reads all joins of the guild: an index of members by guild would cost more with every join
/// than this, which is asked only after events were missed.
pub(in crate::sqlite) async fn present(
    at: &str,
    connection: &mut SqliteConnection,
    guild: GuildId,
) -> Result<Vec<JoinKey>, LedgerError> {
    let mut sql = Sql::new(
        "SELECT g.guild_id, d.user_id, d.joined_at FROM guilds AS g CROSS JOIN join_data AS d ON d.guild = g.number
         WHERE g.guild_id = ",
    );
    // Those who stand in for somebody forgotten are below zero.
    sql.push_bind(id(guild))
        .push(" AND d.here AND d.user_id > 0 ORDER BY d.user_id");
    let found = rows(at, connection, sql).await?;
    found
        .iter()
        .map(|row| join_key(&Columns { at, row }))
        .collect()
}
