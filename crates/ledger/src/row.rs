//! The rows of reports.

use guestlist_model::{GuildId, Timestamp, UserId};
use guestlist_tracker::{Attribution, Gap, InviteRecord, Join};
use serde::{Deserialize, Serialize};

use crate::{CertaintyKind, Label};

/// A join with its attribution and names.
///
/// ```no_run
/// # async fn example(ledger: &dyn guestlist_ledger::Reports) -> Result<(), guestlist_ledger::LedgerError> {
/// use guestlist_ledger::{Page, Scope};
///
/// for row in ledger.joins(&Scope::new(), Page::first(10)).await? {
///     if let Some(attribution) = row.attribution {
///         println!("{}: {}", row.join.key.user, attribution.certainty);
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct JoinRow {
    /// The join; its `name` is the member's latest known name.
    pub join: Join,
    /// The guild's name, if known.
    pub guild_name: Option<String>,
    /// The latest attribution; `None` if there is none yet.
    pub attribution: Option<Attribution>,
    /// The latest known name of the attribution's inviter.
    pub inviter_name: Option<String>,
    /// The label of the code, if the attribution is confirmed or deduced.
    pub label: Option<Label>,
    /// When the leave that ended this join was observed.
    pub left_at: Option<Timestamp>,
    /// If no event reported that leave: the earliest time at which the member can have left. The
    /// member left between this time and [`left_at`](Self::left_at).
    #[serde(default)]
    pub left_after: Option<Timestamp>,
    /// Whether the member is still in the server by this join: the member did not leave,
    /// and did not join again later.
    pub here: bool,
    /// Whether the ledger has an earlier join of this member to this guild.
    pub joined_before: bool,
}

/// The joins of an inviter.
///
/// In one row, `inviter` is `None`. It contains every join without an inviter: by the
/// vanity code, by a widget's invite, by discovery, and unattributed ones. Over all rows,
/// the sum of `confirmed`, `deduced` and `unknown` is the number of joins with a final
/// answer that is not ambiguous. An ambiguous join is counted for each of its candidates.
///
/// ```no_run
/// # async fn example(ledger: &dyn guestlist_ledger::Reports) -> Result<(), guestlist_ledger::LedgerError> {
/// use guestlist_ledger::Scope;
///
/// for row in ledger.inviters(&Scope::new(), Some(10)).await? {
///     println!("{:?} invited {}, of whom {} stayed", row.name, row.confirmed + row.deduced, row.here);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct InviterRow {
    /// The inviter.
    pub inviter: Option<UserId>,
    /// The inviter's latest known name.
    pub name: Option<String>,
    /// The number of confirmed joins.
    pub confirmed: u64,
    /// The number of deduced joins.
    pub deduced: u64,
    /// The number of joins for which this inviter is one of several candidates.
    pub ambiguous: u64,
    /// The sum of the weights of the ambiguous joins: how many of them to expect.
    pub expected: f64,
    /// The number of joins without an answer (only in the row without an inviter).
    pub unknown: u64,
    /// How many of `confirmed` and `deduced` are of members who left.
    pub left: u64,
    /// How many of `confirmed` and `deduced` are of current members.
    pub here: u64,
    /// The time of the latest confirmed or deduced join.
    pub last_join: Option<Timestamp>,
}

impl InviterRow {
    /// The number of confirmed and deduced joins.
    #[must_use]
    pub const fn joins(&self) -> u64 {
        self.confirmed + self.deduced
    }
}

/// An invite with its joins. A code that is used again later is another invite.
///
/// ```no_run
/// # async fn example(ledger: &dyn guestlist_ledger::Reports) -> Result<(), guestlist_ledger::LedgerError> {
/// use guestlist_ledger::{InviteStatus, Scope};
///
/// for row in ledger.invites(&Scope::new(), InviteStatus::Any, Some(10)).await? {
///     println!("{}: {} confirmed joins", row.invite.code, row.confirmed);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct InviteRow {
    /// The invite as last known; its `inviter_name` is the latest known name.
    pub invite: InviteRecord,
    /// The guild's name, if known.
    pub guild_name: Option<String>,
    /// The code's label.
    pub label: Option<Label>,
    /// The number of confirmed joins.
    pub confirmed: u64,
    /// The number of deduced joins.
    pub deduced: u64,
    /// The number of joins for which it is one of several candidates.
    pub ambiguous: u64,
    /// How many of `confirmed` and `deduced` are of members who left.
    pub left: u64,
    /// How many of `confirmed` and `deduced` are of current members.
    pub here: u64,
    /// The time of the latest confirmed or deduced join.
    pub last_join: Option<Timestamp>,
}

