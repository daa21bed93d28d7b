//! What to ask Discord, and when.

use std::time::Duration;

use guestlist_model::{Timestamp, UserId};

use crate::config::{Config, ConfirmPolicy};
use crate::decide::unanswered_at;
use crate::guild::{Context, Guild, Purpose};
use crate::io::{Failure, MemberQuery, Request, RequestId};
use crate::time::{EVER, NEVER, after};
use crate::window::Waiting;

/// Members that one search can name.
const MAX_NAMED: usize = 10;
/// Members that one search by date may be for.
const MAX_DATED: usize = 800;
/// Entries of a page of the audit log.
pub(crate) const AUDIT_PAGE: u16 = 100;
/// How long the audit log is given before it is asked who added a bot.
const BOT_LAG: Duration = Duration::from_secs(1);
/// How often the audit log is asked who added a bot.
pub(crate) const BOT_ATTEMPTS: u32 = 3;

impl Guild {
    /// Gives up on requests to which no answer came.
    pub(crate) fn lose_requests(&mut self, ctx: &mut Context<'_>) {
        let lost = Failure::Transport(String::from("timed out"));
        let mut wake = EVER;
        for end in [
            &mut self.list_end,
            &mut self.vanity_end,
            &mut self.search_end,
            &mut self.audit_end,
        ] {
            let at = end.lost_at(ctx.config);
            if let Some(flight) = end.flight
                && at <= ctx.now
            {
                ctx.lost.push(flight.id);
                end.failed(ctx.now, &lost, ctx.config);
            } else {
                wake = wake.min(at);
            }
        }
        if self.search_end.flight.is_none() {
            self.searching = None;
        }
        self.wake_at(wake);
    }

    /// Notes that a request is being sent.
    pub(crate) fn handed_out(&mut self, id: RequestId, now: Timestamp, config: &Config) {
        let mut wake = EVER;
        for end in [
            &mut self.list_end,
            &mut self.vanity_end,
            &mut self.search_end,
            &mut self.audit_end,
        ] {
            if let Some(flight) = end.flight.as_mut().filter(|flight| flight.id == id) {
                flight.out = true;
                flight.sent = now;
                end.last_sent = now;
                wake = end.lost_at(config);
            }
        }
        self.wake_at(wake);
    }

    /// Forgets requests: after a restart nobody will answer them.
    pub(crate) fn forget_requests(&mut self) {
        for end in [
            &mut self.list_end,
            &mut self.vanity_end,
            &mut self.search_end,
            &mut self.audit_end,
        ] {
            end.flight = None;
        }
        self.searching = None;
    }

    /// Counts the joins that are not done with.
    pub(crate) fn count_pending(&mut self, ctx: &Context<'_>) {
        let open = || {
            self.joins
                .iter()
                .filter(|join| !self.is_done(ctx.config, ctx.now, join))
        };
        let pending = open().count();
        let over = open().map(|join| unanswered_at(ctx.config, join)).min();
        self.pending = pending;
        self.wake_at(over.unwrap_or(EVER));
    }

    /// Asks whatever is to be asked now.
    pub(crate) fn ask(&mut self, ctx: &mut Context<'_>) {
        if !self.available {
            return;
        }
        self.ask_list(ctx);
        self.ask_vanity(ctx);
        self.ask_search(ctx);
        self.ask_audit(ctx);
    }

    fn ask_list(&mut self, ctx: &mut Context<'_>) {
        let Some(wanted) = self.list_wanted(ctx) else {
            return;
        };
        let spaced = match self.list_end.last_sent {
            NEVER => wanted,
            sent => wanted.max(after(sent, ctx.config.list_interval)),
        };
        match self.list_end.from(ctx.now, spaced) {
            Some(at) if at <= ctx.now => {
                let id = ctx.ask(Request::ListInvites { guild: self.id });
                self.list_end.start(id, ctx.now);
                self.asking_after = self.discord_now;
            }
            Some(at) => self.wake_at(at),
            None => {}
        }
    }

    /// Joins that counts may still explain.
    fn open(&self) -> impl Iterator<Item = &Waiting> {
        self.joins
            .iter()
            .filter(|join| !join.bot && join.said.is_none() && !join.explained)
    }

    fn list_wanted(&self, ctx: &Context<'_>) -> Option<Timestamp> {
        let listed = self.baseline.listed;
        if !self.known && self.joins.is_empty() {
            return None;
        }
        if listed.is_none() {
            return Some(ctx.now);
        }
        let relist = self.relist.filter(|at| listed < Some(*at));
        self.open()
            .filter_map(|join| {
                let sure = after(join.arrived, ctx.config.count_lag);
                if listed < Some(join.arrived) {
                    Some(after(join.arrived, ctx.config.list_delay))
                } else if listed < Some(sure) {
                    Some(sure)
                } else {
                    None
                }
            })
            .chain(relist)
            .min()
    }

