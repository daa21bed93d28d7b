//! A ledger as somebody sees it: nothing of servers that they may not see, whatever a page
//! asks. Who may see only some has to ask about one of them.

use std::{collections::BTreeSet, future::ready, sync::Arc};

use guestlist_ledger::{
    Accuracy, Answer, Bucket, Burst, BurstLimits, ChangeFilter, Changes, Cursor, GapRow, GuildRow,
    InviteRow, InviteStatus, InviterProfile, InviterRow, JoinFact, JoinRow, LabelRow, Page,
    ProfileLimits, Reports, RetentionQuestion, RetentionRow, Scope, SeriesRow, Totals, TreePage,
    TreeQuestion, hand_through,
};
use guestlist_model::GuildId;
use guestlist_tracker::{Attribution, JoinKey};

/// A ledger, and the servers of it that may be seen.
pub(crate) struct Seen {
    ledger: Arc<dyn Reports>,
    guilds: Arc<BTreeSet<GuildId>>,
}

impl Seen {
    pub(crate) fn new(ledger: Arc<dyn Reports>, guilds: Arc<BTreeSet<GuildId>>) -> Self {
        Self { ledger, guilds }
    }

    /// The answer to a question about a server that may be seen, and else none: nor to one
    /// about all servers.
    fn of<'a, T: Default + Send + 'a>(
        &'a self,
        guild: Option<GuildId>,
        ask: impl FnOnce(&'a dyn Reports) -> Answer<'a, T>,
    ) -> Answer<'a, T> {
        match guild.is_some_and(|it| self.guilds.contains(&it)) {
            true => ask(&*self.ledger),
            false => Box::pin(ready(Ok(T::default()))),
        }
    }
}

impl Reports for Seen {
    fn joins<'a>(&'a self, scope: &'a Scope, page: Page) -> Answer<'a, Vec<JoinRow>> {
        self.of(scope.guild, |ledger| ledger.joins(scope, page))
    }

    fn join<'a>(&'a self, key: &'a JoinKey) -> Answer<'a, Option<JoinRow>> {
        self.of(Some(key.guild), |ledger| ledger.join(key))
    }

    fn attribution_history<'a>(&'a self, key: &'a JoinKey) -> Answer<'a, Vec<Attribution>> {
        self.of(Some(key.guild), |ledger| ledger.attribution_history(key))
    }

    fn inviters<'a>(&'a self, scope: &'a Scope, limit: Option<u32>) -> Answer<'a, Vec<InviterRow>> {
        self.of(scope.guild, |ledger| ledger.inviters(scope, limit))
    }

