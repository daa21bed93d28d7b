//! One guild: what is known of it lies in the modules named below, each of which keeps its
//! own; here is what events, replies and time do with all of them together.

mod ask;
mod catching_up;
mod conclude;
mod context;
mod ending;
mod estimate;
mod events;
mod likelihood;
mod prune;
mod replies;
mod settle;
mod stating;
mod temper;
mod weigh;

use std::time::Duration;

use guestlist_model::{GuildId, Timestamp};

pub(crate) use context::{Now, Out};

use crate::brief::Brief;
use crate::config::Config;
use crate::counts::Counts;
use crate::delays::Delays;
use crate::endpoints::{Endpoints, Refusal, Which};
use crate::ends::Ends;
use crate::gap::{Command, Gap};
use crate::io::RequestId;
use crate::joins::{Estimate, Joins, Waiting};
use crate::presence::Presence;
use crate::record::{Origin, Record};
use crate::revision::Revision;
use crate::shares::Shares;
use crate::state::{Changes, GuildChange, GuildState, Reader, StateError, VERSION};
use crate::time::{EVER, after};
use crate::vanity::Vanity;
use settle::Settling;
use weigh::Weighing;

/// So many joins are looked through at each event.
const FEW_JOINS: usize = 32;
/// With more, there is a rest before all of them are looked through again: this long for each.
const REST: Duration = Duration::from_micros(100);
/// The longest rest.
const LONGEST_REST: Duration = Duration::from_millis(100);

/// Everything about one guild.
#[derive(Debug)]
pub(crate) struct Guild {
    id: GuildId,
    presence: Presence,
    counts: Counts,
    vanity: Vanity,
    joins: Joins,
    ends: Ends,
    endpoints: Endpoints,
    gap: Gap,
    delays: Delays,
    shares: Shares,
    settling: Settling,
    weighing: Weighing,
    /// How many joins are not done with.
    pending: usize,
    /// When all joins were looked through last.
    looked: Option<Timestamp>,
    /// When something is to be done next.
    due: Timestamp,
    /// Whether whatever is stored of the guild is of no use any more.
    afresh: bool,
}

/// What a stored state holds.
pub(crate) enum Stored {
    /// The guild as it was then.
    Whole(Box<Guild>, Timestamp),
    /// A state of another version.
    Brief(Brief),
}

impl Guild {
    pub(crate) fn new(id: GuildId) -> Self {
        Self {
            id,
            presence: Presence::default(),
            counts: Counts::default(),
            vanity: Vanity::default(),
            joins: Joins::default(),
            ends: Ends::default(),
            endpoints: Endpoints::default(),
            gap: Gap::default(),
            delays: Delays::default(),
            shares: Shares::default(),
            settling: Settling::default(),
            weighing: Weighing::default(),
            pending: 0,
            looked: None,
            due: EVER,
            afresh: true,
        }
    }

    /// When something is to be done next.
    pub(crate) const fn due(&self) -> Timestamp {
        self.due
    }

    /// How many joins are not done with.
    pub(crate) const fn pending(&self) -> usize {
        self.pending
    }

    /// How many pairs of a join and a movement there were to weigh when it was looked at last.
    pub(crate) const fn work(&self) -> usize {
        self.weighing.work()
    }

    /// Whether events would arrive if the connection were up.
    pub(crate) fn waits_for_connection(&self) -> bool {
        self.presence.waits_for_connection()
    }

    /// Does whatever there is to do at this time.
    pub(crate) fn advance(&mut self, now: Now<'_>, out: &mut Out<'_>) {
        self.due = EVER;
        if let Some(until) = self.rests_until(now) {
            self.pending = self.pending.max(1);
            self.wake_at(until);
            return;
        }
        self.looked = Some(now.at());
        let (lost, next) = self.endpoints.lose(now.at(), now.config());
        out.lose(lost);
        self.wake_at(next);
        self.settle(now, out);
        let weigh = self.is_time_to_weigh(now);
        if weigh {
            self.solve(now);
            self.end_invites(now, out);
            // An invite's end may have told how often it was used.
            self.solve(now);
            self.state_deduced(now, out);
            self.conclude(now, out);
            if self.explain(now) {
                self.estimate(now, out);
            }
        }
        self.follow_gap(now, out);
        self.ask(now, out);
        if weigh {
            self.prune(now);
        }
        self.count_pending(now);
    }

    /// Until when nothing is done but to take in what comes, if there are too many joins to
    /// look through at each event.
    fn rests_until(&self, now: Now<'_>) -> Option<Timestamp> {
        let joins = u32::try_from(self.joins.len()).unwrap_or(u32::MAX);
        if self.joins.len() <= FEW_JOINS {
            return None;
        }
        let until = after(self.looked?, REST.saturating_mul(joins).min(LONGEST_REST));
        (now.at() < until).then_some(until)
    }

    /// Notes that a request is being sent.
    pub(crate) fn handed_out(&mut self, id: RequestId, now: Timestamp, config: &Config) {
        if let Some(lost_at) = self.endpoints.handed_out(id, now, config) {
            self.wake_at(lost_at);
        }
    }

    /// Makes sure that the guild is looked at again at this time.
    fn wake_at(&mut self, at: Timestamp) {
        self.due = self.due.min(at);
    }

    /// The revision of all evidence.
    fn revision(&self) -> Revision {
        self.counts.revision() + self.joins.revision() + self.ends.revision()
    }

