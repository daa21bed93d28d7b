//! Times in which events were missed, and what can be found out afterwards.

use std::time::Duration;

use guestlist_model::Timestamp;
use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::endpoint::Refusal;
use crate::facts::{JoinFacts, Told};
use crate::guild::{Context, Guild, Purpose};
use crate::io::{MemberQuery, Request};
use crate::record::{Gap, Observation, Record};
use crate::snapshot::Brief;
use crate::time::{after, before};

/// How far before the last known join the search begins: joins are not told in order.
const OVERLAP: Duration = Duration::from_secs(60);
/// After what time the search is done once more, for the members that the index did not
/// hold yet.
const AGAIN: Duration = Duration::from_secs(30);
/// After what time catching up is given up.
const GIVE_UP: Duration = Duration::from_secs(900);
/// Members a page.
const PAGE: u16 = 1000;
/// Most pages of one pass.
const MAX_PAGES: u32 = 50;
/// Joins remembered only to recognize an event that comes again.
const MAX_RECENT: usize = 256;
/// The same while a gap is open: those who joined since are found by its search too.
const MAX_RECENT_IN_GAP: usize = 2048;

/// A gap that is being closed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct GapState {
    pub(crate) noticed: Timestamp,
    observed_at: Timestamp,
    last_known: Option<Timestamp>,
    found: u64,
    passes: u32,
    pages: u32,
    next_at: Timestamp,
    /// Where the next page ends.
    to: Option<Timestamp>,
    pub(crate) uses_moved: Option<u64>,
}

impl Guild {
    /// Events were missed until now.
    pub(crate) fn begin_gap(&mut self, ctx: &Context<'_>) {
        for step in self.steps.iter_mut().filter(|step| !step.is_final) {
            step.distrusted = true;
        }
        // Who came just before may be counted only later.
        let reach = after(ctx.now, ctx.config.count_lag);
        let trusted = after(reach, Duration::from_micros(1));
        self.distrust = self.distrust.max(Some(trusted));
        self.relist = self.distrust;
        let earlier = self.gap.take();
        let last_known = match &earlier {
            Some(gap) => gap.last_known,
            None => self.heard.or(self.discord_now),
        };
        if earlier.is_none() && self.unfilled.is_none() {
            self.vanity_changed_in_gap = false;
        }
        // What no search has filled yet is missing still.
        let last_known = [last_known, self.unfilled.take()]
            .into_iter()
            .flatten()
            .min();
        self.gap = Some(GapState {
            noticed: ctx.now,
            observed_at: earlier.as_ref().map_or(ctx.told, |gap| gap.observed_at),
            last_known,
            found: earlier.map_or(0, |gap| gap.found),
            passes: 0,
            pages: 0,
            next_at: ctx.now,
            to: None,
            uses_moved: None,
        });
    }

    /// An event came that was not understood: somebody may have joined unseen. What is
    /// under way goes on.
    pub(crate) fn missed_event(&mut self, ctx: &Context<'_>) {
        // Many such events must not make as many searches.
        let planned = self
            .gap
            .as_ref()
            .map(|gap| (gap.next_at, gap.pages, gap.to));
        self.begin_gap(ctx);
        if let (Some((next_at, pages, to)), Some(gap)) = (planned, &mut self.gap) {
            gap.next_at = next_at;
            gap.pages = pages;
            gap.to = to;
        }
    }

    /// Forgets joins that no search will tell again.
    pub(crate) fn forget_recent(&mut self) {
        let gap = self.gap.as_ref().and_then(|gap| gap.last_known);
        let open = [gap, self.unfilled].into_iter().flatten().min();
        let from = open.map(|open| before(open, OVERLAP));
        while self.recent.len() > MAX_RECENT {
            let needed = self.recent.first().map(|(at, _)| *at) >= from && from.is_some();
            if needed && self.recent.len() <= MAX_RECENT_IN_GAP {
                return;
            }
            if needed {
                // Who would be found could not be told from who is known.
                self.unfilled = None;
            }
            self.recent.pop_first();
        }
    }

    /// What another version needs to know.
    pub(crate) fn brief(&self, config: &Config, now: Timestamp) -> Brief {
        let gap = self.gap.as_ref().and_then(|gap| gap.last_known);
        let open = self
            .joins
            .iter()
            .filter(|join| join.said.is_none() && !self.is_done(config, now, join));
        Brief {
            missed_from: [self.heard, gap, self.unfilled].into_iter().flatten().min(),
            open: open.map(|join| (join.user, join.joined_at)).collect(),
        }
    }