    fn invites<'a>(
        &'a self,
        scope: &'a Scope,
        status: InviteStatus,
        limit: Option<u32>,
    ) -> Answer<'a, Vec<InviteRow>> {
        self.of(scope.guild, |ledger| ledger.invites(scope, status, limit))
    }

    fn guilds(&self) -> Answer<'_, Vec<GuildRow>> {
        Box::pin(async {
            let mut rows = self.ledger.guilds().await?;
            rows.retain(|row| self.guilds.contains(&row.guild));
            Ok(rows)
        })
    }

    fn guild_names(&self) -> Answer<'_, Vec<(GuildId, Option<String>)>> {
        Box::pin(async {
            let mut names = self.ledger.guild_names().await?;
            names.retain(|(guild, _)| self.guilds.contains(guild));
            Ok(names)
        })
    }

    fn totals<'a>(&'a self, scope: &'a Scope) -> Answer<'a, Totals> {
        self.of(scope.guild, |ledger| ledger.totals(scope))
    }

    fn series<'a>(&'a self, scope: &'a Scope, bucket: Bucket) -> Answer<'a, Vec<SeriesRow>> {
        self.of(scope.guild, |ledger| ledger.series(scope, bucket))
    }

    fn gaps<'a>(&'a self, scope: &'a Scope) -> Answer<'a, Vec<GapRow>> {
        self.of(scope.guild, |ledger| ledger.gaps(scope))
    }

    fn changes<'a>(
        &'a self,
        after: Cursor,
        filter: &'a ChangeFilter,
        limit: u32,
    ) -> Answer<'a, Changes> {
        self.of(filter.guild, |ledger| ledger.changes(after, filter, limit))
    }

    fn labels<'a>(&'a self, scope: &'a Scope) -> Answer<'a, Vec<LabelRow>> {
        self.of(scope.guild, |ledger| ledger.labels(scope))
    }

    fn facts<'a>(&'a self, scope: &'a Scope, page: Page) -> Answer<'a, Vec<JoinFact>> {
        self.of(scope.guild, |ledger| ledger.facts(scope, page))
    }

    fn retention<'a>(
        &'a self,
        scope: &'a Scope,
        question: &'a RetentionQuestion,
    ) -> Answer<'a, Vec<RetentionRow>> {
        self.of(scope.guild, |ledger| ledger.retention(scope, question))
    }

    fn inviter_profiles<'a>(
        &'a self,
        scope: &'a Scope,
        limits: &'a ProfileLimits,
    ) -> Answer<'a, Vec<InviterProfile>> {
        self.of(scope.guild, |ledger| ledger.inviter_profiles(scope, limits))
    }

    fn bursts<'a>(&'a self, scope: &'a Scope, limits: &'a BurstLimits) -> Answer<'a, Vec<Burst>> {
        self.of(scope.guild, |ledger| ledger.bursts(scope, limits))
    }

    fn tree<'a>(&'a self, question: &'a TreeQuestion) -> Answer<'a, TreePage> {
        self.of(Some(question.guild), |ledger| ledger.tree(question))
    }

    fn accuracy<'a>(&'a self, scope: &'a Scope) -> Answer<'a, Accuracy> {
        self.of(scope.guild, |ledger| ledger.accuracy(scope))
    }

    // Names are asked for people whom a ledger's own answers have found, and the end of the
    // feed tells nothing.
    hand_through!(self => self.ledger; names, latest);
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use guestlist_ledger::SqliteLedger;
    use guestlist_model::{Id, Timestamp};

    use super::*;

    /// A ledger that answers in a way of its own, and counts how often.
    struct Own(SqliteLedger, AtomicUsize);

    impl Own {
        fn answer<'a, T: Default + Send + 'a>(&self) -> Answer<'a, T> {
            self.1.fetch_add(1, Ordering::SeqCst);
            Box::pin(ready(Ok(T::default())))
        }
    }

    impl Reports for Own {
        fn retention<'a>(
            &'a self,
            _: &'a Scope,
            _: &'a RetentionQuestion,
        ) -> Answer<'a, Vec<RetentionRow>> {
            self.answer()
        }

        fn inviter_profiles<'a>(
            &'a self,
            _: &'a Scope,
            _: &'a ProfileLimits,
        ) -> Answer<'a, Vec<InviterProfile>> {
            self.answer()
        }

        fn bursts<'a>(&'a self, _: &'a Scope, _: &'a BurstLimits) -> Answer<'a, Vec<Burst>> {
            self.answer()
        }

        fn tree<'a>(&'a self, _: &'a TreeQuestion) -> Answer<'a, TreePage> {
            self.answer()
        }

        hand_through!(self => self.0;
            joins, join, attribution_history, inviters, invites, guilds, guild_names, totals,
            series, gaps, changes, labels, facts, names, accuracy, latest);
    }

    #[tokio::test]
    async fn a_ledgers_own_answers_are_seen_and_those_about_other_servers_are_not_asked_for() {
        let ledger = SqliteLedger::in_memory().await.unwrap();
        let own = Arc::new(Own(ledger, AtomicUsize::new(0)));
        let guild = |id| Id::new_checked(id).unwrap();
        let seen = Seen::new(own.clone(), Arc::new(BTreeSet::from([guild(1)])));
        let now = Timestamp::from_secs(1_800_000_000);
        for (scope, tree, times) in [
            (Scope::new().guild(guild(1)), guild(1), 4),
            (Scope::new().guild(guild(2)), guild(2), 4),
            (Scope::new(), guild(2), 4),
        ] {
            let question = RetentionQuestion::new(now);
            seen.retention(&scope, &question).await.unwrap();
            let limits = ProfileLimits::new(now);
            seen.inviter_profiles(&scope, &limits).await.unwrap();
            seen.bursts(&scope, &BurstLimits::new(now)).await.unwrap();
            seen.tree(&TreeQuestion::roots(tree, 10)).await.unwrap();
            assert_eq!(own.1.load(Ordering::SeqCst), times, "{scope:?}");
        }
    }
}