    /// Counts the joins that are not done with.
    fn count_pending(&mut self, now: Now<'_>) {
        let mut pending = 0;
        let mut over = EVER;
        for (_, join) in self.joins.iter() {
            if !self.is_done(now.config(), now.at(), join) {
                pending += 1;
                over = over.min(conclude::unanswered_at(now.config(), join));
            }
        }
        self.pending = pending;
        self.wake_at(over);
    }

    /// Does what a gap needs as time passes.
    fn follow_gap(&mut self, now: Now<'_>, out: &mut Out<'_>) {
        self.find_sighted(now, out);
        let is_hopeless = if self.gap.wanted_members().is_some() {
            self.endpoints.refused(Which::Members, now.at()).is_some()
        } else {
            let refused = self.endpoints.refused(Which::Search, now.at());
            refused == Some(Refusal::Forbidden)
        };
        let is_under_way = self.endpoints.is_catching_up();
        let command = self.gap.follow(now.at(), is_hopeless, is_under_way);
        self.obey(now, out, &command);
    }

    fn obey(&mut self, now: Now<'_>, out: &mut Out<'_>, command: &Command) {
        match command {
            Command::Wait => {}
            Command::WakeAt(at) => self.wake_at(*at),
            Command::EndSearch(caught_up) => {
                let then = self.gap.end_search(now.at(), *caught_up);
                self.obey(now, out, &then);
            }
            Command::Close => {
                // What invites ended by, and how others came, tells how many came and went.
                let is_counting = self.ends.is_waiting() || self.gap.is_counting();
                let until = self.gap.end().filter(|_| is_counting);
                if let Some(until) = until.filter(|until| now.at() < *until) {
                    self.wake_at(until);
                } else if let Some((gap, told)) = self.gap.close(self.id, now.local()) {
                    out.state(Record::Gap(gap));
                    self.counts.even_out(told);
                }
            }
        }
    }

    // Storing.

    /// What changed since it was taken last, as it is at this time.
    pub(crate) fn take_changed(&mut self, at: Timestamp) -> GuildChange {
        let mut changes = Changes::default();
        self.presence.take_changed(&mut changes);
        self.counts.take_changed(&mut changes);
        self.vanity.take_changed(&mut changes);
        self.joins.take_changed(&mut changes);
        self.ends.take_changed(&mut changes);
        self.endpoints.take_changed(&mut changes);
        self.gap.take_changed(&mut changes);
        self.delays.take_changed(&mut changes);
        self.shares.take_changed(&mut changes);
        // Time in which the tracker does not run is not held against what waits.
        let waits = !self.joins.is_empty() || self.gap.is_open() || self.ends.is_waiting();
        if waits || !changes.is_empty() {
            changes.put("at", &at.as_micros());
        }
        changes.into_change(self.id, std::mem::take(&mut self.afresh))
    }

    /// Reads what was stored.
    pub(crate) fn read(id: GuildId, state: &GuildState) -> Result<Stored, StateError> {
        let parts = &Reader::new(id, state)?;
        let brief = Brief::read(parts)?;
        if brief.version() != VERSION {
            return Ok(Stored::Brief(brief));
        }
        let at = parts.get("at")?.ok_or_else(|| parts.missing("at"))?;
        let guild = Self {
            presence: Presence::restore(parts)?,
            counts: Counts::restore(parts)?,
            vanity: Vanity::restore(parts)?,
            joins: Joins::restore(parts)?,
            ends: Ends::restore(parts)?,
            endpoints: Endpoints::restore(parts)?,
            gap: Gap::restore(parts)?,
            delays: Delays::restore(parts)?,
            shares: Shares::restore(parts)?,
            afresh: parts.is_converted(),
            ..Self::new(id)
        };
        Ok(Stored::Whole(Box::new(guild), Timestamp::from_micros(at)))
    }

    /// Goes on after a time in which the tracker did not run: nobody could ask or answer.
    pub(crate) fn wake(&mut self, config: &Config, from: Timestamp, to: Timestamp) {
        let micros = to.as_micros().saturating_sub(from.as_micros());
        let slept = Duration::from_micros(u64::try_from(micros).unwrap_or(0));
        let open: Vec<_> = self
            .joins
            .iter()
            .filter(|(_, join)| !self.is_done(config, from, join))
            .map(|(number, _)| number)
            .collect();
        for number in open {
            if let Some(join) = self.joins.edit(number) {
                join.slept(slept);
            }
        }
        self.gap.slept(slept);
        self.ends.slept(slept);
        self.stop_hearing(from, config.count_lag);
        self.presence.set_down();
        if self.gap.is_open() {
            // What lists have shown of it is not stored.
            self.counts.missed(to, config.count_lag);
        }
    }

    /// Begins without the state of another version, but with what it was about.
    pub(crate) fn begin_anew(&mut self, now: Now<'_>, brief: &Brief) {
        self.presence.set_known();
        self.presence.set_down();
        for open in brief.open() {
            // When its event came, and what was counted then, is not known.
            let join = Waiting::new(open.user, open.joined_at, now.at(), 0);
            let mut join = join.blind(self.counts.listed().is_none()).found_later();
            if let Some(revision) = open.estimated {
                join.estimated(Estimate::new(revision, Origin::Unseen, false));
            }
            self.joins.add_anew(join);
        }
        self.presence.set_heard(brief.missed_from());
        self.begin_gap(now, None);
        self.vanity.doubt_past();
    }
}
