//! What joins add up to.

use guestlist_testkit::Random;
use guestlist_tracker::{Certainty, Gap, Origin, Record};

use super::{
    Stores, Write,
    facts::{
        at, by_invite, code, confirmed, deduced, guild, invite, join, key, leave, unknown, user,
    },
    joins, seeds, shuffled_records,
};
use crate::{
    Batch, BurstKind, BurstLimits, CertaintyKind, Cohort, CohortBy, JoinRow, Labels, Page, Privacy,
    ProfileLimits, Reports, RetentionQuestion, Scope, TreeQuestion,
};

const DAY: i64 = 86_400;

/// Facts are the rows of joins, told shorter.
pub async fn facts_say_what_joins_say(stores: &impl Stores) {
    for seed in seeds(4) {
        let ledger = stores.open(&format!("facts-{seed}")).await;
        let mut random = Random::new(seed);
        let records = shuffled_records(&mut random, 150);
        ledger.store(&Batch::of(records)).await.expect("stored");
        if seed % 2 == 1 {
            let who = user(random.below(5));
            ledger.forget_user(who, at(300)).await.expect("forgotten");
        }
        for scope in [Scope::new(), Scope::new().guild(guild(1)).here(false)] {
            let rows = joins(&ledger, &scope).await;
            let facts = ledger.facts(&scope, Page::ALL).await.expect("read");
            let all = joins(&ledger, &Scope::new()).await;
            assert_eq!(facts.len(), rows.len());
            for (fact, row) in facts.iter().zip(&rows) {
                let told = row.attribution.as_ref().map(|told| &told.certainty);
                let origin = told.and_then(Certainty::origin);
                assert_eq!(fact.key, row.join.key);
                assert_eq!(fact.observed_at, row.join.observed_at);
                assert_eq!((fact.left_at, fact.here), (row.left_at, row.here));
                let rejoined = row.joined_before || row.join.rejoined == Some(true);
                assert_eq!(fact.rejoined, rejoined);
                assert_eq!(fact.certainty, told.map(CertaintyKind::of));
                assert_eq!(fact.origin.as_deref(), origin.map(Origin::label));
                assert_eq!(fact.inviter, origin.and_then(Origin::inviter));
                assert_eq!(fact.code.as_ref(), origin.and_then(Origin::code));
                let of_member = |other: &&JoinRow| {
                    let (other, this) = (other.join.key, row.join.key);
                    (other.guild, other.user) == (this.guild, this.user)
                        && other.joined_at > this.joined_at
                };
                let later = all
                    .iter()
                    .filter(of_member)
                    .map(|other| other.join.key.joined_at);
                let unseen = !row.here && row.left_at.is_none();
                assert_eq!(fact.next_at, later.min().filter(|_| unseen));
            }
            let mut pages = Vec::new();
            let mut page = Page::first(3);
            loop {
                let part = ledger.facts(&scope, page).await.expect("read");
                let Some(last) = part.last() else { break };
                page = page.after(last.key);
                pages.extend(part);
            }
            assert_eq!(pages, facts);
        }
    }
}

/// Inviter 8 brought 1, 2 and 3, of whom 1 left after two days; 1 brought 4. 5 came by
/// nobody knows what. Another guild has a join of its own.
fn story() -> Batch {
    let mut gap = Gap::new(guild(1), at(4 * DAY), at(4 * DAY));
    gap.last_known = Some(at(3 * DAY));
    let mut records = vec![
        Record::Invite(invite(1, "a", Some(8), Some(-10))),
        Record::Invite(invite(1, "b", Some(1), Some(-10))),
        Record::Gap(gap),
    ];
    for (number, code, by) in [(1, "a", 8), (2, "a", 8), (3, "c", 8), (4, "b", 1)] {
        let when = i64::try_from(number).expect("small") * 60;
        records.push(join(key(1, number, when)));
        records.push(deduced(key(1, number, when), by_invite(code, Some(by))));
    }
    records.extend([
        join(key(1, 5, 5 * DAY)),
        unknown(key(1, 5, 5 * DAY)),
        leave(1, 1, Some(60), 60 + 2 * DAY),
        join(key(2, 6, 0)),
        confirmed(key(2, 6, 0), by_invite("z", Some(9))),
    ]);
    Batch::of(records)
}

