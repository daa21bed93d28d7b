//! The last known counts, and what a new list changes about them.

use std::time::Duration;

use guestlist_model::{InviteCode, Timestamp};

use super::{Counts, Known, Move};
use crate::counts::step::MoveKind;
use crate::facts::Listed;
use crate::time::{SKEW, after, before};

/// Invites of a guild that are remembered without a list of them; Discord allows a
/// thousand.
const MAX_INVITES: usize = 1000;

/// An invite made so long before the list before, as far as is known, may have been missing
/// there, with its uses.
const MAY_BE_NEW: Duration = Duration::from_secs(60);

/// What a list changed.
#[derive(Debug, Default)]
pub(crate) struct Difference {
    moves: Vec<Move>,
    changed: Vec<InviteCode>,
    gone: Vec<(InviteCode, Known)>,
    risen: Vec<(InviteCode, u64)>,
    /// Whether a count could not be compared with an earlier one.
    blurred: bool,
}

impl Difference {
    /// Whether an invite began or its count changed.
    pub(crate) fn has_changed(&self, code: &InviteCode) -> bool {
        self.changed.binary_search(code).is_ok()
    }

    /// Invites that are gone, with what was known of them.
    pub(crate) fn gone(&self) -> impl Iterator<Item = &(InviteCode, Known)> {
        self.gone.iter()
    }

    /// By how much counts rose.
    pub(crate) fn risen(&self) -> impl Iterator<Item = (&InviteCode, u64)> {
        self.risen.iter().map(|(code, by)| (code, *by))
    }

    /// The counts that moved.
    pub(crate) fn into_moves(self) -> Vec<Move> {
        self.moves
    }
}

/// A list of invites and when it was asked for.
pub(crate) struct List<'a> {
    invites: &'a [Listed],
    complete: bool,
    sent: Timestamp,
    sure_until: Timestamp,
    /// Whether one that was asked for later was answered sooner. Which of both was read
    /// first is not known. A count that is higher than in the later list rose after that was
    /// read; all else is left to the later list.
    overtaken: bool,
}

impl<'a> List<'a> {
    /// A list. `complete` if these are all invites that there are; what became known after
    /// `sure_until` may be missing in it.
    pub(crate) const fn new(
        invites: &'a [Listed],
        complete: bool,
        sent: Timestamp,
        sure_until: Timestamp,
    ) -> Self {
        Self {
            invites,
            complete,
            sent,
            sure_until,
            overtaken: false,
        }
    }

    /// The same, for a list that was answered after one that had been asked for later.
    pub(crate) const fn overtaken(mut self) -> Self {
        self.overtaken = true;
        self
    }
}

impl Counts {
    /// Since when the count of an invite has been watched.
    fn since(&self, known: &Known) -> Option<Timestamp> {
        known.since().or(self.shared.listed)
    }

    /// The earliest moment since which any count has been watched.
    pub(crate) fn earliest(&self) -> Option<Timestamp> {
        let listed = self.shared.listed?;
        let special = self.invites.values().filter_map(Known::since).min();
        Some(special.map_or(listed, |special| special.min(listed)))
    }

    /// Notes an invite told by an event. Returns whether it is new.
    pub(crate) fn created(&mut self, listed: &Listed, now: Timestamp) -> bool {
        if self.invites.contains(listed.code()) {
            return false;
        }
        let mut known = Known::created(listed, self.shared.listed, now);
        known.change_balance(self.early.remove(listed.code()).unwrap_or(0));
        self.invites.insert(listed.code().clone(), known);
        true
    }

    /// Forgets invites that no list will tell the end of: those deleted or expired, and if
    /// there are too many, those known longest. Returns them.
    pub(crate) fn forget_over(
        &mut self,
        discord_now: Option<Timestamp>,
    ) -> Vec<(InviteCode, Known)> {
        let is_over = |known: &Known| known.is_deleted() || known.has_expired(discord_now);
        let mut gone = self.invites.extract(|_, known| is_over(known));
        while self.invites.len() > MAX_INVITES {
            let oldest = self.invites.iter().min_by_key(|(_, known)| known.seen());
            let Some(code) = oldest.map(|(code, _)| code.clone()) else {
                break;
            };
            let known = self.invites.remove(&code);
            gone.extend(known.map(|known| (code, known)));
        }
        gone
    }

    /// Takes an invite back that was gone: the list without it was not up to date.
    pub(crate) fn take_back(&mut self, code: &InviteCode, known: Known) {
        self.invites.insert(code.clone(), known);
        self.steps.edit_where(
            |_, step| step.has_end_of(code),
            |_, step| step.forget_end_of(code),
        );
    }

