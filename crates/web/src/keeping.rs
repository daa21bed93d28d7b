//! A ledger that keeps its answers over all servers at once for a while. They look at every
//! join of their time, and all who open the dashboard ask the same.

use std::{fmt::Debug, future::Future, sync::Arc};

use guestlist_ledger::{
    Accuracy, Answer, Burst, BurstLimits, InviteRow, InviteStatus, InviterProfile, LedgerError,
    ProfileLimits, Reports, RetentionQuestion, RetentionRow, Scope, hand_through,
};
use guestlist_model::Timestamp;
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

    /// An answer for which every join of a scope is looked at, in its turn. One about all
    /// servers is kept, if it takes long, by what `asked` says of the question; of that,
    /// `shorten` leaves what pages show.
    fn looked_up<'a, T, A>(
        &'a self,
        kept: &'a Kept<T>,
        scope: &'a Scope,
        asked: String,
        shorten: fn(T) -> T,
        ask: impl FnOnce(Arc<dyn Reports>, Scope) -> A + Send + 'a,
    ) -> Answer<'a, T>
    where
        T: Clone + Send + Sync + 'static,
        A: Future<Output = Result<T, LedgerError>> + Send + 'static,
    {
        let (ledger, turns) = (Arc::clone(&self.ledger), Arc::clone(&self.turns));
        let ask = move || turn(turns, ask(ledger, scope.clone()));
        Box::pin(async move {
            if !is_of_all(scope) || !self.is_kept(scope).await? {
                return ask().await;
            }
            let ask = || {
                let answer = ask();
                async move { answer.await.map(shorten) }
            };
            Ok(T::clone(&*kept.get(asked, ask).await?))
        })
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

async fn turn<T>(
    turns: Arc<Semaphore>,
    answer: impl Future<Output = Result<T, LedgerError>>,
) -> Result<T, LedgerError> {
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
        let what = (&question.by, question.weekly, &question.days);
        let what = asked(scope, question.now, &what);
        let question = question.clone();
        self.looked_up(
            &self.retention,
            scope,
            what,
            first,
            |ledger, scope| async move { ledger.retention(&scope, &question).await },
        )
    }

    fn inviter_profiles<'a>(
        &'a self,
        scope: &'a Scope,
        limits: &'a ProfileLimits,
    ) -> Answer<'a, Vec<InviterProfile>> {
        let what = (limits.young, limits.quick, limits.days);
        let what = asked(scope, limits.now, &what);
        let limits = limits.clone();
        self.looked_up(
            &self.profiles,
            scope,
            what,
            first,
            |ledger, scope| async move { ledger.inviter_profiles(&scope, &limits).await },
        )
    }

    fn bursts<'a>(&'a self, scope: &'a Scope, limits: &'a BurstLimits) -> Answer<'a, Vec<Burst>> {
        let mut what = limits.clone();
        what.now = Timestamp::from_secs(0);
        let what = asked(scope, limits.now, &what);
        let limits = limits.clone();
        self.looked_up(
            &self.bursts,
            scope,
            what,
            first,
            |ledger, scope| async move { ledger.bursts(&scope, &limits).await },
        )
    }

    fn accuracy<'a>(&'a self, scope: &'a Scope) -> Answer<'a, Accuracy> {
        if !is_of_all(scope) {
            return self.ledger.accuracy(scope);
        }
        // Of whole days it is counted, so it is never too much.
        let what = asked(scope, crate::app::now(), &());
        let (ledger, scope) = (Arc::clone(&self.ledger), scope.clone());
        Box::pin(async move {
            if self.how_many(&scope).await? < FEW {
                return ledger.accuracy(&scope).await;
            }
            let ask = || async move { ledger.accuracy(&scope).await };
            Ok(Accuracy::clone(&*self.accuracy.get(what, ask).await?))
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

    hand_through!(self => self.ledger;
        joins, join, attribution_history, inviters, guilds, guild_names, totals, series, gaps,
        changes, labels, facts, names, tree, latest);
}

#[cfg(test)]
mod tests {
    use guestlist_ledger::{Batch, Partition, SqliteLedger, Store as _, Totals};
    use guestlist_model::Id;
    use guestlist_tracker::{Join, JoinKey, Record};

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
            hand_through!(self => self.0;
                joins, join, attribution_history, inviters, invites, guilds, guild_names, series,
                gaps, changes, labels, facts, names, latest);
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
