//! Labels of codes.

use guestlist_tracker::Record;

use super::{
    Stores, Write,
    facts::{
        ambiguous, at, by_invite, code, confirmed, deduced, guild, invite, join, key, leave, user,
    },
    joins,
};
use crate::{Batch, InviteStatus, Label, Labels, Privacy, Reports, Scope};

fn label(text: &str) -> Label {
    text.parse().expect("a valid label")
}

/// Codes `a` and `b` of inviter 8, `c` of nobody known; a leave.
fn story() -> Batch {
    Batch::of([
        Record::Invite(invite(1, "a", Some(8), Some(-10))),
        Record::Invite(invite(1, "b", Some(8), Some(-20))),
        Record::Invite(invite(1, "c", None, Some(-30))),
        join(key(1, 1, 0)),
        confirmed(key(1, 1, 0), by_invite("a", Some(8))),
        join(key(1, 2, 10)),
        deduced(key(1, 2, 10), by_invite("b", Some(8))),
        join(key(1, 3, 20)),
        deduced(key(1, 3, 20), by_invite("c", None)),
        join(key(1, 4, 30)),
        ambiguous(
            key(1, 4, 30),
            &[(by_invite("a", Some(8)), 0.5), (by_invite("c", None), 0.5)],
        ),
        leave(1, 2, Some(10), 100),
        join(key(2, 5, 40)),
        confirmed(key(2, 5, 40), by_invite("a", Some(9))),
    ])
}

pub async fn labels_group_codes(stores: &impl Stores) {
    let ledger = stores.open("labels").await;
    ledger.store(&story()).await.expect("stored");
    let set = async |guild_number, of: &str, text: &str, when| {
        let (of, text) = (code(of), label(text));
        let set = ledger.set_label(guild(guild_number), &of, &text, at(when));
        set.await.expect("set")
    };
    assert!(set(1, "a", "May", 50).await);
    assert!(set(1, "b", "May", 50).await);
    assert!(!set(1, "b", "May", 60).await, "it has that label");
    assert!(set(2, "a", "June", 50).await, "a code of another guild");
    assert!(
        set(1, "later", "May", 70).await,
        "a code that nobody has seen yet"
    );
    let listed = async |scope: Scope| {
        let rows = ledger.labels(&scope).await.expect("read");
        let row = |row: &crate::LabelRow| {
            (
                row.guild.get() - 1_000,
                row.label.to_string(),
                row.code.to_string(),
                row.set_at,
            )
        };
        rows.iter().map(row).collect::<Vec<_>>()
    };
    let may = |code: &str, when| (1, "May".to_owned(), code.to_owned(), at(when));
    let june = (2, "June".to_owned(), "a".to_owned(), at(50));
    assert_eq!(
        listed(Scope::new()).await,
        [may("a", 50), may("b", 50), may("later", 70), june.clone()]
    );
    assert_eq!(
        listed(Scope::new().guild(guild(2))).await,
        std::slice::from_ref(&june)
    );
    assert_eq!(listed(Scope::new().label(label("June"))).await, [june]);
    assert_eq!(listed(Scope::new().code(code("b"))).await, [may("b", 50)]);

    let of_may = Scope::new().label(label("May"));
    let rows = joins(&ledger, &of_may).await;
    let who: Vec<_> = rows.iter().map(|row| row.join.key).collect();
    assert_eq!(who, [key(1, 2, 10), key(1, 1, 0)]);
    assert_eq!(rows[0].label, Some(label("May")));
    let totals = ledger.totals(&of_may).await.expect("read");
    assert_eq!((totals.joins, totals.leaves, totals.invites), (2, 1, 2));
    let inviters = ledger.inviters(&of_may, None).await.expect("read");
    let inviters: Vec<_> = (inviters.iter())
        .map(|row| (row.inviter, row.joins(), row.ambiguous))
        .collect();
    assert_eq!(inviters, [(Some(user(8)), 2, 1)]);
    let invites = ledger.invites(&of_may, InviteStatus::Any, None);
    let invites = invites.await.expect("read");
    let codes: Vec<_> = invites.iter().map(|row| row.invite.code.as_str()).collect();
    assert_eq!(codes, ["a", "b"]);
    assert_eq!(invites[0].label, Some(label("May")));

    // Another label in place of the first.
    assert!(set(1, "b", "newsletter", 80).await);
    assert_eq!(joins(&ledger, &of_may).await.len(), 1);
    let removed = async |of: &str| {
        let of = code(of);
        let removed = ledger.remove_label(guild(1), &of);
        removed.await.expect("removed")
    };
    assert!(removed("b").await);
    assert!(!removed("b").await, "it has none any more");
    let of_newsletter = Scope::new().label(label("newsletter"));
    assert!(joins(&ledger, &of_newsletter).await.is_empty());
    let all = joins(&ledger, &Scope::new()).await;
    assert!(all.iter().any(|row| row.label == Some(label("June"))));
}

pub async fn labels_outlive_whoever_is_forgotten(stores: &impl Stores) {
    let ledger = stores.open("labels-forgotten").await;
    ledger.store(&story()).await.expect("stored");
    let (of, text) = (code("a"), label("May"));
    let set = ledger.set_label(guild(1), &of, &text, at(50));
    assert!(set.await.expect("set"));
    ledger
        .forget_user(user(8), at(60))
        .await
        .expect("forgotten");
    ledger.store(&story()).await.expect("stored again");
    let of_may = Scope::new().label(text);
    assert_eq!(ledger.labels(&of_may).await.expect("read").len(), 1);
    assert_eq!(joins(&ledger, &of_may).await.len(), 1);
}
