//! Statistics of joins: retention, the tree of inviters, and bursts.
//!
//! They are computed here from [`JoinFact`]s by pure functions, so that every backend gives
//! the same results. A backend provides the facts with
//! [`Reports::facts`](crate::Reports::facts).

mod bursts;
mod fact;
mod profile;
mod retention;
mod sheet;
mod tree;

pub(crate) use self::{
    bursts::bursts as find_bursts,
    profile::profiles,
    retention::retention,
    tree::{Crowd, page_of as tree_page, tree},
};
pub use self::{
    bursts::{Burst, BurstKind, BurstLimits},
    fact::JoinFact,
    profile::{InviterProfile, ProfileLimits},
    retention::{Cohort, CohortBy, Kept, RetentionQuestion, RetentionRow},
    sheet::FactSheet,
    tree::{TreeCursor, TreeNode, TreePage, TreeQuestion},
};
use crate::{LedgerError, Page, Reports, Scope};

/// Facts that are read at once.
const PAGE: u32 = 16_384;

/// Hands out the facts of a scope, the newest of each guild first.
async fn each(
    reports: &(impl Reports + ?Sized),
    scope: &Scope,
    mut take: impl FnMut(JoinFact) + Send,
) -> Result<(), LedgerError> {
    if scope.guild.is_some() {
        return each_of(reports, scope, &mut take).await;
    }
    // Guild by guild, so that no page has to be put in order with those of others.
    for (guild, _) in reports.guild_names().await? {
        each_of(reports, &scope.clone().guild(guild), &mut take).await?;
    }
    Ok(())
}

/// Hands out the facts of a guild, the newest first.
async fn each_of(
    reports: &(impl Reports + ?Sized),
    scope: &Scope,
    take: &mut (impl FnMut(JoinFact) + Send),
) -> Result<(), LedgerError> {
    let mut page = Page::first(PAGE);
    loop {
        let facts = reports.facts(scope, page).await?;
        let is_last = facts.len() < PAGE as usize;
        if let Some(last) = facts.last() {
            page = page.after(last.key);
        }
        facts.into_iter().for_each(&mut *take);
        if is_last {
            return Ok(());
        }
    }
}
