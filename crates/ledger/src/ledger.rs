//! The contracts.

use std::{future::Future, pin::Pin, sync::Arc};

use guestlist_model::UserId;
use guestlist_tracker::{Attribution, JoinKey};

use crate::{
    Batch, Claim, Committed, Forgotten, InviteFilter, InviteRow, InviterFilter, InviterRow,
    JoinFilter, JoinRow, LedgerError, Partition, ResumePoint, Totals,
};

/// What a ledger will answer. Boxed, so that a ledger can be used behind `dyn`.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, LedgerError>> + Send + 'a>>;

/// Writing.
///
/// # The rules every backend keeps
///
/// - [`commit`](Store::commit) is one transaction, and when it returns the
///   batch survives the machine losing power.
/// - It is idempotent: committing records again, in other portions or another
///   order, changes nothing.
/// - A join is keyed by guild, user and the time it happened.
/// - Of several attributions of a join, one that is confirmed stands before one
///   that is not, and then the higher revision. At the same revision and
///   certainty the first one stands.
/// - A leave ends the join it names; one that names none ends the latest join
///   of that member observed before it, unless that has ended already.
/// - An invite that ended (per guild, code and `created_at`) stays ended. A known
///   reason stands before `Gone`; one that says who before one that does not.
/// - Of two claims of overlapping partitions, only the later one can write.
///
/// The suite in the `conformance` module (feature `conformance`) tests them all.
pub trait Store: Send + Sync {
    /// Takes over the guilds of a partition from whoever wrote them before.
    ///
    /// From then on commits by any earlier claim of an overlapping partition, of
    /// whatever division, are refused with [`LedgerError::Fenced`]. `owner` says
    /// who claims, for that error's text.
    ///
    /// Claim first, and ask for the [resume point](Resume::resume_point) then:
    /// the other way around somebody else could still write in between.
    ///
    /// # Errors
    ///
    /// When the claim could not be stored; then nothing has changed hands.
    fn claim<'a>(&'a self, partition: Partition, owner: &'a str) -> Answer<'a, Claim>;

    /// Stores a batch, all or nothing. That the claim still holds is checked in the
    /// same transaction.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Fenced`] if somebody else has claimed some of these guilds
    /// since, [`LedgerError::OutsidePartition`] if something is about a guild that
    /// was not claimed, and whatever else keeps it from being stored. Then none of
    /// it was.
    fn commit<'a>(&'a self, claim: Claim, batch: &'a Batch) -> Answer<'a, Committed>;
}

/// Going on after a restart.
pub trait Resume: Send + Sync {
    /// Where to go on with the guilds of a partition. All of it is of one moment,
    /// even while something is being committed.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    fn resume_point(&self, partition: Partition) -> Answer<'_, ResumePoint>;
}

/// Asking. An `Arc<dyn Reports>` is all that a page or a bot needs.
pub trait Reports: Send + Sync {
    /// Joins, newest first (by time, then user, then guild).
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    fn joins<'a>(&'a self, filter: &'a JoinFilter) -> Answer<'a, Vec<JoinRow>>;

    /// What each inviter brought, most joins first.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    fn inviters<'a>(&'a self, filter: &'a InviterFilter) -> Answer<'a, Vec<InviterRow>>;

    /// Invites and who came through them, most joins first.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    fn invites<'a>(&'a self, filter: &'a InviteFilter) -> Answer<'a, Vec<InviteRow>>;

    /// Every attribution that was ever stated about a join, by revision.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    fn attribution_history<'a>(&'a self, join: &'a JoinKey) -> Answer<'a, Vec<Attribution>>;

    /// How much there is.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    fn totals(&self) -> Answer<'_, Totals>;
}

/// Deleting what is held about a person.
pub trait Privacy: Send + Sync {
    /// Deletes what is held about a person, at their request.
    ///
    /// Names go. The person's id is replaced everywhere, as a member and as an
    /// inviter, by a stand-in that points to nobody, new for each deletion: so
    /// every count stays what it was. What remains of a join is when, where, and
    /// through which invite somebody joined. Records about those same joins that
    /// arrive later are ignored; joins that happen later are new.
    ///
    /// The tracker's states are left alone: they hold what Discord shows right
    /// now, and are replaced as it changes.
    ///
    /// # Errors
    ///
    /// When nothing could be deleted.
    fn forget_user(&self, user: UserId) -> Answer<'_, Forgotten>;
}

/// The durable record of joins, leaves, invites and attributions: the sum of its
/// contracts.
pub trait Ledger: Store + Resume + Reports + Privacy {}

impl<L: Store + Resume + Reports + Privacy + ?Sized> Ledger for L {}

impl<L: Store + ?Sized> Store for Arc<L> {
    fn claim<'a>(&'a self, partition: Partition, owner: &'a str) -> Answer<'a, Claim> {
        L::claim(self, partition, owner)
    }

    fn commit<'a>(&'a self, claim: Claim, batch: &'a Batch) -> Answer<'a, Committed> {
        L::commit(self, claim, batch)
    }
}

impl<L: Resume + ?Sized> Resume for Arc<L> {
    fn resume_point(&self, partition: Partition) -> Answer<'_, ResumePoint> {
        L::resume_point(self, partition)
    }
}

impl<L: Reports + ?Sized> Reports for Arc<L> {
    fn joins<'a>(&'a self, filter: &'a JoinFilter) -> Answer<'a, Vec<JoinRow>> {
        L::joins(self, filter)
    }

    fn inviters<'a>(&'a self, filter: &'a InviterFilter) -> Answer<'a, Vec<InviterRow>> {
        L::inviters(self, filter)
    }

    fn invites<'a>(&'a self, filter: &'a InviteFilter) -> Answer<'a, Vec<InviteRow>> {
        L::invites(self, filter)
    }

    fn attribution_history<'a>(&'a self, join: &'a JoinKey) -> Answer<'a, Vec<Attribution>> {
        L::attribution_history(self, join)
    }

    fn totals(&self) -> Answer<'_, Totals> {
        L::totals(self)
    }
}

impl<L: Privacy + ?Sized> Privacy for Arc<L> {
    fn forget_user(&self, user: UserId) -> Answer<'_, Forgotten> {
        L::forget_user(self, user)
    }
}
