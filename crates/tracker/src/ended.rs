//! Invites that ended, and why.

use std::time::Duration;

use guestlist_model::{InviteCode, Timestamp};
use serde::{Deserialize, Serialize};

use crate::baseline::Known;
use crate::config::{Config, ConfirmPolicy};
use crate::guild::{Context, Guild};
use crate::record::{InviteState, Origin, Record};
use crate::time::after;

/// How long the audit log is given to hold an entry if no answer depends on it.
const FIRST_LOOK: Duration = Duration::from_secs(2);
/// How long the search for a member who may have used the invite up is waited for before
/// the audit log is asked.
const JOIN_LAG: Duration = Duration::from_secs(8);
/// After this time the reason is given up.
const GIVE_UP: Duration = Duration::from_secs(40);
/// Ended invites remembered.
const MAX_ENDED: usize = 1000;

/// An invite that ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Ended {
    pub(crate) known: Known,
    /// When it was noticed.
    pub(crate) noticed: Timestamp,
    /// When INVITE_DELETE came, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) deleted: Option<Timestamp>,
    /// The latest of Discord's times that was known then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) deleted_after: Option<Timestamp>,
    /// When all who used it had surely been told: who comes later used another way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) closed: Option<Timestamp>,
    /// When that will be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) closes_at: Option<Timestamp>,
    /// When the last list was asked for that held it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) counted: Option<Timestamp>,
    /// Whether the reason has been told.
    pub(crate) told: bool,
    /// Whether it is proven that it was used as often as it might be.
    pub(crate) exhausted: bool,
}

impl Ended {
    pub(crate) const fn new(known: Known, noticed: Timestamp, counted: Option<Timestamp>) -> Self {
        Self {
            known,
            noticed,
            counted,
            deleted: None,
            deleted_after: None,
            closed: None,
            closes_at: None,
            told: false,
            exhausted: false,
        }
    }
}

impl Guild {
    /// Finds out why invites ended.
    pub(crate) fn end_invites(&mut self, ctx: &mut Context<'_>) {
        if self.ended.is_empty() {
            return;
        }
        let open: Vec<InviteCode> = self
            .ended
            .iter()
            .filter(|(_, ended)| !ended.told)
            .map(|(code, _)| code.clone())
            .collect();
        for code in open {
            let Some(ended) = self.ended.get(&code).cloned() else {
                continue;
            };
            let Some(state) = self.ended_how(ctx, &code, &ended) else {
                self.wake_at(after(ended.noticed, GIVE_UP));
                continue;
            };
            let mut record = self.end_record(ctx, &code, &ended, state);
            match state {
                InviteState::Revoked => {
                    if let Some((by, at)) = self.audit.deletion(&code) {
                        record.ended_by = by;
                        record.ended_at = Some(at);
                    }
                }
                InviteState::Expired => record.ended_at = ended.known.expires_at,
                _ => {}
            }
            ctx.out.push_back(Record::Invite(record));
            if let Some(ended) = self.ended.get_mut(&code) {
                ended.told = true;
            }
        }
        self.forget_ended();
    }

    /// Without lists, forgets invites that events told of and that are over.
    pub(crate) fn forget_unlisted(&mut self, ctx: &Context<'_>) {
        let listable = self.list_end.refused(ctx.now).is_none();
        if listable && self.baseline.listed.is_some() {
            return;
        }
        let counted = self.baseline.listed;
        for (code, known) in self.baseline.forget(self.discord_now) {
            let counted = known.since.or(counted);
            self.ended
                .entry(code)
                .or_insert_with(|| Ended::new(known, ctx.now, counted));
        }
    }