impl InviteRow {
    /// The number of confirmed and deduced joins.
    #[must_use]
    pub const fn joins(&self) -> u64 {
        self.confirmed + self.deduced
    }
}

/// A gap, in which joins may have been missed.
///
/// ```no_run
/// # async fn example(ledger: &dyn guestlist_ledger::Reports) -> Result<(), guestlist_ledger::LedgerError> {
/// use guestlist_ledger::Scope;
///
/// for row in ledger.gaps(&Scope::new()).await? {
///     println!("{:?}: found {} missed joins", row.guild_name, row.gap.joins_found);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GapRow {
    /// The gap, from [`last_known`](Gap::last_known) until [`closed_at`](Gap::closed_at),
    /// with the result of the search for missed joins.
    pub gap: Gap,
    /// The guild's name, if known.
    pub guild_name: Option<String>,
}

/// A guild with its totals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GuildRow {
    /// The guild.
    pub guild: GuildId,
    /// Its name, if known.
    pub name: Option<String>,
    /// The totals. `guilds` is 1.
    pub totals: Totals,
    /// The number of gaps, in which joins may have been missed.
    pub gaps: u64,
    /// The time of the latest join.
    pub last_join: Option<Timestamp>,
}

/// The joins and leaves of one kind within one time bucket.
///
/// ```no_run
/// # async fn example(ledger: &dyn guestlist_ledger::Reports) -> Result<(), guestlist_ledger::LedgerError> {
/// use guestlist_ledger::{Bucket, Scope};
///
/// for row in ledger.series(&Scope::new(), Bucket::DAY).await? {
///     println!("{}: {} joins", row.from, row.joins);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SeriesRow {
    /// The start of the bucket.
    pub from: Timestamp,
    /// The certainty; `None` for joins without an answer, and for leaves of members who
    /// joined before the tracking started.
    pub certainty: Option<CertaintyKind>,
    /// How the members joined, if that is confirmed or deduced, as
    /// [`Origin::label`](guestlist_tracker::Origin::label).
    pub origin: Option<String>,
    /// The number of joins within the bucket.
    pub joins: u64,
    /// The number of leaves within the bucket, regardless of when the members joined.
    pub leaves: u64,
}

/// The share of a part in a whole; `None` if the whole is 0.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "no server has that many joins")]
pub fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// The totals of a scope.
///
/// ```no_run
/// # async fn example(ledger: &dyn guestlist_ledger::Reports) -> Result<(), guestlist_ledger::LedgerError> {
/// use guestlist_ledger::Scope;
///
/// let totals = ledger.totals(&Scope::new()).await?;
/// println!("{} joins, {} leaves", totals.joins, totals.leaves);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Totals {
    /// The number of joins.
    pub joins: u64,
    /// The number of joins by certainty, in the order of
    /// [`CertaintyKind::ALL`](crate::CertaintyKind::ALL). The last one, provisional,
    /// counts joins that still wait for a final answer.
    pub by_certainty: [u64; 5],
    /// The number of joins without an attribution.
    pub waiting: u64,
    /// The number of observed leaves.
    pub leaves: u64,
    /// The number of joins that nobody saw, according to the gaps: the sum of
    /// [`Gap::joins_missing`]. Only the scope's guild and time apply.
    #[serde(default)]
    pub missing: u64,
    /// The number of invites.
    pub invites: u64,
    /// The number of guilds.
    pub guilds: u64,
}

impl Totals {
    /// The number of joins with a certainty.
    #[must_use]
    pub fn of(&self, certainty: CertaintyKind) -> u64 {
        let counts = CertaintyKind::ALL.into_iter().zip(self.by_certainty);
        counts
            .filter(|(kind, _)| *kind == certainty)
            .map(|(_, count)| count)
            .sum()
    }
}

/// What [`Privacy::forget_user`](crate::Privacy::forget_user) changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Forgotten {
    /// The number of joins that no longer name the person.
    pub joins: u64,
    /// The number of leaves that no longer name the person.
    pub leaves: u64,
    /// The number of invites and attributions that named the person as inviter or
    /// candidate.
    pub mentions: u64,
    /// The stand-in id in the counts, if there was any data; see
    /// [`is_forgotten`](crate::is_forgotten).
    pub stand_in: Option<UserId>,
}
