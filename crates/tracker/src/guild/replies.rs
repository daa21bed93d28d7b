//! What Discord's replies change about a guild.

use std::time::Duration;

use guestlist_model::{AuditLog, Invite, MemberSearch, SearchedMember, Timestamp, UserId, Vanity};

use super::conclude::asked_from;
use super::{Guild, Now, Out};
use crate::counts::{Difference, List, Source};
use crate::endpoints::Purpose;
use crate::ends::AUDIT_PAGE;
use crate::facts::{Finding, Listed};
use crate::gap::Balances;
use crate::io::{Failure, RequestId, Response};
use crate::joins::JoinNumber;
use crate::record::{Certainty, Origin, Record, whole};
use crate::time::{SKEW, after, before, millis};

/// The waits between searches for one member grow up to this.
const MAX_WAIT: Duration = Duration::from_secs(20);
/// How often the audit log is asked who added a bot.
const BOT_ATTEMPTS: u32 = 3;

impl Guild {
    /// Takes in the reply to a request.
    pub(crate) fn replied(
        &mut self,
        now: Now<'_>,
        out: &mut Out<'_>,
        id: RequestId,
        result: Result<Response, Failure>,
    ) {
        let Some((sent, purpose)) = self.endpoints.landed(id) else {
            return;
        };
        let which = purpose.which();
        let used = match (result, purpose) {
            (Ok(Response::Invites(invites)), Purpose::List(heard)) => {
                self.listed(now, out, sent, &invites, true, heard);
                Ok(())
            }
            (Ok(Response::SomeInvites(invites)), Purpose::List(heard)) => {
                self.listed(now, out, sent, &invites, false, heard);
                Ok(())
            }
            (Ok(Response::Vanity(vanity)), Purpose::Vanity) => {
                self.vanity_counted(now, sent, &vanity)
            }
            (Ok(Response::Members(search)), Purpose::CatchUp) => match members(&search) {
                Ok((members, total)) => {
                    self.caught_up(now, out, members, total);
                    Ok(())
                }
                Err(failure) => Err(failure),
            },
            (Ok(Response::Members(search)), Purpose::Confirm(asked)) => match members(&search) {
                Ok((members, _)) => {
                    self.searched(now, out, members, &asked);
                    Ok(())
                }
                Err(failure) => Err(failure),
            },
            (Ok(Response::MemberPage(page)), Purpose::Compare(until)) => {
                self.compared(now, out, &page, until);
                Ok(())
            }
            (Ok(Response::AuditLog(log)), Purpose::Audit) => {
                self.audit_read(now, out, sent, &log);
                Ok(())
            }
            (Err(failure), _) => Err(failure),
            // A reply that does not fit the request counts as none.
            (Ok(_), _) => Err(transport("the reply does not fit the request")),
        };
        match used {
            Ok(()) => self.endpoints.succeeded(which),
            Err(failure) => {
                let config = now.config();
                self.endpoints.failed(which, now.at(), &failure, config);
            }
        }
    }

    /// Takes in a list of invites. `heard` is the latest of Discord's times that was seen
    /// when it was asked for.
    fn listed(
        &mut self,
        now: Now<'_>,
        out: &mut Out<'_>,
        sent: Timestamp,
        invites: &[Invite],
        complete: bool,
        heard: Option<Timestamp>,
    ) {
        let is_overtaken = self.endpoints.is_overtaken(sent);
        let mut listed: Vec<Listed> = invites.iter().map(Listed::new).collect();
        if is_overtaken {
            // Whether an invite has ended is for the later list to tell, unless it was used.
            listed.retain(|invite| {
                let ended = self.ends.get(invite.code());
                ended.is_none_or(|ended| invite.uses() > ended.known().uses())
            });
        }
        for created in listed.iter().filter_map(Listed::created_at) {
            if self.presence.is_live() {
                self.presence.hear(created, now.at());
            } else {
                self.presence.learn_time(created, now.at());
            }
        }
        self.counts.note_hidden_uses(&listed);
        self.take_back(&listed);
        let earlier = self.counts.listed();
        if earlier.is_none() && !self.counts.is_distrusted_at(now.at()) {
            // Lists were refused until now: this one may count joins whose events are late.
            self.counts.missed(now.at(), now.config().count_lag);
        }
        let sure_until = before(sent, now.config().count_lag);
        let mut list = List::new(&listed, complete, sent, sure_until);
        if is_overtaken {
            list = list.overtaken();
        }
        let found = self.counts.take_list(&list, heard);
        for invite in &listed {
            if found.has_changed(invite.code()) {
                out.state(Record::Invite(invite.record(self.id, now.local())));
            }
        }
        for (code, known) in found.gone() {
            let counted = known.since().or(earlier);
            let open_step = self.counts.next_step();
            self.ends
                .note_missing(code, known.clone(), now.at(), counted, open_step);
        }
        self.count_over_gap(now, &found, sent, heard);
        let settle = now.config().settle;
        let moves = found.into_moves();
        self.counts
            .step(Source::List, sent, now.at(), settle, moves);
    }

