//! What answers change about a guild.

use std::time::Duration;

use guestlist_model::{AuditLog, Invite, MemberSearch, Timestamp, UserId, Vanity};

use crate::ask::{AUDIT_PAGE, BOT_ATTEMPTS};
use crate::audit::Page;
use crate::baseline::List;
use crate::ended::Ended;
use crate::evidence::Evidence;
use crate::facts::{Listed, Told};
use crate::guild::{Context, Guild, Live, Purpose, VanityCount};
use crate::io::{Failure, RequestId, Response};
use crate::record::{Certainty, Origin, Record};
use crate::time::{after, before, millis};
use crate::window::{Move, MoveKind, Step, Way};

/// The waits between searches for one member grow up to this.
const MAX_WAIT: Duration = Duration::from_secs(20);

impl Guild {
    /// Takes in the answer to a request.
    pub(crate) fn answered(
        &mut self,
        ctx: &mut Context<'_>,
        id: RequestId,
        result: Result<Response, Failure>,
    ) {
        let is = |flight: Option<crate::endpoint::Flight>| flight.filter(|flight| flight.id == id);
        if let Some(flight) = is(self.list_end.flight) {
            match result {
                Ok(Response::Invites(invites)) => self.listed(ctx, flight.sent, &invites, true),
                Ok(Response::SomeInvites(invites)) => {
                    self.listed(ctx, flight.sent, &invites, false);
                }
                other => self.list_end.failed(ctx.now, &failure(other), ctx.config),
            }
        } else if let Some(flight) = is(self.vanity_end.flight) {
            match result {
                Ok(Response::Vanity(vanity)) => self.vanity_told(ctx, flight.sent, &vanity),
                other => self.vanity_end.failed(ctx.now, &failure(other), ctx.config),
            }
        } else if is(self.search_end.flight).is_some() {
            let purpose = self.searching.take();
            match result {
                Ok(Response::Members(search)) => self.searched(ctx, purpose, &search),
                other => self.search_end.failed(ctx.now, &failure(other), ctx.config),
            }
        } else if let Some(flight) = is(self.audit_end.flight) {
            match result {
                Ok(Response::AuditLog(log)) => self.audit_told(ctx, flight.sent, &log),
                other => self.audit_end.failed(ctx.now, &failure(other), ctx.config),
            }
        }
    }

    fn listed(
        &mut self,
        ctx: &mut Context<'_>,
        sent: Timestamp,
        invites: &[Invite],
        complete: bool,
    ) {
        self.list_end.succeeded();
        let listed: Vec<Listed> = invites.iter().map(Listed::new).collect();
        for created in listed.iter().filter_map(|invite| invite.created_at) {
            if self.live == Live::Yes {
                self.hear(created);
            } else {
                self.learn_time(created);
            }
        }
        self.uses_hidden = !listed.is_empty() && listed.iter().all(|invite| invite.uses.is_none());
        self.take_back(&listed);
        let earlier = self.baseline.listed;
        let found = self.baseline.take(&List {
            invites: &listed,
            complete,
            sent,
            sure_until: before(sent, ctx.config.count_lag),
            new_since: self.listed_after,
        });
        self.listed_after = self.asking_after.take();
        for invite in &listed {
            if found.changed.binary_search(&invite.code).is_ok() {
                let record = invite.record(self.id, ctx.told);
                ctx.out.push_back(Record::Invite(record));
            }
        }
        for (code, known) in found.gone {
            let counted = known.since.or(earlier);
            self.ended
                .entry(code)
                .or_insert_with(|| Ended::new(known, ctx.now, counted));
        }
        if let Some(gap) = &mut self.gap {
            gap.uses_moved.get_or_insert(found.risen);
        }
        self.step(ctx, sent, true, found.moves);
    }

