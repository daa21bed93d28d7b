//! Times in which events were missed, the search for who joined meanwhile, and the
//! comparison that tells who left.

mod comparison;
mod counted;
mod heard;
mod members;
mod open;
mod undecided;
mod uses;

use std::time::Duration;

use guestlist_model::{GuildId, InviteCode, Timestamp, UserId};
use serde::{Deserialize, Serialize};

pub(crate) use comparison::{Comparison, Wanted};
pub(crate) use counted::{Balances, CALM};

use crate::facts::JoinFacts;
use crate::io::MemberQuery;
use crate::record::Gap as Record;
use crate::state::{Changes, Marked, Reader, StateError, shape};
use crate::time::{after, before};
use heard::Heard;
use open::Open;
use undecided::Undecided;
use uses::{Sample, Uses};

/// How far before the last known join the search begins: joins are not told in order.
pub(crate) const OVERLAP: Duration = Duration::from_secs(60);
/// How far apart events may be that come in the wrong order, as far as a gap reaches back
/// for one that was not understood.
pub(crate) const OUT_OF_ORDER: Duration = Duration::from_secs(20);
/// After what time the search is done once more, for the members that the index did not
/// hold yet. Each further pass comes after four times as long.
const AGAIN: Duration = Duration::from_secs(30);
/// Most times that it is done.
const MAX_PASSES: u32 = 4;
/// After what time catching up is given up.
const GIVE_UP: Duration = Duration::from_secs(900);
/// For how long a gap waits until it is known why invites ended within it.
const PATIENCE: Duration = Duration::from_secs(120);
/// Members a page.
pub(crate) const PAGE: u16 = 1000;
/// Most pages of one pass.
const MAX_PAGES: u32 = 50;

/// See the module's documentation.
#[derive(Debug, Default)]
pub(crate) struct Gap {
    kept: Marked<Kept>,
    heard: Heard,
    uses: Uses,
    /// While there is no gap: a list with uses that no known join explains.
    calm: Option<Sample>,
    undecided: Undecided,
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Kept {
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    open: Option<Open>,
    /// How many members there are, if that was told.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    members: Option<u64>,
    /// Whether all who came and went since that was told are known.
    #[serde(rename = "x", default, skip_serializing_if = "shape::is_default")]
    is_exact: bool,
    /// From when on joins may be missing that no search has found.
    #[serde(rename = "u", with = "shape::maybe_at")]
    #[serde(default, skip_serializing_if = "shape::is_default")]
    unfilled: Option<Timestamp>,
    /// From when on members may have left who were never compared with the members.
    #[serde(rename = "l", with = "shape::maybe_at")]
    #[serde(default, skip_serializing_if = "shape::is_default")]
    uncompared: Option<Timestamp>,
    /// By how much counts rose while events did not arrive.
    #[serde(rename = "m", default, skip_serializing_if = "shape::is_default")]
    moved: u64,
}

/// That events were missed, as it was noticed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Notice {
    pub(crate) now: Timestamp,
    /// The time for the record.
    pub(crate) local: Timestamp,
    /// The latest moment of which anything is known.
    pub(crate) last_known: Option<Timestamp>,
    /// The latest of Discord's times that was told.
    pub(crate) seen: Option<Timestamp>,
    /// Whether a list had shown the counts before.
    pub(crate) is_based: bool,
}

/// What is to be done about a gap.
#[derive(Debug, PartialEq)]
pub(crate) enum Command {
    /// Nothing yet.
    Wait,
    /// Look again at this time.
    WakeAt(Timestamp),
    /// The search is over. Whether it has found all.
    EndSearch(bool),
    /// All is over: state that.
    Close,
}

impl Gap {
    /// Whether there is one.
    pub(crate) fn is_open(&self) -> bool {
        self.kept.open.is_some()
    }

    /// Whether the next gap goes on from an earlier one.
    pub(crate) fn is_unfilled(&self) -> bool {
        self.is_open() || self.kept.unfilled.is_some()
    }

    /// From when on joins may be missing that a search will find.
    pub(crate) fn from(&self) -> Option<Timestamp> {
        let open = self.kept.open.as_ref().and_then(|open| open.last_known);
        [open, self.kept.unfilled].into_iter().flatten().min()
    }

    /// A leave was stated that an event told of, with the time of the join if it was known.
    pub(crate) fn leave_stated(&mut self, user: UserId, joined_at: Option<Timestamp>) {
        if self.is_open() {
            self.heard.leave(user, joined_at);
        }
    }

