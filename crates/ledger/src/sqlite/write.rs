//! One batch, one transaction: load, apply, store what changed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use guestlist_model::{GuildId, Timestamp, UserId};
use guestlist_tracker::{Gap, JoinKey, Origin, Record};
use serde_json::json;
use sqlx::{AssertSqlSafe, Sqlite, SqliteConnection, query::Query, sqlite::SqliteArguments};

use super::{
    claims,
    convert::{Columns, count, id, undecodable},
    error::from_sqlx,
    feed, load,
    members::Changed,
    read::name_marks,
    state,
};
use crate::{
    Batch, Committed, GuildInfo, LedgerError, Partition,
    merge::{Rank, StoredInvite, Working},
};

/// Of how many rows a statement is made that stores many. Few sizes, so that each is prepared
/// once.
const TOGETHER: [usize; 3] = [64, 8, 1];

/// A statement, to which values are bound.
pub(super) type Statement<'q> = Query<'q, Sqlite, SqliteArguments>;

/// A transaction in progress.
pub(super) struct Writing<'c> {
    pub(super) at: &'c str,
    pub(super) connection: &'c mut SqliteConnection,
    /// The numbers of guilds and ways that were looked up.
    pub(super) guilds: HashMap<GuildId, i64>,
    pub(super) ways: HashMap<(GuildId, Origin), i64>,
    /// The marks of names.
    pub(super) marks: HashMap<UserId, i64>,
}

