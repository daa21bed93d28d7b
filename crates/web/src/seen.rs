//! A ledger as somebody sees it: nothing of servers that they may not see, whatever a page
//! asks. Who may see only some has to ask about one of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::ready,
    sync::Arc,
};

use guestlist_ledger::{
    Accuracy, Answer, Bucket, ChangeFilter, Changes, Cursor, GapRow, GuildRow, InviteRow,
    InviteStatus, InviterRow, JoinFact, JoinRow, LabelRow, Page, Reports, Scope, SeriesRow, Totals,
};
use guestlist_model::{GuildId, UserId};
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

    /// Whether a question is about what may be seen. One about all servers is not.
    fn may(&self, guild: Option<GuildId>) -> bool {
        guild.is_some_and(|it| self.guilds.contains(&it))
    }
}

/// No answer to a question that may not be asked.
fn nothing<'a, T: Default + Send + 'a>() -> Answer<'a, T> {
    Box::pin(ready(Ok(T::default())))
}

impl Reports for Seen {
    fn joins<'a>(&'a self, scope: &'a Scope, page: Page) -> Answer<'a, Vec<JoinRow>> {
        match self.may(scope.guild) {
            true => self.ledger.joins(scope, page),
            false => nothing(),
        }
    }

    fn join<'a>(&'a self, key: &'a JoinKey) -> Answer<'a, Option<JoinRow>> {
        match self.may(Some(key.guild)) {
            true => self.ledger.join(key),
            false => nothing(),
        }
    }

    fn attribution_history<'a>(&'a self, key: &'a JoinKey) -> Answer<'a, Vec<Attribution>> {
        match self.may(Some(key.guild)) {
            true => self.ledger.attribution_history(key),
            false => nothing(),
        }
    }

    fn inviters<'a>(&'a self, scope: &'a Scope, limit: Option<u32>) -> Answer<'a, Vec<InviterRow>> {
        match self.may(scope.guild) {
            true => self.ledger.inviters(scope, limit),
            false => nothing(),
        }
    }

    fn invites<'a>(
        &'a self,
        scope: &'a Scope,
        status: InviteStatus,
        limit: Option<u32>,
    ) -> Answer<'a, Vec<InviteRow>> {
        match self.may(scope.guild) {
            true => self.ledger.invites(scope, status, limit),
            false => nothing(),
        }
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
        match self.may(scope.guild) {
            true => self.ledger.totals(scope),
            false => nothing(),
        }
    }

    fn series<'a>(&'a self, scope: &'a Scope, bucket: Bucket) -> Answer<'a, Vec<SeriesRow>> {
        match self.may(scope.guild) {
            true => self.ledger.series(scope, bucket),
            false => nothing(),
        }
    }

    fn gaps<'a>(&'a self, scope: &'a Scope) -> Answer<'a, Vec<GapRow>> {
        match self.may(scope.guild) {
            true => self.ledger.gaps(scope),
            false => nothing(),
        }
    }

    fn changes<'a>(
        &'a self,
        after: Cursor,
        filter: &'a ChangeFilter,
        limit: u32,
    ) -> Answer<'a, Changes> {
        match self.may(filter.guild) {
            true => self.ledger.changes(after, filter, limit),
            false => nothing(),
        }
    }

    fn labels<'a>(&'a self, scope: &'a Scope) -> Answer<'a, Vec<LabelRow>> {
        match self.may(scope.guild) {
            true => self.ledger.labels(scope),
            false => nothing(),
        }
    }

    fn facts<'a>(&'a self, scope: &'a Scope, page: Page) -> Answer<'a, Vec<JoinFact>> {
        match self.may(scope.guild) {
            true => self.ledger.facts(scope, page),
            false => nothing(),
        }
    }

    /// Asked by the ledger's own questions alone, for people whom they have found.
    fn names<'a>(&'a self, users: &'a [UserId]) -> Answer<'a, BTreeMap<UserId, String>> {
        self.ledger.names(users)
    }

    fn accuracy<'a>(&'a self, scope: &'a Scope) -> Answer<'a, Accuracy> {
        match self.may(scope.guild) {
            true => self.ledger.accuracy(scope),
            false => nothing(),
        }
    }

    fn latest(&self) -> Answer<'_, Cursor> {
        self.ledger.latest()
    }
}
