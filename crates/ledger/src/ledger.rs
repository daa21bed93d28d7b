//! The contract.

use std::future::Future;

use guestlist_model::{GuildId, UserId};
use guestlist_tracker::{Attribution, GuildSnapshot, JoinKey};

use crate::{
    Batch, Committed, Forgotten, GatewaySession, InviteFilter, InviteRow, InviterFilter,
    InviterRow, JoinFilter, JoinRow, LedgerError, ResumePoint, Totals,
};

/// The durable record of joins, leaves, invites and attributions.
///
/// # The rules every backend keeps
///
/// - [`commit`](Ledger::commit) is one transaction, and when it returns the
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
///
/// The suite in the `conformance` module (feature `conformance`) tests them all.
pub trait Ledger: Send + Sync {
    /// Stores a batch, all or nothing.
    ///
    /// # Errors
    ///
    /// When it could not be stored; then none of it was.
    fn commit(&self, batch: &Batch) -> impl Future<Output = Result<Committed, LedgerError>> + Send;

    /// Where to go on after a restart. Both parts are of one moment, even while
    /// something is being committed.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    fn resume_point(&self) -> impl Future<Output = Result<ResumePoint, LedgerError>> + Send;

    /// The tracker's last states.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    fn guild_states(
        &self,
    ) -> impl Future<Output = Result<Vec<(GuildId, GuildSnapshot)>, LedgerError>> + Send {
        async { self.resume_point().await.map(|point| point.guild_states) }
    }

    /// The gateway sessions, by shard.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    fn sessions(&self) -> impl Future<Output = Result<Vec<GatewaySession>, LedgerError>> + Send {
        async { self.resume_point().await.map(|point| point.sessions) }
    }

    /// Joins, newest first (by time, then user, then guild).
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    fn joins(
        &self,
        filter: &JoinFilter,
    ) -> impl Future<Output = Result<Vec<JoinRow>, LedgerError>> + Send;

    /// What each inviter brought, most joins first.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    fn inviters(
        &self,
        filter: &InviterFilter,
    ) -> impl Future<Output = Result<Vec<InviterRow>, LedgerError>> + Send;

    /// Invites and who came through them, most joins first.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    fn invites(
        &self,
        filter: &InviteFilter,
    ) -> impl Future<Output = Result<Vec<InviteRow>, LedgerError>> + Send;

    /// Every attribution that was ever stated about a join, by revision.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    fn attribution_history(
        &self,
        join: &JoinKey,
    ) -> impl Future<Output = Result<Vec<Attribution>, LedgerError>> + Send;

    /// How much there is.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    fn totals(&self) -> impl Future<Output = Result<Totals, LedgerError>> + Send;

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
    fn forget_user(
        &self,
        user: UserId,
    ) -> impl Future<Output = Result<Forgotten, LedgerError>> + Send;
}

/// A shared ledger is a ledger.
impl<L: Ledger> Ledger for std::sync::Arc<L> {
    fn commit(&self, batch: &Batch) -> impl Future<Output = Result<Committed, LedgerError>> + Send {
        L::commit(self, batch)
    }

    fn resume_point(&self) -> impl Future<Output = Result<ResumePoint, LedgerError>> + Send {
        L::resume_point(self)
    }

    fn joins(
        &self,
        filter: &JoinFilter,
    ) -> impl Future<Output = Result<Vec<JoinRow>, LedgerError>> + Send {
        L::joins(self, filter)
    }

    fn inviters(
        &self,
        filter: &InviterFilter,
    ) -> impl Future<Output = Result<Vec<InviterRow>, LedgerError>> + Send {
        L::inviters(self, filter)
    }

    fn invites(
        &self,
        filter: &InviteFilter,
    ) -> impl Future<Output = Result<Vec<InviteRow>, LedgerError>> + Send {
        L::invites(self, filter)
    }

    fn attribution_history(
        &self,
        join: &JoinKey,
    ) -> impl Future<Output = Result<Vec<Attribution>, LedgerError>> + Send {
        L::attribution_history(self, join)
    }

    fn totals(&self) -> impl Future<Output = Result<Totals, LedgerError>> + Send {
        L::totals(self)
    }

    fn forget_user(
        &self,
        user: UserId,
    ) -> impl Future<Output = Result<Forgotten, LedgerError>> + Send {
        L::forget_user(self, user)
    }
}
