//! The counts of a guild's invites and of its vanity link: what is known of them, how they
//! moved, and how far that can be trusted.

mod baseline;
mod known;
mod step;

use std::time::Duration;

use guestlist_model::{InviteCode, Timestamp};
use serde::{Deserialize, Serialize};

pub(crate) use baseline::{Difference, List};
pub(crate) use known::Known;
pub(crate) use step::{Move, Source, Step, Way, WayKey};

use crate::facts::Listed;
use crate::revision::Revision;
use crate::state::{Changes, Kept, Marked, Reader, StateError, shape};
use crate::time::after;

/// So many invites are remembered that no list has shown yet.
const MAX_EARLY: usize = 100;
/// For how long counts prove nothing after one rose for nobody.
const PHANTOMS_FOR: Duration = Duration::from_secs(7 * 24 * 3600);

/// See the module's documentation.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    shared: Marked<Shared>,
    invites: Kept<InviteCode, Known>,
    steps: Kept<u64, Step>,
    /// How many joins are known to have come by invites that are not known yet.
    early: Kept<InviteCode, i64>,
    revision: Revision,
}

/// What is true of all counts: one part, so that a list that moved one count does not
/// rewrite a thousand.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Shared {
    /// When the last list was asked for.
    #[serde(rename = "l", with = "shape::maybe_at")]
    #[serde(default, skip_serializing_if = "shape::is_default")]
    listed: Option<Timestamp>,
    /// Whether that list held all invites.
    #[serde(rename = "w", default, skip_serializing_if = "shape::is_default")]
    whole: bool,
    /// Whether it told no uses.
    #[serde(rename = "u", default, skip_serializing_if = "shape::is_default")]
    uses_hidden: bool,
    /// The latest of Discord's times that was seen when it was asked for.
    #[serde(rename = "a", with = "shape::maybe_at")]
    #[serde(default, skip_serializing_if = "shape::is_default")]
    listed_after: Option<Timestamp>,
    /// A list is wanted that is asked for from this moment on.
    #[serde(rename = "r", with = "shape::maybe_at")]
    #[serde(default, skip_serializing_if = "shape::is_default")]
    relist: Option<Timestamp>,
    /// The number of the next step.
    #[serde(rename = "n", default, skip_serializing_if = "shape::is_default")]
    next_step: u64,
    /// When the latest list was asked for that is final.
    #[serde(rename = "c", with = "shape::maybe_at")]
    #[serde(default, skip_serializing_if = "shape::is_default")]
    covered: Option<Timestamp>,
    /// The same for the vanity count.
    #[serde(rename = "v", with = "shape::maybe_at")]
    #[serde(default, skip_serializing_if = "shape::is_default")]
    vanity_covered: Option<Timestamp>,
    /// Counts watched since before this moment may have moved for joins that no event
    /// told of.
    #[serde(rename = "d", with = "shape::maybe_at")]
    #[serde(default, skip_serializing_if = "shape::is_default")]
    distrust: Option<Timestamp>,
    /// When a count was told last that moved for joins nobody knows, or that could not be
    /// compared with an earlier one.
    #[serde(rename = "y", with = "shape::maybe_at")]
    #[serde(default, skip_serializing_if = "shape::is_default")]
    unexplained: Option<Timestamp>,
    /// Until when no count proves anything, because one rose for nobody.
    #[serde(rename = "p", with = "shape::maybe_at")]
    #[serde(default, skip_serializing_if = "shape::is_default")]
    phantoms_until: Option<Timestamp>,
}

impl Counts {
    // How far the lists have come.

    /// When the last list was asked for.
    pub(crate) fn listed(&self) -> Option<Timestamp> {
        self.shared.listed
    }

    /// The latest of Discord's times that was seen when it was asked for.
    pub(crate) fn listed_after(&self) -> Option<Timestamp> {
        self.shared.listed_after
    }

    /// Whether the last list told no uses.
    pub(crate) fn uses_hidden(&self) -> bool {
        self.shared.uses_hidden
    }

    /// When a list is wanted though no join waits for one, if it is.
    pub(crate) fn relist(&self) -> Option<Timestamp> {
        let listed = self.shared.listed;
        self.shared.relist.filter(|at| listed < Some(*at))
    }

    /// When the latest answer of this kind was asked for that is final.
    pub(crate) fn covered(&self, source: Source) -> Option<Timestamp> {
        match source {
            Source::List => self.shared.covered,
            Source::Vanity => self.shared.vanity_covered,
        }
    }

    pub(crate) const fn revision(&self) -> Revision {
        self.revision
    }

    // Steps: answers with counts, each compared with the one before.

