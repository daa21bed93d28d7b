//! Attributions: every statement, and the candidates of the one that stands.

use std::collections::HashSet;

use guestlist_model::{ChannelId, GuildId, Id, InviteCode, UserId};
use guestlist_tracker::{Attribution, JoinKey, Origin};
use serde_json::{Value, json};

use super::{
    convert::{Columns, count, id, undecodable},
    told::{self, Columned},
    write::Writing,
};
use crate::{CertaintyKind, LedgerError};

/// The number that a kind of certainty is stored as.
pub(super) fn number(kind: CertaintyKind) -> i64 {
    let place = CertaintyKind::ALL.iter().position(|it| *it == kind);
    count(place.unwrap_or_default() as u64)
}

/// What [`stored_attribution`] reads of a row of `join_data` or `history_data`, and its way.
pub(super) fn statement_columns(row: &str, way: &str) -> String {
    format!(
        "{row}.revision AS s_revision, {row}.joined_at + {row}.decided AS s_decided, {row}.certainty AS s_certainty,
         {way}.origin AS s_origin, {way}.code AS s_code, {way}.inviter_id AS s_inviter,
         {way}.channel_id AS s_channel, {way}.join_source_type AS s_type, {row}.told AS s_told,
         CASE WHEN {row}.certainty IN (2, 4) THEN (
             SELECT json_group_array(json_array(cw.origin, cw.code, cw.inviter_id, cw.channel_id, cw.join_source_type))
             FROM json_each({row}.told, '$.k') AS ck CROSS JOIN ways AS cw ON cw.number = ck.value ->> 0
         ) END AS s_candidates"
    )
}

/// A statement as it is stored.
pub(super) struct Told {
    pub(super) certainty: i64,
    pub(super) way: Option<i64>,
    pub(super) decided: i64,
    pub(super) text: String,
    /// The ways of the candidates.
    pub(super) candidates: Vec<i64>,
}

impl Writing<'_> {
    pub(super) async fn told(&mut self, told: &Attribution) -> Result<Told, LedgerError> {
        let guild = told.key.guild;
        let way = match told.certainty.origin() {
            Some(origin) => Some(self.way(guild, origin).await?),
            None => None,
        };
        let mut candidates = Vec::new();
        for candidate in told.certainty.candidates() {
            candidates.push(self.way(guild, &candidate.origin).await?);
        }
        let joined_at = told.key.joined_at;
        let text = told::encode(&told.certainty, &told.evidence, joined_at, &candidates);
        Ok(Told {
            certainty: number(CertaintyKind::of(&told.certainty)),
            way,
            decided: told.decided_at.as_micros() - joined_at.as_micros(),
            text: text.map_err(|error| undecodable(self.at, "evidence", &error))?,
            candidates,
        })
    }

    /// The number of a way in.
    pub(super) async fn way(&mut self, guild: GuildId, way: &Origin) -> Result<i64, LedgerError> {
        if let Some(number) = self.ways.get(&(guild, way.clone())) {
            return Ok(*number);
        }
        let guild_number = self.guild(guild).await?;
        let (channel, join_source_type) = rest(way);
        // Changes nothing where it is known, and gives the number all the same.
        let number = sqlx::query_scalar(
            "INSERT INTO ways (guild, origin, code, inviter_id, channel_id, join_source_type)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (guild, origin, ifnull(code, ''), ifnull(inviter_id, 0), ifnull(channel_id, 0),
                 ifnull(join_source_type, 0))
             DO UPDATE SET guild = excluded.guild
             RETURNING number",
        )
        .bind(guild_number)
        .bind(way.label())
        .bind(way.code().map(InviteCode::as_str))
        .bind(way.inviter().map(id))
        .bind(channel)
        .bind(join_source_type)
        .fetch_one(&mut *self.connection)
        .await
        .map_err(|error| super::error::from_sqlx(self.at, &error))?;
        self.ways.insert((guild, way.clone()), number);
        Ok(number)
    }

    /// Looks up the numbers of ways in that are stored.
    pub(super) async fn look_up_ways(
        &mut self,
        ways: HashSet<(GuildId, &Origin)>,
    ) -> Result<(), LedgerError> {
        let mut keys = Vec::new();
        let ways: Vec<(GuildId, &Origin)> = ways.into_iter().collect();
        for (guild, way) in &ways {
            let (channel, join_source_type) = rest(way);
            let (code, inviter) = (way.code().map(InviteCode::as_str), way.inviter().map(id));
            keys.push(json!([
                self.guild(*guild).await?,
                way.label(),
                code.unwrap_or_default(),
                inviter.unwrap_or(0),
                channel.unwrap_or(0),
                join_source_type.unwrap_or(0)
            ]));
        }
        let rows = sqlx::query(
            "SELECT k.key, w.number FROM json_each(?1) AS k
             CROSS JOIN ways AS w ON w.guild = k.value ->> 0 AND w.origin = k.value ->> 1
                 AND ifnull(w.code, '') = k.value ->> 2 AND ifnull(w.inviter_id, 0) = k.value ->> 3
                 AND ifnull(w.channel_id, 0) = k.value ->> 4 AND ifnull(w.join_source_type, 0) = k.value ->> 5",
        )
        .bind(Value::Array(keys).to_string())
        .fetch_all(&mut *self.connection)
        .await
        .map_err(|error| super::error::from_sqlx(self.at, &error))?;
        for row in &rows {
            let row = Columns { at: self.at, row };
            let place = usize::try_from(row.get::<i64>("key")?).unwrap_or(usize::MAX);
            if let Some((guild, way)) = ways.get(place) {
                self.ways
                    .insert((*guild, (*way).clone()), row.get("number")?);
            }
        }
        Ok(())
    }

    /// Stores a statement that was stored, with other people in it.
    pub(super) async fn retell(
        &mut self,
        table: &str,
        told: &Attribution,
        confirmed: bool,
    ) -> Result<(), LedgerError> {
        let stored = self.told(told).await?;
        let guild = self.guild(told.key.guild).await?;
        let of_confirmed = match table {
            "join_data" => "(certainty = 0) = ?5",
            _ => "confirmed = ?5",
        };
        let sql = format!(
            "UPDATE {table} SET way = ?6, told = ?7
             WHERE guild = ?1 AND joined_at = ?2 AND user_id = ?3 AND revision = ?4 AND {of_confirmed}"
        );
        self.run(
            sqlx::query(sqlx::AssertSqlSafe(sql))
                .bind(guild)
                .bind(told.key.joined_at.as_micros())
                .bind(id(told.key.user))
                .bind(told.revision)
                .bind(confirmed)
                .bind(stored.way)
                .bind(&stored.text),
        )
        .await?;
        Ok(())
    }
}