    /// Begins without the state of another version, but with what it was about.
    pub(crate) fn begin_anew(&mut self, ctx: &Context<'_>, brief: Brief) {
        self.known = true;
        self.set_down();
        for (user, joined_at) in brief.open {
            let mut join = self.waiting(ctx, user, joined_at);
            // When its event came, and what was counted then, is not known.
            join.first_step = 0;
            join.caught_up = true;
            self.recent.insert((joined_at, user));
            self.joins.push(join);
        }
        self.heard = brief.missed_from;
        self.begin_gap(ctx);
        self.vanity_changed_in_gap = true;
    }

    /// Nobody could ask or answer while the tracker was not running.
    pub(crate) fn slept(&mut self, config: &Config, from: Timestamp, to: Timestamp) {
        let micros = to.as_micros().saturating_sub(from.as_micros());
        let slept = Duration::from_micros(u64::try_from(micros).unwrap_or(0));
        for index in 0..self.joins.len() {
            let open = self
                .joins
                .get(index)
                .is_some_and(|join| !self.is_done(config, from, join));
            if let Some(join) = self.joins.get_mut(index).filter(|_| open) {
                join.waits_from = Some(after(join.waits_from(), slept));
            }
        }
        if let Some(gap) = &mut self.gap {
            gap.noticed = after(gap.noticed, slept);
        }
        for ended in self.ended.values_mut().filter(|ended| !ended.told) {
            ended.noticed = after(ended.noticed, slept);
        }
    }

    /// Gives up on a gap that cannot be closed.
    pub(crate) fn follow_gap(&mut self, ctx: &mut Context<'_>) {
        let Some(gap) = &self.gap else { return };
        // Other refusals may end: an outage looks like them.
        let hopeless = gap.last_known.is_none()
            || self.search_end.refused(ctx.now) == Some(Refusal::Forbidden)
            || ctx.now >= after(gap.noticed, GIVE_UP);
        if hopeless && self.searching != Some(Purpose::CatchUp) {
            self.end_gap(ctx, false);
        } else {
            self.wake_at(after(gap.noticed, GIVE_UP));
        }
    }

    fn end_gap(&mut self, ctx: &mut Context<'_>, caught_up: bool) {
        let Some(gap) = self.gap.take() else { return };
        self.unfilled = gap.last_known.filter(|_| !caught_up);
        let mut record = Gap::new(self.id, gap.observed_at, ctx.told);
        record.last_known = gap.last_known;
        record.joins_found = gap.found;
        record.caught_up = caught_up;
        record.uses_moved = gap.uses_moved;
        ctx.out.push_back(Record::Gap(record));
    }

    /// The search for members who joined in a gap, and when it is wanted.
    pub(crate) fn catch_up_wanted(&self) -> Option<(Timestamp, Request)> {
        let gap = self.gap.as_ref()?;
        let query = MemberQuery::JoinedBetween {
            from: before(gap.last_known?, OVERLAP),
            to: gap.to,
        };
        let request = Request::SearchMembers {
            guild: self.id,
            query,
            limit: PAGE,
        };
        Some((gap.next_at, request))
    }

    /// Takes in a page of members who joined in a gap.
    pub(crate) fn caught_up(
        &mut self,
        ctx: &mut Context<'_>,
        members: &[guestlist_model::SearchedMember],
        total: Option<u64>,
    ) {
        let Some(mut gap) = self.gap.take() else {
            return;
        };
        let mut oldest: Option<Timestamp> = None;
        for member in members {
            let Some(facts) = JoinFacts::new(&member.member, Observation::CatchUp) else {
                continue;
            };
            let at = facts.joined_at;
            oldest = Some(oldest.map_or(at, |known| known.min(at)));
            // What came before all that is known was not missed now.
            let missed = gap
                .last_known
                .is_some_and(|last| at >= before(last, OVERLAP));
            let key = (facts.user, at);
            let known = self.knows(key);
            if !missed || known {
                continue;
            }
            gap.found += 1;
            self.joined(ctx, facts);
            self.told(ctx, key, &Told::new(member));
        }
        let full = members.len() >= usize::from(PAGE)
            || total.is_some_and(|total| total > members.len() as u64 && !members.is_empty());
        gap.pages += 1;
        // Members come in no order that can be relied on, the newest first as it seems:
        // go on before the oldest as long as that moves.
        if full && gap.pages < MAX_PAGES && oldest.is_some() && oldest != gap.to {
            gap.to = oldest;
            gap.next_at = ctx.now;
            self.gap = Some(gap);
            return;
        }
        gap.passes += 1;
        gap.pages = 0;
        gap.to = None;
        gap.next_at = after(gap.noticed, AGAIN);
        let over = gap.passes >= 2;
        let complete = !full;
        self.gap = Some(gap);
        if over {
            self.end_gap(ctx, complete);
        }
    }
}
