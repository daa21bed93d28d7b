//! One batch, one transaction.

use std::collections::{BTreeMap, BTreeSet};

use guestlist_model::{GuildId, Timestamp, UserId};
use guestlist_tracker::{InviteRecord, Leave, Record};
use sqlx::SqliteConnection;

use super::{
    claims,
    convert::{Columns, count, from_json, id, json, undecodable},
    memberships::Memberships,
};
use crate::{
    Batch, Committed, GuildInfo, LedgerError, Partition,
    error::from_sqlx,
    merge::{StoredInvite, state_from_word},
};

/// A transaction in progress.
pub(super) struct Writing<'c> {
    pub(super) at: &'c str,
    pub(super) connection: &'c mut SqliteConnection,
    /// Guilds that have their row.
    guilds: BTreeSet<i64>,
    /// Whether anybody was ever forgotten; if not, nobody needs looking up.
    forgets: bool,
}

impl<'c> Writing<'c> {
    pub(super) async fn begin(
        at: &'c str,
        connection: &'c mut SqliteConnection,
    ) -> Result<Self, LedgerError> {
        let forgets = sqlx::query("SELECT 1 FROM meta WHERE key = 'forgotten'")
            .fetch_optional(&mut *connection)
            .await
            .map_err(|error| from_sqlx(at, &error))?
            .is_some();
        Ok(Self {
            at,
            connection,
            guilds: BTreeSet::new(),
            forgets,
        })
    }

    pub(super) async fn batch(
        mut self,
        partition: Partition,
        batch: &Batch,
    ) -> Result<Committed, LedgerError> {
        let mut fresh = Vec::with_capacity(batch.records.len());
        let mut memberships = Memberships::default();
        let mut states = BTreeMap::new();
        for record in &batch.records {
            fresh.push(self.record(record, &mut memberships).await?);
        }
        memberships.store(&mut self).await?;
        for (guild, state) in &batch.guild_states {
            states.insert(*guild, state); // the last one of a guild counts
        }
        for (guild, state) in states {
            let state = json(state, self.at, "tracker state")?;
            self.run(
                sqlx::query(
                    "INSERT OR REPLACE INTO guild_states (guild_id, state) VALUES (?1, ?2)",
                )
                .bind(id(guild))
                .bind(state),
            )
            .await?;
        }
        for position in &batch.positions {
            claims::position(&mut self, partition, position).await?;
        }
        for guild in &batch.guilds {
            self.guild_info(guild).await?;
        }
        Ok(Committed { fresh })
    }

    async fn record(
        &mut self,
        record: &Record,
        memberships: &mut Memberships,
    ) -> Result<bool, LedgerError> {
        match record {
            Record::Join(join) => {
                self.guild(join.key.guild).await?;
                let user = self
                    .stand_in(join.key.guild, join.key.user, Some(join.key.joined_at))
                    .await?;
                if user == join.key.user
                    && let Some(name) = &join.name
                {
                    self.name(user, name, join.observed_at).await?;
                }
                Ok(memberships.of(self, join.key.guild, user).await?.join(join))
            }
            Record::Leave(leave) => {
                self.guild(leave.guild).await?;
                if self.may_be_forgotten(leave).await? {
                    return Ok(false);
                }
                let user = self
                    .stand_in(leave.guild, leave.user, leave.joined_at)
                    .await?;
                Ok(memberships.of(self, leave.guild, user).await?.leave(leave))
            }
            Record::Invite(invite) => {
                self.guild(invite.guild).await?;
                if let (Some(inviter), Some(name)) = (invite.inviter, &invite.inviter_name) {
                    self.name(inviter, name, invite.observed_at).await?;
                }
                self.invite(invite).await
            }
            Record::Attribution(attribution) => {
                let key = attribution.key;
                let user = self
                    .stand_in(key.guild, key.user, Some(key.joined_at))
                    .await?;
                self.attribution(attribution, user).await
            }
            Record::Gap(gap) => {
                self.guild(gap.guild).await?;
                let body = json(gap, self.at, "gap")?;
                let rows = self
                    .run(
                        sqlx::query("INSERT OR IGNORE INTO gaps (guild_id, body) VALUES (?1, ?2)")
                            .bind(id(gap.guild))
                            .bind(body),
                    )
                    .await?;
                Ok(rows > 0)
            }
            // Better an error than a record that is lost without a word.
            other => Err(undecodable(
                self.at,
                "record",
                &format_args!("this version cannot store {other:?}"),
            )),
        }
    }

