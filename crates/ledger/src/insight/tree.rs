//! The tree of inviters.

use serde::{Deserialize, Serialize};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
};

use guestlist_model::{GuildId, InviteCode, Timestamp, UserId};

use super::{JoinFact, each};
use crate::{CertaintyKind, LedgerError, Reports, Scope};

/// A query for a part of a guild's tree of inviters.
///
/// ```no_run
/// # async fn example(reports: &dyn guestlist_ledger::Reports, guild: guestlist_model::GuildId) -> Result<(), guestlist_ledger::LedgerError> {
/// use guestlist_ledger::TreeQuestion;
///
/// let roots = reports.tree(&TreeQuestion::roots(guild, 10)).await?;
/// for root in roots.nodes {
///     println!("{} has {} descendants", root.user, root.descendants);
///     let invited = reports.tree(&TreeQuestion::children(guild, root.user, 10)).await?;
///     println!("{} of them were invited directly", invited.total);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TreeQuestion {
    /// The guild.
    pub guild: GuildId,
    /// The member whose invited members to return; `None` for the roots.
    pub parent: Option<UserId>,
    /// The maximum number of nodes.
    pub limit: u32,
    /// Only nodes after this position.
    pub after: Option<TreeCursor>,
}

impl TreeQuestion {
    /// Queries the roots of a guild's tree: members who invited others and have no known
    /// inviter.
    #[must_use]
    pub const fn roots(guild: GuildId, limit: u32) -> Self {
        Self {
            guild,
            parent: None,
            limit,
            after: None,
        }
    }

    /// Queries the members whom a member invited.
    #[must_use]
    pub const fn children(guild: GuildId, parent: UserId, limit: u32) -> Self {
        Self {
            guild,
            parent: Some(parent),
            limit,
            after: None,
        }
    }

    /// Continues after this position.
    #[must_use]
    pub const fn after(mut self, place: TreeCursor) -> Self {
        self.after = Some(place);
        self
    }
}

/// A position in a page of the tree, which is sorted by the number of descendants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TreeCursor {
    /// The number of descendants of the last node.
    pub descendants: u64,
    /// The user of the last node.
    pub user: UserId,
}

/// A member in the tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TreeNode {
    /// The user.
    pub user: UserId,
    /// The user's latest known name.
    pub name: Option<String>,
    /// The time of the join that determines the parent: the first one through an invite of
    /// another user. `None` for roots.
    pub joined_at: Option<Timestamp>,
    /// The code of that join.
    pub code: Option<InviteCode>,
    /// The certainty of that join's answer.
    pub certainty: Option<CertaintyKind>,
    /// Whether the user is still in the server; `None` if the ledger has no join of the
    /// user.
    pub here: Option<bool>,
    /// The number of members that the user invited.
    pub children: u64,
    /// The number of members that the user invited, directly or indirectly.
    pub descendants: u64,
    /// How many of the descendants are current members.
    pub descendants_here: u64,
    /// The depth in the tree; 0 for roots.
    pub depth: u32,
}

impl TreeNode {
    /// The position of the node.
    #[must_use]
    pub const fn cursor(&self) -> TreeCursor {
        TreeCursor {
            descendants: self.descendants,
            user: self.user,
        }
    }
}

/// A page of the tree.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TreePage {
    /// The ancestors of the nodes, from the root to the queried member. Empty for roots,
    /// and if the member is not in the tree.
    pub path: Vec<TreeNode>,
    /// The nodes, sorted by the number of descendants, most first.
    pub nodes: Vec<TreeNode>,
    /// The position to continue from, if there are more nodes.
    pub next: Option<TreeCursor>,
    /// The total number of roots or children.
    pub total: u64,
    /// The number of members in the whole tree.
    pub members: u64,
    /// The number of members with joins who are not in the tree.
    pub outside: u64,
}

pub(crate) async fn tree(
    reports: &(impl Reports + ?Sized),
    question: &TreeQuestion,
) -> Result<TreePage, LedgerError> {
    let mut facts = Vec::new();
    let scope = Scope::new().guild(question.guild);
    each(reports, &scope, |fact| facts.push(fact)).await?;
    // The earliest first.
    facts.reverse();
    let mut page = page_of(&facts, &Crowd::default(), question);
    let names = reports.names(&page.users()).await?;
    page.name(&names);
    Ok(page)
}

/// Members of whom no more than their number has to be known: each joined once, and brought
/// nobody.
#[derive(Debug, Default)]
pub(crate) struct Crowd {
    /// How many each inviter brought, and how many of these are still there.
    pub(crate) brought: Vec<(UserId, u64, u64)>,
    /// How many nobody brought.
    pub(crate) outside: u64,
}

/// A page of the tree of these facts, in order of time, and of a crowd.
pub(crate) fn page_of(facts: &[JoinFact], crowd: &Crowd, question: &TreeQuestion) -> TreePage {
    Tree::of(facts, crowd).page(question)
}

