//! The rules of storing.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use guestlist_tracker::{Certainty, InviteState, Leave, Record};

use super::{
    Stores, Write, dump,
    facts::{at, attributed, by_invite, deduced, ended, guild, invite, join, key, leave, unknown},
    joins,
};
use crate::{Batch, ChangeFilter, Cursor, InviteStatus, News, Reports, Scope};

pub async fn stores_a_batch_once(stores: &impl Stores) {
    let ledger = stores.open("once").await;
    let joined = key(1, 1, 0);
    let batch = Batch::of([
        join(joined),
        deduced(joined, by_invite("abc", Some(9))),
        Record::Invite(invite(1, "abc", Some(9), Some(-5))),
        leave(1, 1, Some(0), 60),
    ]);
    let first = ledger.store(&batch).await.expect("the batch is stored");
    assert_eq!(first.fresh, [true; 4]);
    let before = dump(&ledger).await;
    assert_eq!(before.joins.len(), 1);
    assert_eq!(before.joins[0].join.name.as_deref(), Some("user-2001"));
    assert_eq!(before.joins[0].inviter_name.as_deref(), Some("user-2009"));
    assert_eq!(before.joins[0].left_at, Some(at(60)));
    assert!(!before.joins[0].here);

    let again = ledger
        .store(&batch)
        .await
        .expect("the batch is stored again");
    assert_eq!(again.fresh, [false; 4], "nothing of it is news");
    assert_eq!(dump(&ledger).await, before);

    let nothing = ledger
        .store(&Batch::new())
        .await
        .expect("an empty batch is fine");
    assert_eq!(nothing.news(), 0);
}

pub async fn overlapping_batches_store_each_record_once(stores: &impl Stores) {
    let records: Vec<Record> = (0..20)
        .flat_map(|n| {
            let joined = key(1, n, i64::try_from(n).expect("small"));
            [join(joined), deduced(joined, by_invite("abc", Some(99)))]
        })
        .collect();
    let whole = stores.open("whole").await;
    whole
        .store(&Batch::of(records.clone()))
        .await
        .expect("stored");
    let parts = stores.open("parts").await;
    for window in records.windows(7).rev() {
        parts
            .store(&Batch::of(window.to_vec()))
            .await
            .expect("stored");
    }
    assert_eq!(dump(&parts).await, dump(&whole).await);
}

pub async fn survives_being_dropped(stores: &impl Stores) {
    let name = "dropped";
    let joined = key(1, 1, 0);
    for visit in 0..5_u32 {
        let ledger = stores.open(name).await;
        if visit > 0 {
            let rows = joins(&ledger, &Scope::new()).await;
            assert_eq!(rows.len(), 1, "on visit {visit}");
        }
        let certainty = Certainty::Deduced(by_invite("abc", None));
        ledger
            .store(&Batch::of([
                join(joined),
                attributed(joined, certainty, visit),
            ]))
            .await
            .expect("stored");
        // Without a close, as in a crash.
    }
    let ledger = stores.open(name).await;
    assert_eq!(
        ledger
            .attribution_history(&joined)
            .await
            .expect("read")
            .len(),
        5
    );
}

/// Commits are cut short at every moment; what is there afterwards is whole.
pub async fn an_interrupted_commit_is_whole_or_absent(stores: &impl Stores) {
    let name = "interrupted";
    let mut acknowledged = Vec::new();
    for round in 0..40_u64 {
        let ledger = stores.open(name).await;
        let batch = Batch::of(
            (0..10).map(|n| join(key(1, round * 10 + n, i64::try_from(round).expect("small")))),
        );
        let limit = Duration::from_micros(round * 150);
        if let Ok(committed) = tokio::time::timeout(limit, ledger.store(&batch)).await {
            committed.expect("stored");
            acknowledged.push(round);
        }
        drop(ledger);
    }
    let ledger = stores.open(name).await;
    for round in 0..40_u64 {
        let since = at(i64::try_from(round).expect("small"));
        let until = at(i64::try_from(round + 1).expect("small"));
        let rows = joins(&ledger, &Scope::new().since(since).until(until)).await;
        assert!(
            rows.is_empty() || rows.len() == 10,
            "half of batch {round} is there: {}",
            rows.len()
        );
        assert!(
            !acknowledged.contains(&round) || rows.len() == 10,
            "batch {round} was acknowledged and is lost"
        );
    }
}

