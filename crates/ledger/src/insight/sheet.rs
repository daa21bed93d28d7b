//! Facts that are read once and queried several times.

use std::collections::BTreeMap;

use guestlist_model::{GuildId, InviteCode, Timestamp};

use super::{
    Burst, BurstLimits, InviterProfile, JoinFact, ProfileLimits, RetentionQuestion, RetentionRow,
    bursts, each, profile,
    retention::{self, Gaps},
};
use crate::{Label, LedgerError, Reports, Scope};

pub(super) type LabelsByCode = BTreeMap<(GuildId, InviteCode), Label>;

/// The facts of a scope, and everything else that is needed to count them. It is held in
/// memory as a whole, with about 150 bytes per join, so restrict the scope to a guild.
///
/// ```no_run
/// # async fn example(reports: &dyn guestlist_ledger::Reports, guild: guestlist_model::GuildId, now: guestlist_model::Timestamp) -> Result<(), guestlist_ledger::LedgerError> {
/// use guestlist_ledger::{FactSheet, ProfileLimits, RetentionQuestion, Scope};
///
/// let sheet = FactSheet::read(reports, &Scope::new().guild(guild)).await?;
/// let cohorts = sheet.retention(&RetentionQuestion::new(now));
/// let inviters = sheet.inviter_profiles(&ProfileLimits::new(now));
/// println!("{} joins, {} cohorts, {} inviters", sheet.facts().len(), cohorts.len(), inviters.len());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default)]
pub struct FactSheet {
    facts: Vec<JoinFact>,
    labels: LabelsByCode,
    gaps: Gaps,
}

impl FactSheet {
    /// Reads the facts of a scope.
    ///
    /// # Errors
    ///
    /// [`LedgerError`] if the ledger cannot be read.
    pub async fn read(
        reports: &(impl Reports + ?Sized),
        scope: &Scope,
    ) -> Result<Self, LedgerError> {
        let mut facts = Vec::new();
        each(reports, scope, |fact| facts.push(fact)).await?;
        Ok(Self {
            facts,
            labels: labels(reports, scope).await?,
            gaps: retention::gaps(reports, scope).await?,
        })
    }

    /// The facts, the newest of each guild first.
    #[must_use]
    pub fn facts(&self) -> &[JoinFact] {
        &self.facts
    }

    /// The label of a join's code.
    #[must_use]
    pub fn label(&self, fact: &JoinFact) -> Option<&Label> {
        self.labels.get(&(fact.key.guild, fact.code.clone()?))
    }

    /// The label of a code.
    #[must_use]
    pub fn label_of(&self, guild: GuildId, code: &InviteCode) -> Option<&Label> {
        self.labels.get(&(guild, code.clone()))
    }

    /// Returns the facts of a time span: from `since` until before `until`.
    #[must_use]
    pub fn within(&self, since: Timestamp, until: Timestamp) -> Self {
        let is_within =
            |fact: &&JoinFact| fact.key.joined_at >= since && fact.key.joined_at < until;
        Self {
            facts: self.facts.iter().filter(is_within).cloned().collect(),
            labels: self.labels.clone(),
            gaps: self.gaps.clone(),
        }
    }

    /// The same as [`Reports::retention`], without names.
    #[must_use]
    pub fn retention(&self, question: &RetentionQuestion) -> Vec<RetentionRow> {
        let mut counting = retention::Counting::new(question, &self.labels, &self.gaps);
        self.facts.iter().for_each(|fact| counting.add(fact));
        counting.finish()
    }

    /// The same as [`Reports::inviter_profiles`], without names.
    #[must_use]
    pub fn inviter_profiles(&self, limits: &ProfileLimits) -> Vec<InviterProfile> {
        let mut counting = profile::Counting::new(limits, &self.gaps);
        self.facts.iter().for_each(|fact| counting.add(fact));
        counting.finish()
    }

    /// The same as [`Reports::bursts`], for facts of this time span.
    #[must_use]
    pub fn bursts(
        &self,
        since: Option<Timestamp>,
        until: Option<Timestamp>,
        limits: &BurstLimits,
    ) -> Vec<Burst> {
        let mut counting = bursts::Counting::new(limits);
        self.facts.iter().for_each(|fact| counting.add(fact));
        counting.finish(since, until)
    }
}

/// The labels of a scope's guild, by code.
pub(super) async fn labels(
    reports: &(impl Reports + ?Sized),
    scope: &Scope,
) -> Result<LabelsByCode, LedgerError> {
    let mut all = Scope::new();
    all.guild = scope.guild;
    let rows = reports.labels(&all).await?.into_iter();
    Ok(rows.map(|row| ((row.guild, row.code), row.label)).collect())
}
