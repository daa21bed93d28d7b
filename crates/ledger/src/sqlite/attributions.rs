//! Attributions: the one that stands, its candidates, and the history.

use guestlist_model::{InviteCode, UserId};
use guestlist_tracker::{Attribution, Certainty, JoinKey, Origin};

use super::{
    convert::{Columns, from_json, id, json, undecodable},
    write::Writing,
};
use crate::{
    CertaintyKind, LedgerError,
    error::from_sqlx,
    merge::{kind, replaces},
};

impl Writing<'_> {
    /// Stores an attribution of a join of `user`; true if it stands now.
    pub(super) async fn attribution(
        &mut self,
        offered: &Attribution,
        user: UserId,
    ) -> Result<bool, LedgerError> {
        let at = self.at;
        let offered_kind = kind(&offered.certainty);
        let certainty_json = json(&offered.certainty, at, "certainty")?;
        let evidence = json(&offered.evidence, at, "evidence")?;
        let key = offered.key;
        self.run(
            sqlx::query(
                "INSERT INTO attribution_history (guild_id, user_id, joined_at, revision, decided_at, certainty,
                     certainty_json, evidence)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT (guild_id, user_id, joined_at, revision) DO UPDATE SET
                     decided_at = excluded.decided_at, certainty = excluded.certainty,
                     certainty_json = excluded.certainty_json, evidence = excluded.evidence
                 WHERE excluded.certainty = 'confirmed' AND certainty <> 'confirmed'",
            )
            .bind(id(key.guild))
            .bind(id(user))
            .bind(key.joined_at.as_micros())
            .bind(offered.revision)
            .bind(offered.decided_at.as_micros())
            .bind(offered_kind.as_str())
            .bind(&certainty_json)
            .bind(&evidence),
        )
        .await?;
        let standing = sqlx::query(
            "SELECT certainty, revision FROM attributions WHERE guild_id = ?1 AND user_id = ?2 AND joined_at = ?3",
        )
        .bind(id(key.guild))
        .bind(id(user))
        .bind(key.joined_at.as_micros())
        .fetch_optional(&mut *self.connection)
        .await
        .map_err(|error| from_sqlx(at, &error))?;
        let replaced = standing.is_some();
        if let Some(row) = standing {
            let row = Columns { at, row: &row };
            let standing = (certainty_kind(&row)?, row.get::<u32>("revision")?);
            if !replaces(standing, (offered_kind, offered.revision)) {
                return Ok(false);
            }
        }
        let origin = offered.certainty.origin();
        self.run(
            sqlx::query(
                "INSERT OR REPLACE INTO attributions (guild_id, user_id, joined_at, revision, decided_at, certainty,
                     origin, code, inviter_id, certainty_json, evidence)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            )
            .bind(id(key.guild))
            .bind(id(user))
            .bind(key.joined_at.as_micros())
            .bind(offered.revision)
            .bind(offered.decided_at.as_micros())
            .bind(offered_kind.as_str())
            .bind(origin.map(Origin::label))
            .bind(origin.and_then(Origin::code).map(InviteCode::as_str))
            .bind(origin.and_then(Origin::inviter).map(id))
            .bind(&certainty_json)
            .bind(&evidence),
        )
        .await?;
        if replaced {
            self.forget_candidates(key, user).await?;
        }
        self.candidates(key, user, &offered.certainty).await?;
        Ok(true)
    }

    async fn forget_candidates(&mut self, key: JoinKey, user: UserId) -> Result<(), LedgerError> {
        self.run(
            sqlx::query("DELETE FROM attribution_candidates WHERE guild_id = ?1 AND user_id = ?2 AND joined_at = ?3")
                .bind(id(key.guild))
                .bind(id(user))
                .bind(key.joined_at.as_micros()),
        )
        .await?;
        Ok(())
    }

    async fn candidates(
        &mut self,
        key: JoinKey,
        user: UserId,
        certainty: &Certainty,
    ) -> Result<(), LedgerError> {
        let Certainty::Ambiguous(candidates) = certainty else {
            return Ok(());
        };
        for (place, candidate) in (0_i64..).zip(candidates) {
            self.run(
                sqlx::query(
                    "INSERT INTO attribution_candidates (guild_id, user_id, joined_at, place, origin, code,
                         inviter_id, weight)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                )
                .bind(id(key.guild))
                .bind(id(user))
                .bind(key.joined_at.as_micros())
                .bind(place)
                .bind(candidate.origin.label())
                .bind(candidate.origin.code().map(InviteCode::as_str))
                .bind(candidate.origin.inviter().map(id))
                .bind(candidate.weight),
            )
            .await?;
        }
        Ok(())
    }
}

fn certainty_kind(row: &Columns<'_>) -> Result<CertaintyKind, LedgerError> {
    let word: String = row.get("certainty")?;
    word.parse()
        .map_err(|error| undecodable(row.at, "certainty", &error))
}

/// An attribution of the join `key`, from its row.
pub(super) fn stored_attribution(
    row: &Columns<'_>,
    key: JoinKey,
) -> Result<Attribution, LedgerError> {
    let certainty: String = row.get("certainty_json")?;
    let evidence: String = row.get("evidence")?;
    let certainty = from_json(&certainty, row.at, "certainty")?;
    Ok(Attribution::new(key, certainty, row.time("decided_at")?)
        .with_evidence(from_json(&evidence, row.at, "evidence")?)
        .with_revision(row.get("revision")?))
}
