//! The traits of a ledger.

use std::{collections::BTreeMap, future::Future, pin::Pin, sync::Arc};

use guestlist_model::{GuildId, InviteCode, Timestamp, UserId};
use guestlist_tracker::{Attribution, JoinKey};

use crate::{
    Accuracy, Batch, Bucket, Burst, BurstLimits, ChangeFilter, Changes, Claim, Committed, Cursor,
    Forgotten, GapRow, GuildRow, InviteRow, InviteStatus, InviterProfile, InviterRow, JoinFact,
    JoinRow, Label, LabelRow, LedgerError, Page, Partition, ProfileLimits, ResumePoint,
    RetentionQuestion, RetentionRow, Scope, SeriesRow, Totals, TreePage, TreeQuestion, accuracy,
    insight,
};

/// The future of a ledger's answer. It is boxed so that the traits are dyn-compatible.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, LedgerError>> + Send + 'a>>;

/// Writing to a ledger.
///
/// # Rules for every backend
///
/// - [`commit`](Store::commit) is one transaction. When it returns, the batch survives a
///   power failure.
/// - It is idempotent: committing records again, in other batches or another order,
///   changes nothing.
/// - A join is keyed by guild, user and the millisecond in which it happened.
/// - Of several attributions of a join, a confirmed one takes precedence, then the one
///   with the higher revision. With equal revision and certainty, the first one takes
///   precedence.
/// - A leave ends the join that it names. A leave without a join ends the member's latest
///   join that was observed before it, unless that join has already ended.
/// - An invite that ended (by guild, code and `created_at`) stays ended. A known reason
///   takes precedence over `Gone`, and a reason with a user over one without.
/// - Of two claims of overlapping partitions, only the later one can write.
///
/// The suite in the module `conformance` (feature `conformance`) tests all of them.
pub trait Store: Send + Sync {
    /// Takes over the guilds of a partition from the previous writer.
    ///
    /// From then on, commits with an earlier claim of an overlapping partition fail with
    /// [`LedgerError::Fenced`]. `owner` is a description of the writer for that error.
    ///
    /// Claim first, and then read the [resume point](Resume::resume_point). Otherwise
    /// another writer could still write in between.
    ///
    /// # Errors
    ///
    /// [`LedgerError`] if the claim cannot be stored. The previous claim then remains
    /// valid.
    fn claim<'a>(&'a self, partition: Partition, owner: &'a str) -> Answer<'a, Claim>;

    /// Stores a batch, completely or not at all. The same transaction checks whether the
    /// claim is still valid.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Fenced`] if another writer has claimed some of these guilds,
    /// [`LedgerError::OutsidePartition`] if the batch contains a guild that was not
    /// claimed, and other variants if the batch cannot be stored.
    fn commit<'a>(&'a self, claim: Claim, batch: &'a Batch) -> Answer<'a, Committed>;
}

/// Continuing after a restart.
pub trait Resume: Send + Sync {
    /// Returns what is needed to continue with the guilds of a partition: a consistent
    /// snapshot, even during a commit.
    ///
    /// # Errors
    ///
    /// [`LedgerError`] if the ledger cannot be read.
    fn resume_point(&self, partition: Partition) -> Answer<'_, ResumePoint>;

    /// Returns the joins of a guild by which members are still here, sorted by member.
    /// Forgotten people are left out, because nobody knows their ids.
    ///
    /// # Errors
    ///
    /// [`LedgerError`] if the ledger cannot be read.
    fn present(&self, guild: GuildId) -> Answer<'_, Vec<JoinKey>>;
}

/// Reading from a ledger. An `Arc<dyn Reports>` is all that a web page or a bot needs.
///
/// Every method fails if the ledger cannot be read.
///
/// ```no_run
/// # async fn example(ledger: &dyn guestlist_ledger::Reports) -> Result<(), guestlist_ledger::LedgerError> {
/// use guestlist_ledger::Scope;
///
/// let totals = ledger.totals(&Scope::new()).await?;
/// println!("{} joins in {} servers", totals.joins, totals.guilds);
/// # Ok(())
/// # }
/// ```
pub trait Reports: Send + Sync {
    /// Returns joins, latest first (by time, then user, then guild).
    ///
    /// # Errors
    ///
    /// [`LedgerError`] if the ledger cannot be read.
    fn joins<'a>(&'a self, scope: &'a Scope, page: Page) -> Answer<'a, Vec<JoinRow>>;

