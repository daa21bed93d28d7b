//! Compares the stored members with Discord's list of members.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use guestlist_ledger::{LedgerError, Resume};
use guestlist_model::{GuildId, Id, UserId};
use guestlist_tracker::{Failure, JoinKey, MemberPage, Request, Response};

use crate::Requester;

/// Reads the ledger once for all pages of a guild. The tracker recognizes leaves that are
/// reported in the meantime.
#[derive(Debug)]
pub(crate) struct Members<L> {
    ledger: Arc<L>,
    stored: Arc<Mutex<BTreeMap<GuildId, Arc<[JoinKey]>>>>,
}

impl<L> Clone for Members<L> {
    fn clone(&self) -> Self {
        Self {
            ledger: Arc::clone(&self.ledger),
            stored: Arc::clone(&self.stored),
        }
    }
}

impl<L: Resume> Members<L> {
    pub(crate) fn new(ledger: Arc<L>) -> Self {
        Self {
            ledger,
            stored: Arc::default(),
        }
    }

    /// Sends a request. Compares a page of members with the stored ones. Requests no page if no
    /// members are stored.
    pub(crate) async fn ask<R: Requester>(
        &self,
        requester: &R,
        request: Request,
    ) -> Result<Response, Failure> {
        let Request::ListMembers {
            guild,
            after,
            limit,
            whole,
        } = request
        else {
            return requester.request(request).await;
        };
        let stored = self.stored(guild, after).await.map_err(|error| {
            Failure::Transport(format!("the stored members cannot be read: {error}"))
        })?;
        let next = stored.partition_point(|key| Some(key.user) <= after);
        let rest = stored.get(next..).unwrap_or_default();
        let after = match rest.first() {
            _ if whole => after,
            Some(key) => before(key.user),
            None => {
                self.forget(guild);
                return Ok(Response::MemberPage(MemberPage::nobody()));
            }
        };
        let request = Request::ListMembers {
            guild,
            after,
            limit,
            whole,
        };
        match requester.request(request).await? {
            Response::MemberPage(page) => {
                if page.is_last() {
                    self.forget(guild);
                }
                Ok(Response::MemberPage(page.compare(rest)))
            }
            other => Ok(other),
        }
    }

    /// The stored members, as read for the first page.
    async fn stored(
        &self,
        guild: GuildId,
        after: Option<UserId>,
    ) -> Result<Arc<[JoinKey]>, LedgerError> {
        let known = self.lock().get(&guild).cloned();
        if let Some(known) = known.filter(|_| after.is_some()) {
            return Ok(known);
        }
        let stored: Arc<[JoinKey]> = self.ledger.present(guild).await?.into();
        self.lock().insert(guild, Arc::clone(&stored));
        Ok(stored)
    }

    fn forget(&self, guild: GuildId) {
        self.lock().remove(&guild);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<GuildId, Arc<[JoinKey]>>> {
        // What is in it is whole, whoever panicked.
        self.stored.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The id before that of a member.
fn before(user: UserId) -> Option<UserId> {
    Id::new_checked(user.get() - 1)
}