    fn ask_vanity(&mut self, ctx: &mut Context<'_>) {
        let Some(wanted) = self.vanity_wanted(ctx) else {
            return;
        };
        match self.vanity_end.from(ctx.now, wanted) {
            Some(at) if at <= ctx.now => {
                let id = ctx.ask(Request::VanityUrl { guild: self.id });
                self.vanity_end.start(id, ctx.now);
            }
            Some(at) => self.wake_at(at),
            None => {}
        }
    }

    fn vanity_wanted(&self, ctx: &Context<'_>) -> Option<Timestamp> {
        self.vanity_code.as_ref()?;
        let Some(vanity) = &self.vanity else {
            return Some(ctx.now);
        };
        let listed = self.baseline.listed;
        let listable = self.list_end.refused(ctx.now).is_none();
        self.open()
            // The list comes first: mostly it explains the join.
            .filter(|join| listed >= Some(join.arrived) || !listable)
            .filter_map(|join| {
                let sure = after(join.arrived, ctx.config.count_lag);
                if vanity.sent < join.arrived {
                    Some(ctx.now)
                } else if vanity.sent < sure {
                    Some(sure)
                } else {
                    None
                }
            })
            .min()
    }

    fn ask_search(&mut self, ctx: &mut Context<'_>) {
        if let Some((wanted, request)) = self.catch_up_wanted() {
            match self.search_end.from(ctx.now, wanted) {
                Some(at) if at <= ctx.now => {
                    let id = ctx.ask(request);
                    self.search_end.start(id, ctx.now);
                    self.searching = Some(Purpose::CatchUp);
                    return;
                }
                Some(at) => self.wake_at(at),
                None => self.wake_at(self.search_end.refused_until(ctx.now).unwrap_or(EVER)),
            }
        }
        let mut first = EVER;
        let mut due = Vec::new();
        let mut company = Vec::new();
        for join in self
            .joins
            .iter()
            .filter(|join| self.will_search(ctx.config, ctx.now, join))
        {
            let at = self.search_from(ctx, join);
            first = first.min(at);
            if at <= ctx.now {
                due.push((join.joined_at, join.user));
            } else if join.search_at.is_none()
                && after(join.arrived, ctx.config.search_delay) <= ctx.now
            {
                company.push((join.joined_at, join.user));
            }
        }
        let Some(at) = self.search_end.from(ctx.now, first) else {
            return;
        };
        if first == EVER {
            return;
        }
        if due.is_empty() || at > ctx.now {
            self.wake_at(at);
            return;
        }
        due.sort_unstable();
        // One search can name ten: whoever may be searched for already comes along.
        let room = MAX_NAMED.saturating_sub(due.len());
        due.extend(company.into_iter().take(room));
        due.sort_unstable();
        due.truncate(MAX_DATED);
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
        let id = ctx.ask(Request::SearchMembers {
            guild: self.id,
            query,
            limit,
        });
        self.search_end.start(id, ctx.now);
        let asked = due.into_iter().map(|(at, user)| (user, at)).collect();
        self.searching = Some(Purpose::Confirm(asked));
    }

    /// From when on a search for a member is worth it.
    fn search_from(&self, ctx: &Context<'_>, join: &Waiting) -> Timestamp {
        let config = ctx.config;
        let soon = after(join.arrived, config.search_delay);
        let later = after(join.arrived, config.confirm_gather.max(config.search_delay));
        let counted =
            self.baseline.listed >= Some(join.arrived) || self.list_end.refused(ctx.now).is_some();
        let from = match config.confirm {
            ConfirmPolicy::Always if join.explained => later,
            ConfirmPolicy::Always => soon,
            // The counts may settle it yet.
            _ if join.explained || !counted => later,
            _ => soon,
        };
        join.search_at.map_or(from, |at| at.max(soon))
    }

    fn ask_audit(&mut self, ctx: &mut Context<'_>) {
        let bots = self
            .joins
            .iter()
            .filter(|join| join.bot && !self.is_done(ctx.config, ctx.now, join))
            .map(|join| {
                join.search_at
                    .unwrap_or_else(|| after(join.arrived, BOT_LAG))
            })
            .min();
        let wanted = match (bots, self.audit_wanted_for_invites(ctx.config)) {
            (Some(a), Some(b)) => a.min(b),
            (Some(at), None) | (None, Some(at)) => at,
            (None, None) => return,
        };
        match self.audit_end.from(ctx.now, wanted) {
            Some(at) if at <= ctx.now => {
                let id = ctx.ask(Request::AuditLog {
                    guild: self.id,
                    action: None,
                    limit: AUDIT_PAGE,
                });
                self.audit_end.start(id, ctx.now);
            }
            Some(at) => self.wake_at(at),
            None => {
                if self.audit_end.refused(ctx.now).is_some() {
                    for join in self.joins.iter_mut().filter(|join| join.bot) {
                        join.asked_out = true;
                    }
                }
            }
        }
    }
}
