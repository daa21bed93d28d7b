//! Deletion on request.

use guestlist_tracker::{Attribution, Certainty, Evidence, InviteState, Record};

use super::{
    Stores, Write, dump,
    facts::{
        ambiguous, at, by_invite, code, confirmed, deduced, ended, invite, join, key, leave, user,
    },
    joins, news,
};
use crate::{Batch, Privacy, Reports, Scope, is_forgotten};

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

pub async fn the_person_is_gone_and_the_counts_are_not(stores: &impl Stores) {
    let ledger = stores.open("forget").await;
    ledger.store(&story()).await.expect("stored");
    let before = dump(&ledger).await;

    let forgotten = ledger
        .forget_user(user(8), at(50))
        .await
        .expect("forgotten");
    assert_eq!((forgotten.joins, forgotten.leaves), (2, 1));
    assert!(
        forgotten.mentions >= 3,
        "the invite and two attributions: {forgotten:?}"
    );
    let stand_in = forgotten.stand_in.expect("somebody stands in");
    assert!(is_forgotten(stand_in) && !is_forgotten(user(8)));

    let after = dump(&ledger).await;
    let told = format!("{after:?} {:?}", news(&ledger).await);
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
    let theirs = joins(&ledger, &Scope::new().user(stand_in)).await;
    assert_eq!(
        theirs.iter().map(|row| row.here).collect::<Vec<_>>(),
        [true, false]
    );
    assert_eq!(theirs[0].join.name, None);

    let nobody = ledger
        .forget_user(user(8), at(50))
        .await
        .expect("nothing is left to forget");
    assert_eq!(nobody.stand_in, None);
    let other = ledger
        .forget_user(user(9), at(50))
        .await
        .expect("forgotten")
        .stand_in
        .expect("somebody stands in");
    assert_ne!(other, stand_in, "each deletion has its own stand-in");
}

pub async fn late_records_do_not_bring_them_back(stores: &impl Stores) {
    let ledger = stores.open("late").await;
    ledger.store(&story()).await.expect("stored");
    ledger
        .forget_user(user(8), at(50))
        .await
        .expect("forgotten");
    let forgotten = dump(&ledger).await;

    // A catch-up finds the member, who is still there, again.
    let again = Batch::of([
        join(key(1, 8, 10)),
        confirmed(key(1, 8, 10), by_invite("z", Some(9))),
    ]);
    assert_eq!(
        ledger.store(&again).await.expect("stored").fresh,
        [false, false]
    );
    assert_eq!(dump(&ledger).await, forgotten);
    // The invite is still listed; whose it is stays forgotten.
    let listed = invite(1, "a", Some(8), Some(12));
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
        .inviters(&Scope::new().inviter(user(9)), None)
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
    let back = joins(&ledger, &Scope::new().user(user(8))).await;
    assert_eq!(
        back.iter().map(|row| row.here).collect::<Vec<_>>(),
        [true],
        "the leave of before is not of this join"
    );
}

/// The words that would give away person 8.
async fn is_silent(ledger: &impl Reports, when: &str) {
    let told = format!("{:?} {:?}", dump(ledger).await, news(ledger).await);
    assert!(
        !told.contains("2008"),
        "{when}, the id or name is told: {told}"
    );
}

pub async fn names_do_not_come_back(stores: &impl Stores) {
    let ledger = stores.open("names").await;
    ledger.store(&story()).await.expect("stored");
    ledger
        .forget_user(user(8), at(50))
        .await
        .expect("forgotten");
    is_silent(&ledger, "after the request").await;
    let forgotten = dump(&ledger).await;

    // The next list, with its names.
    let mut listed = invite(1, "a", Some(8), Some(12));
    listed.observed_at = at(60);
    let listed = Batch::of([Record::Invite(listed)]);
    assert_eq!(ledger.store(&listed).await.expect("stored").fresh, [false]);
    is_silent(&ledger, "after the next list").await;
    assert_eq!(dump(&ledger).await.inviters, forgotten.inviters);
    // An old invite that was never listed before, and the end of another's.
    let mut end = ended(
        invite(1, "z", Some(9), Some(3)),
        InviteState::Revoked,
        Some(8),
        45,
    );
    end.ended_at = Some(at(44));
    let old = Batch::of([
        Record::Invite(invite(1, "b", Some(8), Some(20))),
        Record::Invite(end),
    ]);
    ledger.store(&old).await.expect("stored");
    is_silent(&ledger, "after an old invite").await;
    // The member's own join again, with the name and more that is news.
    let Record::Join(mut again) = join(key(1, 8, 10)) else {
        unreachable!("join makes a join")
    };
    again.observed_at = at(70);
    again.rejoined = Some(true);
    ledger
        .store(&Batch::of([Record::Join(again)]))
        .await
        .expect("stored");
    is_silent(&ledger, "after the same join").await;
    // Better answers: for a join of before, and for one of afterwards by the old invite.
    let found = |key, revision| {
        let search = Evidence::MembersSearch {
            join_source_type: 5,
            code: Some(code("a")),
            inviter: Some(user(8)),
        };
        let certainty = Certainty::Confirmed(by_invite("a", Some(8)));
        let found = Attribution::new(key, certainty, at(80)).with_revision(revision);
        Record::Attribution(found.with_evidence(vec![search]))
    };
    let found = Batch::of([
        found(key(1, 3, 31), 2),
        join(key(1, 4, 75)),
        found(key(1, 4, 75), 0),
    ]);
    assert_eq!(ledger.store(&found).await.expect("stored").fresh, [true; 3]);
    is_silent(&ledger, "after better answers").await;
    let rows = ledger.inviters(&Scope::new(), None).await.expect("read");
    let theirs = rows
        .iter()
        .filter(|row| row.inviter.is_some_and(is_forgotten));
    let theirs: Vec<_> = theirs
        .map(|row| (row.joins(), row.name.as_deref()))
        .collect();
    assert_eq!(theirs, [(3, None)], "all of it is put down to one stand-in");
}

