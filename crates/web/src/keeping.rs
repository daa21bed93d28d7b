//! A ledger that keeps its answers over all servers at once for a while. They look at every
//! join of their time, and all who open the dashboard ask the same.

use std::{collections::BTreeMap, fmt::Debug, sync::Arc};

use guestlist_ledger::{
    Accuracy, Answer, Bucket, Burst, BurstLimits, ChangeFilter, Changes, Cursor, GapRow, GuildRow,
    InviteRow, InviteStatus, InviterProfile, InviterRow, JoinFact, JoinRow, LabelRow, LedgerError,
    Page, ProfileLimits, Reports, RetentionQuestion, RetentionRow, Scope, SeriesRow, Totals,
    TreePage, TreeQuestion,
};
use guestlist_model::{GuildId, Timestamp, UserId};
use guestlist_tracker::{Attribution, JoinKey};
use tokio::sync::Semaphore;

use crate::kept::Kept;

/// So many joins are looked at for one answer.
const MOST: u64 = 2_000_000;
/// Of fewer joins an answer is never kept: it is there at once, and shows what is new.
const FEW: u64 = 50_000;
/// So many answers are worked out at once that look at every join of their time. Each takes
/// some ten megabytes for it.
const AT_ONCE: usize = 2;
/// So many rows of an answer are kept; no page shows more.
const ROWS: usize = 1_001;

/// A ledger, and its answers over all servers.
pub(crate) struct Keeping {
    ledger: Arc<dyn Reports>,
    turns: Arc<Semaphore>,
    profiles: Kept<Vec<InviterProfile>>,
    invites: Kept<Vec<InviteRow>>,
    retention: Kept<Vec<RetentionRow>>,
    bursts: Kept<Vec<Burst>>,
    accuracy: Kept<Accuracy>,
}

impl Keeping {
    pub(crate) fn new(ledger: Arc<dyn Reports>) -> Self {
        Self {
            ledger,
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            profiles: Kept::default(),
            invites: Kept::default(),
            retention: Kept::default(),
            bursts: Kept::default(),
            accuracy: Kept::default(),
        }
    }

    /// An answer that has to wait for its turn.
    fn in_turn<'a, T: Send + 'a>(&'a self, answer: Answer<'a, T>) -> Answer<'a, T> {
        Box::pin(turn(Arc::clone(&self.turns), answer))
    }

    /// Whether an answer takes so long that it is kept. What would take too long is refused.
    async fn is_kept(&self, scope: &Scope) -> Result<bool, LedgerError> {
        let joins = self.how_many(scope).await?;
        match joins > MOST {
            true => Err(LedgerError::TooMany { joins, most: MOST }),
            false => Ok(joins >= FEW),
        }
    }

    /// How many joins of all servers are in a time.
    async fn how_many(&self, scope: &Scope) -> Result<u64, LedgerError> {
        let mut time = Scope::new();
        (time.since, time.until) = (scope.since, scope.until);
        Ok(self.ledger.totals(&time).await?.joins)
    }
}

/// What is asked, seen from now: the last week is the last week, also a little later.
fn asked(scope: &Scope, now: Timestamp, question: &impl Debug) -> String {
    let mut rest = scope.clone();
    (rest.since, rest.until) = (None, None);
    let before = |at: Option<Timestamp>| at.map(|at| now.as_secs() - at.as_secs());
    format!(
        "{rest:?} {:?} {:?} {question:?}",
        before(scope.since),
        before(scope.until)
    )
}

async fn turn<T>(turns: Arc<Semaphore>, answer: Answer<'_, T>) -> Result<T, LedgerError> {
    // It is never closed.
    let _turn = turns.acquire_owned().await;
    answer.await
}

fn is_of_all(scope: &Scope) -> bool {
    scope.guild.is_none() && scope.user.is_none()
}

