//! Who is still here, and who left while nobody told.

use guestlist_tracker::{Leave, Record};

use super::{
    Stores, Write,
    facts::{at, guild, join, key, leave, user},
};
use crate::{Batch, ChangeFilter, Cursor, News, Page, Privacy, Reports, Resume, Scope};

pub async fn whoever_is_here_can_be_listed(stores: &impl Stores) {
    let ledger = stores.open("present").await;
    let keys = [key(1, 9, 10), key(1, 3, 20), key(1, 5, 30), key(2, 4, 40)];
    let mut records: Vec<Record> = keys.into_iter().map(join).collect();
    records.push(leave(1, 5, Some(30), 50));
    // Whoever came back is here by the later join.
    records.push(join(key(1, 3, 60)));
    let stored = ledger.store(&Batch::of(records)).await;
    stored.expect("the batch is stored");
    let here = async || {
        let present = ledger.present(guild(1)).await;
        present.expect("the ledger is read")
    };
    let all = [key(1, 3, 60), key(1, 9, 10)];
    assert_eq!(here().await, all);
    let forgotten = ledger.forget_user(user(9), at(70)).await;
    forgotten.expect("the person is forgotten");
    assert_eq!(here().await, all[..1]);
}

pub async fn a_leave_that_no_event_told_of_has_two_times(stores: &impl Stores) {
    let ledger = stores.open("departed").await;
    let missed = |since: i64, observed: i64| {
        let leave = Leave::new(guild(1), user(1), Some(at(10)), at(observed));
        Record::Leave(leave.since(Some(at(since))))
    };
    let store = async |records: Vec<Record>| {
        let stored = ledger.store(&Batch::of(records)).await;
        stored.expect("the batch is stored");
    };
    let times = async || {
        let row = ledger.join(&key(1, 1, 10)).await;
        let row = row.expect("the ledger is read").expect("the join is there");
        assert!(!row.here);
        (row.left_after, row.left_at)
    };
    store(vec![join(key(1, 1, 10)), missed(20, 90)]).await;
    assert_eq!(times().await, (Some(at(20)), Some(at(90))));
    // The later bound tells more, whichever comes first.
    store(vec![missed(30, 95), missed(25, 99)]).await;
    assert_eq!(times().await, (Some(at(30)), Some(at(90))));
    let facts = ledger.facts(&Scope::new(), Page::ALL).await;
    let facts = facts.expect("the ledger is read");
    assert_eq!((facts[0].left_after, facts[0].left_at), times().await);
    let filter = ChangeFilter::default();
    let changes = ledger.changes(Cursor::START, &filter, 100).await;
    let changes = changes.expect("the ledger is read");
    let told = changes.entries.iter().find_map(|entry| match &entry.news {
        News::Leave(leave) => Some(leave.since),
        _ => None,
    });
    assert_eq!(told, Some(Some(at(30))));
    // An event tells it exactly.
    store(vec![leave(1, 1, Some(10), 80), missed(40, 99)]).await;
    assert_eq!(times().await, (None, Some(at(80))));
}
