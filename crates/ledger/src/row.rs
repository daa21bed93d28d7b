//! Answers.

use guestlist_model::{GuildId, Timestamp, UserId};
use guestlist_tracker::{Attribution, Gap, InviteRecord, Join};

use crate::{CertaintyKind, Label};

/// A join with everything known about it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct JoinRow {
    /// The join; its `name` is the member's latest known name.
    pub join: Join,
    /// The guild's name, if known.
    pub guild_name: Option<String>,
    /// The latest attribution; none while it is being worked on.
    pub attribution: Option<Attribution>,
    /// The latest known name of the attribution's inviter.
    pub inviter_name: Option<String>,
    /// The label of the code that the attribution which stands names for certain.
    pub label: Option<Label>,
    /// When the leave that ended this join was observed.
    pub left_at: Option<Timestamp>,
    /// Whether the member is still there by this join: it did not leave, and
    /// did not join again later.
    pub here: bool,
    /// Whether the ledger has an earlier join of this member to this guild.
    pub joined_before: bool,
}

/// What an inviter brought.
///
/// `inviter` is none in the one row that gathers every join that has no
/// inviter: through the vanity code, through a widget's invite, by discovery,
/// not attributed. So over all rows `confirmed`, `deduced` and `unknown` add up
/// to the joins; `ambiguous` joins are counted for every candidate.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct InviterRow {
    /// Who invited.
    pub inviter: Option<UserId>,
    /// Their latest known name.
    pub name: Option<String>,
    /// Joins that Discord confirmed.
    pub confirmed: u64,
    /// Joins that the evidence leaves no other explanation for.
    pub deduced: u64,
    /// Joins for which this inviter is one of several candidates.
    pub ambiguous: u64,
    /// The sum of the weights of those: how many of them to expect.
    pub expected: f64,
    /// Joins that nothing is known about (only in the row without inviter).
    pub unknown: u64,
    /// Of `confirmed` and `deduced`: members who are no longer there.
    pub left: u64,
    /// Of `confirmed` and `deduced`: members who are still there.
    pub here: u64,
    /// The latest of `confirmed` and `deduced`.
    pub last_join: Option<Timestamp>,
}

impl InviterRow {
    /// Confirmed and deduced joins.
    #[must_use]
    pub const fn joins(&self) -> u64 {
        self.confirmed + self.deduced
    }
}

/// An invite (one life of a code) and who came through it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct InviteRow {
    /// The invite as last known; its `inviter_name` is the latest known name.
    pub invite: InviteRecord,
    /// The guild's name, if known.
    pub guild_name: Option<String>,
    /// The code's label.
    pub label: Option<Label>,
    /// Joins through it that Discord confirmed.
    pub confirmed: u64,
    /// Joins through it that were deduced.
    pub deduced: u64,
    /// Joins for which it is one of several candidates.
    pub ambiguous: u64,
    /// Of `confirmed` and `deduced`: members who are no longer there.
    pub left: u64,
    /// Of `confirmed` and `deduced`: members who are still there.
    pub here: u64,
    /// The latest of `confirmed` and `deduced`.
    pub last_join: Option<Timestamp>,
}

impl InviteRow {
    /// Confirmed and deduced joins.
    #[must_use]
    pub const fn joins(&self) -> u64 {
        self.confirmed + self.deduced
    }
}

/// A time in which joins may have been missed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct GapRow {
    /// The gap: from [`last_known`](Gap::last_known) on, which is by Discord's clock and
    /// perhaps not known, until [`closed_at`](Gap::closed_at), with what came of it.
    pub gap: Gap,
    /// The guild's name, if known.
    pub guild_name: Option<String>,
}

/// A guild, and how much there is of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GuildRow {
    /// The guild.
    pub guild: GuildId,
    /// Its name, if known.
    pub name: Option<String>,
    /// How much there is; its `guilds` is 1.
    pub totals: Totals,
    /// Times in which joins may have been missed.
    pub gaps: u64,
    /// The latest join.
    pub last_join: Option<Timestamp>,
}

/// Joins and leaves of one kind within one bucket of time.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SeriesRow {
    /// When the bucket begins.
    pub from: Timestamp,
    /// How surely the way in is known; none for joins that wait for an answer, and for
    /// leaves of members who joined before anybody watched.
    pub certainty: Option<CertaintyKind>,
    /// The way in, if it is confirmed or deduced, by
    /// [`Origin::label`](guestlist_tracker::Origin::label).
    pub origin: Option<String>,
    /// Who joined within the bucket.
    pub joins: u64,
    /// Who left within the bucket, whenever they joined.
    pub leaves: u64,
}

/// The share that a part is of a whole; none if there is nothing to share.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "no server has that many joins")]
pub fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// How much there is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Totals {
    /// Joins in all.
    pub joins: u64,
    /// Joins by certainty, in the order of
    /// [`CertaintyKind::ALL`](crate::CertaintyKind::ALL). The last, provisional, are joins
    /// that still wait for a final answer.
    pub by_certainty: [u64; 5],
    /// Joins without any attribution yet.
    pub waiting: u64,
    /// Leaves observed.
    pub leaves: u64,
    /// Lives of invites.
    pub invites: u64,
    /// Guilds.
    pub guilds: u64,
}

impl Totals {
    /// How many of the joins are known this surely.
    #[must_use]
    pub fn of(&self, certainty: CertaintyKind) -> u64 {
        let counts = CertaintyKind::ALL.into_iter().zip(self.by_certainty);
        counts
            .filter(|(kind, _)| *kind == certainty)
            .map(|(_, count)| count)
            .sum()
    }
}

/// What [`Privacy::forget_user`](crate::Privacy::forget_user) took away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Forgotten {
    /// Joins of the person that are now nobody's in particular.
    pub joins: u64,
    /// Leaves, likewise.
    pub leaves: u64,
    /// Invites and attributions that named the person as inviter or candidate.
    pub mentions: u64,
    /// Who stands in for them in the counts, if anything was held; see
    /// [`is_forgotten`](crate::is_forgotten).
    pub stand_in: Option<UserId>,
}