    /// Returns one join, if it exists.
    ///
    /// # Errors
    ///
    /// [`LedgerError`] if the ledger cannot be read.
    fn join<'a>(&'a self, key: &'a JoinKey) -> Answer<'a, Option<JoinRow>>;

    /// Returns every attribution that was ever stated for a join, sorted by revision.
    /// With equal revisions, the confirmed one comes last.
    ///
    /// # Errors
    ///
    /// [`LedgerError`] if the ledger cannot be read.
    fn attribution_history<'a>(&'a self, key: &'a JoinKey) -> Answer<'a, Vec<Attribution>>;

    /// Returns the joins of each inviter, most joins first; at most `limit` rows, or all
    /// rows if `None`.
    ///
    /// An ambiguous join matches an inviter or a code if one of its candidates does.
    ///
    /// # Errors
    ///
    /// [`LedgerError`] if the ledger cannot be read.
    fn inviters<'a>(&'a self, scope: &'a Scope, limit: Option<u32>) -> Answer<'a, Vec<InviterRow>>;

    /// Returns invites with their joins, most joins first; at most `limit` rows, or all
    /// rows if `None`.
    ///
    /// The scope's guild, inviter, code and label apply to the invite, and its time to
    /// the invite's creation. All other filters apply to the joins that are counted.
    ///
    /// # Errors
    ///
    /// [`LedgerError`] if the ledger cannot be read.
    fn invites<'a>(
        &'a self,
        scope: &'a Scope,
        status: InviteStatus,
        limit: Option<u32>,
    ) -> Answer<'a, Vec<InviteRow>>;

    /// Returns every guild with its totals, sorted by id.
    ///
    /// # Errors
    ///
    /// [`LedgerError`] if the ledger cannot be read.
    fn guilds(&self) -> Answer<'_, Vec<GuildRow>>;

    /// Returns the guilds with their names if known, sorted by id.
    ///
    /// # Errors
    ///
    /// [`LedgerError`] if the ledger cannot be read.
    fn guild_names(&self) -> Answer<'_, Vec<(GuildId, Option<String>)>>;

    /// Returns the totals of a scope.
    ///
    /// The scope's time applies to joins, leaves and the creation of invites. If the scope
    /// has a filter that applies only to joins (inviter, code, label, certainty, origin,
    /// presence, account age), only leaves that ended such a join are counted. Invites are
    /// filtered by guild, inviter, code and label.
    ///
    /// # Errors
    ///
    /// [`LedgerError`] if the ledger cannot be read.
    fn totals<'a>(&'a self, scope: &'a Scope) -> Answer<'a, Totals>;

    /// Returns joins and leaves over time, by certainty and origin, in order of time.
    /// Empty buckets are left out. The scope works as for [`totals`](Self::totals).
    ///
    /// # Errors
    ///
    /// [`LedgerError`] if the ledger cannot be read.
    fn series<'a>(&'a self, scope: &'a Scope, bucket: Bucket) -> Answer<'a, Vec<SeriesRow>>;

    /// Returns the gaps in which joins may have been missed, in the order in which they
    /// were noticed.
    ///
    /// Only the scope's guild and time apply: a gap matches if it ended after `since` and
    /// was noticed before `until`.
    ///
    /// # Errors
    ///
    /// [`LedgerError`] if the ledger cannot be read.
    fn gaps<'a>(&'a self, scope: &'a Scope) -> Answer<'a, Vec<GapRow>>;

    /// Returns the entries after a position in the feed, at most `limit`.
    ///
    /// Entries are written in the same transaction as the data that they describe. An
    /// entry keeps its number even if a person is forgotten, and numbers are never
    /// reused. Entries become visible in order, so a reader that continues from
    /// [`Changes::next`] misses nothing.
    ///
    /// # Errors
    ///
    /// [`LedgerError`] if the ledger cannot be read.
    fn changes<'a>(
        &'a self,
        after: Cursor,
        filter: &'a ChangeFilter,
        limit: u32,
    ) -> Answer<'a, Changes>;

    /// Returns the labels of codes, sorted by guild, label and code. Only the scope's
    /// guild, code and label apply.
    ///
    /// # Errors
    ///
    /// [`LedgerError`] if the ledger cannot be read.
    fn labels<'a>(&'a self, scope: &'a Scope) -> Answer<'a, Vec<LabelRow>>;

    /// Returns joins in compact form, in the order of [`joins`](Self::joins). The methods
    /// below are computed from them.
    ///
    /// # Errors
    ///
    /// [`LedgerError`] if the ledger cannot be read.
    fn facts<'a>(&'a self, scope: &'a Scope, page: Page) -> Answer<'a, Vec<JoinFact>>;

    /// Returns the latest known names of users. Users without a known name are left out.
    ///
    /// # Errors
    ///
    /// [`LedgerError`] if the ledger cannot be read.
    fn names<'a>(&'a self, users: &'a [UserId]) -> Answer<'a, BTreeMap<UserId, String>>;

    /// Returns the retention of cohorts: latest week first, then most joins; the rest
    /// last.
    ///
    /// # Errors
    ///
    /// [`LedgerError`] if the ledger cannot be read.
    fn retention<'a>(
        &'a self,
        scope: &'a Scope,
        question: &'a RetentionQuestion,
    ) -> Answer<'a, Vec<RetentionRow>> {
        Box::pin(insight::retention(self, scope, question))
    }

    /// Returns detailed statistics of each inviter, most joins first.
    ///
    /// # Errors
    ///
    /// [`LedgerError`] if the ledger cannot be read.
    fn inviter_profiles<'a>(
        &'a self,
        scope: &'a Scope,
        limits: &'a ProfileLimits,
    ) -> Answer<'a, Vec<InviterProfile>> {
        Box::pin(insight::profiles(self, scope, limits))
    }

    /// Returns bursts, latest first.
    ///
    /// # Errors
    ///
    /// [`LedgerError`] if the ledger cannot be read.
    fn bursts<'a>(&'a self, scope: &'a Scope, limits: &'a BurstLimits) -> Answer<'a, Vec<Burst>> {
        Box::pin(insight::find_bursts(self, scope, limits))
    }

    /// Returns a part of the tree of inviters.
    ///
    /// # Errors
    ///
    /// [`LedgerError`] if the ledger cannot be read.
    fn tree<'a>(&'a self, question: &'a TreeQuestion) -> Answer<'a, TreePage> {
        Box::pin(insight::tree(self, question))
    }

    /// Returns the accuracy of earlier answers for all confirmed joins of a scope. The
    /// scope's certainty is ignored.
    ///
    /// # Errors
    ///
    /// [`LedgerError`] if the ledger cannot be read.
    fn accuracy<'a>(&'a self, scope: &'a Scope) -> Answer<'a, Accuracy> {
        Box::pin(accuracy::compare(self, scope))
    }

    /// Returns the end of the feed, to read entries from now on.
    ///
    /// # Errors
    ///
    /// [`LedgerError`] if the ledger cannot be read.
    fn latest(&self) -> Answer<'_, Cursor>;
}