fn first<T>(mut rows: Vec<T>) -> Vec<T> {
    rows.truncate(ROWS);
    rows.shrink_to_fit();
    rows
}

impl Reports for Keeping {
    fn retention<'a>(
        &'a self,
        scope: &'a Scope,
        question: &'a RetentionQuestion,
    ) -> Answer<'a, Vec<RetentionRow>> {
        if !is_of_all(scope) {
            return self.in_turn(self.ledger.retention(scope, question));
        }
        Box::pin(async move {
            if !self.is_kept(scope).await? {
                return self.in_turn(self.ledger.retention(scope, question)).await;
            }
            let what = (&question.by, question.weekly, &question.days);
            let what = asked(scope, question.now, &what);
            let (ledger, turns) = (Arc::clone(&self.ledger), Arc::clone(&self.turns));
            let (scope, question) = (scope.clone(), question.clone());
            let ask = || async move {
                turn(turns, ledger.retention(&scope, &question))
                    .await
                    .map(first)
            };
            Ok(self.retention.get(what, ask).await?.to_vec())
        })
    }

    fn inviter_profiles<'a>(
        &'a self,
        scope: &'a Scope,
        limits: &'a ProfileLimits,
    ) -> Answer<'a, Vec<InviterProfile>> {
        if !is_of_all(scope) {
            return self.in_turn(self.ledger.inviter_profiles(scope, limits));
        }
        Box::pin(async move {
            if !self.is_kept(scope).await? {
                return self
                    .in_turn(self.ledger.inviter_profiles(scope, limits))
                    .await;
            }
            let what = (limits.young, limits.quick, limits.days);
            let what = asked(scope, limits.now, &what);
            let (ledger, turns) = (Arc::clone(&self.ledger), Arc::clone(&self.turns));
            let (scope, limits) = (scope.clone(), limits.clone());
            let ask = || async move {
                turn(turns, ledger.inviter_profiles(&scope, &limits))
                    .await
                    .map(first)
            };
            Ok(self.profiles.get(what, ask).await?.to_vec())
        })
    }

    fn bursts<'a>(&'a self, scope: &'a Scope, limits: &'a BurstLimits) -> Answer<'a, Vec<Burst>> {
        if !is_of_all(scope) {
            return self.in_turn(self.ledger.bursts(scope, limits));
        }
        Box::pin(async move {
            if !self.is_kept(scope).await? {
                return self.in_turn(self.ledger.bursts(scope, limits)).await;
            }
            let mut what = limits.clone();
            what.now = Timestamp::from_secs(0);
            let what = asked(scope, limits.now, &what);
            let (ledger, turns) = (Arc::clone(&self.ledger), Arc::clone(&self.turns));
            let (scope, limits) = (scope.clone(), limits.clone());
            let ask =
                || async move { turn(turns, ledger.bursts(&scope, &limits)).await.map(first) };
            Ok(self.bursts.get(what, ask).await?.to_vec())
        })
    }

    fn accuracy<'a>(&'a self, scope: &'a Scope) -> Answer<'a, Accuracy> {
        if !is_of_all(scope) {
            return self.in_turn(self.ledger.accuracy(scope));
        }
        Box::pin(async move {
            if !self.is_kept(scope).await? {
                return self.in_turn(self.ledger.accuracy(scope)).await;
            }
            let what = asked(scope, crate::app::now(), &());
            let (ledger, turns) = (Arc::clone(&self.ledger), Arc::clone(&self.turns));
            let scope = scope.clone();
            let ask = || async move { turn(turns, ledger.accuracy(&scope)).await };
            let kept = self.accuracy.get(what, ask).await?;
            Ok(Accuracy::clone(&kept))
        })
    }

    fn invites<'a>(
        &'a self,
        scope: &'a Scope,
        status: InviteStatus,
        limit: Option<u32>,
    ) -> Answer<'a, Vec<InviteRow>> {
        // One code is looked up soon, and a list without an end is not kept.
        let is_short = limit.is_some_and(|limit| limit as usize <= ROWS);
        if !is_of_all(scope) || scope.code.is_some() || !is_short {
            return self.ledger.invites(scope, status, limit);
        }
        Box::pin(async move {
            if self.how_many(&Scope::new()).await? < FEW {
                return self.ledger.invites(scope, status, limit).await;
            }
            let (word, now) = match status {
                InviteStatus::Any => ("any", crate::app::now()),
                InviteStatus::ActiveAt(now) => ("active", now),
                InviteStatus::EndedAt(now) => ("ended", now),
            };
            let what = asked(scope, now, &(word, limit));
            let (ledger, scope) = (Arc::clone(&self.ledger), scope.clone());
            let ask = || async move { ledger.invites(&scope, status, limit).await };
            Ok(self.invites.get(what, ask).await?.to_vec())
        })
    }

    // The rest is handed through.

    fn joins<'a>(&'a self, scope: &'a Scope, page: Page) -> Answer<'a, Vec<JoinRow>> {
        self.ledger.joins(scope, page)
    }

    fn join<'a>(&'a self, key: &'a JoinKey) -> Answer<'a, Option<JoinRow>> {
        self.ledger.join(key)
    }

    fn attribution_history<'a>(&'a self, key: &'a JoinKey) -> Answer<'a, Vec<Attribution>> {
        self.ledger.attribution_history(key)
    }

    fn inviters<'a>(&'a self, scope: &'a Scope, limit: Option<u32>) -> Answer<'a, Vec<InviterRow>> {
        self.ledger.inviters(scope, limit)
    }

    fn guilds(&self) -> Answer<'_, Vec<GuildRow>> {
        self.ledger.guilds()
    }

    fn guild_names(&self) -> Answer<'_, Vec<(GuildId, Option<String>)>> {
        self.ledger.guild_names()
    }

    fn totals<'a>(&'a self, scope: &'a Scope) -> Answer<'a, Totals> {
        self.ledger.totals(scope)
    }

    fn series<'a>(&'a self, scope: &'a Scope, bucket: Bucket) -> Answer<'a, Vec<SeriesRow>> {
        self.ledger.series(scope, bucket)
    }

    fn gaps<'a>(&'a self, scope: &'a Scope) -> Answer<'a, Vec<GapRow>> {
        self.ledger.gaps(scope)
    }

    fn changes<'a>(
        &'a self,
        after: Cursor,
        filter: &'a ChangeFilter,
        limit: u32,
    ) -> Answer<'a, Changes> {
        self.ledger.changes(after, filter, limit)
    }

    fn labels<'a>(&'a self, scope: &'a Scope) -> Answer<'a, Vec<LabelRow>> {
        self.ledger.labels(scope)
    }

    fn facts<'a>(&'a self, scope: &'a Scope, page: Page) -> Answer<'a, Vec<JoinFact>> {
        self.ledger.facts(scope, page)
    }

    fn names<'a>(&'a self, users: &'a [UserId]) -> Answer<'a, BTreeMap<UserId, String>> {
        self.ledger.names(users)
    }

    fn tree<'a>(&'a self, question: &'a TreeQuestion) -> Answer<'a, TreePage> {
        self.in_turn(self.ledger.tree(question))
    }

    fn latest(&self) -> Answer<'_, Cursor> {
        self.ledger.latest()
    }
}

