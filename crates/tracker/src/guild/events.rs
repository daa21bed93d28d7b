//! What events change about a guild.

use std::time::Duration;

use guestlist_model::{AuditLogEntry, InviteCode, Timestamp, UserId};

use super::{Guild, Now, Out};
use crate::facts::{GuildFacts, JoinFacts, Listed};
use crate::gap::{CALM, Notice, OUT_OF_ORDER};
use crate::joins::Waiting;
use crate::record::{Join, Leave, Reason, Record};
use crate::time::{SKEW, after, before};

impl Guild {
    /// GUILD_CREATE came.
    pub(crate) fn announced(&mut self, now: Now<'_>, facts: GuildFacts) {
        if facts.is_unavailable() {
            self.presence.lose();
            return;
        }
        let missed = self.presence.announce(now.at());
        if let Some(at) = facts.joined_at() {
            self.presence.learn_time(at, now.at());
        }
        self.set_live(now);
        self.endpoints.forgive();
        let grown = self.gap.members_told(facts.members());
        if missed {
            self.begin_gap(now, grown);
        } else {
            // Who joined just before may be counted only after the first list.
            self.distrust_until(now);
        }
        self.set_vanity(now, facts.into_vanity_code());
    }

    /// The guild is not available for a while.
    pub(crate) fn lost(&mut self, now: Now<'_>) {
        self.stop_hearing(now.at(), now.config().count_lag);
        self.presence.lose();
    }

    /// GUILD_UPDATE told which vanity code the guild has.
    pub(crate) fn vanity_told(&mut self, now: Now<'_>, code: Option<InviteCode>) {
        // A code that was taken away and given back is the same, and its count is not.
        if self.vanity.code() == code.as_ref() && self.vanity.forget_count(now.at()) {
            self.counts.cannot_explain(now.at());
        }
        self.set_vanity(now, code);
    }

    fn set_vanity(&mut self, now: Now<'_>, code: Option<InviteCode>) {
        self.vanity.set(code, now.at());
    }

    /// The bot is no longer in the guild.
    pub(crate) fn left(&mut self, now: Now<'_>, out: &mut Out<'_>) {
        for number in self.joins.numbers() {
            let join = self.joins.get(number);
            if join.is_some_and(|join| join.answer().stated().is_none()) {
                self.give_up(now, out, number, Reason::LeftGuild);
            }
        }
        // Nobody will find who joined in a gap, nor since the connection was lost.
        if self.presence.is_known() && !self.presence.is_live() {
            self.begin_gap(now, None);
        }
        if let Some((gap, _)) = self.gap.close(self.id, now.local()) {
            out.state(Record::Gap(gap));
        }
        let last_known = self.known_until(now);
        self.gap.leaves_missed(last_known);
        // Events of joins that were told may come again.
        let joins = self.joins.recognized();
        let gap = self.gap.afresh();
        *self = Self::new(self.id);
        self.joins = joins;
        self.gap = gap;
        self.presence.leave();
    }

    /// Somebody joined.
    pub(crate) fn joined(&mut self, now: Now<'_>, out: &mut Out<'_>, facts: JoinFacts) {
        let (user, joined_at) = (facts.user(), facts.joined_at());
        if self.joins.knows(user, joined_at) {
            out.stats().duplicates += 1;
            if !facts.was_caught_up() && self.joins.is_found(user, joined_at) {
                self.gap.member_came();
                if self.joins.event_came(user, joined_at, now.at()) {
                    self.counts.missed(now.at(), now.config().count_lag);
                }
            }
            return;
        }
        let join = if facts.was_caught_up() {
            self.presence.learn_time(facts.told_joined_at(), now.at());
            Waiting::new(user, joined_at, now.at(), 0).found_later()
        } else {
            let settle = now.config().settle;
            self.presence
                .hear_join(facts.told_joined_at(), now.at(), settle);
            self.gap.member_came();
            let discord = self.presence.discord_around(now.at());
            self.gap.told(now.at(), user, joined_at, discord);
            self.vanity
                .hear(after(facts.told_joined_at(), SKEW), settle);
            Waiting::new(user, joined_at, now.at(), self.counts.first_open_step())
        };
        if self.joins.remember(&join, self.gap.from()) {
            self.gap.forget_unfilled();
        }
        let is_bot = facts.is_bot();
        let is_blind = self.is_new(now) || self.presence.is_before_announced(joined_at);
        let join = join.bot(is_bot).blind(is_blind).rejoin(facts.is_rejoin());
        let key = join.key(self.id);
        let number = self.joins.add(join);
        out.stats().joins += 1;
        out.state(Record::Join(facts.into_record(Join::new(key, now.local()))));
        if is_bot {
            self.answer_bot(now, out, number);
        }
        self.make_room(now, out);
    }