/// Deleting the data about a person.
///
/// ```no_run
/// # async fn example(ledger: &dyn guestlist_ledger::Privacy, user: guestlist_model::UserId, now: guestlist_model::Timestamp) -> Result<(), guestlist_ledger::LedgerError> {
/// let forgotten = ledger.forget_user(user, now).await?;
/// println!("{} joins no longer name the person", forgotten.joins);
/// # Ok(()) }
/// ```
pub trait Privacy: Send + Sync {
    /// Deletes the data about a person, who requested it at `now`.
    ///
    /// Names are removed. The person's id is replaced everywhere, as a member and as an
    /// inviter, with a stand-in id that belongs to nobody and is new for each deletion. All
    /// counts therefore stay the same. A join still shows when, where, and through which
    /// invite someone joined.
    ///
    /// The deletion is permanent: later records about joins and invites from before the
    /// request are stored under the stand-in, without a name. For this, the ledger keeps
    /// a salted digest of the id. Later actions of the person, such as joining again or
    /// creating an invite, are stored normally.
    ///
    /// The tracker's states are not changed. They contain what Discord currently shows,
    /// and are replaced as that changes.
    ///
    /// # Errors
    ///
    /// [`LedgerError`] if nothing was deleted.
    fn forget_user(&self, user: UserId, now: Timestamp) -> Answer<'_, Forgotten>;

