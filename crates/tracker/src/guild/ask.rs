//! What to ask Discord, and when.

use std::time::Duration;

use guestlist_model::{Timestamp, UserId};

use super::{Guild, Now, Out};
use crate::config::ConfirmPolicy;
use crate::endpoints::{Purpose, Which};
use crate::ends::AUDIT_PAGE;
use crate::gap::{OUT_OF_ORDER, PAGE};
use crate::io::{MemberQuery, Request};
use crate::joins::{JoinNumber, Waiting};
use crate::time::{EVER, after, before};

/// Members that one search can name.
const MAX_NAMED: usize = 10;
/// Members that one search by date may be for.
const MAX_DATED: usize = 800;
/// For how long looking for counts that are late may wait for company.
const GATHER: Duration = Duration::from_millis(1500);
/// How long after they have settled counts may take to be final: until a barrier has passed.
const FINAL: Duration = Duration::from_secs(2);
/// How long the audit log is given before it is asked who added a bot.
const BOT_LAG: Duration = Duration::from_secs(1);

impl Guild {
    /// Asks whatever is to be asked now.
    pub(super) fn ask(&mut self, now: Now<'_>, out: &mut Out<'_>) {
        if !self.presence.is_available() {
            return;
        }
        self.ask_list(now, out);
        self.ask_vanity(now, out);
        self.ask_search(now, out);
        self.ask_audit(now, out);
        self.ask_members(now, out);
    }

    /// Makes a request.
    fn send(&mut self, now: Now<'_>, out: &mut Out<'_>, request: Request, purpose: Purpose) {
        let id = out.ask(request);
        self.endpoints.start(id, purpose, now.at(), now.config());
    }

    /// Whether an endpoint may be asked now for what is wanted from a moment on. If not,
    /// makes sure to look again when it may.
    fn may_ask(&mut self, now: Now<'_>, which: Which, wanted: Timestamp) -> bool {
        match self.endpoints.from(which, now.at(), wanted) {
            Some(at) if at <= now.at() => true,
            Some(at) => {
                self.wake_at(at);
                false
            }
            None => false,
        }
    }

    fn ask_list(&mut self, now: Now<'_>, out: &mut Out<'_>) {
        let wanted = match self.endpoints.listing_since() {
            Some(since) => self.another_list_wanted(now, since),
            None => self.list_wanted(now),
        };
        let Some(wanted) = wanted else {
            return;
        };
        let spaced = self.endpoints.spaced(wanted, now.config());
        if self.may_ask(now, Which::List, spaced) {
            let request = Request::ListInvites { guild: self.id };
            let purpose = Purpose::List(self.presence.discord_now());
            self.send(now, out, request, purpose);
        }
    }

    fn list_wanted(&self, now: Now<'_>) -> Option<Timestamp> {
        let listed = self.counts.listed();
        if !self.presence.is_known() && self.joins.is_empty() {
            return None;
        }
        if listed.is_none() {
            return Some(now.at());
        }
        let mut fresh = None;
        let mut sure = Vec::new();
        for join in self.joins.open() {
            if listed < Some(join.arrived()) {
                let at = after(join.arrived(), now.config().list_delay);
                fresh = Some(fresh.map_or(at, |first: Timestamp| first.min(at)));
            } else {
                sure.push(after(join.arrived(), now.config().count_lag));
            }
        }
        sure.retain(|at| listed < Some(*at));
        fresh
            .into_iter()
            .chain(gathered(&sure))
            .chain(self.counts.relist())
            .chain(self.ends.list_wanted(listed))
            .min()
    }

    /// When another list is wanted beside those that are under way, the latest of which was
    /// asked for at a time: for whoever joined since, so that their count is told apart. If
    /// the counts before are not known, or not relied on, it would tell nothing.
    fn another_list_wanted(&self, now: Now<'_>, since: Timestamp) -> Option<Timestamp> {
        if self.counts.listed().is_none() || self.counts.is_distrusted_at(now.at()) {
            return None;
        }
        let arrivals = self.joins.open().map(Waiting::arrived);
        let first = arrivals.filter(|arrived| *arrived > since).min()?;
        Some(after(first, now.config().list_delay))
    }

    fn ask_vanity(&mut self, now: Now<'_>, out: &mut Out<'_>) {
        let Some(wanted) = self.vanity_wanted(now) else {
            return;
        };
        if self.may_ask(now, Which::Vanity, wanted) {
            let request = Request::VanityUrl { guild: self.id };
            self.send(now, out, request, Purpose::Vanity);
        }
    }

    fn vanity_wanted(&self, now: Now<'_>) -> Option<Timestamp> {
        self.vanity.code()?;
        let Some(counted) = self.vanity.counted() else {
            return Some(now.at());
        };
        let listed = self.counts.listed();
        let is_listable = self.endpoints.refused(Which::List, now.at()).is_none();
        let mut fresh = None;
        let mut sure = Vec::new();
        // The list comes first: mostly it explains the join.
        let open = self.joins.open();
        for join in open.filter(|join| listed >= Some(join.arrived()) || !is_listable) {
            if counted < join.arrived() {
                fresh = Some(now.at());
            } else {
                sure.push(after(join.arrived(), now.config().count_lag));
            }
        }
        sure.retain(|at| counted < *at);
        fresh
            .into_iter()
            .chain(gathered(&sure))
            .chain(self.counts.recount(counted))
            .chain(self.vanity.recount(now.config().count_lag))
            .min()
    }