    pub(super) async fn run(
        &mut self,
        query: sqlx::query::Query<'_, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>,
    ) -> Result<u64, LedgerError> {
        query
            .execute(&mut *self.connection)
            .await
            .map(|done| done.rows_affected())
            .map_err(|error| from_sqlx(self.at, &error))
    }

    async fn guild(&mut self, guild: GuildId) -> Result<(), LedgerError> {
        if self.guilds.insert(id(guild)) {
            self.run(
                sqlx::query("INSERT OR IGNORE INTO guilds (guild_id) VALUES (?1)").bind(id(guild)),
            )
            .await?;
        }
        Ok(())
    }

    async fn guild_info(&mut self, guild: &GuildInfo) -> Result<(), LedgerError> {
        self.run(
            sqlx::query(
                "INSERT INTO guilds (guild_id, name) VALUES (?1, ?2)
                 ON CONFLICT (guild_id) DO UPDATE SET name = excluded.name WHERE excluded.name IS NOT NULL",
            )
            .bind(id(guild.id))
            .bind(guild.name.as_deref()),
        )
        .await?;
        Ok(())
    }

    async fn name(
        &mut self,
        user: UserId,
        name: &str,
        seen_at: Timestamp,
    ) -> Result<(), LedgerError> {
        self.run(
            sqlx::query(
                "INSERT INTO users (user_id, name, seen_at) VALUES (?1, ?2, ?3)
                 ON CONFLICT (user_id) DO UPDATE SET name = excluded.name, seen_at = excluded.seen_at
                 WHERE (excluded.seen_at, excluded.name) > (users.seen_at, users.name)",
            )
            .bind(id(user))
            .bind(name)
            .bind(seen_at.as_micros()),
        )
        .await?;
        Ok(())
    }

    /// Who a record about this join is to be stored for: the stand-in if the
    /// member asked to be forgotten after the join was stored.
    async fn stand_in(
        &mut self,
        guild: GuildId,
        user: UserId,
        joined_at: Option<Timestamp>,
    ) -> Result<UserId, LedgerError> {
        let Some(joined_at) = joined_at.filter(|_| self.forgets) else {
            return Ok(user);
        };
        // Two people do not join a guild within one microsecond; Discord counts
        // in microseconds and gives ids in order.
        let row = sqlx::query(
            "SELECT user_id FROM joins WHERE guild_id = ?1 AND joined_at = ?2 AND user_id < 0",
        )
        .bind(id(guild))
        .bind(joined_at.as_micros())
        .fetch_optional(&mut *self.connection)
        .await
        .map_err(|error| from_sqlx(self.at, &error))?;
        match row {
            Some(row) => Columns {
                at: self.at,
                row: &row,
            }
            .id("user_id"),
            None => Ok(user),
        }
    }

    /// Whether a leave of nobody whose join is known is left out: it may be of somebody
    /// who asked to be forgotten, and would bring them back.
    async fn may_be_forgotten(&mut self, leave: &Leave) -> Result<bool, LedgerError> {
        if !self.forgets || leave.joined_at.is_some() {
            return Ok(false);
        }
        let known = sqlx::query("SELECT 1 FROM joins WHERE guild_id = ?1 AND user_id = ?2 LIMIT 1")
            .bind(id(leave.guild))
            .bind(id(leave.user))
            .fetch_optional(&mut *self.connection)
            .await
            .map_err(|error| from_sqlx(self.at, &error))?;
        Ok(known.is_none())
    }