pub async fn attributions_are_refined_and_never_taken_back(stores: &impl Stores) {
    let ledger = stores.open("revisions").await;
    let joined = key(1, 1, 0);
    let standing = async || {
        let rows = joins(&ledger, &Scope::new()).await;
        rows[0].attribution.clone().expect("attributed")
    };
    ledger
        .store(&Batch::of([join(joined), unknown(joined)]))
        .await
        .expect("stored");
    assert_eq!(standing().await.revision, 0);

    let better = attributed(joined, Certainty::Deduced(by_invite("abc", Some(9))), 2);
    assert_eq!(
        ledger
            .store(&Batch::of([better.clone()]))
            .await
            .expect("stored")
            .fresh,
        [true]
    );
    assert_eq!(standing().await.revision, 2);

    for late in [
        attributed(joined, Certainty::Deduced(by_invite("other", None)), 1),
        attributed(joined, Certainty::Deduced(by_invite("other", None)), 2),
    ] {
        assert_eq!(
            ledger
                .store(&Batch::of([late]))
                .await
                .expect("stored")
                .fresh,
            [false]
        );
    }
    assert_eq!(
        Record::Attribution(standing().await),
        better,
        "lower and equal revisions never overwrite"
    );

    let sure = attributed(joined, Certainty::Confirmed(by_invite("abc", Some(9))), 3);
    ledger
        .store(&Batch::of([sure.clone()]))
        .await
        .expect("stored");
    let doubt = attributed(joined, Certainty::Deduced(by_invite("other", None)), 4);
    assert_eq!(
        ledger
            .store(&Batch::of([doubt]))
            .await
            .expect("stored")
            .fresh,
        [false]
    );
    assert_eq!(
        Record::Attribution(standing().await),
        sure,
        "what is confirmed stays"
    );

    let revisions: Vec<u32> = ledger
        .attribution_history(&joined)
        .await
        .expect("read")
        .iter()
        .map(|attribution| attribution.revision)
        .collect();
    assert_eq!(
        revisions,
        [0, 1, 2, 3, 4],
        "and every statement is on record"
    );
}

pub async fn an_attribution_may_come_before_its_join(stores: &impl Stores) {
    let ledger = stores.open("before").await;
    let joined = key(1, 1, 0);
    let first = deduced(joined, by_invite("abc", Some(9)));
    let second = attributed(joined, Certainty::Deduced(by_invite("def", Some(9))), 1);
    for record in [second.clone(), first] {
        ledger.store(&Batch::of([record])).await.expect("stored");
    }
    assert!(joins(&ledger, &Scope::new()).await.is_empty());
    ledger
        .store(&Batch::of([join(joined)]))
        .await
        .expect("stored");
    let rows = joins(&ledger, &Scope::new()).await;
    assert_eq!(
        rows[0].attribution.clone().map(Record::Attribution),
        Some(second)
    );
    let inviters = ledger.inviters(&Scope::new(), None).await.expect("read");
    assert_eq!(inviters[0].deduced, 1);
}

pub async fn leaves_end_the_right_join(stores: &impl Stores) {
    let ledger = stores.open("leaves").await;
    let ends = async |user_number: u64| {
        let filter = Scope::new().user(super::facts::user(user_number));
        let rows = joins(&ledger, &filter).await;
        rows.iter()
            .rev()
            .map(|row| (row.left_at, row.here))
            .collect::<Vec<_>>()
    };
    // Joined, left, joined again, left again; nobody says which join a leave ends.
    ledger
        .store(&Batch::of([
            leave(1, 1, None, 20),
            join(key(1, 1, 100)),
            join(key(1, 1, 0)),
            leave(1, 1, None, 120),
        ]))
        .await
        .expect("stored");
    assert_eq!(
        ends(1).await,
        [(Some(at(20)), false), (Some(at(120)), false)]
    );
    // A leave of a join before we watched, then a join.
    ledger
        .store(&Batch::of([leave(1, 2, None, 10)]))
        .await
        .expect("stored");
    ledger
        .store(&Batch::of([join(key(1, 2, 50))]))
        .await
        .expect("stored");
    assert_eq!(ends(2).await, [(None, true)]);
    // The leave was missed, the return was not.
    ledger
        .store(&Batch::of([join(key(1, 3, 0)), join(key(1, 3, 50))]))
        .await
        .expect("stored");
    assert_eq!(ends(3).await, [(None, false), (None, true)]);
    // Our clock was ahead when the leave came, and right when the member came back.
    ledger
        .store(&Batch::of([
            join(key(1, 6, 0)),
            Record::Leave(
                Leave::new(guild(1), super::facts::user(6), None, at(700))
                    .joined_before(Some(at(20))),
            ),
            join(key(1, 6, 50)),
        ]))
        .await
        .expect("stored");
    assert_eq!(ends(6).await, [(Some(at(700)), false), (None, true)]);
    let filter = ChangeFilter::default();
    let changes = ledger.changes(Cursor::START, &filter, 100).await;
    let changes = changes.expect("the ledger is read");
    let mut bounds = changes
        .entries
        .iter()
        .filter_map(|entry| match &entry.news {
            News::Leave(leave) => Some(leave.joined_before),
            _ => None,
        });
    assert_eq!(
        bounds.next_back(),
        Some(Some(at(20))),
        "the feed tells it too"
    );
    // The tracker says which.
    ledger
        .store(&Batch::of([leave(1, 4, Some(7), 90)]))
        .await
        .expect("stored");
    ledger
        .store(&Batch::of([leave(1, 4, Some(7), 95), join(key(1, 4, 7))]))
        .await
        .expect("stored");
    assert_eq!(ends(4).await, [(Some(at(90)), false)]);
    // The same person elsewhere is not concerned.
    ledger
        .store(&Batch::of([
            join(key(1, 5, 0)),
            join(key(2, 5, 0)),
            leave(2, 5, None, 30),
        ]))
        .await
        .expect("stored");
    let rows = joins(&ledger, &Scope::new().user(super::facts::user(5))).await;
    let here: Vec<bool> = rows.iter().map(|row| row.here).collect();
    assert_eq!(
        here,
        [false, true],
        "newest first; at one time, the higher guild first"
    );
}