pub async fn what_they_do_afterwards_is_new(stores: &impl Stores) {
    let ledger = stores.open("afterwards").await;
    ledger.store(&story()).await.expect("stored");
    let first = ledger
        .forget_user(user(8), at(50))
        .await
        .expect("forgotten");
    let after = Batch::of([
        join(key(1, 8, 100)),
        Record::Invite(invite(1, "new", Some(8), Some(101))),
        join(key(1, 5, 110)),
        deduced(key(1, 5, 110), by_invite("new", Some(8))),
    ]);
    ledger.store(&after).await.expect("stored");
    let rows = joins(&ledger, &Scope::new().user(user(8))).await;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].join.name.as_deref(), Some("user-2008"));
    let theirs = joins(&ledger, &Scope::new().inviter(user(8))).await;
    assert_eq!(theirs.len(), 1, "and so is whom they invite");

    // Asked again, they are forgotten again.
    let second = ledger
        .forget_user(user(8), at(200))
        .await
        .expect("forgotten");
    assert_eq!(second.joins, 1);
    assert_ne!(second.stand_in, first.stand_in);
    is_silent(&ledger, "after the second request").await;
    let mut late = after;
    late.records.extend(story().records);
    ledger.store(&late).await.expect("stored");
    is_silent(&ledger, "after everything again").await;

    // Somebody of whom nothing is held is kept out as well.
    let nothing = ledger
        .forget_user(user(6), at(200))
        .await
        .expect("forgotten");
    assert_eq!(nothing.stand_in, None);
    ledger
        .store(&Batch::of([join(key(1, 6, 150)), join(key(1, 6, 250))]))
        .await
        .expect("stored");
    let rows = joins(&ledger, &Scope::new().user(user(6))).await;
    let times: Vec<_> = rows.iter().map(|row| row.join.key.joined_at).collect();
    assert_eq!(times, [at(250)]);
}

pub async fn who_was_idle_is_found_and_forgotten(stores: &impl Stores) {
    let ledger = stores.open("idle").await;
    let idle = async |before, limit| {
        let people = ledger.idle_people(at(before), limit).await;
        people.expect("people are found")
    };
    assert_eq!(idle(1_000, 9).await, []);
    let mut over = invite(1, "over", Some(7), Some(3));
    over.expires_at = Some(at(20));
    ledger
        .store(&Batch::of([
            // Joined long ago, and left later.
            join(key(1, 1, 10)),
            leave(1, 1, None, 60),
            // Joined long ago, is still there, and was brought by 9, whose invite lives.
            join(key(1, 2, 11)),
            confirmed(key(1, 2, 11), by_invite("z", Some(9))),
            Record::Invite(invite(1, "z", Some(9), Some(5))),
            // Joined long ago, and has brought somebody since.
            join(key(1, 3, 12)),
            join(key(1, 4, 90)),
            confirmed(key(1, 4, 90), by_invite("a", Some(3))),
            // Has an invite that has expired, as its time tells.
            Record::Invite(over),
        ]))
        .await
        .expect("stored");
    assert_eq!(idle(11, 9).await, [], "at the time is not before it");
    assert_eq!(idle(50, 9).await, [user(2), user(7)]);
    assert_eq!(idle(50, 1).await, [user(2)]);
    assert_eq!(idle(61, 9).await, [user(2), user(7), user(1)]);
    let before = dump(&ledger).await.totals;
    for who in idle(61, 9).await {
        ledger.forget_user(who, at(100)).await.expect("forgotten");
    }
    assert_eq!(idle(61, 9).await, [], "stand-ins are nobody");
    let after = dump(&ledger).await;
    assert_eq!(after.totals, before, "counts stay what they were");
    let named = after.joins.iter().filter(|it| it.join.name.is_some());
    let named: Vec<_> = named.map(|it| it.join.key.user).collect();
    assert_eq!(named, [user(4), user(3)]);
}
