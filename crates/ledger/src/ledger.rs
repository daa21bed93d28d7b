//! The contracts.

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
/// - A join is keyed by guild, user and the millisecond in which it happened.
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
///
/// Every question can fail when the ledger cannot be read.
pub trait Reports: Send + Sync {
    /// Joins, newest first (by time, then user, then guild).
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    fn joins<'a>(&'a self, scope: &'a Scope, page: Page) -> Answer<'a, Vec<JoinRow>>;

    /// One join, if there is such a one.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    fn join<'a>(&'a self, key: &'a JoinKey) -> Answer<'a, Option<JoinRow>>;

    /// Every attribution that was ever stated about a join, by revision; at the same
    /// revision, what Discord confirmed comes last.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    fn attribution_history<'a>(&'a self, key: &'a JoinKey) -> Answer<'a, Vec<Attribution>>;

    /// What each inviter brought, most joins first; at most `limit` rows, all if none.
    ///
    /// An ambiguous join is in a scope of an inviter or a code if one of its candidates
    /// is.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    fn inviters<'a>(&'a self, scope: &'a Scope, limit: Option<u32>) -> Answer<'a, Vec<InviterRow>>;

    /// Invites and who came through them, most joins first; at most `limit` rows, all
    /// if none.
    ///
    /// The scope's guild, inviter, code and label are the invite's, its time is when the
    /// invite was created. All else narrows the joins that are counted.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    fn invites<'a>(
        &'a self,
        scope: &'a Scope,
        status: InviteStatus,
        limit: Option<u32>,
    ) -> Answer<'a, Vec<InviteRow>>;

    /// Every guild, with how much there is of it, by id.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    fn guilds(&self) -> Answer<'_, Vec<GuildRow>>;

    /// The guilds with their names as far as they are known, by id.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    fn guild_names(&self) -> Answer<'_, Vec<(GuildId, Option<String>)>>;

    /// How much there is.
    ///
    /// The scope's time is when somebody joined, or left, or an invite was created. With
    /// anything in it that only a join has (an inviter, a code, a label, a certainty, a way
    /// in, whether the member is still there, the account's age), only leaves that ended
    /// such a join are counted. Of invites, guild, inviter, code and label count.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    fn totals<'a>(&'a self, scope: &'a Scope) -> Answer<'a, Totals>;

    /// Joins and leaves over time, by certainty and way in; in order of time. Buckets
    /// without any are left out. The scope means what it does for
    /// [`totals`](Self::totals).
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    fn series<'a>(&'a self, scope: &'a Scope, bucket: Bucket) -> Answer<'a, Vec<SeriesRow>>;

    /// Times in which joins may have been missed, in order of when they were noticed.
    ///
    /// Of the scope, guild and time count: those that ended since, and were noticed
    /// before. A gap is about nobody in particular.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    fn gaps<'a>(&'a self, scope: &'a Scope) -> Answer<'a, Vec<GapRow>>;

    /// Everything new after a place in the feed, at most `limit` entries.
    ///
    /// The feed is written in the transaction that stores what it tells of. An entry
    /// keeps its number, also when somebody is forgotten, and no number is used again.
    /// Whoever has seen an entry has been able to see all before it, so that going on
    /// from [`Changes::next`] misses nothing.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    fn changes<'a>(
        &'a self,
        after: Cursor,
        filter: &'a ChangeFilter,
        limit: u32,
    ) -> Answer<'a, Changes>;

    /// The labels of codes, by guild, label and code. Of the scope, guild, code and label
    /// count.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    fn labels<'a>(&'a self, scope: &'a Scope) -> Answer<'a, Vec<LabelRow>>;

    /// Joins in few words, in the order of [`joins`](Self::joins): what the questions below
    /// are worked out from.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    fn facts<'a>(&'a self, scope: &'a Scope, page: Page) -> Answer<'a, Vec<JoinFact>>;

    /// The latest known names of people; who has none is left out.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    fn names<'a>(&'a self, users: &'a [UserId]) -> Answer<'a, BTreeMap<UserId, String>>;

    /// Who stayed, in cohorts: the latest week first, then the most joins; what is in no
    /// other cohort last.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    fn retention<'a>(
        &'a self,
        scope: &'a Scope,
        question: &'a RetentionQuestion,
    ) -> Answer<'a, Vec<RetentionRow>> {
        Box::pin(insight::retention(self, scope, question))
    }

    /// What each inviter brought, in more detail than [`inviters`](Self::inviters); most
    /// joins first.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    fn inviter_profiles<'a>(
        &'a self,
        scope: &'a Scope,
        limits: &'a ProfileLimits,
    ) -> Answer<'a, Vec<InviterProfile>> {
        Box::pin(insight::profiles(self, scope, limits))
    }

    /// Times in which unusually many came; the latest first.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    fn bursts<'a>(&'a self, scope: &'a Scope, limits: &'a BurstLimits) -> Answer<'a, Vec<Burst>> {
        Box::pin(insight::find_bursts(self, scope, limits))
    }

    /// A part of the tree of who brought whom.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    fn tree<'a>(&'a self, question: &'a TreeQuestion) -> Answer<'a, TreePage> {
        Box::pin(insight::tree(self, question))
    }

    /// How right the answers were that Discord confirmed or corrected later: what was said
    /// before of all confirmed joins of a scope, whose certainty does not matter.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    fn accuracy<'a>(&'a self, scope: &'a Scope) -> Answer<'a, Accuracy> {
        Box::pin(accuracy::compare(self, scope))
    }

    /// The end of the feed, for whoever wants what comes from now on.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    fn latest(&self) -> Answer<'_, Cursor>;
}