    /// Events were missed until now. `grown` is by how much the number of members grew
    /// meanwhile, if that was told.
    pub(crate) fn begin(&mut self, notice: &Notice, grown: Option<u64>) {
        if grown.is_none() && self.kept.is_exact {
            self.kept.is_exact = false;
        }
        // What no search has filled yet is missing still.
        let unfilled = self.kept.unfilled.take();
        let earlier = self.kept.open.take();
        let mut open = Open::new(notice, unfilled, grown, earlier);
        let moved = std::mem::take(&mut self.kept.moved);
        open.moved_before = open.moved_before.saturating_add(moved);
        self.kept.open = Some(open);
        // The next list shows all that is unexplained.
        self.calm = None;
        self.uses.want_list();
        // The list is read once more.
        self.heard.forget_sighted();
    }

    /// The same, but a search that is under way goes on: many events that are not
    /// understood must not make as many searches.
    pub(crate) fn widen(&mut self, notice: &Notice) {
        let planned = self
            .kept
            .open
            .as_ref()
            .map(|open| (open.next_at, open.pages, open.to));
        self.begin(notice, None);
        if let (Some((next_at, pages, to)), Some(open)) = (planned, &mut self.kept.open) {
            // A late pass for those who were found in the list is not waited for.
            open.next_at = next_at.min(after(notice.now, AGAIN));
            open.pages = pages;
            open.to = to;
        }
    }

    /// Whether who is stored is still to be compared with who is a member.
    pub(crate) fn will_compare(&self) -> bool {
        let open = self.kept.open.as_ref();
        open.is_some_and(|open| open.comparison.is_none())
    }

    /// Who would be found can no longer be distinguished from who is known.
    pub(crate) fn forget_unfilled(&mut self) {
        self.kept.unfilled = None;
    }

    /// For so long nobody could ask.
    pub(crate) fn slept(&mut self, span: Duration) {
        if let Some(open) = &mut self.kept.open {
            open.noticed = after(open.noticed, span);
            open.first = open.first.map(|first| after(first, span));
            if let Some(comparison) = &mut open.comparison {
                comparison.slept(span);
            }
        }
    }

    /// What is to be done as time passes. `is_hopeless` if no search, or no list of members
    /// once the search is over, is possible; while one is under way its reply is waited for.
    pub(crate) fn follow(&self, now: Timestamp, is_hopeless: bool, is_under_way: bool) -> Command {
        let Some(open) = &self.kept.open else {
            return Command::Wait;
        };
        if let Some(due) = self.heard.until() {
            return Command::WakeAt(due);
        }
        if open.closing {
            return Command::Close;
        }
        let until = match &open.comparison {
            Some(comparison) if !comparison.is_over() => comparison.until(),
            _ => after(open.noticed, GIVE_UP),
        };
        // Other refusals may end: an outage looks like them.
        let is_over = open.last_known.is_none() || is_hopeless || now >= until;
        match (is_over, is_under_way) {
            (true, false) if open.comparison.is_some() || open.last_known.is_none() => {
                Command::Close
            }
            (true, false) => Command::EndSearch(false),
            // The reply, or that none came, is the next that happens.
            (true, true) => Command::Wait,
            (false, _) => Command::WakeAt(until),
        }
    }

    /// The search is over. Who is stored is compared with who is a member, unless that has
    /// been done; then all is over.
    pub(crate) fn end_search(&mut self, now: Timestamp, caught_up: bool) -> Command {
        let members = self.kept.members;
        match &mut self.kept.open {
            Some(open) if open.comparison.is_none() => {
                let settled = after(open.noticed, AGAIN);
                let comparison = Comparison::new(now.max(settled), caught_up, members);
                open.comparison = Some(comparison);
                Command::Wait
            }
            _ => Command::Close,
        }
    }

    /// Nothing more is asked for the gap. Returns until when it may wait for what is to be
    /// found out besides.
    pub(crate) fn end(&mut self) -> Option<Timestamp> {
        let open = self.kept.open.as_mut()?;
        open.closing = true;
        Some(after(open.noticed, PATIENCE))
    }