    /// Somebody left. An event that does not tell which join it ends may have been sent
    /// before the user's latest join, if that is so young that no event of it has come.
    pub(crate) fn leaves(&mut self, now: Now<'_>, out: &mut Out<'_>, user: UserId) {
        let settle = now.config().settle;
        let discord = self.presence.discord_at(now.at());
        // First, what was missed is handed over.
        let is_live = self.presence.is_live_for(settle, now.at());
        let may_be_older = |joined_at: Timestamp, found: Option<Timestamp>| {
            // Whoever was found just now may have been found before what was kept back comes,
            // as when the process was stopped for a while.
            let is_old = match found {
                Some(found) => now.at() > after(found, settle),
                None => Some(after(joined_at, settle + SKEW)) <= discord,
            };
            !(is_live && is_old)
        };
        out.stats().leaves += 1;
        self.gap.member_left();
        if let Some(joined_at) = self.joins.leaves(user, may_be_older) {
            self.gap.leave_stated(user, joined_at);
            let leave = Leave::new(self.id, user, joined_at, now.local());
            out.state(Record::Leave(match joined_at {
                Some(_) => leave,
                None => leave.joined_before(self.forgotten_until()),
            }));
        } else {
            // Whether the member is gone is for the list of members to tell.
            self.gap.leaves_missed(self.joins.latest_of(user));
            self.missed_leave(now);
        }
    }

    /// Whoever joined later than at this time is remembered, as far as that was told.
    fn forgotten_until(&self) -> Option<Timestamp> {
        let latest = self.presence.discord_told();
        latest.map(|latest| before(latest, OUT_OF_ORDER))
    }

    /// INVITE_CREATE came.
    pub(crate) fn invite_created(&mut self, now: Now<'_>, out: &mut Out<'_>, listed: &Listed) {
        if let Some(at) = listed.created_at() {
            self.presence.hear(at, now.at());
            self.vanity.hear(after(at, SKEW), now.config().settle);
        }
        if self.ends.contains(listed.code()) {
            return;
        }
        if self.counts.created(listed, now.at()) {
            out.state(Record::Invite(listed.record(self.id, now.local())));
            self.forget_unlisted(now);
        }
    }

    /// INVITE_DELETE came.
    pub(crate) fn invite_deleted(&mut self, now: Now<'_>, code: &InviteCode) {
        let known = self.counts.deleted(code).unwrap_or_default();
        let counted = known.since().or(self.counts.listed());
        let open_step = self.counts.next_step();
        self.ends.note(code, known, now.at(), counted, open_step);
        let heard = self.presence.heard();
        let settle = now.config().settle;
        self.ends.note_deleted(code, now.at(), heard, settle);
        self.forget_unlisted(now);
    }

    /// An entry of the audit log came.
    pub(crate) fn audit_entry(&mut self, now: Now<'_>, out: &mut Out<'_>, entry: &AuditLogEntry) {
        self.presence.hear(entry.id.created_at(), now.at());
        self.ends.learn(entry);
        self.audit_learnt(now, out);
    }

    /// Events were missed until now. Meanwhile the number of members grew by `grown`, if that was
    /// told.
    pub(super) fn begin_gap(&mut self, now: Now<'_>, grown: Option<u64>) {
        self.distrust_until(now);
        self.gap.begin(&self.notice(now), grown);
    }

    fn notice(&self, now: Now<'_>) -> Notice {
        Notice {
            now: now.at(),
            local: now.local(),
            last_known: self.known_until(now),
            seen: self.presence.discord_now(),
            is_based: self.counts.listed().is_some(),
        }
    }

    /// Until when nobody came whose event was missed. Events do not come in the order of what
    /// they tell.
    fn known_until(&self, now: Now<'_>) -> Option<Timestamp> {
        let late = (now.config().settle + SKEW).min(OUT_OF_ORDER);
        self.presence.last_known().map(|at| before(at, late))
    }

    /// An event came that was not understood and may have told of another vanity code.
    pub(crate) fn doubt_vanity(&mut self) {
        self.vanity.doubt();
    }

    /// An event came that was not understood: somebody may have joined unseen. What is
    /// under way goes on.
    pub(crate) fn missed_event(&mut self, now: Now<'_>) {
        self.distrust_until(now);
        self.forget_stray_uses(now.at(), now.config().count_lag);
        self.vanity.doubt();
        self.gap.widen(&self.notice(now));
    }

    /// The event of a leave came that was not understood, or that may be about an earlier join.
    pub(crate) fn missed_leave(&mut self, now: Now<'_>) {
        if self.gap.will_compare() {
            return;
        }
        self.forget_stray_uses(now.at(), now.config().count_lag);
        self.gap.widen(&self.notice(now));
    }

    /// From now on, no events arrive.
    pub(super) fn stop_hearing(&mut self, now: Timestamp, count_lag: Duration) {
        self.forget_stray_uses(now, count_lag);
        self.gap.disconnected();
    }

    /// Uses that no join explains are not those of a gap that begins much later. What lists show
    /// while events do not arrive is of the gap that follows.
    pub(super) fn forget_stray_uses(&mut self, now: Timestamp, count_lag: Duration) {
        if self.gap.is_open() || !self.presence.is_live() {
            return;
        }
        let stray = self.gap.take_stray(now);
        self.counts.even_out(stray);
        let is_old = |listed| after(listed, CALM) <= now;
        let is_calm =
            self.counts.listed().is_some_and(is_old) && self.joins.unanswered().next().is_none();
        if is_calm && let Some(listed) = self.counts.listed_after() {
            self.counts.even_out_all();
            self.gap.forget_uses(before(listed, count_lag + SKEW));
        }
    }

    /// Whether the invites have not been listed yet in a way that proves something.
    fn is_new(&self, now: Now<'_>) -> bool {
        self.counts.listed().is_none()
            || (self.counts.is_distrusted_at(now.at()) && !self.gap.is_unfilled())
    }

    fn distrust_until(&mut self, now: Now<'_>) {
        self.counts.missed(now.at(), now.config().count_lag);
    }
}