    /// Notes an answer and what it moved.
    pub(crate) fn step(
        &mut self,
        source: Source,
        sent: Timestamp,
        received: Timestamp,
        settle: Duration,
        moves: Vec<Move>,
    ) {
        let number = self.shared.next_step;
        let distrust = self.shared.distrust;
        let is_distrusted = |moved: &Move| !moved.is_end() && Some(moved.since()) < distrust;
        if moves.iter().any(is_distrusted) {
            self.cannot_explain(received);
        }
        let step = Step::new(source, sent, received, after(received, settle), moves)
            .following(self.last_step(source));
        self.steps.insert(number, step);
        self.shared.next_step = number + 1;
        self.revision.outlook_changed();
    }

    /// The steps that are kept, with their numbers, in their order.
    pub(crate) fn steps(&self) -> impl DoubleEndedIterator<Item = (u64, &Step)> {
        self.steps.iter().map(|(number, step)| (*number, step))
    }

    /// The same for the vanity count, which was last asked for at this time.
    pub(crate) fn recount(&self, counted: Timestamp) -> Option<Timestamp> {
        self.shared.relist.filter(|at| counted < *at)
    }

    /// The last step of a kind, if it is kept.
    fn last_step(&self, source: Source) -> Option<&Step> {
        let mut latest = self.steps().rev().map(|(_, step)| step);
        latest.find(|step| step.source() == source)
    }

    /// The number that the next step will have.
    pub(crate) fn next_step(&self) -> u64 {
        self.shared.next_step
    }

    /// The first step that may count a join of which an event comes now.
    pub(crate) fn first_open_step(&self) -> u64 {
        let open = self.steps().find(|(_, step)| !step.is_final());
        open.map_or(self.shared.next_step, |(number, _)| number)
    }

    /// When the next step is final.
    pub(crate) fn next_final(&self) -> Option<Timestamp> {
        self.steps.values().filter_map(Step::final_at).min()
    }

    /// Makes the steps final of which all joins have come, since events until this moment
    /// have.
    pub(crate) fn settle(&mut self, heard: Option<Timestamp>) {
        let is_due = |step: &Step| step.final_at().is_some_and(|at| Some(at) <= heard);
        let shared = &mut self.shared;
        let revision = &mut self.revision;
        self.steps.edit_where(
            |_, step| is_due(step),
            |_, step| {
                step.finish();
                let covered = match step.source() {
                    Source::List => &mut shared.covered,
                    Source::Vanity => &mut shared.vanity_covered,
                };
                *covered = (*covered).max(Some(step.sent()));
                revision.evidence_changed();
            },
        );
    }

    /// Leaves no step final before this moment.
    pub(crate) fn postpone(&mut self, until: Timestamp) {
        self.steps.edit_where(
            |_, step| step.final_at().is_some_and(|at| at < until),
            |_, step| step.postpone(until),
        );
    }

    /// Forgets final steps with smaller numbers.
    pub(crate) fn forget_steps_before(&mut self, first: u64) {
        self.steps
            .extract(|number, step| step.is_final() && *number < first);
    }

    /// Whether a final step moved any count.
    pub(crate) fn has_moved_for_sure(&self) -> bool {
        let mut steps = self.steps.values();
        steps.any(|step| step.is_final() && !step.moves().is_empty())
    }

    /// Whether any step moved any count.
    pub(crate) fn has_moved(&self) -> bool {
        self.steps.values().any(|step| !step.moves().is_empty())
    }

    /// How many counts moved in all steps together.
    pub(crate) fn moves(&self) -> usize {
        self.steps.values().map(|step| step.moves().len()).sum()
    }

    /// Whether a step moved this invite's count.
    pub(crate) fn has_moved_for(&self, code: &InviteCode) -> bool {
        let mut moves = self.steps.values().flat_map(Step::moves);
        moves.any(|moved| moved.way().invite() == Some(code))
    }

    // Trust.

    /// Events were missed until now: what was not final and what was watched until a
    /// while after now may count joins that nobody knows.
    pub(crate) fn missed(&mut self, now: Timestamp, count_lag: Duration) {
        let mut moved = false;
        self.steps.edit_where(
            |_, step| !step.is_final(),
            |_, step| {
                step.distrust();
                moved |= step.moves().iter().any(|moved| !moved.is_end());
            },
        );
        if moved {
            self.cannot_explain(now);
        }
        // Who came just before may be counted only later.
        let reach = after(now, count_lag);
        self.distrust_before(after(reach, Duration::from_micros(1)));
        self.shared.relist = self.shared.distrust;
    }

    /// Counts watched since before this moment prove nothing.
    pub(crate) fn distrust_before(&mut self, at: Timestamp) {
        self.shared.distrust = self.shared.distrust.max(Some(at));
    }

    /// Whether counts that were watched at this moment are distrusted.
    pub(crate) fn is_distrusted_at(&self, at: Timestamp) -> bool {
        self.shared.distrust.is_some_and(|until| until >= at)
    }

