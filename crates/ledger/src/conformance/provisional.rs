//! First estimates, which a final answer replaces.

use guestlist_tracker::{Attribution, Candidate, Certainty, Origin, Record};

use super::{
    Stores, Write,
    facts::{at, attributed, by_invite, deduced, invite, join, key},
    joins,
};
use crate::{
    Batch, CertaintyKind, ChangeFilter, ChangeKind, Cursor, InviteStatus, News, Reports, Scope,
};

pub async fn a_provisional_answer_is_told_and_counted_nowhere(stores: &impl Stores) {
    let ledger = stores.open("provisional").await;
    let joined = key(1, 1, 0);
    let candidates = vec![
        Candidate::new(by_invite("abc", Some(9)), 0.97),
        Candidate::new(Origin::Unseen, 0.03),
    ];
    let first = attributed(joined, Certainty::Provisional(candidates), 0);
    let batch = Batch::of([
        Record::Invite(invite(1, "abc", Some(9), Some(-5))),
        join(joined),
        first.clone(),
    ]);
    ledger.store(&batch).await.expect("stored");
    let provisional = Scope::new().certainty(CertaintyKind::Provisional);
    let rows = joins(&ledger, &provisional).await;
    let stands = rows[0].attribution.clone().map(Record::Attribution);
    assert_eq!(stands.as_ref(), Some(&first));
    let totals = ledger.totals(&Scope::new()).await.expect("read");
    assert_eq!((totals.by_certainty, totals.waiting), ([0, 0, 0, 0, 1], 0));
    let inviters = ledger.inviters(&Scope::new(), None).await.expect("read");
    let counted = |row: &crate::InviterRow| row.joins() + row.ambiguous + row.unknown;
    assert_eq!(inviters.iter().map(counted).sum::<u64>(), 0);
    let invites = ledger.invites(&Scope::new(), InviteStatus::Any, None).await;
    let invites = invites.expect("read");
    assert_eq!((invites[0].joins(), invites[0].ambiguous), (0, 0));

    // The final answer replaces it, and both are told.
    let Record::Attribution(last) = deduced(joined, by_invite("abc", Some(9))) else {
        unreachable!("a statement");
    };
    let last = Attribution::new(joined, last.certainty, at(9)).with_revision(1);
    let last = Record::Attribution(last);
    ledger
        .store(&Batch::of([last.clone()]))
        .await
        .expect("stored");
    assert!(joins(&ledger, &provisional).await.is_empty());
    let answers = ChangeFilter::new().kind(ChangeKind::Attribution);
    let feed = ledger
        .changes(Cursor::START, &answers, 10)
        .await
        .expect("read");
    let told: Vec<Record> = (feed.entries.into_iter())
        .filter_map(|entry| match entry.news {
            News::Attribution(row) => row.attribution.map(Record::Attribution),
            _ => None,
        })
        .collect();
    assert_eq!(told, [first, last]);
}
