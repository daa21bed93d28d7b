//! The tracker's states, part by part.

use std::collections::BTreeMap;

use guestlist_model::GuildId;
use guestlist_tracker::{GuildChange, GuildState};
use sqlx::SqliteConnection;

use super::{
    convert::{Columns, id},
    error::from_sqlx,
    write::Writing,
};
use crate::{LedgerError, Partition};

/// Stores a change, which builds on those stored before.
pub(super) async fn store(
    writing: &mut Writing<'_>,
    change: &GuildChange,
) -> Result<(), LedgerError> {
    let guild = id(change.guild);
    if change.afresh {
        let all = sqlx::query("DELETE FROM state_parts WHERE guild_id = ?1").bind(guild);
        writing.run(all).await?;
    }
    for part in &change.parts {
        let query = match &part.body {
            Some(body) => sqlx::query(
                "INSERT OR REPLACE INTO state_parts (guild_id, part, body) VALUES (?1, ?2, ?3)",
            )
            .bind(guild)
            .bind(&part.name)
            .bind(body),
            None => sqlx::query("DELETE FROM state_parts WHERE guild_id = ?1 AND part = ?2")
                .bind(guild)
                .bind(&part.name),
        };
        writing.run(query).await?;
    }
    Ok(())
}

/// Reads the states of a partition's guilds, inside the caller's transaction.
pub(super) async fn read(
    at: &str,
    connection: &mut SqliteConnection,
    partition: Partition,
) -> Result<Vec<(GuildId, GuildState)>, LedgerError> {
    let rows = sqlx::query(
        "SELECT guild_id, part, body FROM state_parts WHERE (guild_id >> 22) % ?2 = ?1",
    )
    .bind(partition.number())
    .bind(partition.count())
    .fetch_all(connection)
    .await
    .map_err(|error| from_sqlx(at, &error))?;
    let mut states: BTreeMap<GuildId, Vec<(String, String)>> = BTreeMap::new();
    for row in &rows {
        let row = Columns { at, row };
        let parts = states.entry(row.id("guild_id")?).or_default();
        parts.push((row.get("part")?, row.get("body")?));
    }
    Ok(states
        .into_iter()
        .map(|(guild, parts)| (guild, parts.into_iter().collect()))
        .collect())
}
