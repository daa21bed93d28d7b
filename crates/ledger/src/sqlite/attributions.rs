//! Attributions: every statement, and the candidates of the one that stands.

use guestlist_model::InviteCode;
use guestlist_tracker::{Attribution, Certainty, JoinKey};

use super::{
    convert::{Columns, from_json, id, json},
    write::Writing,
};
use crate::{CertaintyKind, LedgerError, merge::Rank};

impl Writing<'_> {
    /// Stores a statement.
    pub(super) async fn statement(
        &mut self,
        told: &Attribution,
        rank: Rank,
    ) -> Result<(), LedgerError> {
        let certainty_json = json(&told.certainty, self.at, "certainty")?;
        let evidence = json(&told.evidence, self.at, "evidence")?;
        self.run(
            sqlx::query(
                "INSERT OR REPLACE INTO attribution_history (guild_id, user_id, joined_at, revision, confirmed,
                     decided_at, certainty, certainty_json, evidence)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )
            .bind(id(told.key.guild))
            .bind(id(told.key.user))
            .bind(told.key.joined_at.as_micros())
            .bind(told.revision)
            .bind(rank.confirmed)
            .bind(told.decided_at.as_micros())
            .bind(CertaintyKind::of(&told.certainty).as_str())
            .bind(&certainty_json)
            .bind(&evidence),
        )
        .await?;
        Ok(())
    }

    /// Deletes the candidates of an attribution that stands no longer.
    pub(super) async fn forget_candidates(&mut self, key: JoinKey) -> Result<(), LedgerError> {
        self.run(
            sqlx::query(
                "DELETE FROM attribution_candidates WHERE guild_id = ?1 AND user_id = ?2 AND joined_at = ?3",
            )
            .bind(id(key.guild))
            .bind(id(key.user))
            .bind(key.joined_at.as_micros()),
        )
        .await?;
        Ok(())
    }

    /// Stores the candidates of the attribution that stands now.
    pub(super) async fn candidates(
        &mut self,
        key: JoinKey,
        standing: Option<&Attribution>,
    ) -> Result<(), LedgerError> {
        let Some(Certainty::Ambiguous(candidates)) = standing.map(|standing| &standing.certainty)
        else {
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
                .bind(id(key.user))
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

/// An attribution of the join `key`, from its row, which has the revision in this column.
pub(super) fn stored_attribution(
    row: &Columns<'_>,
    key: JoinKey,
    revision: &str,
) -> Result<Attribution, LedgerError> {
    let certainty: String = row.get("certainty_json")?;
    let evidence: String = row.get("evidence")?;
    let certainty = from_json(&certainty, row.at, "certainty")?;
    Ok(Attribution::new(key, certainty, row.time("decided_at")?)
        .with_evidence(from_json(&evidence, row.at, "evidence")?)
        .with_revision(row.get(revision)?))
}
