//! What is stored about all that a batch is about, each kind by one question.

use std::collections::BTreeMap;

use guestlist_model::{GuildId, Timestamp, UserId};
use guestlist_tracker::{Attribution, JoinKey, Observation, Record};
use serde_json::{Value, json};
use sqlx::{SqliteConnection, sqlite::SqliteRow};

use super::{
    attributions::{statement_columns, stored_attribution},
    convert::{Columns, id, undecodable},
    error::from_sqlx,
};
use crate::{
    LedgerError,
    merge::{
        Held, Needs, Oblivion, Rank, Standing, StoredInvite, StoredJoin, StoredLeave, Working,
        digest, state_from_word,
    },
};

/// Loads what the records are about.
pub(super) async fn load(
    at: &str,
    connection: &mut SqliteConnection,
    records: &[Record],
) -> Result<Working, LedgerError> {
    let mut loading = Loading { at, connection };
    let mut needs = Needs::of(records);
    let oblivion = loading.oblivion(&needs).await?;
    needs.widen(records, &oblivion);
    let mut working = Working {
        oblivion,
        ..Working::default()
    };
    loading.members(&needs, &mut working).await?;
    loading.invites(&needs, &mut working).await?;
    loading.gaps(&needs, &mut working).await?;
    Ok(working)
}

/// The attributions of these ranks.
pub(super) async fn attributions(
    at: &str,
    connection: &mut SqliteConnection,
    wanted: &[(JoinKey, Rank)],
) -> Result<Vec<Attribution>, LedgerError> {
    let keys = wanted.iter().map(|(key, rank)| {
        json!([
            id(key.guild),
            id(key.user),
            key.joined_at.as_micros(),
            rank.revision,
            u8::from(rank.confirmed)
        ])
    });
    let keys = keys.collect();
    // What waits for its join does not stand yet.
    let sql = format!(
        "SELECT g.guild_id, h.user_id, h.joined_at, {}
         FROM json_each(?1) AS k
         CROSS JOIN guilds AS g ON g.guild_id = k.value ->> 0
         CROSS JOIN history_data AS h ON h.user_id = k.value ->> 1 AND h.guild = g.number
             AND h.joined_at = k.value ->> 2 AND h.revision = k.value ->> 3 AND h.confirmed = k.value ->> 4
         LEFT JOIN ways AS w ON w.number = h.way",
        statement_columns("h", "w")
    );
    let rows = Loading { at, connection }
        .rows(sqlx::AssertSqlSafe(sql), keys)
        .await?;
    rows.iter()
        .map(|row| {
            let row = Columns { at, row };
            stored_attribution(&row, join_key(&row)?)
        })
        .collect()
}

struct Loading<'c> {
    at: &'c str,
    connection: &'c mut SqliteConnection,
}