    async fn invite(&mut self, record: &InviteRecord) -> Result<bool, LedgerError> {
        let created_at = record.created_at.map(Timestamp::as_micros);
        let row = sqlx::query(
            "SELECT * FROM invites WHERE guild_id = ?1 AND code = ?2
             AND ifnull(created_at, -9223372036854775808) = ifnull(?3, -9223372036854775808)",
        )
        .bind(id(record.guild))
        .bind(record.code.as_str())
        .bind(created_at)
        .fetch_optional(&mut *self.connection)
        .await
        .map_err(|error| from_sqlx(self.at, &error))?;
        let offered = StoredInvite::of(record);
        let (merged, news) = match row {
            None => (offered, true),
            Some(row) => {
                let stored = stored_invite(&Columns {
                    at: self.at,
                    row: &row,
                })?;
                let mut merged = stored.clone();
                let news = merged.merge(&offered);
                if merged == stored {
                    return Ok(false);
                }
                (merged, news)
            }
        };
        self.run(
            sqlx::query(
                "INSERT INTO invites (guild_id, code, created_at, channel_id, inviter_id, expires_at, max_uses,
                     max_age, temporary, uses, state, state_at, ended_at, ended_by, observed_at, updated_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
                 ON CONFLICT (guild_id, code, ifnull(created_at, -9223372036854775808)) DO UPDATE SET
                     channel_id = excluded.channel_id, inviter_id = excluded.inviter_id,
                     expires_at = excluded.expires_at, max_uses = excluded.max_uses, max_age = excluded.max_age,
                     temporary = excluded.temporary, uses = excluded.uses, state = excluded.state,
                     state_at = excluded.state_at, ended_at = excluded.ended_at, ended_by = excluded.ended_by,
                     observed_at = excluded.observed_at, updated_at = excluded.updated_at",
            )
            .bind(id(record.guild))
            .bind(record.code.as_str())
            .bind(created_at)
            .bind(merged.channel.map(id))
            .bind(merged.inviter.map(id))
            .bind(merged.expires_at.map(Timestamp::as_micros))
            .bind(merged.max_uses.map(count))
            .bind(merged.max_age.map(count))
            .bind(merged.temporary)
            .bind(merged.uses.map(count))
            .bind(merged.state.label())
            .bind(merged.state_at.as_micros())
            .bind(merged.ended_at.map(Timestamp::as_micros))
            .bind(merged.ended_by.map(id))
            .bind(merged.observed_at.as_micros())
            .bind(merged.updated_at.as_micros()),
        )
        .await?;
        Ok(news)
    }
}

pub(super) fn stored_invite(row: &Columns<'_>) -> Result<StoredInvite, LedgerError> {
    let state: String = row.get("state")?;
    Ok(StoredInvite {
        channel: row.optional_id("channel_id")?,
        inviter: row.optional_id("inviter_id")?,
        expires_at: row.optional_time("expires_at")?,
        max_uses: row.optional_count("max_uses")?,
        max_age: row.optional_count("max_age")?,
        temporary: row.get("temporary")?,
        uses: row.optional_count("uses")?,
        state: state_from_word(&state)
            .ok_or_else(|| undecodable(row.at, "invite state", &state))?,
        state_at: row.time("state_at")?,
        ended_at: row.optional_time("ended_at")?,
        ended_by: row.optional_id("ended_by")?,
        observed_at: row.time("observed_at")?,
        updated_at: row.time("updated_at")?,
    })
}

/// The tracker's states, by guild.
pub(super) fn guild_state<S: serde::de::DeserializeOwned>(
    row: &Columns<'_>,
) -> Result<(GuildId, S), LedgerError> {
    let state: String = row.get("state")?;
    Ok((
        row.id("guild_id")?,
        from_json(&state, row.at, "tracker state")?,
    ))
}