    fn ask_search(&mut self, now: Now<'_>, out: &mut Out<'_>) {
        if let Some((wanted, query)) = self.gap.wanted() {
            if self.may_ask(now, Which::Search, wanted) {
                let request = Request::SearchMembers {
                    guild: self.id,
                    query,
                    limit: PAGE,
                };
                self.send(now, out, request, Purpose::CatchUp);
                return;
            }
            let refused = self.endpoints.refused_until(Which::Search, now.at());
            self.wake_at(refused.unwrap_or(EVER));
        }
        let mut first = EVER;
        let mut due = Vec::new();
        let mut company = Vec::new();
        for (number, join) in self.joins.iter() {
            if !self.will_search(now.config(), now.at(), join) {
                continue;
            }
            let at = self.search_from(now, number, join);
            first = first.min(at);
            if at <= now.at() {
                due.push((join.joined_at(), join.user()));
            } else if join.search_at().is_none()
                && after(join.arrived(), now.config().search_delay) <= now.at()
            {
                company.push((join.joined_at(), join.user()));
            }
        }
        if first == EVER || !self.may_ask(now, Which::Search, first) {
            return;
        }
        due.sort_unstable();
        // One search can name ten: whoever may be searched for already comes along.
        let room = MAX_NAMED.saturating_sub(due.len());
        due.extend(company.into_iter().take(room));
        due.sort_unstable();
        due.truncate(MAX_DATED);
        let request = self.search_for(&due);
        let asked = due.into_iter().map(|(at, user)| (user, at)).collect();
        self.send(now, out, request, Purpose::Confirm(asked));
    }

    /// The search for these joins, which are in the order of their times.
    fn search_for(&self, due: &[(Timestamp, UserId)]) -> Request {
        let mut users: Vec<UserId> = due.iter().map(|(_, user)| *user).collect();
        users.sort_unstable();
        users.dedup();
        let (query, limit) = match (due.first(), due.last()) {
            (Some((from, _)), Some((to, _))) if users.len() > MAX_NAMED => (
                MemberQuery::JoinedBetween {
                    from: *from,
                    to: Some(*to),
                },
                1000,
            ),
            _ => {
                let limit = u16::try_from(users.len()).unwrap_or(1);
                (MemberQuery::Users(users), limit)
            }
        };
        Request::SearchMembers {
            guild: self.id,
            query,
            limit,
        }
    }

    /// From when on a search for a member is worth it.
    fn search_from(&self, now: Now<'_>, number: JoinNumber, join: &Waiting) -> Timestamp {
        let config = now.config();
        let soon = after(join.arrived(), config.search_delay);
        let later = config.confirm_gather.max(config.search_delay);
        let later = after(join.arrived(), later);
        let is_counted = self.counts.listed() >= Some(join.arrived())
            || self.endpoints.refused(Which::List, now.at()).is_some();
        let is_explained = self.joins.is_explained(number);
        let from = match config.confirm {
            ConfirmPolicy::Always if is_explained => later,
            ConfirmPolicy::Always => soon,
            // The counts may settle it yet.
            _ if is_explained => later.max(after(join.arrived(), config.settle + FINAL)),
            _ if !is_counted => later,
            _ => soon,
        };
        join.search_at().map_or(from, |at| at.max(soon))
    }

    /// Asks who is a member, after events were missed.
    fn ask_members(&mut self, now: Now<'_>, out: &mut Out<'_>) {
        let Some(wanted) = self.gap.wanted_members() else {
            return;
        };
        if self.may_ask(now, Which::Members, wanted.at) {
            let request = Request::ListMembers {
                guild: self.id,
                after: wanted.after,
                limit: PAGE,
                whole: wanted.whole,
            };
            let discord = self.presence.discord_at(now.at());
            let until = discord.map(|at| before(at, OUT_OF_ORDER));
            let until = until.max(self.gap.seen());
            self.send(now, out, request, Purpose::Compare(until));
        }
    }

    fn ask_audit(&mut self, now: Now<'_>, out: &mut Out<'_>) {
        let config = now.config();
        let bots = self
            .joins
            .iter()
            .filter(|(_, join)| join.is_bot() && !self.is_done(config, now.at(), join))
            .map(|(_, join)| {
                let first = after(join.arrived(), BOT_LAG);
                join.search_at().unwrap_or(first)
            })
            .min();
        let is_searching = config.confirm != ConfirmPolicy::Never
            && self
                .joins
                .iter()
                .any(|(_, join)| !join.is_bot() && !join.is_decided() && !join.has_left());
        let ends = self.ends.audit_wanted(is_searching, config.audit_lag);
        let Some(wanted) = bots.into_iter().chain(ends).min() else {
            return;
        };
        if self.may_ask(now, Which::Audit, wanted) {
            let request = Request::AuditLog {
                guild: self.id,
                action: None,
                limit: AUDIT_PAGE,
            };
            self.send(now, out, request, Purpose::Audit);
        } else if self.endpoints.refused(Which::Audit, now.at()).is_some() {
            self.joins.edit_where(
                |join| join.is_bot() && !join.is_asked_out(),
                Waiting::ask_no_more,
            );
        }
    }
}

/// When to look for counts that are late, so that one look is enough for joins that came
/// soon after each other: with the last of those for whom it may be the first's turn.
fn gathered(wanted: &[Timestamp]) -> Option<Timestamp> {
    let first = wanted.iter().min()?;
    let last = after(*first, GATHER);
    wanted.iter().filter(|at| **at <= last).max().copied()
}
