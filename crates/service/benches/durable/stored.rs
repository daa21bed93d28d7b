//! A ledger that counts what is on disk.

use std::{
    collections::HashSet,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use guestlist_ledger::{
    Answer, Batch, Claim, Committed, Forgotten, Label, Labels, Partition, Privacy, Reports, Resume,
    ResumePoint, SqliteLedger, Store, hand_through,
};
use guestlist_model::{GuildId, InviteCode, Timestamp, UserId};
use guestlist_tracker::{JoinKey, Record};

/// How far the ledger was after a commit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    pub(crate) at: Instant,
    pub(crate) joins: usize,
    /// Joins with an answer that is not just a first estimate.
    pub(crate) answered: usize,
}

#[derive(Debug, Default)]
struct Counts {
    marks: Vec<Mark>,
    joins: usize,
    answered: HashSet<JoinKey>,
    statements: usize,
}

/// What is on disk: counted after each commit that was acknowledged.
#[derive(Debug, Default)]
pub(crate) struct OnDisk {
    counts: Mutex<Counts>,
    changed: Condvar,
}

impl OnDisk {
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, batch: &Batch) {
        let counts = &mut *self.counts();
        for record in &batch.records {
            match record {
                Record::Join(_) => counts.joins += 1,
                Record::Attribution(said) => {
                    counts.statements += 1;
                    if said.certainty.is_final() {
                        counts.answered.insert(said.key);
                    }
                }
                _ => {}
            }
        }
        counts.marks.push(Mark {
            at: Instant::now(),
            joins: counts.joins,
            answered: counts.answered.len(),
        });
        self.changed.notify_all();
    }

    /// Waits until at least so many joins are on disk.
    pub(crate) fn wait_for(&self, joins: usize) {
        let counts = self.counts();
        let behind = |counts: &mut Counts| counts.joins < joins;
        drop(self.changed.wait_while(counts, behind));
    }

    pub(crate) fn answered(&self) -> usize {
        self.counts().answered.len()
    }

    /// The number of answers that were stored, first estimates and refinements included.
    pub(crate) fn statements(&self) -> usize {
        self.counts().statements
    }

    pub(crate) fn marks(&self) -> Vec<Mark> {
        self.counts().marks.clone()
    }
}

/// The ledger in SQLite, whose commits are counted.
#[derive(Debug)]
pub(crate) struct Counted {
    pub(crate) ledger: SqliteLedger,
    pub(crate) on_disk: Arc<OnDisk>,
}

impl Store for Counted {
    fn claim<'a>(&'a self, partition: Partition, owner: &'a str) -> Answer<'a, Claim> {
        self.ledger.claim(partition, owner)
    }

    fn commit<'a>(&'a self, claim: Claim, batch: &'a Batch) -> Answer<'a, Committed> {
        Box::pin(async move {
            let committed = self.ledger.commit(claim, batch).await?;
            self.on_disk.add(batch);
            Ok(committed)
        })
    }
}

impl Resume for Counted {
    fn resume_point(&self, partition: Partition) -> Answer<'_, ResumePoint> {
        self.ledger.resume_point(partition)
    }

    fn present(&self, guild: GuildId) -> Answer<'_, Vec<JoinKey>> {
        self.ledger.present(guild)
    }
}

impl Reports for Counted {
    hand_through!(self => self.ledger;
        joins, join, attribution_history, inviters, invites, guilds, guild_names, totals, series,
        gaps, changes, labels, facts, names, retention, inviter_profiles, bursts, tree, accuracy,
        latest);
}

impl Labels for Counted {
    fn set_label<'a>(
        &'a self,
        guild: GuildId,
        code: &'a InviteCode,
        label: &'a Label,
        now: Timestamp,
    ) -> Answer<'a, bool> {
        self.ledger.set_label(guild, code, label, now)
    }

    fn remove_label<'a>(&'a self, guild: GuildId, code: &'a InviteCode) -> Answer<'a, bool> {
        self.ledger.remove_label(guild, code)
    }
}

impl Privacy for Counted {
    fn forget_user(&self, user: UserId, now: Timestamp) -> Answer<'_, Forgotten> {
        self.ledger.forget_user(user, now)
    }

    fn idle_people(&self, before: Timestamp, limit: u32) -> Answer<'_, Vec<UserId>> {
        self.ledger.idle_people(before, limit)
    }
}