impl TreePage {
    /// Whom it shows.
    pub(crate) fn users(&self) -> Vec<UserId> {
        let nodes = self.path.iter().chain(&self.nodes);
        nodes.map(|node| node.user).collect()
    }

    /// Names them.
    pub(crate) fn name(&mut self, names: &BTreeMap<UserId, String>) {
        for node in self.path.iter_mut().chain(&mut self.nodes) {
            node.name = names.get(&node.user).cloned();
        }
    }
}

/// The tree of a guild. A member has one parent: who invited them first. So that nobody is
/// their own ancestor, an invitation that would close a circle is left out; inviting
/// oneself is the shortest of these.
#[derive(Default)]
struct Tree<'f> {
    members: HashMap<UserId, Member<'f>>,
    /// Of the crowd, those whom nobody brought.
    outside: u64,
}

#[derive(Default)]
struct Member<'f> {
    parent: Option<UserId>,
    /// The join that made the parent.
    by: Option<&'f JoinFact>,
    /// Whether there is a join, and of the latest whether it lasts.
    here: Option<bool>,
    children: Vec<UserId>,
    /// How many of the crowd they brought.
    crowd: u64,
    descendants: u64,
    descendants_here: u64,
    depth: u32,
}

impl<'f> Tree<'f> {
    /// Of facts in order of time, and a crowd.
    fn of(facts: &'f [JoinFact], crowd: &Crowd) -> Self {
        let mut tree = Self {
            outside: crowd.outside,
            ..Self::default()
        };
        for (inviter, brought, here) in &crowd.brought {
            let member = tree.members.entry(*inviter).or_default();
            member.crowd += brought;
            member.descendants += brought;
            member.descendants_here += here;
        }
        for fact in facts {
            let member = tree.members.entry(fact.key.user).or_default();
            member.here = Some(fact.here);
            let is_placed = member.parent.is_some();
            if let Some(inviter) = fact.invited_by()
                && !is_placed
                && !tree.is_above(fact.key.user, inviter)
            {
                let parent = tree.members.entry(inviter).or_default();
                parent.children.push(fact.key.user);
                if let Some(member) = tree.members.get_mut(&fact.key.user) {
                    member.parent = Some(inviter);
                    member.by = Some(fact);
                }
            }
        }
        tree.count();
        tree
    }

    /// Whether somebody is above another, or the same.
    fn is_above(&self, upper: UserId, lower: UserId) -> bool {
        let mut at = Some(lower);
        while let Some(user) = at {
            if user == upper {
                return true;
            }
            at = self.parent(user);
        }
        false
    }

    fn parent(&self, user: UserId) -> Option<UserId> {
        self.members.get(&user).and_then(|member| member.parent)
    }

    /// Counts descendants, from the leaves up, and depths, from the roots down.
    fn count(&mut self) {
        let mut order: Vec<UserId> = (self.members.iter())
            .filter(|(_, member)| member.parent.is_none())
            .map(|(user, _)| *user)
            .collect();
        let mut at = 0;
        while let Some(user) = order.get(at).copied() {
            at += 1;
            let Some(member) = self.members.get(&user) else {
                continue;
            };
            let (depth, children) = (member.depth + 1, member.children.clone());
            for child in &children {
                if let Some(child) = self.members.get_mut(child) {
                    child.depth = depth;
                }
            }
            order.extend(children);
        }
        for user in order.into_iter().rev() {
            let Some(member) = self.members.get(&user) else {
                continue;
            };
            let below = member.descendants + 1;
            let here = member.descendants_here + u64::from(member.here == Some(true));
            if let Some(parent) = member.parent.and_then(|it| self.members.get_mut(&it)) {
                parent.descendants += below;
                parent.descendants_here += here;
            }
        }
    }

    fn node(&self, user: UserId) -> Option<TreeNode> {
        let member = self.members.get(&user)?;
        Some(TreeNode {
            user,
            name: None,
            joined_at: member.by.map(|fact| fact.key.joined_at),
            code: member.by.and_then(|fact| fact.code.clone()),
            certainty: member.by.and_then(|fact| fact.certainty),
            here: member.here,
            children: member.children.len() as u64 + member.crowd,
            descendants: member.descendants,
            descendants_here: member.descendants_here,
            depth: member.depth,
        })
    }

