//! One batch, one transaction: load, apply, store what changed.

use std::collections::HashMap;

use guestlist_model::{GuildId, Timestamp, UserId};
use guestlist_tracker::{Gap, JoinKey, Observation, Origin, Record};
use sqlx::SqliteConnection;

use super::{
    claims,
    convert::{count, id, undecodable},
    error::from_sqlx,
    feed, load, state,
};
use crate::{
    Batch, Committed, GuildInfo, LedgerError, Partition,
    merge::{Membership, Rank, Standing, StoredInvite, StoredJoin, StoredLeave, Working},
};

/// A transaction in progress.
pub(super) struct Writing<'c> {
    pub(super) at: &'c str,
    pub(super) connection: &'c mut SqliteConnection,
    /// The numbers of guilds and ways that were looked up.
    pub(super) guilds: HashMap<GuildId, i64>,
    pub(super) ways: HashMap<(GuildId, Origin), i64>,
}

impl<'c> Writing<'c> {
    pub(super) fn new(at: &'c str, connection: &'c mut SqliteConnection) -> Self {
        Self {
            at,
            connection,
            guilds: HashMap::new(),
            ways: HashMap::new(),
        }
    }

    /// The number of a guild, which is stored if it was not.
    pub(super) async fn guild(&mut self, guild: GuildId) -> Result<i64, LedgerError> {
        if let Some(number) = self.guilds.get(&guild) {
            return Ok(*number);
        }
        self.run(
            sqlx::query(
                "INSERT OR IGNORE INTO guilds (guild_id, number)
                 VALUES (?1, (SELECT ifnull(max(number), 0) + 1 FROM guilds))",
            )
            .bind(id(guild)),
        )
        .await?;
        let number = sqlx::query_scalar("SELECT number FROM guilds WHERE guild_id = ?1")
            .bind(id(guild))
            .fetch_one(&mut *self.connection)
            .await
            .map_err(|error| from_sqlx(self.at, &error))?;
        self.guilds.insert(guild, number);
        Ok(number)
    }

    pub(super) async fn batch(
        mut self,
        partition: Partition,
        batch: &Batch,
    ) -> Result<Committed, LedgerError> {
        let fresh = self.records(&batch.records).await?;
        for change in &batch.guild_states {
            state::store(&mut self, change).await?;
        }
        for position in &batch.positions {
            claims::position(&mut self, partition, position).await?;
        }
        for guild in &batch.guilds {
            self.guild_info(guild).await?;
        }
        let cursor = feed::latest(self.at, self.connection).await?;
        Ok(Committed { fresh, cursor })
    }

    async fn records(&mut self, records: &[Record]) -> Result<Vec<bool>, LedgerError> {
        let at = self.at;
        let mut working = load::load(at, self.connection, records).await?;
        let fresh = (records.iter())
            .map(|record| {
                // Better an error than a record that is lost without a word.
                working.apply(record).map_err(|_| {
                    let detail = format_args!("this version cannot store {record:?}");
                    undecodable(at, "record", &detail)
                })
            })
            .collect::<Result<_, _>>()?;
        self.read_unread(&mut working).await?;
        self.store(working).await?;
        Ok(fresh)
    }

    /// Attributions that were stored before their joins.
    async fn read_unread(&mut self, working: &mut Working) -> Result<(), LedgerError> {
        let unread: Vec<(JoinKey, Rank)> = (working.members.iter())
            .flat_map(|((guild, user), held)| {
                let key = |(joined_at, rank)| (JoinKey::new(*guild, *user, joined_at), rank);
                held.now.unread().into_iter().map(key)
            })
            .collect();
        for attribution in load::attributions(self.at, self.connection, &unread).await? {
            let key = attribution.key;
            if let Some(held) = working.members.get_mut(&(key.guild, key.user)) {
                let stated = held.now.stated.entry(key.joined_at).or_default();
                stated.insert(Rank::of(&attribution), Some(attribution));
            }
        }
        Ok(())
    }

    async fn store(&mut self, working: Working) -> Result<(), LedgerError> {
        for guild in &working.guilds {
            self.guild(*guild).await?;
        }
        for (user, (seen_at, name)) in &working.names {
            self.name(*user, name, *seen_at).await?;
        }
        for ((guild, user), held) in working.members {
            let mut now = held.now;
            now.settle();
            self.member(guild, user, &held.stored, &now).await?;
        }
        for ((guild, code), lives) in &working.invites {
            for (created_at, life) in lives {
                if let Some(now) = &life.now
                    && life.stored.as_ref() != Some(now)
                {
                    self.invite(*guild, code, *created_at, now).await?;
                }
            }
        }
        for gap in &working.gaps {
            self.gap(gap).await?;
        }
        feed::append(self, &working.entries).await
    }