    /// Notes that INVITE_DELETE came. Returns what is known of the invite.
    pub(crate) fn deleted(&mut self, code: &InviteCode) -> Option<Known> {
        let known = self.invites.edit(code)?;
        known.delete();
        Some(known.clone())
    }

    /// Compares a list with what was known, and makes it what is known. `after` is the
    /// latest of Discord's times that was seen when it was asked for.
    pub(crate) fn take_list(&mut self, list: &List<'_>, after: Option<Timestamp>) -> Difference {
        let mut found = Difference::default();
        for listed in list.invites {
            let before = self.invites.get(listed.code());
            let now = match before {
                Some(known) => self.listed_again(listed, known.clone(), &mut found),
                None => self.listed_first(listed, list.overtaken, &mut found),
            };
            let (is_first, has_changed) = (before.is_none(), before != Some(&now));
            if is_first {
                self.early.remove(listed.code());
            }
            if has_changed {
                self.invites.insert(listed.code().clone(), now);
            }
        }
        if !list.overtaken {
            self.take_missing(list, &mut found);
        }
        found.changed.sort_unstable();
        if found.blurred {
            self.cannot_explain(list.sent);
        }
        if list.overtaken {
            return found;
        }
        self.shared.listed = Some(list.sent);
        self.shared.whole = list.complete;
        self.shared.listed_after = after;
        found
    }

    fn listed_again(&self, listed: &Listed, mut known: Known, found: &mut Difference) -> Known {
        let code = listed.code();
        let since = self.since(&known);
        known.list_again(listed);
        found.blurred |= known.uses().is_none() && listed.uses().is_some();
        if known.uses() != listed.uses() && listed.uses().is_some() {
            found.changed.push(code.clone());
        }
        if let (Some(from), Some(to), Some(since)) = (known.uses(), listed.uses(), since)
            && to > from
        {
            found.risen.push((code.clone(), to - from));
            let kind = MoveKind::Rose { from, to };
            found.moves.push(Move::of_invite(code, &known, kind, since));
        }
        known.count(listed);
        known
    }

    fn listed_first(&self, listed: &Listed, overtaken: bool, found: &mut Difference) -> Known {
        let code = listed.code();
        found.changed.push(code.clone());
        let mut known = Known::new(listed);
        // Without an earlier whole list nothing is known of when it was used. What may have
        // been made before the list before this one was read, and was not in that list, was
        // perhaps missing there, and is not new.
        let last = self.shared.listed.filter(|_| self.shared.whole);
        let heard = self.shared.listed_after;
        let made = listed.created_at();
        let is_new = !overtaken && made.is_some_and(|made| Some(before(made, SKEW)) >= heard);
        if is_new {
            known.change_balance(self.early.get(code).copied().unwrap_or(0));
        }
        let may_be_new = made.is_some_and(|made| Some(after(made, MAY_BE_NEW)) >= heard);
        if let (Some(uses @ 1..), Some(since)) = (listed.uses(), last) {
            if may_be_new {
                let kind = MoveKind::Appeared { uses };
                let moved = Move::of_invite(code, &known, kind, since);
                if is_new {
                    found.risen.push((code.clone(), uses));
                    known.rise(uses);
                }
                found
                    .moves
                    .push(if is_new { moved } else { moved.unsure() });
            }
            found.blurred |= !is_new;
        }
        known.count(listed);
        known
    }

    /// Takes in what a list does not hold any more.
    fn take_missing(&mut self, list: &List<'_>, found: &mut Difference) {
        let mut there: Vec<&InviteCode> = list.invites.iter().map(Listed::code).collect();
        there.sort_unstable();
        let is_missing = |code: &InviteCode| there.binary_search(&code).is_err();
        if !list.complete {
            self.invites.edit_where(
                |code, known| is_missing(code) && known.uses().is_some(),
                |_, known| known.lose_count(),
            );
            return;
        }
        let gone = self.invites.extract(|code, known| {
            // INVITE_DELETE leaves no doubt, unless the list is older than the invite.
            let sure_until = if known.is_deleted() {
                list.sent
            } else {
                list.sure_until
            };
            is_missing(code) && known.seen().is_none_or(|seen| seen <= sure_until)
        });
        for (code, known) in gone {
            if let Some(since) = self.since(&known) {
                let kind = MoveKind::Vanished {
                    from: known.uses(),
                    max_uses: known.max_uses(),
                };
                found
                    .moves
                    .push(Move::of_invite(&code, &known, kind, since));
            }
            found.gone.push((code, known));
        }
    }
}
