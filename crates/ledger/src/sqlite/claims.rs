//! Who may write which guilds, and how far their events were read.

use sqlx::SqliteConnection;

use super::{
    convert::{Columns, count, undecodable},
    error::from_sqlx,
    state,
    write::Writing,
};
use crate::{Batch, Claim, Epoch, LedgerError, Partition, Position, ResumePoint};

/// Stores a new claim and ends those it overlaps, inside the caller's transaction.
pub(super) async fn claim(
    at: &str,
    connection: &mut SqliteConnection,
    partition: Partition,
    owner: &str,
) -> Result<Claim, LedgerError> {
    let failed = |error: sqlx::Error| from_sqlx(at, &error);
    for held in held(at, connection).await? {
        if held.claim.partition.overlaps(partition) {
            sqlx::query("DELETE FROM claims WHERE epoch = ?1")
                .bind(count(held.claim.epoch.get()))
                .execute(&mut *connection)
                .await
                .map_err(failed)?;
        }
    }
    // Not from what is left in `claims`: the last one may just have been deleted.
    let row = sqlx::query(
        "INSERT INTO meta (key, value) VALUES ('epoch', '1')
         ON CONFLICT (key) DO UPDATE SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT)
         RETURNING CAST(value AS INTEGER) AS epoch",
    )
    .fetch_one(&mut *connection)
    .await
    .map_err(failed)?;
    let epoch = Epoch::new(Columns { at, row: &row }.count("epoch")?);
    sqlx::query(
        "INSERT INTO claims (epoch, partition_number, partition_count, owner) VALUES (?1, ?2, ?3, ?4)",
    )
    .bind(count(epoch.get()))
    .bind(partition.number())
    .bind(partition.count())
    .bind(owner)
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    Ok(Claim { partition, epoch })
}

/// Whether a claim still holds, and covers all that a batch is about.
pub(super) async fn check(
    at: &str,
    connection: &mut SqliteConnection,
    claim: Claim,
    batch: &Batch,
) -> Result<(), LedgerError> {
    let partition = claim.partition;
    if let Some(guild) = batch.guild_ids().find(|guild| !partition.contains(*guild)) {
        return Err(LedgerError::OutsidePartition { guild, partition });
    }
    let held = held(at, connection).await?;
    if held.iter().any(|held| held.claim == claim) {
        return Ok(());
    }
    let by = held
        .into_iter()
        .filter(|held| held.claim.partition.overlaps(partition))
        .max_by_key(|held| held.claim.epoch);
    let (partition, owner) = match by {
        Some(held) => (held.claim.partition, held.owner),
        // Whoever took it over was fenced out in turn, by a claim of other guilds.
        None => (partition, "another process".to_owned()),
    };
    Err(LedgerError::Fenced {
        at: at.to_owned(),
        claim,
        partition,
        owner,
    })
}

struct Held {
    claim: Claim,
    owner: String,
}

async fn held(at: &str, connection: &mut SqliteConnection) -> Result<Vec<Held>, LedgerError> {
    let rows = sqlx::query("SELECT * FROM claims")
        .fetch_all(connection)
        .await
        .map_err(|error| from_sqlx(at, &error))?;
    rows.iter()
        .map(|row| {
            let row = Columns { at, row };
            let claim = Claim {
                partition: partition(&row)?,
                epoch: Epoch::new(row.count("epoch")?),
            };
            let owner = row.get("owner")?;
            Ok(Held { claim, owner })
        })
        .collect()
}

fn partition(row: &Columns<'_>) -> Result<Partition, LedgerError> {
    let (number, count) = (row.get("partition_number")?, row.get("partition_count")?);
    Partition::new(number, count)
        .ok_or_else(|| undecodable(row.at, "partition", &format_args!("{number} of {count}")))
}

/// Stores a position in place of those of the same stream that cover some of the
/// same guilds.
pub(super) async fn position(
    writing: &mut Writing<'_>,
    partition: Partition,
    position: &Position,
) -> Result<(), LedgerError> {
    let at = writing.at;
    let rows = sqlx::query("SELECT * FROM positions WHERE key = ?1")
        .bind(&position.key)
        .fetch_all(&mut *writing.connection)
        .await
        .map_err(|error| from_sqlx(at, &error))?;
    for row in &rows {
        let stored = self::partition(&Columns { at, row })?;
        if stored.overlaps(partition) && (stored != partition || position.body.is_none()) {
            writing
                .run(
                    sqlx::query(
                        "DELETE FROM positions
                         WHERE key = ?1 AND partition_number = ?2 AND partition_count = ?3",
                    )
                    .bind(&position.key)
                    .bind(stored.number())
                    .bind(stored.count()),
                )
                .await?;
        }
    }
    if let Some(body) = &position.body {
        writing
            .run(
                sqlx::query(
                    "INSERT OR REPLACE INTO positions (key, partition_number, partition_count, body)
                     VALUES (?1, ?2, ?3, ?4)",
                )
                .bind(&position.key)
                .bind(partition.number())
                .bind(partition.count())
                .bind(body),
            )
            .await?;
    }
    Ok(())
}

/// Reads where to go on, inside the caller's transaction.
pub(super) async fn resume_point(
    at: &str,
    connection: &mut SqliteConnection,
    partition: Partition,
) -> Result<ResumePoint, LedgerError> {
    let failed = |error: sqlx::Error| from_sqlx(at, &error);
    let guild_states = state::read(at, &mut *connection, partition).await?;
    let positions = sqlx::query("SELECT * FROM positions ORDER BY key")
        .fetch_all(&mut *connection)
        .await
        .map_err(failed)?;
    let positions: Vec<Option<Position>> = positions
        .iter()
        .map(|row| stored_position(&Columns { at, row }, partition))
        .collect::<Result<_, _>>()?;
    Ok(ResumePoint {
        guild_states,
        positions: positions.into_iter().flatten().collect(),
    })
}

fn stored_position(row: &Columns<'_>, of: Partition) -> Result<Option<Position>, LedgerError> {
    if !partition(row)?.overlaps(of) {
        return Ok(None);
    }
    let (key, body): (String, String) = (row.get("key")?, row.get("body")?);
    Ok(Some(Position::new(key, body)))
}