impl Loading<'_> {
    /// Asks about a list of keys.
    async fn rows(
        &mut self,
        sql: impl sqlx::SqlSafeStr,
        keys: Vec<Value>,
    ) -> Result<Vec<SqliteRow>, LedgerError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        sqlx::query(sql)
            .bind(Value::Array(keys).to_string())
            .fetch_all(&mut *self.connection)
            .await
            .map_err(|error| from_sqlx(self.at, &error))
    }

    async fn oblivion(&mut self, needs: &Needs) -> Result<Oblivion, LedgerError> {
        let mut oblivion = Oblivion::default();
        let Some(salt) = salt(self.at, self.connection).await? else {
            return Ok(oblivion);
        };
        let digests: BTreeMap<String, UserId> = (needs.users.iter())
            .map(|user| (digest(&salt, *user), *user))
            .collect();
        let keys = digests.keys().map(|digest| json!(digest)).collect();
        let rows = self
            .rows(
                "SELECT f.* FROM json_each(?1) AS k CROSS JOIN forgotten AS f ON f.digest = k.value",
                keys,
            )
            .await?;
        for row in &rows {
            let row = Columns { at: self.at, row };
            let digest: String = row.get("digest")?;
            if let Some(user) = digests.get(&digest) {
                oblivion.insert(*user, row.time("until")?, row.id("stand_in")?);
            }
        }
        Ok(oblivion)
    }

    async fn members(&mut self, needs: &Needs, into: &mut Working) -> Result<(), LedgerError> {
        let keys: Vec<Value> = (needs.members.iter())
            .map(|(guild, user)| json!([id(*guild), id(*user)]))
            .collect();
        into.members = (needs.members.iter())
            .map(|member| (*member, Held::default()))
            .collect();
        // Without being told, SQLite looks at all joins of the guild for each member.
        let joins = self
            .rows(
                "SELECT g.guild_id, d.*, w.origin, w.code, w.inviter_id FROM json_each(?1) AS k
                 CROSS JOIN guilds AS g ON g.guild_id = k.value ->> 0
                 CROSS JOIN join_data AS d INDEXED BY joins_by_user ON d.user_id = k.value ->> 1 AND d.guild = g.number
                 LEFT JOIN ways AS w ON w.number = d.way",
                keys.clone(),
            )
            .await?;
        for row in &joins {
            let row = Columns { at: self.at, row };
            if let Some(held) = into.members.get_mut(&member(&row)?) {
                let (joined_at, join) = (row.time("joined_at")?, stored_join(&row)?);
                if let Some(standing) = &join.standing {
                    let stated = held.stored.stated.entry(joined_at).or_default();
                    stated.insert(standing.rank(), None);
                }
                held.stored.joins.insert(joined_at, join);
            }
        }
        let leaves = self
            .rows(
                "SELECT g.guild_id, l.user_id, CASE WHEN l.which >= 0 THEN l.which END AS told_joined_at,
                     l.observed_at, l.which + l.pairs AS joined_at, l.since, l.joined_before
                 FROM json_each(?1) AS k
                 CROSS JOIN guilds AS g ON g.guild_id = k.value ->> 0
                 CROSS JOIN leave_data AS l ON l.user_id = k.value ->> 1 AND l.guild = g.number",
                keys.clone(),
            )
            .await?;
        for row in &leaves {
            let row = Columns { at: self.at, row };
            if let Some(held) = into.members.get_mut(&member(&row)?) {
                held.stored.leaves.push(StoredLeave {
                    told: row.optional_time("told_joined_at")?,
                    observed_at: row.time("observed_at")?,
                    before: row.optional_time("joined_before")?,
                    since: row.optional_time("since")?,
                    joined_at: row.optional_time("joined_at")?,
                });
            }
        }
        let stated = self
            .rows(
                "SELECT g.guild_id, h.user_id, h.joined_at, h.revision, h.confirmed
                 FROM json_each(?1) AS k
                 CROSS JOIN guilds AS g ON g.guild_id = k.value ->> 0
                 CROSS JOIN history_data AS h ON h.user_id = k.value ->> 1 AND h.guild = g.number",
                keys,
            )
            .await?;
        for row in &stated {
            let row = Columns { at: self.at, row };
            if let Some(held) = into.members.get_mut(&member(&row)?) {
                let rank = Rank {
                    confirmed: row.get("confirmed")?,
                    revision: row.get("revision")?,
                };
                let stated = &mut held.stored.stated;
                let of = stated.entry(row.time("joined_at")?).or_default();
                of.insert(rank, None);
            }
        }
        for held in into.members.values_mut() {
            held.now = held.stored.clone();
        }
        Ok(())
    }

    async fn invites(&mut self, needs: &Needs, into: &mut Working) -> Result<(), LedgerError> {
        let keys = (needs.codes.iter())
            .map(|(guild, code)| json!([id(*guild), code]))
            .collect();
        let rows = self
            .rows(
                "SELECT i.* FROM json_each(?1) AS k CROSS JOIN invites AS i
                 ON i.guild_id = k.value ->> 0 AND i.code = k.value ->> 1",
                keys,
            )
            .await?;
        for row in &rows {
            let row = Columns { at: self.at, row };
            let lives = (into.invites)
                .entry((row.id("guild_id")?, row.get("code")?))
                .or_default();
            lives.insert(
                row.optional_time("created_at")?,
                Held::new(Some(stored_invite(&row)?)),
            );
        }
        Ok(())
    }

    async fn gaps(&mut self, needs: &Needs, into: &mut Working) -> Result<(), LedgerError> {
        let keys = (needs.gaps.iter())
            .map(|(guild, observed, closed)| {
                json!([id(*guild), observed.as_micros(), closed.as_micros()])
            })
            .collect();
        let rows = self
            .rows(
                "SELECT g.* FROM json_each(?1) AS k CROSS JOIN gaps AS g
                 ON g.guild_id = k.value ->> 0 AND g.observed_at = k.value ->> 1 AND g.closed_at = k.value ->> 2",
                keys,
            )
            .await?;
        for row in &rows {
            let row = Columns { at: self.at, row };
            let key = (
                row.id("guild_id")?,
                row.time("observed_at")?,
                row.time("closed_at")?,
            );
            into.known_gaps.insert(key);
        }
        Ok(())
    }
}

/// What makes digests of this ledger's own; none if nobody was ever forgotten.
pub(super) async fn salt(
    at: &str,
    connection: &mut SqliteConnection,
) -> Result<Option<String>, LedgerError> {
    sqlx::query_scalar("SELECT value FROM meta WHERE key = 'salt'")
        .fetch_optional(connection)
        .await
        .map_err(|error| from_sqlx(at, &error))
}

fn member(row: &Columns<'_>) -> Result<(GuildId, UserId), LedgerError> {
    Ok((row.id("guild_id")?, row.id("user_id")?))
}

/// The key of a row that is about a join.
pub(super) fn join_key(row: &Columns<'_>) -> Result<JoinKey, LedgerError> {
    let (guild, user) = member(row)?;
    Ok(JoinKey::new(guild, user, row.time("joined_at")?))
}

/// A row of `join_data`, with the columns of its way.
pub(super) fn stored_join(row: &Columns<'_>) -> Result<StoredJoin, LedgerError> {
    let joined = row.get::<i64>("joined_at")?;
    let seen = joined.wrapping_add(row.get("seen")?);
    let after = |span: Option<i64>| span.map(|it| Timestamp::from_micros(joined.wrapping_add(it)));
    Ok(StoredJoin {
        bot: row.get("bot")?,
        guest: row.get("guest")?,
        pending: row.get("pending")?,
        rejoined: row.get("rejoined")?,
        observed_at: Timestamp::from_micros(seen),
        observed_by: if row.get("caught_up")? {
            Observation::CatchUp
        } else {
            Observation::Gateway
        },
        updated_at: Timestamp::from_micros(seen.wrapping_add(row.get("updated")?)),
        left_at: after(row.get("stayed")?),
        left_after: after(row.get("stayed_least")?),
        here: row.get("here")?,
        again: row.get("again")?,
        exact_at: Timestamp::from_micros(joined.wrapping_add(row.get("exact")?)),
        standing: standing(row)?,
    })
}

fn standing(row: &Columns<'_>) -> Result<Option<Standing>, LedgerError> {
    let Some(revision) = row.get("revision")? else {
        return Ok(None);
    };
    Ok(Some(Standing {
        kind: row
            .kind("certainty")?
            .ok_or_else(|| undecodable(row.at, "certainty", &"it is missing"))?,
        revision,
        origin: row.get("origin")?,
        code: row.get("code")?,
        inviter: row.optional_id("inviter_id")?,
    }))
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