    fn page(&self, question: &TreeQuestion) -> TreePage {
        let in_tree = |member: &Member<'_>| {
            member.parent.is_some() || !member.children.is_empty() || member.crowd > 0
        };
        let mut page = TreePage {
            outside: self.outside,
            ..TreePage::default()
        };
        let mut roots = Vec::new();
        for (user, member) in &self.members {
            if !in_tree(member) {
                page.outside += 1;
                continue;
            }
            page.members += 1 + member.crowd;
            if member.parent.is_none() {
                roots.push(*user);
            }
        }
        let mut at = question.parent;
        while let Some(user) = at {
            page.path.extend(self.node(user));
            at = self.parent(user);
        }
        page.path.reverse();
        let parent = question.parent.and_then(|it| self.members.get(&it));
        let users = match question.parent {
            None => roots,
            Some(_) => parent.map_or_else(Vec::new, |member| member.children.clone()),
        };
        page.total = users.len() as u64 + parent.map_or(0, |member| member.crowd);
        let mut order: BTreeMap<(Reverse<u64>, UserId), UserId> = BTreeMap::new();
        for user in users {
            let descendants = self.members.get(&user).map_or(0, |it| it.descendants);
            order.insert((Reverse(descendants), user), user);
        }
        let after = question
            .after
            .map(|place| (Reverse(place.descendants), place.user));
        let mut rest = order
            .range((
                after.map_or(std::ops::Bound::Unbounded, std::ops::Bound::Excluded),
                std::ops::Bound::Unbounded,
            ))
            .filter_map(|(_, user)| self.node(*user));
        page.nodes = rest.by_ref().take(question.limit as usize).collect();
        if rest.next().is_some() {
            page.next = page.nodes.last().map(TreeNode::cursor);
        }
        page
    }
}

#[cfg(test)]
mod tests {
    use guestlist_model::Id;
    use guestlist_tracker::JoinKey;

    use super::*;

    fn guild() -> GuildId {
        Id::new_checked(1).unwrap()
    }

    fn user(number: u64) -> UserId {
        Id::new_checked(number).unwrap()
    }

    /// Who was invited by whom, in order of time.
    fn facts(pairs: &[(u64, u64)]) -> Vec<JoinFact> {
        let fact = |(at, (who, by)): (i64, &(u64, u64))| {
            let key = JoinKey::new(guild(), user(*who), Timestamp::from_secs(at));
            let mut fact = JoinFact::new(key);
            if *by > 0 {
                fact.origin = Some("invite".into());
                fact.inviter = Some(user(*by));
                fact.certainty = Some(CertaintyKind::Deduced);
            }
            fact
        };
        (0_i64..).zip(pairs).map(fact).collect()
    }

    fn shape(page: &TreePage) -> Vec<(u64, u64, u64)> {
        let shape = |node: &TreeNode| (node.user.get(), node.children, node.descendants);
        page.nodes.iter().map(shape).collect()
    }

    #[test]
    fn descendants_are_counted_all_the_way_down() {
        // 1 brought 2 and 3; 2 brought 4; 4 brought 5 and 6. 9 brought 10. 11 came alone.
        let facts = facts(&[(2, 1), (3, 1), (4, 2), (5, 4), (6, 4), (10, 9), (11, 0)]);
        let tree = Tree::of(&facts, &Crowd::default());
        let roots = tree.page(&TreeQuestion::roots(guild(), 10));
        assert_eq!(shape(&roots), [(1, 2, 5), (9, 1, 1)]);
        assert_eq!((roots.members, roots.outside, roots.total), (8, 1, 2));
        let of_one = tree.page(&TreeQuestion::children(guild(), user(1), 10));
        assert_eq!(shape(&of_one), [(2, 1, 3), (3, 0, 0)]);
        let of_four = tree.page(&TreeQuestion::children(guild(), user(4), 10));
        let path: Vec<u64> = of_four.path.iter().map(|node| node.user.get()).collect();
        assert_eq!(path, [1, 2, 4]);
        assert_eq!(of_four.nodes[0].depth, 3);
        assert_eq!(of_four.path[0].here, None, "of a root no join is known");
        let nobody = tree.page(&TreeQuestion::children(guild(), user(77), 10));
        assert_eq!(nobody.nodes, []);
    }

    #[test]
    fn nobody_is_their_own_ancestor() {
        // 1 uses their own invite; 2 is brought by 1, then 1 comes again by 2.
        let facts = facts(&[(1, 1), (2, 1), (1, 2), (3, 2), (2, 3)]);
        let tree = Tree::of(&facts, &Crowd::default());
        let roots = tree.page(&TreeQuestion::roots(guild(), 10));
        assert_eq!(shape(&roots), [(1, 1, 2)]);
    }

    #[test]
    fn pages_neither_repeat_nor_skip() {
        let facts = facts(&(0..25).map(|n| (100 + n, 1 + n % 7)).collect::<Vec<_>>());
        let tree = Tree::of(&facts, &Crowd::default());
        let whole = tree.page(&TreeQuestion::roots(guild(), 100));
        assert_eq!((whole.nodes.len(), whole.next), (7, None));
        let mut pages = Vec::new();
        let mut question = TreeQuestion::roots(guild(), 3);
        loop {
            let page = tree.page(&question);
            pages.extend(page.nodes);
            let Some(next) = page.next else { break };
            question = question.after(next);
        }
        assert_eq!(pages, whole.nodes);
    }
}