    /// The gap is over. Returns what to state, and by how much the uses of invites were told
    /// as those of members who came unseen.
    pub(crate) fn close(
        &mut self,
        guild: GuildId,
        closed_at: Timestamp,
    ) -> Option<(Record, Vec<(InviteCode, i64)>)> {
        let open = self.kept.open.take()?;
        let missing = self.uses.missing(self.undecided.count());
        let has_list = open.is_based && self.uses.has_list();
        self.heard = Heard::default();
        let comparison = open.comparison.as_ref();
        // Whoever is still a member is in the list of members.
        let is_read_whole = comparison.is_some_and(Comparison::found_all);
        let is_found = is_read_whole && !open.blurred;
        let caught_up =
            comparison.is_some_and(Comparison::caught_up) || is_found && !open.is_short(missing.0);
        self.kept.unfilled = open.last_known.filter(|_| !caught_up && !is_found);
        let is_compared = comparison.is_some_and(Comparison::is_complete);
        self.kept.uncompared = [open.last_known, self.kept.uncompared]
            .into_iter()
            .flatten()
            .min()
            .filter(|_| !is_compared);
        let mut record = Record::new(guild, open.observed_at, closed_at);
        record.last_known = open.last_known;
        record.joins_found = open.found;
        record.caught_up = caught_up;
        record.uses_moved = open.moved();
        record.joins_missing = open.missing(missing.0);
        record.joins_missing_at_most = has_list.then(|| open.missing_at_most(missing.1));
        record.leaves_found = open.departed;
        record.compared = is_compared;
        if let Some(counted) = self.uses.counted() {
            self.undecided.forget_until(counted);
        }
        Some((record, std::mem::take(&mut self.uses).into_told()))
    }

    /// Whom to search for, and when.
    pub(crate) fn wanted(&self) -> Option<(Timestamp, MemberQuery)> {
        let open = self.kept.open.as_ref()?;
        let is_comparing = open.comparison.as_ref().is_some_and(|it| !it.is_over());
        if is_comparing || open.closing || self.heard.until().is_some() {
            return None;
        }
        let query = MemberQuery::JoinedBetween {
            from: before(open.last_known?, OVERLAP),
            to: open.to,
        };
        Some((open.next_at, query))
    }

    /// Whether a join at this time may have been missed: what came before all that is
    /// known was not.
    pub(crate) fn may_have_missed(&self, joined_at: Timestamp) -> bool {
        let open = self.kept.open.as_ref();
        let last = open.and_then(|open| open.last_known);
        last.is_some_and(|last| joined_at >= before(last, OVERLAP))
    }

    /// A join was found.
    pub(crate) fn found(&mut self, user: UserId, joined_at: Timestamp) {
        if let Some(open) = &mut self.kept.open {
            open.found += 1;
            if !open.counted {
                self.member_came();
            }
        }
        self.uses.joined(user, joined_at);
    }

    // Who has left.

    /// Which members to compare, if it is time for that.
    pub(crate) fn wanted_members(&self) -> Option<Wanted> {
        let comparison = self.kept.open.as_ref()?.comparison.as_ref();
        let under_way = comparison.filter(|comparison| !comparison.is_over());
        under_way.map(Comparison::wanted)
    }

    /// A page of members has been compared, up to this one if there are more.
    pub(crate) fn page_compared(&mut self, now: Timestamp, next: Option<UserId>) -> Command {
        let open = self.kept.open.as_mut();
        let comparison = open.and_then(|open| open.comparison.as_mut());
        if !comparison.is_some_and(|comparison| comparison.page_read(now, next)) {
            return Command::Wait;
        }
        self.end_comparison(now)
    }

    /// The list of members shows a join whose event may still be on its way.
    pub(crate) fn sight(&mut self, now: Timestamp, facts: JoinFacts) {
        self.heard.sight(after(now, OUT_OF_ORDER), facts);
        if let Some(open) = &mut self.kept.open
            && let Some(comparison) = &mut open.comparison
        {
            comparison.set_waiting(true);
        }
    }

    /// Joins whose events must have come by now, if those have not left since.
    pub(crate) fn take_sighted(&mut self, now: Timestamp) -> Vec<JoinFacts> {
        self.heard.take_due(now)
    }

    /// The last page has been compared. What is to be done then.
    pub(crate) fn end_comparison(&mut self, now: Timestamp) -> Command {
        if let Some(due) = self.heard.until() {
            return Command::WakeAt(due);
        }
        let open = self.kept.open.as_mut();
        if let Some(comparison) = open.and_then(|open| open.comparison.as_mut()) {
            comparison.set_waiting(false);
            if !comparison.is_over() {
                return Command::Wait;
            }
        }
        match &mut self.kept.open {
            // How they came is for the search to tell, once its index holds them.
            Some(open) if !open.listed.is_empty() && open.passes < MAX_PASSES => {
                open.next_at = open.next_pass().max(now);
                Command::Wait
            }
            _ => Command::Close,
        }
    }