impl<'c> Writing<'c> {
    pub(super) fn new(at: &'c str, connection: &'c mut SqliteConnection) -> Self {
        Self {
            at,
            connection,
            guilds: HashMap::new(),
            ways: HashMap::new(),
            marks: HashMap::new(),
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
        state::store(&mut self, &batch.guild_states).await?;
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
        self.look_up_guilds(&working.guilds).await?;
        for guild in &working.guilds {
            self.guild(*guild).await?;
        }
        self.names(&working.names).await?;
        let mut changed = Changed::default();
        for ((guild, user), held) in working.members {
            let mut now = held.now;
            now.settle();
            changed.take(guild, user, &held.stored, now);
        }
        self.look_up_ways(changed.ways()).await?;
        self.members(&changed).await?;
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

    /// Runs a statement for many rows, of several at once: `row` stands between `before` and
    /// `after` once for each.
    pub(super) async fn run_each<R>(
        &mut self,
        [before, row, after]: [&str; 3],
        rows: &[R],
        bind: impl for<'q> Fn(Statement<'q>, &R) -> Statement<'q>,
    ) -> Result<(), LedgerError> {
        let mut rest = rows;
        for together in TOGETHER {
            let mut sql = None;
            while let Some((now, more)) = rest.split_at_checked(together) {
                let sql = sql.get_or_insert_with(|| {
                    let rows = vec![row; together].join(", ");
                    format!("{before} {rows} {after}")
                });
                let query = sqlx::query(AssertSqlSafe(sql.clone()));
                self.run(now.iter().fold(query, &bind)).await?;
                rest = more;
            }
        }
        Ok(())
    }

    /// Looks up the numbers of guilds that are stored.
    async fn look_up_guilds(&mut self, guilds: &BTreeSet<GuildId>) -> Result<(), LedgerError> {
        let keys: Vec<i64> = guilds.iter().map(|guild| id(*guild)).collect();
        let rows = sqlx::query(
            "SELECT g.guild_id, g.number FROM json_each(?1) AS k CROSS JOIN guilds AS g ON g.guild_id = k.value",
        )
        .bind(json!(keys).to_string())
        .fetch_all(&mut *self.connection)
        .await
        .map_err(|error| from_sqlx(self.at, &error))?;
        for row in &rows {
            let row = Columns { at: self.at, row };
            self.guilds.insert(row.id("guild_id")?, row.get("number")?);
        }
        Ok(())
    }

    pub(super) async fn run(&mut self, query: Statement<'_>) -> Result<u64, LedgerError> {
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

    /// Stores the names of people, each unless a later one is known, and marks their joins.
    async fn names(
        &mut self,
        names: &BTreeMap<UserId, (Timestamp, String)>,
    ) -> Result<(), LedgerError> {
        if names.is_empty() {
            return Ok(());
        }
        let users: Vec<i64> = names.keys().map(|user| id(*user)).collect();
        let users = json!(users).to_string();
        let known = self.stored_names(&users).await?;
        let mut news = Vec::new();
        for (user, (seen_at, name)) in names {
            let told = (seen_at.as_micros(), name.as_str());
            let stored = known.get(user);
            if stored.is_none_or(|(seen_at, name)| told > (*seen_at, name.as_str())) {
                news.push((*user, told));
            }
        }
        self.run_each(
            [
                "INSERT INTO users (user_id, name, seen_at, folded) VALUES",
                "(?, ?, ?, ?)",
                "ON CONFLICT (user_id) DO UPDATE SET name = excluded.name, seen_at = excluded.seen_at,
                     folded = excluded.folded",
            ],
            &news,
            |query, (user, (seen_at, name))| {
                // SQLite folds ASCII by itself.
                let folded = (!name.is_ascii()).then(|| name.to_lowercase());
                let query = query.bind(id(*user)).bind((*name).to_owned());
                query.bind(*seen_at).bind(folded)
            },
        )
        .await?;
        // Of joins that are stored; of others, when they are.
        let named: Vec<i64> = news.iter().map(|(user, _)| id(*user)).collect();
        for (user, (_, name)) in news {
            self.marks.insert(user, name_marks(name));
        }
        self.run(
            sqlx::query(
                "UPDATE join_data SET marks = (SELECT m.marks FROM name_marks AS m WHERE m.user_id = join_data.user_id)
                 WHERE user_id IN (SELECT value FROM json_each(?1))",
            )
            .bind(json!(named).to_string()),
        )
        .await?;
        Ok(())
    }

    /// The names of some people, with when they were seen.
    async fn stored_names(
        &mut self,
        users: &str,
    ) -> Result<HashMap<UserId, (i64, String)>, LedgerError> {
        let rows = sqlx::query(
            "SELECT u.user_id, u.seen_at, u.name FROM json_each(?1) AS k CROSS JOIN users AS u ON u.user_id = k.value",
        )
        .bind(users.to_owned())
        .fetch_all(&mut *self.connection)
        .await
        .map_err(|error| from_sqlx(self.at, &error))?;
        rows.iter()
            .map(|row| {
                let row = Columns { at: self.at, row };
                Ok((row.id("user_id")?, (row.get("seen_at")?, row.get("name")?)))
            })
            .collect()
    }

    /// Gets to know the marks of people's names, for their joins.
    pub(super) async fn look_up_marks(&mut self, users: &[UserId]) -> Result<(), LedgerError> {
        let unknown = users.iter().filter(|user| !self.marks.contains_key(user));
        let unknown: Vec<i64> = unknown.map(|user| id(*user)).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let names = self.stored_names(&json!(unknown).to_string()).await?;
        for (user, (_, name)) in names {
            self.marks.insert(user, name_marks(&name));
        }
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
                "INSERT INTO gaps (guild_id, observed_at, closed_at, last_known, joins_found, caught_up, uses_moved,
                     joins_missing, joins_missing_at_most, leaves_found, compared)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            )
            .bind(id(gap.guild))
            .bind(gap.observed_at.as_micros())
            .bind(gap.closed_at.as_micros())
            .bind(gap.last_known.map(Timestamp::as_micros))
            .bind(count(gap.joins_found))
            .bind(gap.caught_up)
            .bind(gap.uses_moved.map(count))
            .bind(count(gap.joins_missing))
            .bind(gap.joins_missing_at_most.map(count))
            .bind(count(gap.leaves_found))
            .bind(gap.compared),
        )
        .await?;
        Ok(())
    }
}