    /// Tells a gap by how much counts rose, and which uses no known join explains. `heard` is the
    /// latest of Discord's times that was seen when the list was asked for.
    fn count_over_gap(
        &mut self,
        now: Now<'_>,
        found: &Difference,
        sent: Timestamp,
        heard: Option<Timestamp>,
    ) {
        let is_live = self.presence.is_live();
        let rose = found.risen().map(|(_, by)| by);
        let rose = rose.fold(0, u64::saturating_add);
        self.gap.counts_rose(rose, is_live, sent);
        self.forget_stray_uses(now.at(), now.config().count_lag);
        let around = self.presence.discord_around(now.at());
        let is_wanted = self
            .gap
            .wants_balances(now.at(), is_live, sent, around.is_some());
        if self.counts.uses_hidden() || !is_wanted {
            return;
        }
        let count_lag = now.config().count_lag;
        let latest = self.joins.iter().map(|(_, join)| join.arrived()).max();
        let is_complete = latest.is_none_or(|latest| latest < before(sent, count_lag));
        // If one is not counted yet, the use of another may be taken for its use.
        let counted = heard.filter(|_| is_complete);
        let open: Vec<_> = self.joins.unanswered().collect();
        if is_complete && open.is_empty() {
            self.counts.even_out_debts();
        }
        let balances = Balances {
            until: around.map(|around| after(around, SKEW)),
            uneven: self.counts.uneven().collect(),
            open,
            is_complete,
            counted,
        };
        self.gap.take_balances(now.at(), balances);
    }

    /// Undoes the end of invites that are listed again: they are counted from where they
    /// were, and not twice.
    fn take_back(&mut self, listed: &[Listed]) {
        for code in listed.iter().map(Listed::code) {
            if self.counts.invite(code).is_some() {
                continue;
            }
            let Some(ended) = self.ends.get(code) else {
                continue;
            };
            let mut known = ended.known().clone().counted_since(ended.counted());
            if ended.is_settled() {
                // Who used it meanwhile may be known no longer.
                known.lose_count();
            }
            self.counts.take_back(code, known);
            self.ends.take_back(code);
        }
    }

    fn vanity_counted(
        &mut self,
        now: Now<'_>,
        sent: Timestamp,
        vanity: &Vanity,
    ) -> Result<(), Failure> {
        let Some(uses) = vanity.uses else {
            return Err(transport("the vanity link has no count"));
        };
        if self.vanity.counts_anew(vanity) {
            self.counts.cannot_explain(now.at());
        }
        let count_lag = now.config().count_lag;
        let moved = self.vanity.count(vanity, uses, sent, now.at(), count_lag);
        let moves = moved.into_iter().collect();
        let settle = now.config().settle;
        self.counts
            .step(Source::Vanity, sent, now.at(), settle, moves);
        Ok(())
    }

    /// Takes in what a search found of the members that it was for.
    fn searched(
        &mut self,
        now: Now<'_>,
        out: &mut Out<'_>,
        members: &[SearchedMember],
        asked: &[(UserId, Timestamp)],
    ) {
        for member in members {
            if let Some(at) = member.member.joined_at
                && let Some(number) = self.joins.find(member.member.user.id(), whole(at))
            {
                self.confirm(now, out, number, &Finding::new(member));
            }
        }
        self.search_again(now, asked);
    }

    /// Takes in what a search says of one join.
    pub(super) fn confirm(
        &mut self,
        now: Now<'_>,
        out: &mut Out<'_>,
        number: JoinNumber,
        finding: &Finding,
    ) {
        let Some(join) = self.joins.get(number).filter(|join| !join.is_bot()) else {
            return;
        };
        let settle = now.config().settle;
        // What was kept back while the connection was down comes late.
        let is_prompt = self.presence.is_live_for(settle, join.arrived());
        let vanity = if join.is_found_later() || !is_prompt {
            // Before the guild is announced again, nobody knows which code it has by now.
            let is_told =
                self.presence.is_live() || Some(join.joined_at()) <= self.presence.heard();
            let code = self.vanity.code_since(join.joined_at());
            code.filter(|_| is_told)
        } else {
            self.vanity.code_at(join.arrived(), settle)
        };
        let origin = finding.origin(|code| self.vanity.is(code), vanity);
        let Some(origin) = origin.map(|origin| self.complete(origin)) else {
            return;
        };
        if self.may_be_a_vanity_code(&origin) {
            if let Some(join) = self.joins.edit(number) {
                join.ask_no_more();
            }
            return;
        }
        if join.is_rejoin() && !self.is_told_for_long(now, number, finding) {
            return;
        }
        let Some(join) = self.joins.get(number) else {
            return;
        };
        let mut evidence = vec![finding.evidence()];
        let before = join.answer().origin();
        let is_news = before.is_none();
        let is_same = before.is_none_or(|before| before.same_way(&origin));
        if !is_news && is_same {
            evidence.extend(join.answer().evidence().cloned());
        }
        // Whether another way in that names an invite counts as its use is not known.
        let named = finding.code().cloned().filter(|_| !origin.is_counted());
        if join.named() != named.as_ref()
            && let Some(join) = self.joins.edit(number)
        {
            join.name(named);
        }
        if !is_same && let Some(join) = self.joins.edit(number) {
            join.matched(None);
        }
        let is_counted = origin.is_counted();
        self.state_answer(now, out, number, Certainty::Confirmed(origin), evidence);
        self.joins.confirmed();
        // A join that was deduced, or is found once more, has taught what it can.
        if is_news {
            self.learn_delay(now, number);
            self.shares.learn(is_counted);
        }
    }

