//! Who joined and who left while events were missed.

use guestlist_model::{SearchedMember, Timestamp};

use super::{Guild, Now, Out};
use crate::facts::{Finding, JoinFacts};
use crate::gap::PAGE;
use crate::page::MemberPage;
use crate::record::{Leave, Observation, Record};

impl Guild {
    /// Takes in a page of members who joined in a gap.
    pub(super) fn caught_up(
        &mut self,
        now: Now<'_>,
        out: &mut Out<'_>,
        members: &[SearchedMember],
        total: Option<u64>,
    ) {
        if !self.gap.is_open() {
            return;
        }
        let mut oldest: Option<Timestamp> = None;
        for member in members {
            let Some(facts) = JoinFacts::new(&member.member, Observation::CatchUp) else {
                continue;
            };
            let (user, at) = (facts.user(), facts.joined_at());
            oldest = Some(oldest.map_or(at, |known| known.min(at)));
            let is_found = self.find_missed(now, out, facts);
            self.gap.named(user, at);
            if let Some(number) = self.joins.find(user, at)
                && let Some(join) = self.joins.get(number)
                // An event's own join has a search of its own.
                && (is_found || join.is_found_later())
                && join.answer().confirmed().is_none()
            {
                self.confirm(now, out, number, &Finding::new(member));
            }
        }
        let is_full = members.len() >= usize::from(PAGE)
            || total.is_some_and(|total| total > members.len() as u64 && !members.is_empty());
        let command = self.gap.page_read(now.at(), oldest, is_full);
        self.obey(now, out, &command);
    }

    /// Takes in a join that may have been missed. Returns whether it was.
    fn find_missed(&mut self, now: Now<'_>, out: &mut Out<'_>, facts: JoinFacts) -> bool {
        let (user, at) = (facts.user(), facts.joined_at());
        if !self.gap.may_have_missed(at) || self.joins.knows(user, at) {
            return false;
        }
        if self.joins.may_have_forgotten(at) {
            self.gap.cannot_tell();
            return false;
        }
        self.gap.found(user, at);
        self.joined(now, out, facts);
        true
    }

    /// Takes in a page of the members, compared with those who are stored. Of joins after
    /// `until`, the list may not tell yet.
    pub(super) fn compared(
        &mut self,
        now: Now<'_>,
        out: &mut Out<'_>,
        page: &MemberPage,
        until: Option<Timestamp>,
    ) {
        if self.gap.wanted_members().is_none() {
            return;
        }
        let missed_from = self.gap.left_since();
        for key in page.departed() {
            let is_own = key.guild == self.id && Some(key.joined_at) <= until;
            let is_found = self.joins.is_found(key.user, key.joined_at);
            let is_told = self.gap.has_ended(key.user, key.joined_at, is_found);
            if is_own && !is_told && self.joins.departs(key.user, key.joined_at) {
                let leave = Leave::new(self.id, key.user, Some(key.joined_at), now.local());
                let since = missed_from.max(Some(key.joined_at));
                out.state(Record::Leave(leave.since(since)));
                out.stats().leaves += 1;
                self.gap.departed();
            }
        }
        for member in page.members() {
            if let Some(facts) = JoinFacts::new(member, Observation::CatchUp) {
                if Some(facts.joined_at()) <= until {
                    self.find_listed(now, out, facts);
                } else if self.gap.may_have_missed(facts.joined_at())
                    && !self.joins.knows(facts.user(), facts.joined_at())
                {
                    self.gap.sight(now.at(), facts);
                }
            }
        }
        let command = self.gap.page_compared(now.at(), page.next());
        self.obey(now, out, &command);
    }

    /// Takes in joins of the list of members whose events have not come meanwhile.
    pub(super) fn find_sighted(&mut self, now: Now<'_>, out: &mut Out<'_>) {
        let sighted = self.gap.take_sighted(now.at());
        if sighted.is_empty() {
            return;
        }
        for facts in sighted {
            self.find_listed(now, out, facts);
        }
        let command = self.gap.end_comparison(now.at());
        self.obey(now, out, &command);
    }

    /// Takes in a join that the list of members tells of, without saying how.
    fn find_listed(&mut self, now: Now<'_>, out: &mut Out<'_>, facts: JoinFacts) {
        let (user, at) = (facts.user(), facts.joined_at());
        if self.find_missed(now, out, facts) {
            self.gap.listed(user, at);
        }
    }
}
