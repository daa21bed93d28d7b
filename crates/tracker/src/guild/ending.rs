//! Invites that end.

use guestlist_model::InviteCode;

use super::{Guild, Now, Out};
use crate::endpoints::Which;
use crate::ends::{Ended, Times};
use crate::record::{InviteRecord, InviteState, Record};

impl Guild {
    /// States why invites ended, as far as that is known.
    pub(super) fn end_invites(&mut self, now: Now<'_>, out: &mut Out<'_>) {
        if self.ends.is_empty() {
            return;
        }
        for code in self.ends.open() {
            let open_step = self.ends.open_step(&code);
            let came_by = open_step.map_or(0, |first| self.joins.came_by(&code, first));
            let times = self.times_of(now, &code);
            if let Some(state) = self.ends.why(&code, came_by, &times) {
                // Where nothing is trusted but what is told, lists that lack it tell nothing.
                let is_told = now.config().trusts_counts() || self.was_told_to_end(&code);
                if (is_told || state != InviteState::Gone)
                    && let Some(record) = self.end_record(now, &code, state)
                {
                    out.state(Record::Invite(record));
                }
                self.note_last_uses(now, &code, state);
                self.ends.set_stated(&code);
            } else if let Some(at) = self.ends.gives_up_at(&code)
                && at > now.at()
            {
                self.wake_at(at);
            }
        }
        let counts = &self.counts;
        self.ends
            .forget(|code| counts.invite(code).is_some() || counts.has_moved_for(code));
    }

    /// Tells a gap how often an invite was used that ended within it. One that had not expired
    /// and that nobody revoked was used up.
    fn note_last_uses(&mut self, now: Now<'_>, code: &InviteCode, state: InviteState) {
        let Some(ended) = self.ends.get(code) else {
            return;
        };
        let known = ended.known();
        let used_up = known.max_uses().filter(|max| *max > 0);
        // An event would have been told after those of the joins.
        let used_up = used_up.filter(|_| ended.deleted().is_none());
        let last = match state {
            InviteState::Exhausted => used_up,
            // Its time may have been over though nothing has told of a time so late.
            InviteState::Gone if known.expires_at().is_none() && self.ends.nobody_deleted(code) => {
                used_up
            }
            InviteState::Revoked => self.ends.uses_at_deletion(code),
            _ => None,
        };
        if let (Some(last), Some(uses)) = (last, known.uses())
            && !known.may_rise_for_nobody()
        {
            let unlisted = i64::try_from(last.saturating_sub(uses)).unwrap_or(i64::MAX);
            let excess = known.balance().saturating_add(unlisted);
            let open = self.joins.unanswered();
            self.gap
                .ended(now.at(), code, ended.noticed(), excess, open);
        }
    }

    /// Whether INVITE_DELETE came for an invite.
    fn was_told_to_end(&self, code: &InviteCode) -> bool {
        let ended = self.ends.get(code);
        ended.is_some_and(|ended| ended.deleted().is_some())
    }

    fn times_of(&self, now: Now<'_>, code: &InviteCode) -> Times {
        let config = now.config();
        let deleted = self.ends.get(code).and_then(Ended::deleted);
        Times {
            now: now.at(),
            discord_now: self.presence.discord_now(),
            discord_then: deleted.and_then(|at| self.presence.discord_at(at)),
            listed: self.counts.listed(),
            audit_lag: config.trusts_counts().then_some(config.audit_lag),
        }
    }

    fn end_record(
        &self,
        now: Now<'_>,
        code: &InviteCode,
        state: InviteState,
    ) -> Option<InviteRecord> {
        let known = self.ends.get(code)?.known();
        let mut record = InviteRecord::new(self.id, code.clone(), now.local());
        record.channel = known.channel();
        record.inviter = known.inviter();
        record.created_at = known.created_at();
        record.expires_at = known.expires_at();
        record.max_uses = known.max_uses();
        record.uses = match state {
            InviteState::Exhausted => known.max_uses(),
            InviteState::Revoked => self.ends.uses_at_deletion(code).or(known.uses()),
            _ => known.uses(),
        };
        record.state = state;
        match state {
            InviteState::Revoked => {
                if let Some((by, at)) = self.ends.deletion(code) {
                    record.ended_by = by;
                    record.ended_at = Some(at);
                }
            }
            InviteState::Expired => record.ended_at = known.expires_at(),
            _ => {}
        }
        Some(record)
    }

    /// Without lists, forgets invites that events told of and that are over.
    pub(super) fn forget_unlisted(&mut self, now: Now<'_>) {
        let is_listable = self.endpoints.refused(Which::List, now.at()).is_none();
        let listed = self.counts.listed();
        if is_listable && listed.is_some() {
            return;
        }
        for (code, known) in self.counts.forget_over(self.presence.discord_now()) {
            let counted = known.since().or(listed);
            let open_step = self.counts.next_step();
            self.ends.note(&code, known, now.at(), counted, open_step);
        }
    }
}