#[cfg(test)]
mod tests {
    use guestlist_ledger::{Batch, Partition, SqliteLedger, Store as _};
    use guestlist_model::Id;
    use guestlist_tracker::{Join, Record};

    use super::*;

    /// A ledger of which many think that it is large.
    async fn large(joins: u64) -> Arc<dyn Reports> {
        struct Large(SqliteLedger, u64);
        let ledger = SqliteLedger::in_memory().await.unwrap();
        let claim = ledger.claim(Partition::ALL, "a test").await.unwrap();
        let at = Timestamp::from_secs(1_700_000_000);
        let key = JoinKey::new(Id::new_checked(1).unwrap(), Id::new_checked(2).unwrap(), at);
        let batch = Batch::of([Record::Join(Join::new(key, at))]);
        ledger.commit(claim, &batch).await.unwrap();
        impl Reports for Large {
            fn totals<'a>(&'a self, scope: &'a Scope) -> Answer<'a, Totals> {
                Box::pin(async move {
                    let mut totals = self.0.totals(scope).await?;
                    totals.joins = self.1;
                    Ok(totals)
                })
            }
            fn joins<'a>(&'a self, scope: &'a Scope, page: Page) -> Answer<'a, Vec<JoinRow>> {
                self.0.joins(scope, page)
            }
            fn join<'a>(&'a self, key: &'a JoinKey) -> Answer<'a, Option<JoinRow>> {
                self.0.join(key)
            }
            fn attribution_history<'a>(&'a self, key: &'a JoinKey) -> Answer<'a, Vec<Attribution>> {
                self.0.attribution_history(key)
            }
            fn inviters<'a>(
                &'a self,
                scope: &'a Scope,
                limit: Option<u32>,
            ) -> Answer<'a, Vec<InviterRow>> {
                self.0.inviters(scope, limit)
            }
            fn invites<'a>(
                &'a self,
                scope: &'a Scope,
                status: InviteStatus,
                limit: Option<u32>,
            ) -> Answer<'a, Vec<InviteRow>> {
                self.0.invites(scope, status, limit)
            }
            fn guilds(&self) -> Answer<'_, Vec<GuildRow>> {
                self.0.guilds()
            }
            fn guild_names(&self) -> Answer<'_, Vec<(GuildId, Option<String>)>> {
                self.0.guild_names()
            }
            fn series<'a>(
                &'a self,
                scope: &'a Scope,
                bucket: Bucket,
            ) -> Answer<'a, Vec<SeriesRow>> {
                self.0.series(scope, bucket)
            }
            fn gaps<'a>(&'a self, scope: &'a Scope) -> Answer<'a, Vec<GapRow>> {
                self.0.gaps(scope)
            }
            fn changes<'a>(
                &'a self,
                after: Cursor,
                filter: &'a ChangeFilter,
                limit: u32,
            ) -> Answer<'a, Changes> {
                self.0.changes(after, filter, limit)
            }
            fn labels<'a>(&'a self, scope: &'a Scope) -> Answer<'a, Vec<LabelRow>> {
                self.0.labels(scope)
            }
            fn facts<'a>(&'a self, scope: &'a Scope, page: Page) -> Answer<'a, Vec<JoinFact>> {
                self.0.facts(scope, page)
            }
            fn names<'a>(&'a self, users: &'a [UserId]) -> Answer<'a, BTreeMap<UserId, String>> {
                self.0.names(users)
            }
            fn latest(&self) -> Answer<'_, Cursor> {
                self.0.latest()
            }
        }
        Arc::new(Keeping::new(Arc::new(Large(ledger, joins))))
    }

    #[tokio::test]
    async fn nobody_looks_at_too_many_joins() {
        let limits = ProfileLimits::new(Timestamp::from_secs(1_800_000_000));
        let (all, one) = (
            Scope::new(),
            Scope::new().guild(Id::new_checked(1).unwrap()),
        );
        // Behind an `Arc`, as pages ask.
        let ledger = large(MOST + 1).await;
        let refused = ledger.inviter_profiles(&all, &limits).await.unwrap_err();
        assert!(matches!(refused, LedgerError::TooMany { .. }), "{refused}");
        ledger.inviter_profiles(&one, &limits).await.unwrap();
        let question = RetentionQuestion::new(limits.now);
        let ledger = large(MOST).await;
        assert_eq!(ledger.retention(&all, &question).await.unwrap().len(), 1);
    }
}
