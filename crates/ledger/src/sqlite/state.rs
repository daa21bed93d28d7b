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

/// Stores changes, each of which builds on those before.
pub(super) async fn store(
    writing: &mut Writing<'_>,
    changes: &[GuildChange],
) -> Result<(), LedgerError> {
    // In the order in which they are stored, each part as it is in the end.
    let mut parts: BTreeMap<(i64, &str), Option<&str>> = BTreeMap::new();
    for change in changes {
        let guild = id(change.guild);
        if change.afresh {
            let all = sqlx::query("DELETE FROM state_parts WHERE guild_id = ?1").bind(guild);
            writing.run(all).await?;
            parts.retain(|(of, _), _| *of != guild);
        }
        let changed = change.parts.iter();
        parts.extend(changed.map(|it| ((guild, it.name.as_str()), it.body.as_deref())));
    }
    let (mut gone, mut told) = (Vec::new(), Vec::new());
    for ((guild, part), body) in parts {
        match body {
            Some(body) => told.push((guild, part, body)),
            None => gone.push((guild, part)),
        }
    }
    writing
        .run_each(
            [
                "DELETE FROM state_parts WHERE (guild_id, part) IN (SELECT * FROM (VALUES",
                "(?, ?)",
                "))",
            ],
            &gone,
            |query, (guild, part)| query.bind(*guild).bind((*part).to_owned()),
        )
        .await?;
    writing
        .run_each(
            [
                "INSERT OR REPLACE INTO state_parts (guild_id, part, body) VALUES",
                "(?, ?, ?)",
                "",
            ],
            &told,
            |query, (guild, part, body)| {
                let query = query.bind(*guild).bind((*part).to_owned());
                query.bind((*body).to_owned())
            },
        )
        .await
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
