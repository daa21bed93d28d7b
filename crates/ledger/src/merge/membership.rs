//! A member's joins and leaves in a guild, from what several records tell of them.

use std::collections::BTreeMap;

use guestlist_model::{Timestamp, UserId};
use guestlist_tracker::{Attribution, Certainty, Join, Leave, Observation, Origin};

use crate::CertaintyKind;

/// A member's joins and leaves in one guild.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Membership {
    /// By [`JoinKey::joined_at`].
    pub(crate) joins: BTreeMap<Timestamp, StoredJoin>,
    pub(crate) leaves: Vec<StoredLeave>,
    /// Every attribution of a join, by rank. Of one that is stored, only the rank is
    /// known, until it is asked for.
    pub(crate) stated: BTreeMap<Timestamp, BTreeMap<Rank, Option<Attribution>>>,
}

/// What decides which of two attributions of a join stands: the higher one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank {
    pub(crate) confirmed: bool,
    pub(crate) revision: u32,
}

impl Rank {
    pub(crate) const fn of(attribution: &Attribution) -> Self {
        Self {
            confirmed: matches!(attribution.certainty, Certainty::Confirmed(_)),
            revision: attribution.revision,
        }
    }
}

/// The attribution that stands, as far as reports count by it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Standing {
    pub(crate) kind: CertaintyKind,
    pub(crate) revision: u32,
    pub(crate) origin: Option<String>,
    pub(crate) code: Option<String>,
    pub(crate) inviter: Option<UserId>,
}

impl Standing {
    pub(crate) fn of(attribution: &Attribution) -> Self {
        let origin = attribution.certainty.origin();
        Self {
            kind: CertaintyKind::of(&attribution.certainty),
            revision: attribution.revision,
            origin: origin.map(|origin| origin.label().to_owned()),
            code: (origin.and_then(Origin::code)).map(|code| code.as_str().to_owned()),
            inviter: origin.and_then(Origin::inviter),
        }
    }

    pub(crate) fn rank(&self) -> Rank {
        Rank {
            confirmed: self.kind == CertaintyKind::Confirmed,
            revision: self.revision,
        }
    }
}