    /// Undoes the end of invites that are listed again: they are counted from where they
    /// were, and not twice.
    fn take_back(&mut self, listed: &[Listed]) {
        for code in listed.iter().map(|invite| &invite.code) {
            if self.baseline.invites.contains_key(code) {
                continue;
            }
            let Some(ended) = self.ended.get(code) else {
                continue;
            };
            let mut known = ended.known.clone();
            known.since = ended.counted;
            self.baseline.take_back(code, known);
            for step in &mut self.steps {
                step.moves
                    .retain(|moved| moved.way.key() != Some(code) || !moved.is_end());
            }
            // If it was deleted, it will be gone soon.
            if ended.deleted.is_none() {
                self.ended.remove(code);
            }
        }
    }

    fn vanity_told(&mut self, ctx: &Context<'_>, sent: Timestamp, vanity: &Vanity) {
        let Some(uses) = vanity.uses else {
            let failure = Failure::Transport(String::from("the vanity link has no count"));
            self.vanity_end.failed(ctx.now, &failure, ctx.config);
            return;
        };
        self.vanity_end.succeeded();
        let mut moves = Vec::new();
        let mut count = uses;
        if let Some(before) = &self.vanity
            && before.code == vanity.code
        {
            if uses > before.uses {
                moves.push(Move {
                    way: Way::Vanity {
                        code: vanity.code.clone(),
                    },
                    kind: MoveKind::Rose {
                        from: before.uses,
                        to: uses,
                    },
                    since: before.sent,
                    phantom: false,
                    created_at: None,
                    expires_at: None,
                });
            }
            // A count that goes down comes from an answer older than the one before.
            count = uses.max(before.uses);
        }
        if vanity.code.is_some() {
            self.set_vanity(ctx, vanity.code.clone());
        }
        self.vanity = Some(VanityCount {
            code: vanity.code.clone(),
            uses: count,
            sent,
        });
        self.step(ctx, sent, false, moves);
    }

    fn step(&mut self, ctx: &Context<'_>, sent: Timestamp, list: bool, moves: Vec<Move>) {
        self.steps.push_back(Step {
            number: self.next_step,
            sent,
            received: ctx.now,
            final_at: after(ctx.now, ctx.config.settle),
            is_final: false,
            list,
            distrusted: false,
            moves,
        });
        self.next_step += 1;
        self.unexplained = true;
    }

    fn searched(&mut self, ctx: &mut Context<'_>, purpose: Option<Purpose>, search: &MemberSearch) {
        let (members, total) = match search {
            MemberSearch::Found { members, total } => (members, *total),
            MemberSearch::NotIndexed { retry_after_ms } => {
                let retry_after = millis(retry_after_ms.unwrap_or(5000));
                let failure = Failure::NotReady { retry_after };
                self.search_end.failed(ctx.now, &failure, ctx.config);
                return;
            }
            _ => {
                let failure = Failure::Transport(String::from("an answer of an unknown kind"));
                self.search_end.failed(ctx.now, &failure, ctx.config);
                return;
            }
        };
        self.search_end.succeeded();
        match purpose {
            Some(Purpose::CatchUp) => self.caught_up(ctx, members, total),
            Some(Purpose::Confirm(asked)) => {
                for member in members {
                    if let Some(at) = member.member.joined_at {
                        let key = (member.member.user.id(), at);
                        self.told(ctx, key, &Told::new(member));
                    }
                }
                self.search_again(ctx, &asked);
            }
            None => {}
        }
    }