    /// Why an invite ended; `None` if that may still turn out.
    fn ended_how(
        &mut self,
        ctx: &Context<'_>,
        code: &InviteCode,
        ended: &Ended,
    ) -> Option<InviteState> {
        if self.audit.deletion(code).is_some() {
            return Some(InviteState::Revoked);
        }
        if let (Some(uses), Some(max @ 1..)) = (ended.known.uses, ended.known.max_uses)
            && uses.saturating_add(self.came_by(code)) >= max
        {
            return Some(InviteState::Exhausted);
        }
        // Expiry sends no event.
        let expired =
            ended.known.expires_at.is_some() && ended.known.expires_at <= self.discord_now;
        if ended.deleted.is_none() && expired {
            return Some(InviteState::Expired);
        }
        let channel = ended.known.channel;
        if channel.is_some_and(|channel| self.audit.channel_deleted(channel)) {
            return Some(InviteState::Gone);
        }
        if let (Some(deleted), Some(page)) = (ended.deleted, self.audit.page)
            && page.sent >= after(deleted, ctx.config.audit_lag)
        {
            // It was deleted, and nobody deleted it: it was used up. That holds only if
            // the page reaches back to then.
            let covered = page.covers(ended.deleted_after);
            if covered && !expired && ended.known.left().is_some() && channel.is_some() {
                if let Some(ended) = self.ended.get_mut(code) {
                    ended.exhausted = true;
                }
                self.unsolved = true;
                self.unexplained = true;
                return Some(InviteState::Exhausted);
            }
        }
        let over = ctx.now >= after(ended.noticed, GIVE_UP);
        over.then_some(InviteState::Gone)
    }

    /// How many joins are known to have used an invite after the last list that held it.
    fn came_by(&self, code: &InviteCode) -> u64 {
        let counted = self.ended.get(code).and_then(|ended| ended.counted);
        let later = self.joins.iter().filter(|join| {
            let origin = join.origin();
            origin.and_then(Origin::code) == Some(code) && Some(join.arrived) >= counted
        });
        u64::try_from(later.count()).unwrap_or(u64::MAX)
    }

    /// When the audit log is wanted for invites that ended.
    pub(crate) fn audit_wanted_for_invites(&self, config: &Config) -> Option<Timestamp> {
        let searching = config.confirm != ConfirmPolicy::Never;
        let waiting = self
            .joins
            .iter()
            .any(|join| !join.bot && !join.decided() && !join.left && searching);
        let looks = if waiting {
            [None, Some(JOIN_LAG.max(config.audit_lag))]
        } else {
            [Some(FIRST_LOOK), Some(config.audit_lag)]
        };
        let read = self.audit.page.map(|page| page.sent);
        self.ended
            .values()
            .filter(|ended| !ended.told)
            .filter_map(|ended| {
                let noticed = ended.deleted.unwrap_or(ended.noticed);
                looks
                    .into_iter()
                    .flatten()
                    .map(|look| after(noticed, look))
                    .find(|at| read < Some(*at))
            })
            .min()
    }

    /// Whether an invite is proven to have been used up, be it by members.
    pub(crate) fn was_used_up(&self, code: &InviteCode) -> bool {
        self.ended
            .get(code)
            .is_some_and(|ended| ended.exhausted && !self.was_deleted(code, ended))
    }

    /// Whether the audit log has another reason for an invite's end.
    fn was_deleted(&self, code: &InviteCode, ended: &Ended) -> bool {
        let channel = ended.known.channel;
        self.audit.deletion(code).is_some()
            || channel.is_some_and(|channel| self.audit.channel_deleted(channel))
    }

    /// Takes back what was said of invites whose deletion the audit log told late.
    pub(crate) fn doubt_ends(&mut self) {
        let doubted: Vec<InviteCode> = self
            .ended
            .iter()
            .filter(|(code, ended)| ended.exhausted && self.was_deleted(code, ended))
            .map(|(code, _)| code.clone())
            .collect();
        self.doubt(&doubted);
        for code in doubted {
            if let Some(ended) = self.ended.get_mut(&code) {
                ended.told = false;
            }
        }
    }

    /// No longer holds that these invites were used up.
    pub(crate) fn doubt(&mut self, codes: &[InviteCode]) {
        for code in codes {
            if let Some(ended) = self.ended.get_mut(code) {
                ended.exhausted = false;
            }
        }
    }

    /// Whether the audit log may still tell that an invite was used up.
    pub(crate) fn awaits_audit(&self, now: Timestamp) -> bool {
        self.audit_end.refused(now).is_none()
            && self
                .ended
                .values()
                .any(|ended| !ended.told && ended.deleted.is_some())
    }

    fn forget_ended(&mut self) {
        let steps = &self.steps;
        let invites = &self.baseline.invites;
        self.ended.retain(|code, ended| {
            let moved = || {
                steps
                    .iter()
                    .flat_map(|step| &step.moves)
                    .any(|moved| moved.way.key() == Some(code))
            };
            !ended.told || invites.contains_key(code) || moved()
        });
        while self.ended.len() > MAX_ENDED {
            self.ended.pop_first();
        }
    }
}