    /// Whether a movement may count joins that nobody knows.
    pub(crate) fn is_distrusted(&self, step: &Step, moved: &Move) -> bool {
        step.is_distrusted() || Some(moved.since()) < self.shared.distrust
    }

    /// The joins do not explain the counts: somebody was counted who did not come.
    pub(crate) fn contradicted(&mut self, now: Timestamp) {
        self.steps
            .edit_where(|_, step| step.is_final(), |_, step| step.distrust());
        self.shared.phantoms_until = Some(after(now, PHANTOMS_FOR));
        self.cannot_explain(now);
        self.revision.deductions_changed();
    }

    /// A count was told that moved for joins nobody knows, or that could not be compared
    /// with an earlier one.
    pub(crate) fn cannot_explain(&mut self, now: Timestamp) {
        self.shared.unexplained = self.shared.unexplained.max(Some(now));
    }

    /// Whether that was so since this moment.
    pub(crate) fn was_unexplained_since(&self, since: Timestamp) -> bool {
        self.shared.unexplained.is_some_and(|at| at >= since)
    }

    /// Whether a count of this guild has lately risen for nobody.
    pub(crate) fn is_haunted(&self, now: Timestamp) -> bool {
        Some(now) < self.shared.phantoms_until
    }

    // Storing.

    /// Collects the parts that changed.
    pub(crate) fn take_changed(&mut self, changes: &mut Changes) {
        changes.value("counts", &mut self.shared);
        changes.entries(&mut self.invites, |code| format!("invite/{code}"));
        changes.entries(&mut self.steps, |number| format!("step/{number}"));
        changes.entries(&mut self.early, |code| format!("early/{code}"));
    }

    /// Reads what was stored.
    pub(crate) fn restore(parts: &Reader<'_>) -> Result<Self, StateError> {
        let mut counts = Self::default();
        parts.value("counts", &mut counts.shared)?;
        parts.entries("invite/", &mut counts.invites, |code| code.parse().ok())?;
        parts.entries("step/", &mut counts.steps, |number| number.parse().ok())?;
        parts.entries("early/", &mut counts.early, |code| code.parse().ok())?;
        Ok(counts)
    }

    // Invites that are known.

    /// What is known of an invite.
    pub(crate) fn invite(&self, code: &InviteCode) -> Option<&Known> {
        self.invites.get(code)
    }

    /// Changes the balance of an invite. Returns whether it is known.
    pub(crate) fn change_balance(&mut self, code: &InviteCode, by: i64) -> bool {
        let known = self.invites.edit(code);
        known.map(|known| known.change_balance(by)).is_some()
    }

    /// The same for an invite that the next list may show first.
    pub(crate) fn change_early_balance(&mut self, code: &InviteCode, by: i64) {
        if self.listed().is_none() {
            return;
        }
        if self.early.len() >= MAX_EARLY {
            // Most of them have ended before any list showed them.
            self.early.clear();
        }
        let early = self.early.get(code).copied().unwrap_or(0);
        self.early.insert(code.clone(), early.saturating_add(by));
    }

    /// These uses are told, or are of no interest.
    pub(crate) fn even_out(&mut self, uses: Vec<(InviteCode, i64)>) {
        for (code, by) in uses {
            self.change_balance(&code, by.saturating_neg());
        }
    }

    /// All uses of no known join are of no interest.
    pub(crate) fn even_out_all(&mut self) {
        self.even_out_where(|excess| excess > 0);
    }

    /// All joins that are known must be counted by now: of those that are not, there are counts
    /// that were not watched yet.
    pub(crate) fn even_out_debts(&mut self) {
        self.even_out_where(|excess| excess < 0);
    }

    fn even_out_where(&mut self, is_meant: impl Fn(i64) -> bool) {
        self.invites.edit_where(
            |_, known| is_meant(known.balance()),
            |_, known| known.change_balance(known.balance().saturating_neg()),
        );
    }

    /// The invites with more uses than joins that are known to have come by them. Of one whose
    /// count may rise for nobody, that tells nothing.
    pub(crate) fn uneven(&self) -> impl Iterator<Item = (&InviteCode, i64)> {
        let steady = self
            .invites
            .iter()
            .filter(|(_, known)| !known.may_rise_for_nobody());
        let excess = steady.map(|(code, known)| (code, known.balance()));
        excess.filter(|(_, excess)| *excess > 0)
    }

    /// Whether the invites were listed, and uses of them told.
    pub(crate) fn note_hidden_uses(&mut self, listed: &[Listed]) {
        let hidden = !listed.is_empty() && listed.iter().all(|invite| invite.uses().is_none());
        self.shared.uses_hidden = hidden;
    }
}