    /// Returns people without activity since a time: they have not joined, left, invited
    /// anyone, or had a usable invite since. People who have been idle longest come first, at
    /// most `limit`. To keep data for a limited time only, [forget](Self::forget_user) them.
    ///
    /// # Errors
    ///
    /// [`LedgerError`] if the ledger cannot be read.
    fn idle_people(&self, before: Timestamp, limit: u32) -> Answer<'_, Vec<UserId>>;
}

/// Labels that group codes. [`Reports::labels`] lists them.
///
/// A code of a guild has at most one label, which applies to every invite with this code,
/// even before an invite was seen. Forgetting a person does not change labels. No claim
/// is needed, because trackers do not write labels.
///
/// ```no_run
/// # async fn example(ledger: &dyn guestlist_ledger::Labels, guild: guestlist_model::GuildId, now: guestlist_model::Timestamp) -> Result<(), Box<dyn std::error::Error>> {
/// let code = "hB6mWNqr".parse()?;
/// let changed = ledger.set_label(guild, &code, &"newsletter May".parse()?, now).await?;
/// println!("changed: {changed}");
/// # Ok(()) }
/// ```
pub trait Labels: Send + Sync {
    /// Sets the label of a code, replacing any earlier label. `now` is the current time.
    /// Returns whether anything changed.
    ///
    /// # Errors
    ///
    /// [`LedgerError`] if the label cannot be stored.
    fn set_label<'a>(
        &'a self,
        guild: GuildId,
        code: &'a InviteCode,
        label: &'a Label,
        now: Timestamp,
    ) -> Answer<'a, bool>;

    /// Removes a code's label. Returns whether it had one.
    ///
    /// # Errors
    ///
    /// [`LedgerError`] if the label cannot be removed.
    fn remove_label<'a>(&'a self, guild: GuildId, code: &'a InviteCode) -> Answer<'a, bool>;
}

/// The durable record of joins, leaves, invites and attributions: all traits together.
pub trait Ledger: Store + Resume + Reports + Privacy + Labels {}

impl<L: Store + Resume + Reports + Privacy + Labels + ?Sized> Ledger for L {}

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

    fn present(&self, guild: GuildId) -> Answer<'_, Vec<JoinKey>> {
        L::present(self, guild)
    }
}

impl<L: Reports + ?Sized> Reports for Arc<L> {
    crate::hand_through!(self => (**self);
        joins, join, attribution_history, inviters, invites, guilds, guild_names, totals, series, gaps,
        changes, labels, facts, names, retention, inviter_profiles, bursts, tree, accuracy, latest);
}

impl<L: Labels + ?Sized> Labels for Arc<L> {
    fn set_label<'a>(
        &'a self,
        guild: GuildId,
        code: &'a InviteCode,
        label: &'a Label,
        now: Timestamp,
    ) -> Answer<'a, bool> {
        L::set_label(self, guild, code, label, now)
    }

    fn remove_label<'a>(&'a self, guild: GuildId, code: &'a InviteCode) -> Answer<'a, bool> {
        L::remove_label(self, guild, code)
    }
}

impl<L: Privacy + ?Sized> Privacy for Arc<L> {
    fn forget_user(&self, user: UserId, now: Timestamp) -> Answer<'_, Forgotten> {
        L::forget_user(self, user, now)
    }

    fn idle_people(&self, before: Timestamp, limit: u32) -> Answer<'_, Vec<UserId>> {
        L::idle_people(self, before, limit)
    }
}