    async fn member(
        &mut self,
        guild: GuildId,
        user: UserId,
        stored: &Membership,
        now: &Membership,
    ) -> Result<(), LedgerError> {
        for (joined_at, join) in &now.joins {
            let before = stored.joins.get(joined_at);
            if before != Some(join) {
                let key = JoinKey::new(guild, user, *joined_at);
                self.join(key, join).await?;
                let stood = before.and_then(|before| before.standing.as_ref());
                if stood != join.standing.as_ref() {
                    let best = now.stated.get(joined_at);
                    let best = best.and_then(|stated| stated.last_key_value()?.1.as_ref());
                    if let Some(best) = best {
                        self.stand(best, stood.map(Standing::rank)).await?;
                    }
                }
            }
        }
        for leave in &now.leaves {
            if !stored.leaves.contains(leave) {
                self.leave(guild, user, leave).await?;
            }
        }
        for (joined_at, stated) in &now.stated {
            let before = stored.stated.get(joined_at);
            let stands = now.joins.get(joined_at).and_then(|it| it.standing.as_ref());
            let stands = stands.map(Standing::rank);
            for (rank, attribution) in stated {
                let is_stored = before.is_some_and(|before| before.contains_key(rank));
                if let Some(attribution) = attribution
                    && !is_stored
                    && stands != Some(*rank)
                {
                    self.statement(attribution, *rank).await?;
                }
            }
        }
        Ok(())
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

    async fn guild_info(&mut self, guild: &GuildInfo) -> Result<(), LedgerError> {
        self.guild(guild.id).await?;
        self.run(
            sqlx::query("UPDATE guilds SET name = ?2 WHERE guild_id = ?1 AND ?2 IS NOT NULL")
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
        // SQLite folds ASCII by itself.
        let folded = (!name.is_ascii()).then(|| name.to_lowercase());
        let changed = self.run(
            sqlx::query(
                "INSERT INTO users (user_id, name, seen_at, folded) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (user_id) DO UPDATE SET name = excluded.name, seen_at = excluded.seen_at,
                     folded = excluded.folded
                 WHERE (excluded.seen_at, excluded.name) > (users.seen_at, users.name)",
            )
            .bind(id(user))
            .bind(name)
            .bind(seen_at.as_micros())
            .bind(folded),
        )
        .await?;
        if changed > 0 {
            // Of joins that are stored; of others, when they are.
            self.run(
                sqlx::query(
                    "UPDATE join_data SET marks = (SELECT marks FROM name_marks WHERE user_id = ?1) WHERE user_id = ?1",
                )
                .bind(id(user)),
            )
            .await?;
        }
        Ok(())
    }

    /// Stores a join, but for what stands about it.
    async fn join(&mut self, key: JoinKey, join: &StoredJoin) -> Result<(), LedgerError> {
        let guild = self.guild(key.guild).await?;
        let joined = key.joined_at.as_micros();
        let seen = join.observed_at.as_micros();
        self.run(
            sqlx::query(
                "INSERT INTO join_data (guild, joined_at, user_id, exact, bot, guest, pending, rejoined, again, caught_up,
                     seen, updated, stayed, here, marks)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14,
                     ifnull((SELECT marks FROM name_marks WHERE user_id = ?3), 0))
                 ON CONFLICT DO UPDATE SET exact = excluded.exact, bot = excluded.bot, guest = excluded.guest,
                     pending = excluded.pending, rejoined = excluded.rejoined, again = excluded.again,
                     caught_up = excluded.caught_up, seen = excluded.seen, updated = excluded.updated,
                     stayed = excluded.stayed, here = excluded.here",
            )
            .bind(guild)
            .bind(joined)
            .bind(id(key.user))
            .bind(join.exact_at.as_micros() - joined)
            .bind(join.bot)
            .bind(join.guest)
            .bind(join.pending)
            .bind(join.rejoined)
            .bind(join.again)
            .bind(join.observed_by == Observation::CatchUp)
            .bind(seen - joined)
            .bind(join.updated_at.as_micros() - seen)
            .bind(join.left_at.map(|left| left.as_micros() - joined))
            .bind(join.here),
        )
        .await?;
        Ok(())
    }

    async fn leave(
        &mut self,
        guild: GuildId,
        user: UserId,
        leave: &StoredLeave,
    ) -> Result<(), LedgerError> {
        let guild = self.guild(guild).await?;
        let observed = leave.observed_at.as_micros();
        let which = leave.told.map_or(-1 - observed, Timestamp::as_micros);
        self.run(
            sqlx::query(
                "INSERT INTO leave_data (user_id, guild, which, observed_at, pairs) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT DO UPDATE SET observed_at = excluded.observed_at, pairs = excluded.pairs",
            )
            .bind(id(user))
            .bind(guild)
            .bind(which)
            .bind(observed)
            .bind(leave.joined_at.map(|joined| joined.as_micros() - which)),
        )
        .await?;
        Ok(())
    }

    async fn invite(
        &mut self,
        guild: GuildId,
        code: &str,
        created_at: Option<Timestamp>,
        invite: &StoredInvite,
    ) -> Result<(), LedgerError> {
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
            .bind(id(guild))
            .bind(code)
            .bind(created_at.map(Timestamp::as_micros))
            .bind(invite.channel.map(id))
            .bind(invite.inviter.map(id))
            .bind(invite.expires_at.map(Timestamp::as_micros))
            .bind(invite.max_uses.map(count))
            .bind(invite.max_age.map(count))
            .bind(invite.temporary)
            .bind(invite.uses.map(count))
            .bind(invite.state.label())
            .bind(invite.state_at.as_micros())
            .bind(invite.ended_at.map(Timestamp::as_micros))
            .bind(invite.ended_by.map(id))
            .bind(invite.observed_at.as_micros())
            .bind(invite.updated_at.as_micros()),
        )
        .await?;
        Ok(())
    }

    async fn gap(&mut self, gap: &Gap) -> Result<(), LedgerError> {
        self.run(
            sqlx::query(
                "INSERT INTO gaps (guild_id, observed_at, closed_at, last_known, joins_found, caught_up, uses_moved, joins_missing)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )
            .bind(id(gap.guild))
            .bind(gap.observed_at.as_micros())
            .bind(gap.closed_at.as_micros())
            .bind(gap.last_known.map(Timestamp::as_micros))
            .bind(count(gap.joins_found))
            .bind(gap.caught_up)
            .bind(gap.uses_moved.map(count))
            .bind(count(gap.joins_missing)),
        )
        .await?;
        Ok(())
    }
}