/// Deleting what is held about a person.
pub trait Privacy: Send + Sync {
    /// Deletes what is held about a person, at their request, made at `now`.
    ///
    /// Names go. The person's id is replaced everywhere, as a member and as an
    /// inviter, by a stand-in that points to nobody, new for each deletion: so
    /// every count stays what it was. What remains of a join is when, where, and
    /// through which invite somebody joined.
    ///
    /// It lasts: what arrives later about joins and invites from before the request is
    /// put down to the stand-in, without a name. For that the ledger keeps a salted
    /// digest of the id. What the person does afterwards, joining again or making an
    /// invite, is new, and stored like anybody's.
    ///
    /// The tracker's states are left alone: they hold what Discord shows right
    /// now, and are replaced as it changes.
    ///
    /// # Errors
    ///
    /// When nothing could be deleted.
    fn forget_user(&self, user: UserId, now: Timestamp) -> Answer<'_, Forgotten>;

    /// People of whom all that is held is from before a time: they joined, left, brought
    /// somebody in, or had an invite that could be used, but not since. The longest ago first,
    /// at most so many. Whoever keeps data for a limited time [forgets](Self::forget_user)
    /// them.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    fn idle_people(&self, before: Timestamp, limit: u32) -> Answer<'_, Vec<UserId>>;
}

/// Grouping codes by labels. [`Reports::labels`] lists them.
///
/// A code of a guild has at most one label, in all its lives, also before it was ever
/// seen. Forgetting a person leaves labels alone: they say nothing of people. No claim is
/// needed, because no tracker writes labels.
pub trait Labels: Send + Sync {
    /// Gives a code a label, in place of the one that it had; `now` is when. True if that
    /// changed anything.
    ///
    /// # Errors
    ///
    /// When it could not be stored.
    fn set_label<'a>(
        &'a self,
        guild: GuildId,
        code: &'a InviteCode,
        label: &'a Label,
        now: Timestamp,
    ) -> Answer<'a, bool>;

    /// Takes a code's label away. True if it had one.
    ///
    /// # Errors
    ///
    /// When it could not be removed.
    fn remove_label<'a>(&'a self, guild: GuildId, code: &'a InviteCode) -> Answer<'a, bool>;
}

/// The durable record of joins, leaves, invites and attributions: the sum of its
/// contracts.
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
