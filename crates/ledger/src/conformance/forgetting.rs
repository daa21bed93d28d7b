//! Deletion on request.

use std::future::Future;

use guestlist_tracker::{Attribution, Certainty, Evidence, Record};

use super::{
    Write, dump,
    facts::{ambiguous, at, by_invite, code, confirmed, deduced, invite, join, key, leave, user},
};
use crate::{Batch, InviterFilter, JoinFilter, Ledger, is_forgotten};

/// Person 8 joined twice, left once, made invite `a`, and is a candidate's inviter.
fn story() -> Batch {
    let searched = Attribution::new(
        key(1, 2, 30),
        Certainty::Confirmed(by_invite("a", Some(8))),
        at(40),
    )
    .with_revision(1)
    .with_evidence(vec![Evidence::MembersSearch {
        join_source_type: 5,
        code: Some(code("a")),
        inviter: Some(user(8)),
    }]);
    Batch::of([
        join(key(1, 8, 0)),
        deduced(key(1, 8, 0), by_invite("z", Some(9))),
        leave(1, 8, None, 5),
        join(key(1, 8, 10)),
        confirmed(key(1, 8, 10), by_invite("z", Some(9))),
        Record::Invite(invite(1, "a", Some(8), Some(12))),
        join(key(1, 2, 30)),
        deduced(key(1, 2, 30), by_invite("a", Some(8))),
        Record::Attribution(searched),
        join(key(1, 3, 31)),
        ambiguous(
            key(1, 3, 31),
            &[
                (by_invite("a", Some(8)), 0.5),
                (by_invite("z", Some(9)), 0.5),
            ],
        ),
    ])
}

pub(super) async fn the_person_is_gone_and_the_counts_are_not<L: Ledger, O: Future<Output = L>>(
    open: &impl Fn(String) -> O,
) {
    let ledger = open("forget.db".into()).await;
    ledger.store(&story()).await.expect("stored");
    let before = dump(&ledger).await;

    let forgotten = ledger.forget_user(user(8)).await.expect("forgotten");
    assert_eq!((forgotten.joins, forgotten.leaves), (2, 1));
    assert!(
        forgotten.mentions >= 3,
        "the invite and two attributions: {forgotten:?}"
    );
    let stand_in = forgotten.stand_in.expect("somebody stands in");
    assert!(is_forgotten(stand_in) && !is_forgotten(user(8)));

    let after = dump(&ledger).await;
    let told = format!("{after:?}");
    assert!(
        !told.contains("2008"),
        "the id or name is still told: {told}"
    );
    assert_eq!(after.totals, before.totals);
    let counts = |rows: &[crate::InviterRow]| -> Vec<_> {
        let mut counts: Vec<_> = rows
            .iter()
            .map(|row| {
                (
                    row.confirmed,
                    row.deduced,
                    row.ambiguous,
                    row.left,
                    row.here,
                )
            })
            .collect();
        counts.sort_unstable();
        counts
    };
    assert_eq!(counts(&after.inviters), counts(&before.inviters));
    let joined =
        |rows: &[crate::InviteRow]| rows.iter().map(crate::InviteRow::joins).collect::<Vec<_>>();
    assert_eq!(joined(&after.invites), joined(&before.invites));
    let theirs = ledger
        .joins(&JoinFilter::new().user(stand_in))
        .await
        .expect("read");
    assert_eq!(
        theirs.iter().map(|row| row.here).collect::<Vec<_>>(),
        [true, false]
    );
    assert_eq!(theirs[0].join.name, None);

    let nobody = ledger
        .forget_user(user(8))
        .await
        .expect("nothing is left to forget");
    assert_eq!(nobody.stand_in, None);
    let other = ledger
        .forget_user(user(9))
        .await
        .expect("forgotten")
        .stand_in
        .expect("somebody stands in");
    assert_ne!(other, stand_in, "each deletion has its own stand-in");
}

pub(super) async fn late_records_do_not_bring_them_back<L: Ledger, O: Future<Output = L>>(
    open: &impl Fn(String) -> O,
) {
    let ledger = open("late.db".into()).await;
    ledger.store(&story()).await.expect("stored");
    ledger.forget_user(user(8)).await.expect("forgotten");
    let forgotten = dump(&ledger).await;

    // A catch-up finds the member, who is still there, again.
    let again = Batch::of([
        join(key(1, 8, 10)),
        deduced(key(1, 8, 10), by_invite("z", Some(9))),
    ]);
    assert_eq!(
        ledger.store(&again).await.expect("stored").fresh,
        [false, false]
    );
    assert_eq!(dump(&ledger).await, forgotten);
    // The invite is still listed; whose it is stays forgotten.
    let mut listed = invite(1, "a", Some(8), Some(12));
    listed.inviter_name = None;
    ledger
        .store(&Batch::of([Record::Invite(listed)]))
        .await
        .expect("stored");
    assert_eq!(dump(&ledger).await, forgotten);
    // The member leaves: the stand-in is no longer here.
    ledger
        .store(&Batch::of([leave(1, 8, Some(10), 90)]))
        .await
        .expect("stored");
    let nine = ledger
        .inviters(&InviterFilter::new().inviter(user(9)))
        .await
        .expect("read");
    assert_eq!((nine[0].left, nine[0].here), (2, 0));
    // A leave that names no join does not bring back whom nobody knows any more.
    ledger
        .store(&Batch::of([leave(1, 8, None, 105)]))
        .await
        .expect("stored");
    // A new join is a new join.
    ledger
        .store(&Batch::of([join(key(1, 8, 100))]))
        .await
        .expect("stored");
    let back = ledger
        .joins(&JoinFilter::new().user(user(8)))
        .await
        .expect("read");
    assert_eq!(
        back.iter().map(|row| row.here).collect::<Vec<_>>(),
        [true],
        "the leave of a stranger was not stored"
    );
}
