//! What is said of joins and invites.

use guestlist_model::InviteCode;

use crate::ended::Ended;
use crate::evidence::Evidence;
use crate::guild::{Context, Guild};
use crate::record::{Attribution, Certainty, InviteRecord, InviteState, Origin, Reason, Record};
use crate::window::{Deduced, Said};

impl Guild {
    /// Gives an answer, unless a better one has been given.
    pub(crate) fn say(
        &mut self,
        ctx: &mut Context<'_>,
        index: usize,
        certainty: Certainty,
        evidence: Vec<Evidence>,
    ) {
        let guild = self.id;
        let Some(join) = self.joins.get_mut(index) else {
            return;
        };
        // Whatever is said now, it takes the place of what was held back.
        let deduced = join.deduced.take();
        if let (Certainty::Confirmed(now), Some(deduced)) = (&certainty, deduced)
            && !deduced.origin.same_way(now)
        {
            ctx.stats.contradictions += 1;
        }
        let revision = match &join.said {
            None => 0,
            Some(said) => {
                // Discord's word stands; the same word again is no news.
                let stands = matches!(said.certainty, Certainty::Confirmed(_));
                if stands || said.certainty == certainty {
                    return;
                }
                if let (Some(before), Some(now)) = (said.certainty.origin(), certainty.origin())
                    && !before.same_way(now)
                {
                    ctx.stats.contradictions += 1;
                }
                said.revision + 1
            }
        };
        ctx.stats
            .count_answer(join.said.as_ref().map(|said| &said.certainty), &certainty);
        let attribution = Attribution {
            key: join.key(guild),
            certainty: certainty.clone(),
            evidence: evidence.clone(),
            revision,
            decided_at: ctx.told,
        };
        // Candidates are told once; nothing later builds on them.
        let (certainty, evidence) = match certainty {
            Certainty::Ambiguous(_) => (Certainty::Ambiguous(Vec::new()), Vec::new()),
            certainty => (certainty, evidence),
        };
        join.said = Some(Said {
            certainty,
            revision,
            evidence,
        });
        ctx.out.push_back(Record::Attribution(attribution));
    }

    /// Tells what is known of a join now that no more will be found out.
    pub(crate) fn give_up(&mut self, ctx: &mut Context<'_>, index: usize, reason: Reason) {
        let deduced = self.joins.get(index).and_then(|join| join.deduced.clone());
        match deduced {
            Some(Deduced { origin, evidence }) => {
                self.say(ctx, index, Certainty::Deduced(origin), evidence);
            }
            None => self.say(ctx, index, Certainty::Unknown(reason), Vec::new()),
        }
    }

    /// Bots never come by an invite; the audit log names who added them.
    pub(crate) fn answer_bot(&mut self, ctx: &mut Context<'_>, index: usize) {
        let Some(join) = self.joins.get(index) else {
            return;
        };
        let added = self.audit.bot_added(join.user, join.joined_at);
        let mut evidence = vec![Evidence::BotFlag];
        let certainty = if let Some((by, at)) = added {
            evidence.push(Evidence::AuditLog {
                action_type: crate::audit::BOT_ADD,
                by,
                at,
            });
            Certainty::Confirmed(Origin::Bot { added_by: by })
        } else {
            Certainty::Deduced(Origin::Bot { added_by: None })
        };
        self.say(ctx, index, certainty, evidence);
    }

    pub(crate) fn end_record(
        &self,
        ctx: &Context<'_>,
        code: &InviteCode,
        ended: &Ended,
        state: InviteState,
    ) -> InviteRecord {
        let mut record = InviteRecord::new(self.id, code.clone(), ctx.told);
        record.channel = ended.known.channel;
        record.inviter = ended.known.inviter;
        record.created_at = ended.known.created_at;
        record.expires_at = ended.known.expires_at;
        record.max_uses = ended.known.max_uses;
        record.uses = match state {
            InviteState::Exhausted => ended.known.max_uses,
            _ => ended.known.uses,
        };
        record.state = state;
        record
    }
}
