//! A page of the list of members, and who is missing from it.

use std::collections::BTreeMap;

use guestlist_model::{Member, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::record::{JoinKey, whole};

/// A page of the list of members, in the order of their ids: all members after one of them
/// and, if there are more, up to the last one on the page.
///
/// ```
/// use guestlist_model::{Id, Member, Timestamp, User};
/// use guestlist_tracker::{JoinKey, MemberPage};
///
/// let guild = Id::new_checked(1).ok_or("zero")?;
/// let (ada, bob) = (Id::new_checked(2).ok_or("zero")?, Id::new_checked(3).ok_or("zero")?);
/// let joined = Timestamp::from_secs(1_700_000_000);
/// let stored = [JoinKey::new(guild, ada, joined), JoinKey::new(guild, bob, joined)];
///
/// let bob = Member::new(User::new(bob, "bob")).with_joined_at(joined);
/// let page = MemberPage::new(None, vec![bob], true).compare(&stored);
/// assert_eq!(page.departed(), &stored[..1]);
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct MemberPage {
    after: Option<UserId>,
    members: Vec<Member>,
    is_last: bool,
    departed: Vec<JoinKey>,
}

impl MemberPage {
    /// Creates a page of the members after one of them, or of the first ones. It is the last
    /// page if Discord returned fewer members than the request's limit.
    #[must_use]
    pub const fn new(after: Option<UserId>, members: Vec<Member>, is_last: bool) -> Self {
        Self {
            after,
            members,
            is_last,
            departed: Vec::new(),
        }
    }

    /// The answer to a request that need not be sent, because no member after the request's is
    /// stored. It says nothing about anyone.
    #[must_use]
    pub const fn nobody() -> Self {
        Self::new(None, Vec::new(), true)
    }

    /// Compares the page with the stored joins of current members, in any order. A join whose
    /// member should be on this page but is not becomes [departed](Self::departed). Other
    /// joins are not affected.
    #[must_use]
    pub fn compare(mut self, stored: &[JoinKey]) -> Self {
        let here: BTreeMap<UserId, Option<Timestamp>> = self
            .members
            .iter()
            .map(|member| (member.user.id(), member.joined_at.map(whole)))
            .collect();
        let last = here.last_key_value().map(|(user, _)| *user);
        let is_covered =
            |user: UserId| Some(user) > self.after && (self.is_last || Some(user) <= last);
        let has_left = |key: &&JoinKey| match here.get(&key.user) {
            None => is_covered(key.user),
            // By a later join, the member is here again.
            Some(joined_at) => joined_at.is_some_and(|at| at > key.joined_at),
        };
        self.departed = stored.iter().filter(has_left).copied().collect();
        self
    }

    /// The stored joins whose members have left, or have left and joined again.
    #[must_use]
    pub fn departed(&self) -> &[JoinKey] {
        &self.departed
    }

    /// The members on the page.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// Whether there are no more members.
    #[must_use]
    pub const fn is_last(&self) -> bool {
        self.is_last
    }

    /// The last member on the page, if there are more pages.
    pub(crate) fn next(&self) -> Option<UserId> {
        let users = self.members.iter().map(|member| member.user.id());
        users.max().filter(|_| !self.is_last)
    }
}

#[cfg(test)]
mod tests {
    use guestlist_model::{GuildId, User};

    use super::*;

    fn user(number: u64) -> UserId {
        UserId::new_checked(number).unwrap()
    }

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_secs(secs)
    }

    fn key(number: u64, secs: i64) -> JoinKey {
        JoinKey::new(GuildId::new_checked(1).unwrap(), user(number), at(secs))
    }

    fn member(number: u64, secs: i64) -> Member {
        Member::new(User::new(user(number), "name")).with_joined_at(at(secs))
    }

    #[test]
    fn only_whom_the_page_covers_can_be_missing_from_it() {
        let stored = [key(3, 5), key(4, 5), key(5, 5), key(6, 5), key(9, 5)];
        let members = vec![member(4, 5), member(6, 5)];
        let page = |is_last| MemberPage::new(Some(user(3)), members.clone(), is_last);
        assert_eq!(page(false).compare(&stored).departed(), [key(5, 5)]);
        assert_eq!(page(false).next(), Some(user(6)));
        assert_eq!(
            page(true).compare(&stored).departed(),
            [key(5, 5), key(9, 5)]
        );
        assert_eq!(page(true).next(), None);
    }

    #[test]
    fn an_empty_page_tells_of_nobody_unless_it_is_the_last() {
        let stored = [key(4, 5)];
        let page = |is_last| MemberPage::new(Some(user(3)), Vec::new(), is_last);
        assert_eq!(page(false).compare(&stored).departed(), []);
        assert_eq!(page(true).compare(&stored).departed(), stored);
    }

    #[test]
    fn a_later_join_ends_an_earlier_one() {
        let page = MemberPage::new(None, vec![member(4, 9)], true);
        let page = page.compare(&[key(4, 5), key(4, 9)]);
        assert_eq!(page.departed(), [key(4, 5)]);
        // A guest has no time, and is here.
        let guest = Member::new(User::new(user(4), "name"));
        let page = MemberPage::new(None, vec![guest], true).compare(&[key(4, 5)]);
        assert_eq!(page.departed(), []);
    }
}
