//! Joins and leaves: loaded by member, merged, stored once at the batch's end.

use std::collections::BTreeMap;

use guestlist_model::{GuildId, Timestamp, UserId};
use guestlist_tracker::Observation;

use super::{
    convert::{Columns, id, undecodable},
    write::Writing,
};
use crate::{
    LedgerError,
    error::from_sqlx,
    merge::{Membership, StoredJoin, StoredLeave},
};

/// The members that a batch is about.
#[derive(Default)]
pub(super) struct Memberships(BTreeMap<(GuildId, UserId), Loaded>);

struct Loaded {
    stored: Membership,
    now: Membership,
}

impl Memberships {
    /// A member's joins and leaves, loaded when asked for the first time.
    pub(super) async fn of(
        &mut self,
        writing: &mut Writing<'_>,
        guild: GuildId,
        user: UserId,
    ) -> Result<&mut Membership, LedgerError> {
        use std::collections::btree_map::Entry;
        let loaded = match self.0.entry((guild, user)) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                let stored = load(writing, guild, user).await?;
                entry.insert(Loaded {
                    now: stored.clone(),
                    stored,
                })
            }
        };
        Ok(&mut loaded.now)
    }

    /// Writes what changed.
    pub(super) async fn store(self, writing: &mut Writing<'_>) -> Result<(), LedgerError> {
        for ((guild, user), Loaded { stored, mut now }) in self.0 {
            now.settle();
            for (joined_at, join) in &now.joins {
                if stored.joins.get(joined_at) != Some(join) {
                    store_join(writing, guild, user, *joined_at, join).await?;
                }
            }
            for leave in &now.leaves {
                if !stored.leaves.contains(leave) {
                    store_leave(writing, guild, user, leave).await?;
                }
            }
        }
        Ok(())
    }
}

async fn load(
    writing: &mut Writing<'_>,
    guild: GuildId,
    user: UserId,
) -> Result<Membership, LedgerError> {
    let at = writing.at;
    let mut membership = Membership::default();
    let rows = sqlx::query("SELECT * FROM joins WHERE guild_id = ?1 AND user_id = ?2")
        .bind(id(guild))
        .bind(id(user))
        .fetch_all(&mut *writing.connection)
        .await
        .map_err(|error| from_sqlx(at, &error))?;
    for row in &rows {
        let row = Columns { at, row };
        membership
            .joins
            .insert(row.time("joined_at")?, stored_join(&row)?);
    }
    let rows = sqlx::query("SELECT * FROM leaves WHERE guild_id = ?1 AND user_id = ?2")
        .bind(id(guild))
        .bind(id(user))
        .fetch_all(&mut *writing.connection)
        .await
        .map_err(|error| from_sqlx(at, &error))?;
    for row in &rows {
        let row = Columns { at, row };
        membership.leaves.push(StoredLeave {
            told: row.optional_time("told_joined_at")?,
            observed_at: row.time("observed_at")?,
            joined_at: row.optional_time("joined_at")?,
        });
    }
    Ok(membership)
}

pub(super) fn stored_join(row: &Columns<'_>) -> Result<StoredJoin, LedgerError> {
    let observed_by: String = row.get("observed_by")?;
    Ok(StoredJoin {
        bot: row.get("bot")?,
        guest: row.get("guest")?,
        pending: row.get("pending")?,
        rejoined: row.get("rejoined")?,
        observed_at: row.time("observed_at")?,
        observed_by: match observed_by.as_str() {
            "gateway" => Observation::Gateway,
            "catch_up" => Observation::CatchUp,
            other => return Err(undecodable(row.at, "observation", &other)),
        },
        updated_at: row.time("updated_at")?,
        left_at: row.optional_time("left_at")?,
        here: row.get("here")?,
    })
}

async fn store_join(
    writing: &mut Writing<'_>,
    guild: GuildId,
    user: UserId,
    joined_at: Timestamp,
    join: &StoredJoin,
) -> Result<(), LedgerError> {
    writing
        .run(
            sqlx::query(
                "INSERT OR REPLACE INTO joins (guild_id, user_id, joined_at, bot, guest, pending, rejoined,
                     observed_at, observed_by, updated_at, left_at, here)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            )
            .bind(id(guild))
            .bind(id(user))
            .bind(joined_at.as_micros())
            .bind(join.bot)
            .bind(join.guest)
            .bind(join.pending)
            .bind(join.rejoined)
            .bind(join.observed_at.as_micros())
            .bind(join.observed_by.label())
            .bind(join.updated_at.as_micros())
            .bind(join.left_at.map(Timestamp::as_micros))
            .bind(join.here),
        )
        .await?;
    Ok(())
}

async fn store_leave(
    writing: &mut Writing<'_>,
    guild: GuildId,
    user: UserId,
    leave: &StoredLeave,
) -> Result<(), LedgerError> {
    // REPLACE finds the row by whichever of the two unique indexes applies.
    writing
        .run(
            sqlx::query(
                "INSERT OR REPLACE INTO leaves (guild_id, user_id, told_joined_at, observed_at, joined_at)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )
            .bind(id(guild))
            .bind(id(user))
            .bind(leave.told.map(Timestamp::as_micros))
            .bind(leave.observed_at.as_micros())
            .bind(leave.joined_at.map(Timestamp::as_micros)),
        )
        .await?;
    Ok(())
}