pub async fn insights_are_of_the_scope(stores: &impl Stores) {
    let ledger = stores.open("insights").await;
    ledger.store(&story()).await.expect("stored");
    let (a, may) = (code("a"), "May".parse().expect("a label"));
    let set = ledger.set_label(guild(1), &a, &may, at(0));
    set.await.expect("set");
    let scope = Scope::new().guild(guild(1));
    let now = at(8 * DAY);

    let kept = async |by: CohortBy| {
        let question = RetentionQuestion::new(now).by(by);
        let rows = ledger.retention(&scope, &question).await.expect("read");
        let row = |row: &crate::RetentionRow| {
            let week = row.kept[1];
            let counts = (week.observed, week.stayed, week.over_gap);
            (row.cohort.clone(), row.joined, row.here, counts)
        };
        rows.iter().map(row).collect::<Vec<_>>()
    };
    assert_eq!(
        kept(CohortBy::Everyone).await,
        [(Cohort::Everyone, 5, 4, (4, 3, 3))]
    );
    assert_eq!(
        kept(CohortBy::Label).await,
        [
            (Cohort::Label(may.clone()), 2, 1, (2, 1, 1)),
            (Cohort::Rest, 3, 3, (2, 2, 2)),
        ]
    );
    assert_eq!(
        kept(CohortBy::Inviter).await,
        [
            (Cohort::Inviter(user(8)), 3, 2, (3, 2, 2)),
            (Cohort::Inviter(user(1)), 1, 1, (1, 1, 1)),
            (Cohort::Rest, 1, 1, (0, 0, 0)),
        ]
    );
    let question = RetentionQuestion::new(now).by(CohortBy::Invite).weekly();
    let rows = ledger.retention(&scope, &question).await.expect("read");
    assert_eq!(rows.len(), 4);
    assert!(rows.iter().all(|row| row.week.is_some()));
    let of_a = rows.iter().find(|row| row.label == Some(may.clone()));
    assert_eq!(of_a.map(|row| row.joined), Some(2));
    let only = scope.clone().label(may);
    let question = RetentionQuestion::new(now);
    let rows = ledger.retention(&only, &question).await.expect("read");
    assert_eq!(rows[0].joined, 2, "narrowed by the scope");

    let limits = ProfileLimits::new(now);
    let profiles = ledger.inviter_profiles(&scope, &limits);
    let profiles = profiles.await.expect("read");
    let profiles: Vec<_> = (profiles.iter())
        .map(|it| (it.inviter, it.name.as_deref(), it.joined, it.left))
        .collect();
    assert_eq!(
        profiles,
        [
            (user(8), Some("user-2008"), 3, 1),
            (user(1), Some("user-2001"), 1, 0)
        ]
    );

    let tree = async |question: TreeQuestion| ledger.tree(&question).await.expect("read");
    let roots = tree(TreeQuestion::roots(guild(1), 10)).await;
    let root = &roots.nodes[0];
    assert_eq!((roots.nodes.len(), roots.outside), (1, 1));
    assert_eq!(
        (root.user, root.descendants, root.descendants_here),
        (user(8), 4, 3)
    );
    let below = tree(TreeQuestion::children(guild(1), user(8), 10)).await;
    let users: Vec<_> = below.nodes.iter().map(|node| node.user).collect();
    assert_eq!(users, [user(1), user(2), user(3)]);
    assert_eq!(below.nodes[0].name.as_deref(), Some("user-2001"));
    assert_eq!(below.path[0].user, user(8));

    let mut limits = BurstLimits::new(now);
    (limits.least, limits.least_young) = (2, 5);
    let bursts = ledger.bursts(&scope, &limits).await.expect("read");
    let bursts: Vec<_> = (bursts.iter())
        .map(|burst| (burst.kind.clone(), burst.joins, burst.from))
        .collect();
    assert_eq!(bursts, [(BurstKind::Invite(code("a")), 2, at(60))]);
}