    /// Whether searches have said the same of a member for so long that it is no more how they
    /// came an earlier time. If not, they will be asked again.
    fn is_told_for_long(&mut self, now: Now<'_>, number: JoinNumber, finding: &Finding) -> bool {
        let Some(join) = self.joins.edit(number) else {
            return false;
        };
        join.tell(finding, now.at());
        let since = join.told_since().unwrap_or(now.at());
        let until = after(since, now.config().rejoin_lag);
        if now.at() < until {
            join.ask_from(until);
        }
        now.at() >= until
    }

    /// Whether a code that Discord calls an invite's may be a vanity code of which nobody
    /// told: it has no inviter, and no list or event has named it.
    fn may_be_a_vanity_code(&self, origin: &Origin) -> bool {
        match origin {
            Origin::Invite {
                code,
                inviter: None,
                ..
            } => self.counts.invite(code).is_none() && !self.ends.contains(code),
            _ => false,
        }
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
        let ended = self.ends.get(&code).map(|ended| ended.known());
        let known = self.counts.invite(&code).or(ended);
        Origin::Invite {
            inviter: inviter.or(known.and_then(|known| known.inviter())),
            channel: channel.or(known.and_then(|known| known.channel())),
            code,
        }
    }

    /// Plans when to ask again for those who were not found.
    fn search_again(&mut self, now: Now<'_>, asked: &[(UserId, Timestamp)]) {
        self.joins.edit_where(
            |join| {
                let is_asked = asked.contains(&(join.user(), join.joined_at()));
                is_asked && join.answer().confirmed().is_none()
            },
            |join| {
                let limit = after(asked_from(now.config(), join), now.config().confirm_limit);
                if now.at() >= limit {
                    join.give_up_asking();
                    return;
                }
                let told = join.told_since();
                let earliest = told.map(|since| after(since, now.config().rejoin_lag));
                join.ask_again(|attempts| {
                    let wait = millis(3000 << (attempts - 1).min(8)).min(MAX_WAIT);
                    let at = earliest.filter(|at| *at > now.at());
                    at.unwrap_or_else(|| now.after(wait)).min(limit)
                });
            },
        );
    }

    fn audit_read(&mut self, now: Now<'_>, out: &mut Out<'_>, sent: Timestamp, log: &AuditLog) {
        for entry in &log.entries {
            self.ends.learn(entry);
        }
        let oldest = log.entries.iter().map(|entry| entry.id.created_at()).min();
        let is_full = log.entries.len() >= usize::from(AUDIT_PAGE);
        self.ends.read_page(sent, oldest.filter(|_| is_full));
        self.audit_learnt(now, out);
        self.joins.edit_where(
            |join| join.is_bot() && join.answer().confirmed().is_none() && join.arrived() <= sent,
            |join| {
                join.ask_again(|attempts| now.after(millis(4000 * u64::from(attempts))));
                if join.attempts() >= BOT_ATTEMPTS {
                    join.ask_no_more();
                }
            },
        );
    }

    /// Uses what the audit log told.
    pub(super) fn audit_learnt(&mut self, now: Now<'_>, out: &mut Out<'_>) {
        let bots: Vec<JoinNumber> = self
            .joins
            .iter()
            .filter(|(_, join)| join.is_bot() && join.answer().confirmed().is_none())
            .map(|(number, _)| number)
            .collect();
        for number in bots {
            self.answer_bot(now, out, number);
        }
        self.ends.all_learnt();
    }
}

fn transport(text: &str) -> Failure {
    Failure::Transport(text.to_owned())
}

/// The members that a search found, and how many there are in all.
fn members(search: &MemberSearch) -> Result<(&[SearchedMember], Option<u64>), Failure> {
    match search {
        MemberSearch::Found { members, total } => Ok((members, *total)),
        MemberSearch::NotIndexed { retry_after_ms } => Err(Failure::NotReady {
            retry_after: millis(retry_after_ms.unwrap_or(5000)),
        }),
        _ => Err(transport("a reply of an unknown kind")),
    }
}
