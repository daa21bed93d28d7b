//! How answers are stated.

use guestlist_model::{Timestamp, UserId};

use super::{Guild, Now, Out};
use crate::ends::BOT_ADD;
use crate::evidence::Evidence;
use crate::joins::{JoinNumber, Stated};
use crate::record::{Attribution, Certainty, Origin, Reason, Record};

impl Guild {
    /// States an answer, unless a better one has been stated.
    pub(super) fn state_answer(
        &mut self,
        now: Now<'_>,
        out: &mut Out<'_>,
        number: JoinNumber,
        certainty: Certainty,
        mut evidence: Vec<Evidence>,
    ) {
        let guild = self.id;
        let answer = self.joins.get(number).map(|join| join.answer());
        if answer.is_some_and(|answer| answer.stands(&certainty)) {
            return;
        }
        let Some(join) = self.joins.edit(number) else {
            return;
        };
        // Whatever is stated now, it takes the place of what was held back.
        let held = join.let_go();
        let mut contradicted = match (&certainty, held) {
            (Certainty::Confirmed(now), Some(held)) if !held.origin().same_way(now) => {
                Some(held.origin().clone())
            }
            _ => None,
        };
        let before = join.answer().stated().map(Stated::certainty);
        if let Some(before) = before {
            // Discord's word stands; the same word again is no news.
            if matches!(before, Certainty::Confirmed(_)) || *before == certainty {
                return;
            }
            if let (Some(before), Some(now)) = (before.origin(), certainty.origin())
                && !before.same_way(now)
            {
                contradicted = Some(before.clone());
            }
        }
        let estimated = Certainty::Provisional(Vec::new());
        let before = before.or(join.estimate().map(|_| &estimated));
        out.stats().count_answer(before, &certainty);
        let revision = join.next_revision();
        let is_false = contradicted.is_some();
        if let Some(deduced) = contradicted {
            out.stats().contradictions += 1;
            evidence.push(Evidence::Contradicts { deduced });
        }
        let attribution = Attribution {
            key: join.key(guild),
            certainty: certainty.clone(),
            evidence: told(now, &evidence),
            revision,
            decided_at: now.local(),
        };
        let stated = join.answer().stated();
        let before = stated.and_then(|stated| stated.certainty().origin().cloned());
        let (user, joined_at) = (join.user(), join.joined_at());
        join.state(Stated::new(certainty.clone(), revision, evidence));
        self.put_down(user, joined_at, before.as_ref(), &certainty);
        out.state(Record::Attribution(attribution));
        if is_false {
            // Something that deductions rest on does not hold in this guild.
            self.counts.contradicted(now.at());
        }
    }

    /// Puts a join down to the invite by which it came.
    fn put_down(
        &mut self,
        user: UserId,
        joined_at: Timestamp,
        before: Option<&Origin>,
        certainty: &Certainty,
    ) {
        let origin = certainty.origin();
        let (left, right) = (
            before.and_then(Origin::listed),
            origin.and_then(Origin::listed),
        );
        if left != right {
            let right = right.map(|code| (code, -1));
            for (code, by) in left.map(|code| (code, 1)).into_iter().chain(right) {
                // One that was deleted may still be listed.
                let is_listed = self.counts.change_balance(code, by);
                let has_ended = self.ends.change_balance(code, by);
                if !is_listed && !has_ended {
                    self.counts.change_early_balance(code, by);
                }
            }
        }
        match (certainty, origin) {
            (_, Some(origin)) => self.gap.resolved(user, joined_at, origin),
            (Certainty::Provisional(_), None) => {}
            // Without a list, no use is known that may be this one.
            (_, None) if self.counts.listed().is_some() => self.gap.undecided(user, joined_at),
            (_, None) => {}
        }
    }

    /// States what is known of a join now that no more will be found out.
    pub(super) fn give_up(
        &mut self,
        now: Now<'_>,
        out: &mut Out<'_>,
        number: JoinNumber,
        reason: Reason,
    ) {
        let held = self.joins.get(number).and_then(|join| join.answer().held());
        let (certainty, evidence) = match held {
            Some(held) => held.clone().into_statement(),
            None => (Certainty::Unknown(reason), Vec::new()),
        };
        self.state_answer(now, out, number, certainty, evidence);
    }

    /// Bots never come by an invite; the audit log names who added them.
    pub(super) fn answer_bot(&mut self, now: Now<'_>, out: &mut Out<'_>, number: JoinNumber) {
        let Some(join) = self.joins.get(number) else {
            return;
        };
        let (bot, joined_at) = (join.user(), join.joined_at());
        let others = self.joins.others_of(bot, joined_at);
        let added = self.ends.bot_added(bot, joined_at, &others);
        let mut evidence = vec![Evidence::BotFlag];
        let certainty = if let Some((by, at)) = added {
            evidence.push(Evidence::AuditLog {
                action_type: BOT_ADD,
                by,
                at,
            });
            Certainty::Confirmed(Origin::Bot { added_by: by })
        } else {
            Certainty::Deduced(Origin::Bot { added_by: None })
        };
        self.state_answer(now, out, number, certainty, evidence);
    }
}

/// Evidence for a record.
pub(super) fn told(now: Now<'_>, evidence: &[Evidence]) -> Vec<Evidence> {
    let by_clock = |evidence: &Evidence| evidence.clone().by_clock(|at| now.told(at));
    evidence.iter().map(by_clock).collect()
}