    /// Takes in what a search says of one join.
    pub(crate) fn told(&mut self, ctx: &mut Context<'_>, key: (UserId, Timestamp), told: &Told) {
        // The index may hold milliseconds only.
        let Some(index) = self
            .joins
            .iter()
            .position(|join| join.user == key.0 && join.joined_at.as_millis() == key.1.as_millis())
        else {
            return;
        };
        let Some(join) = self.joins.get(index).filter(|join| !join.bot) else {
            return;
        };
        let vanity = self.vanity_code_at(ctx.config, join);
        let origin = told.origin(|code| self.is_vanity(code), vanity);
        let Some(origin) = origin.map(|origin| self.complete(origin)) else {
            return;
        };
        let mut evidence = vec![Evidence::MembersSearch {
            join_source_type: told.source,
            code: told.code.clone(),
            inviter: told.inviter,
        }];
        if let Some(join) = self.joins.get(index)
            && join.origin().is_some_and(|before| before.same_way(&origin))
        {
            let said = join.said.iter().flat_map(|said| &said.evidence);
            let deduced = join.deduced.iter().flat_map(|deduced| &deduced.evidence);
            evidence.extend(said.chain(deduced).cloned());
        }
        // Whether another way in that names an invite counts as its use is not known.
        let named = told.code.clone().filter(|_| !origin.is_counted());
        if let Some(join) = self.joins.get_mut(index) {
            join.named = named;
        }
        self.say(ctx, index, Certainty::Confirmed(origin), evidence);
        // What one join took is not left for another.
        self.unsolved = true;
        self.unexplained = true;
    }

    /// Adds what is known of the invite.
    fn complete(&self, origin: Origin) -> Origin {
        let Origin::Invite {
            code,
            inviter,
            channel,
        } = origin
        else {
            return origin;
        };
        let ended = self.ended.get(&code).map(|ended| &ended.known);
        let known = self.baseline.invites.get(&code).or(ended);
        Origin::Invite {
            inviter: inviter.or(known.and_then(|known| known.inviter)),
            channel: channel.or(known.and_then(|known| known.channel)),
            code,
        }
    }

    /// Plans when to ask again for those who were not found.
    fn search_again(&mut self, ctx: &Context<'_>, asked: &[(UserId, Timestamp)]) {
        for join in &mut self.joins {
            if !asked.contains(&(join.user, join.joined_at)) || join.confirmed().is_some() {
                continue;
            }
            let limit = after(join.waits_from(), ctx.config.confirm_limit);
            join.attempts = join.attempts.saturating_add(1);
            if ctx.now >= limit {
                join.asked_out = true;
                continue;
            }
            let wait = millis(3000 << (join.attempts - 1).min(8)).min(MAX_WAIT);
            join.search_at = Some(after(ctx.now, wait).min(limit));
        }
    }

    fn audit_told(&mut self, ctx: &mut Context<'_>, sent: Timestamp, log: &AuditLog) {
        self.audit_end.succeeded();
        for entry in &log.entries {
            self.audit.learn(entry);
        }
        let oldest = log.entries.iter().map(|entry| entry.id.created_at()).min();
        let full = log.entries.len() >= usize::from(AUDIT_PAGE);
        self.audit.page = Some(Page {
            sent,
            oldest: oldest.filter(|_| full),
        });
        self.audit_learnt(ctx);
        for join in self.joins.iter_mut().filter(|join| join.bot) {
            if join.confirmed().is_none() && join.arrived <= sent {
                join.attempts += 1;
                join.asked_out |= join.attempts >= BOT_ATTEMPTS;
                join.search_at = Some(after(ctx.now, millis(4000 * u64::from(join.attempts))));
            }
        }
    }

    /// Uses what the audit log told.
    pub(crate) fn audit_learnt(&mut self, ctx: &mut Context<'_>) {
        for index in 0..self.joins.len() {
            let open = self
                .joins
                .get(index)
                .is_some_and(|join| join.bot && join.confirmed().is_none());
            if open {
                self.answer_bot(ctx, index);
            }
        }
        self.doubt_ends();
        self.unsolved = true;
        self.unexplained = true;
    }
}

/// An answer that does not fit the request counts as none.
fn failure(result: Result<Response, Failure>) -> Failure {
    match result {
        Err(failure) => failure,
        Ok(_) => Failure::Transport(String::from("the answer does not fit the request")),
    }
}