/// What a join says to a ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JoinNews {
    New,
    More,
    Nothing,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StoredJoin {
    pub(crate) bot: bool,
    pub(crate) guest: bool,
    pub(crate) pending: bool,
    pub(crate) rejoined: Option<bool>,
    /// First seen.
    pub(crate) observed_at: Timestamp,
    /// How it was first seen.
    pub(crate) observed_by: Observation,
    /// Last seen.
    pub(crate) updated_at: Timestamp,
    pub(crate) left_at: Option<Timestamp>,
    /// When the member can have left at the earliest, if no event told of it.
    pub(crate) left_after: Option<Timestamp>,
    pub(crate) here: bool,
    /// Whether there is an earlier join.
    pub(crate) again: bool,
    /// When, as precisely as it is known.
    pub(crate) exact_at: Timestamp,
    pub(crate) standing: Option<Standing>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StoredLeave {
    /// The join it ends, as the tracker told.
    pub(crate) told: Option<Timestamp>,
    /// If that is not known: a time of Discord's that no later join is before.
    pub(crate) before: Option<Timestamp>,
    pub(crate) observed_at: Timestamp,
    /// When it can have been at the earliest, if no event told of it.
    pub(crate) since: Option<Timestamp>,
    /// The join it was paired with.
    pub(crate) joined_at: Option<Timestamp>,
}

impl Membership {
    /// Takes in a join.
    pub(crate) fn join(&mut self, join: &Join) -> JoinNews {
        let offered = StoredJoin {
            bot: join.bot,
            guest: join.guest,
            pending: join.pending,
            rejoined: join.rejoined,
            observed_at: join.observed_at,
            observed_by: join.observed_by,
            updated_at: join.observed_at,
            left_at: None,
            left_after: None,
            here: true,
            again: false,
            exact_at: join.joined_at,
            standing: None,
        };
        let Some(stored) = self.joins.get_mut(&join.key.joined_at) else {
            self.joins.insert(join.key.joined_at, offered);
            return JoinNews::New;
        };
        let before = (stored.bot, stored.guest, stored.pending, stored.rejoined);
        stored.bot |= offered.bot;
        stored.guest |= offered.guest;
        stored.rejoined = stored.rejoined.max(offered.rejoined);
        match offered.updated_at.cmp(&stored.updated_at) {
            std::cmp::Ordering::Greater => stored.pending = offered.pending,
            // Screening is passed once; so of two at once, "passed" is later.
            std::cmp::Ordering::Equal => stored.pending &= offered.pending,
            std::cmp::Ordering::Less => {}
        }
        if offered.observed_at < stored.observed_at
            || (offered.observed_at == stored.observed_at
                && offered.observed_by == Observation::Gateway)
        {
            stored.observed_by = offered.observed_by;
        }
        stored.observed_at = stored.observed_at.min(offered.observed_at);
        stored.updated_at = stored.updated_at.max(offered.updated_at);
        // A search knows milliseconds; cut off is less.
        stored.exact_at = stored.exact_at.max(offered.exact_at);
        if before == (stored.bot, stored.guest, stored.pending, stored.rejoined) {
            JoinNews::Nothing
        } else {
            JoinNews::More
        }
    }

    /// Takes in an attribution; true if it stands now.
    pub(crate) fn attribution(&mut self, offered: &Attribution) -> bool {
        let stated = self.stated.entry(offered.key.joined_at).or_default();
        let (rank, best) = (Rank::of(offered), stated.keys().next_back().copied());
        stated.entry(rank).or_insert_with(|| Some(offered.clone()));
        best.is_none_or(|best| rank > best)
    }

    /// Stored attributions that now stand and of which more than the rank has to be
    /// known: those of joins that were stored after them.
    pub(crate) fn unread(&self) -> Vec<(Timestamp, Rank)> {
        let unread = |(joined_at, join): (&Timestamp, &StoredJoin)| {
            let (rank, attribution) = self.stated.get(joined_at)?.last_key_value()?;
            let held = join.standing.as_ref().map(Standing::rank) == Some(*rank);
            (attribution.is_none() && !held).then_some((*joined_at, *rank))
        };
        self.joins.iter().filter_map(unread).collect()
    }

    /// Takes in a leave; true if it is news.
    pub(crate) fn leave(&mut self, leave: &Leave) -> bool {
        let told = leave.joined_at.map(millis);
        let known = self.leaves.iter_mut().find(|stored| match told {
            Some(_) => stored.told == told,
            None => stored.told.is_none() && stored.observed_at == leave.observed_at,
        });
        if let Some(stored) = known {
            stored.observed_at = stored.observed_at.min(leave.observed_at);
            stored.before = stored.before.max(leave.joined_before.map(millis));
            // An event tells more than any comparison, and a later bound more than an earlier.
            stored.since = match (stored.since, leave.since) {
                (Some(known), Some(told)) => Some(known.max(told)),
                _ => None,
            };
            return false;
        }
        self.leaves.push(StoredLeave {
            told,
            before: leave.joined_before.map(millis).filter(|_| told.is_none()),
            observed_at: leave.observed_at,
            since: leave.since,
            joined_at: None,
        });
        true
    }

    /// Pairs leaves with joins anew, says who is still here, and what stands.
    pub(crate) fn settle(&mut self) {
        for (joined_at, join) in &mut self.joins {
            let stated = self.stated.get(joined_at);
            if let Some((_, Some(best))) = stated.and_then(BTreeMap::last_key_value) {
                join.standing = Some(Standing::of(best));
            }
        }
        for join in self.joins.values_mut() {
            join.left_at = None;
            join.left_after = None;
        }
        self.leaves
            .sort_by_key(|leave| (leave.told.is_none(), leave.observed_at, leave.told));
        for leave in &mut self.leaves {
            let ended = match leave.told {
                Some(told) => self.joins.get_mut(&told).map(|join| (told, join)),
                None => self
                    .joins
                    .iter_mut()
                    .rev()
                    .find(|(at, join)| may_end(leave.before, leave.observed_at, **at, join))
                    .map(|(joined_at, join)| (*joined_at, join)),
            };
            leave.joined_at = match ended {
                Some((joined_at, join)) if join.left_at.is_none() => {
                    join.left_at = Some(leave.observed_at);
                    join.left_after = leave.since;
                    Some(joined_at)
                }
                _ => None,
            };
        }
        // Nobody is a member twice: a later join means that the earlier one ended,
        // whether or not a leave was seen.
        let mut latest = true;
        for join in self.joins.values_mut().rev() {
            join.here = latest && join.left_at.is_none();
            latest = false;
        }
        for (place, join) in self.joins.values_mut().enumerate() {
            join.again = place > 0;
        }
    }
}

/// Whether a leave that names no join may have ended this one.
pub(crate) fn may_end(
    before: Option<Timestamp>,
    observed_at: Timestamp,
    joined_at: Timestamp,
    join: &StoredJoin,
) -> bool {
    match before {
        Some(before) => joined_at <= before,
        // Both times are of our clock, so they compare, unless it was set meanwhile.
        None => join.observed_at <= observed_at,
    }
}

/// As a join's key has it.
pub(crate) const fn millis(at: Timestamp) -> Timestamp {
    Timestamp::from_millis(at.as_millis())
}