/// The columns of a way besides its code and inviter: the channel, and the number of a way that
/// is not known.
fn rest(way: &Origin) -> (Option<i64>, Option<i64>) {
    match way {
        Origin::Invite { channel, .. } => (channel.map(id), None),
        Origin::Other { join_source_type } => (None, Some(join_source_type.cast_signed())),
        _ => (None, None),
    }
}

/// An attribution of the join `key`, from a row with [`statement_columns`].
pub(super) fn stored_attribution(
    row: &Columns<'_>,
    key: JoinKey,
) -> Result<Attribution, LedgerError> {
    let certainty: i64 = row.get("s_certainty")?;
    let label: Option<String> = row.get("s_origin")?;
    let code: Option<String> = row.get("s_code")?;
    let origin = match label {
        Some(label) => Some(origin(
            row,
            &label,
            code.as_deref(),
            row.get("s_inviter")?,
            row.get("s_channel")?,
            row.get("s_type")?,
        )?),
        None => None,
    };
    let candidates: Option<String> = row.get("s_candidates")?;
    let columned = Columned {
        certainty: usize::try_from(certainty).unwrap_or(usize::MAX),
        origin,
        candidates: match candidates {
            Some(text) => candidate_ways(row, &text)?,
            None => Vec::new(),
        },
        joined_at: key.joined_at,
    };
    let text: String = row.get("s_told")?;
    let (certainty, evidence) = told::decode(&text, columned)
        .map_err(|error| undecodable(row.at, "attribution", &error))?;
    Ok(Attribution::new(key, certainty, row.time("s_decided")?)
        .with_evidence(evidence)
        .with_revision(row.get("s_revision")?))
}

/// The ways of candidates, as [`statement_columns`] has them.
fn candidate_ways(row: &Columns<'_>, text: &str) -> Result<Vec<Origin>, LedgerError> {
    type Way = (
        String,
        Option<String>,
        Option<i64>,
        Option<i64>,
        Option<i64>,
    );
    let ways: Vec<Way> =
        serde_json::from_str(text).map_err(|error| undecodable(row.at, "candidate", &error))?;
    let ways = ways.iter().map(|(label, code, inviter, channel, number)| {
        origin(row, label, code.as_deref(), *inviter, *channel, *number)
    });
    ways.collect()
}

fn origin(
    row: &Columns<'_>,
    label: &str,
    code: Option<&str>,
    inviter: Option<i64>,
    channel: Option<i64>,
    join_source_type: Option<i64>,
) -> Result<Origin, LedgerError> {
    let code: Option<InviteCode> = code
        .map(str::parse)
        .transpose()
        .map_err(|error| undecodable(row.at, "invite code", &error))?;
    let inviter: Option<UserId> = inviter.and_then(|it| Id::new_checked(it.cast_unsigned()));
    let channel: Option<ChannelId> = channel.and_then(|it| Id::new_checked(it.cast_unsigned()));
    let join_source_type = join_source_type.map(i64::cast_unsigned);
    told::origin(label, code, inviter, channel, join_source_type)
        .map_err(|error| undecodable(row.at, "way in", &error))
}