    /// Whether only the list of members has told of a join.
    pub(crate) fn is_listed(&self, user: UserId, joined_at: Timestamp) -> bool {
        let open = self.kept.open.as_ref();
        open.is_some_and(|open| open.listed.contains(&(user, joined_at.as_micros())))
    }

    /// The list of members told of a join that no search has told of.
    pub(crate) fn listed(&mut self, user: UserId, joined_at: Timestamp) {
        if let Some(open) = &mut self.kept.open {
            open.listed.insert((user, joined_at.as_micros()));
        }
    }

    /// A search told of a join.
    pub(crate) fn named(&mut self, user: UserId, joined_at: Timestamp) {
        if let Some(open) = &mut self.kept.open {
            open.listed.remove(&(user, joined_at.as_micros()));
        }
    }

    /// From when on a member may have left unseen.
    pub(crate) fn left_since(&self) -> Option<Timestamp> {
        let open = self.kept.open.as_ref().and_then(|open| open.last_known);
        [open, self.kept.uncompared].into_iter().flatten().min()
    }

    /// Until when joins are older than the gap, and so old enough to be in the list of members.
    pub(crate) fn seen(&self) -> Option<Timestamp> {
        self.kept.open.as_ref().and_then(|open| open.seen)
    }

    /// From this time on, members may leave unseen.
    pub(crate) fn leaves_missed(&mut self, since: Option<Timestamp>) {
        let earlier = self.kept.uncompared;
        self.kept.uncompared = [since, earlier].into_iter().flatten().min();
    }

    /// The same, for a guild of which nothing else is known any more.
    pub(crate) fn afresh(&self) -> Self {
        let mut afresh = Self::default();
        afresh.kept.uncompared = self.left_since();
        afresh
    }

    /// Whether a leave that was stated since the gap was noticed ended a join. One that named
    /// no join did not, if that join was found later.
    pub(crate) fn has_ended(&self, user: UserId, joined_at: Timestamp, is_found: bool) -> bool {
        self.heard.has_ended(user, joined_at, is_found)
    }

    /// A member was found to have left.
    pub(crate) fn departed(&mut self) {
        if let Some(open) = &mut self.kept.open {
            open.departed += 1;
            if !open.counted {
                self.member_left();
            }
        }
    }

    /// A join was found of which nobody can tell whether it is known: too many came.
    pub(crate) fn cannot_tell(&mut self) {
        if let Some(open) = &mut self.kept.open {
            open.blurred = true;
        }
    }

    /// A page was read, and the oldest join on it was at `oldest`. `is_full` if there are
    /// more than it held.
    pub(crate) fn page_read(
        &mut self,
        now: Timestamp,
        oldest: Option<Timestamp>,
        is_full: bool,
    ) -> Command {
        let reads_all = Comparison::reads_all(self.kept.members);
        let (missing, _) = self.uses.missing(self.undecided.count());
        let Some(open) = &mut self.kept.open else {
            return Command::Wait;
        };
        open.pages += 1;
        // Members come in no order that can be relied on, the newest first as it seems:
        // go on before the oldest as long as that moves.
        if is_full && open.pages < MAX_PAGES && oldest.is_some() && oldest != open.to {
            open.to = oldest;
            open.next_at = now;
            return Command::Wait;
        }
        open.passes += 1;
        open.pages = 0;
        open.to = None;
        let is_short = open.is_short(missing);
        let is_enough = match &open.comparison {
            // The list of members holds everybody whom the index does not hold yet.
            None => open.passes >= 2 && (!is_short || reads_all),
            Some(_) => open.listed.is_empty(),
        };
        if is_enough || open.passes >= MAX_PASSES {
            return Command::EndSearch(!is_full && !open.blurred && !is_short);
        }
        open.next_at = open.next_pass();
        Command::Wait
    }

    /// Collects the part, if it changed.
    pub(crate) fn take_changed(&mut self, changes: &mut Changes) {
        changes.value("gap", &mut self.kept);
        self.undecided.take_changed(changes);
    }

    /// Reads what was stored.
    pub(crate) fn restore(parts: &Reader<'_>) -> Result<Self, StateError> {
        let mut gap = Self {
            undecided: Undecided::restore(parts)?,
            ..Self::default()
        };
        parts.value("gap", &mut gap.kept)?;
        let open = gap.kept.open.as_mut();
        if let Some(comparison) = open.and_then(|open| open.comparison.as_mut()) {
            comparison.take_up();
        }
        Ok(gap)
    }
}