pub async fn ended_invites_stay_ended(stores: &impl Stores) {
    let ledger = stores.open("ended").await;
    let active = invite(1, "abc", Some(9), Some(0));
    let state = async || {
        let rows = ledger
            .invites(&Scope::new(), InviteStatus::Any, None)
            .await
            .expect("read");
        assert_eq!(rows.len(), 1);
        (
            rows[0].invite.state,
            rows[0].invite.ended_by,
            rows[0].invite.uses,
        )
    };
    let mut used = active.clone();
    used.uses = Some(3);
    used.observed_at = at(50);
    let gone = ended(active.clone(), InviteState::Gone, None, 60);
    let revoked = ended(active.clone(), InviteState::Revoked, None, 40);
    let by_whom = ended(active.clone(), InviteState::Revoked, Some(8), 30);
    let mut stale = active.clone();
    stale.observed_at = at(500);

    ledger
        .store(&Batch::of([Record::Invite(active), Record::Invite(gone)]))
        .await
        .expect("stored");
    assert_eq!(state().await, (InviteState::Gone, None, Some(0)));
    let news = ledger
        .store(&Batch::of([Record::Invite(stale), Record::Invite(used)]))
        .await
        .expect("stored");
    assert_eq!(
        state().await,
        (InviteState::Gone, None, Some(3)),
        "it does not come back, whatever a late list says"
    );
    assert_eq!(news.fresh, [false, true]);
    ledger
        .store(&Batch::of([Record::Invite(revoked)]))
        .await
        .expect("stored");
    assert_eq!(
        state().await,
        (InviteState::Revoked, None, Some(3)),
        "a reason is better than none"
    );
    ledger
        .store(&Batch::of([Record::Invite(by_whom)]))
        .await
        .expect("stored");
    let by = Some(super::facts::user(8));
    assert_eq!(
        state().await,
        (InviteState::Revoked, by, Some(3)),
        "and one that says who is better still"
    );
}

pub async fn a_code_may_live_twice(stores: &impl Stores) {
    let ledger = stores.open("lives").await;
    let first = invite(1, "party", Some(8), Some(0));
    let second = invite(1, "party", Some(9), Some(1000));
    let undated = invite(1, "party", None, None);
    let elsewhere = invite(2, "party", None, None);
    ledger
        .store(&Batch::of(
            [
                ended(first, InviteState::Expired, None, 500),
                second,
                undated,
                elsewhere,
            ]
            .map(Record::Invite),
        ))
        .await
        .expect("stored");
    let rows = ledger
        .invites(&Scope::new().guild(guild(1)), InviteStatus::Any, None)
        .await
        .expect("read");
    let lives: Vec<_> = rows
        .iter()
        .map(|row| (row.invite.created_at, row.invite.state))
        .collect();
    assert_eq!(
        lives,
        [
            (Some(at(1000)), InviteState::Active),
            (Some(at(0)), InviteState::Expired)
        ],
        "each life by itself; what was seen without a date adds none"
    );
    let rows = ledger
        .invites(&Scope::new().guild(guild(2)), InviteStatus::Any, None)
        .await
        .expect("read");
    assert_eq!(rows.len(), 1, "unless it is all there is");
    assert_eq!(rows[0].invite.created_at, None);
}

/// While one writes batches of ten, others never see a part of one.
pub async fn readers_see_whole_batches(stores: &impl Stores) {
    let ledger = Arc::new(stores.open("readers").await);
    let done = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..2)
        .map(|_| {
            let (ledger, done) = (Arc::clone(&ledger), Arc::clone(&done));
            tokio::spawn(async move {
                let mut last = 0;
                while !done.load(Ordering::Relaxed) {
                    let rows = joins(&ledger, &Scope::new()).await.len();
                    assert_eq!(rows % 10, 0, "a part of a batch was seen");
                    assert!(rows >= last, "something that was there is gone");
                    last = rows;
                }
            })
        })
        .collect();
    for round in 0..15_u64 {
        let batch = (0..10).map(|n| join(key(1, round * 10 + n, 0)));
        ledger
            .store(&Batch::of(batch))
            .await
            .expect("stored while others read");
    }
    done.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.await.expect("the reader saw nothing wrong");
    }
    assert_eq!(joins(&ledger, &Scope::new()).await.len(), 150);
}
