//! Questions and their answers.

use std::future::Future;

use guestlist_tracker::{InviteState, Origin, Record};

use super::Write;
use super::facts::{
    ambiguous, at, by_invite, code, confirmed, deduced, ended, guild, invite, join, key, leave,
    unknown, user,
};
use crate::{
    Batch, CertaintyKind, GuildInfo, InviteFilter, InviterFilter, JoinFilter, JoinRow, Ledger,
};

/// Two guilds; inviter 8 with code `a`, inviter 9 with `b` and `c`; ways in that
/// have no inviter; one join still waiting.
fn story() -> Batch {
    let joins = [
        (1, 1, 0),
        (1, 2, 10),
        (1, 3, 20),
        (1, 4, 30),
        (1, 5, 40),
        (1, 6, 50),
        (2, 1, 60),
        (1, 7, 70),
    ];
    let mut records: Vec<Record> = joins
        .iter()
        .map(|(guild, user, when)| join(key(*guild, *user, *when)))
        .collect();
    records.extend([
        confirmed(key(1, 1, 0), by_invite("a", Some(8))),
        deduced(key(1, 2, 10), by_invite("b", Some(9))),
        deduced(key(1, 3, 20), by_invite("c", Some(9))),
        ambiguous(
            key(1, 4, 30),
            &[
                (by_invite("a", Some(8)), 0.5),
                (by_invite("b", Some(9)), 0.25),
                (by_invite("c", Some(9)), 0.25),
            ],
        ),
        unknown(key(1, 5, 40)),
        confirmed(
            key(1, 6, 50),
            Origin::Bot {
                added_by: Some(user(8)),
            },
        ),
        confirmed(
            key(2, 1, 60),
            Origin::Vanity {
                code: Some(code("town")),
            },
        ),
        leave(1, 2, None, 100),
        Record::Invite(invite(1, "a", Some(8), Some(-10))),
        Record::Invite(invite(1, "b", Some(9), Some(-20))),
        Record::Invite(ended(
            invite(1, "c", Some(9), Some(-30)),
            InviteState::Exhausted,
            None,
            25,
        )),
    ]);
    let mut batch = Batch::of(records);
    batch.guilds = vec![GuildInfo::new(guild(1), "Home")];
    batch
}

fn users(rows: &[JoinRow]) -> Vec<u64> {
    rows.iter()
        .map(|row| row.join.key.user.get() - 2_000)
        .collect()
}

pub(super) async fn joins_by_every_filter<L: Ledger, O: Future<Output = L>>(
    open: &impl Fn(String) -> O,
) {
    let ledger = open("filters.db".into()).await;
    ledger.store(&story()).await.expect("stored");
    let ask = async |filter: JoinFilter| ledger.joins(&filter).await.expect("read");

    let all = ask(JoinFilter::new()).await;
    assert_eq!(users(&all), [7, 1, 6, 5, 4, 3, 2, 1], "newest first");
    assert!(all[0].attribution.is_none(), "still waiting");
    assert_eq!(all[0].guild_name.as_deref(), Some("Home"));
    assert_eq!(all[1].guild_name, None);
    assert_eq!(users(&ask(JoinFilter::new().guild(guild(2))).await), [1]);
    assert_eq!(users(&ask(JoinFilter::new().user(user(1))).await), [1, 1]);
    assert_eq!(
        users(&ask(JoinFilter::new().inviter(user(9))).await),
        [3, 2]
    );
    assert_eq!(
        users(&ask(JoinFilter::new().code(code("a"))).await),
        [1],
        "an ambiguous join is not a join by `a`"
    );
    assert_eq!(
        users(&ask(JoinFilter::new().code(code("A"))).await),
        [0_u64; 0],
        "codes differ by case"
    );
    assert_eq!(users(&ask(JoinFilter::new().code(code("town"))).await), [1]);
    assert_eq!(
        users(&ask(JoinFilter::new().since(at(40)).until(at(60))).await),
        [6, 5]
    );
    for (certainty, expected) in
        CertaintyKind::ALL
            .into_iter()
            .zip([&[1, 6, 1][..], &[3, 2][..], &[4][..], &[5][..]])
    {
        assert_eq!(
            users(&ask(JoinFilter::new().certainty(certainty)).await),
            expected,
            "{certainty}"
        );
    }
    assert_eq!(users(&ask(JoinFilter::new().limit(2)).await), [7, 1]);
    assert!(ask(JoinFilter::new().limit(0)).await.is_empty());
    let none = JoinFilter::new()
        .guild(guild(1))
        .user(user(3))
        .inviter(user(8));
    assert!(ask(none).await.is_empty(), "filters narrow each other");

    let totals = ledger.totals().await.expect("read");
    assert_eq!(
        (totals.joins, totals.by_certainty, totals.waiting),
        (8, [3, 2, 1, 1], 1)
    );
    assert_eq!((totals.leaves, totals.invites, totals.guilds), (1, 3, 2));
}

pub(super) async fn joins_in_pages<L: Ledger, O: Future<Output = L>>(open: &impl Fn(String) -> O) {
    let ledger = open("pages.db".into()).await;
    // Many at one moment: the order must be total, or pages repeat and skip.
    let joins = (0..25).map(|n| join(key(1 + n % 2, n, i64::try_from(n / 10).expect("small"))));
    ledger.store(&Batch::of(joins)).await.expect("stored");
    let whole = ledger.joins(&JoinFilter::new()).await.expect("read");
    let mut pages = Vec::new();
    let mut filter = JoinFilter::new().limit(4);
    loop {
        let page = ledger.joins(&filter).await.expect("read");
        let Some(last) = page.last() else { break };
        filter = filter.after(last.join.key);
        pages.extend(page);
    }
    assert_eq!(pages, whole);
    assert_eq!(whole.len(), 25);
}

pub(super) async fn inviters_add_up<L: Ledger, O: Future<Output = L>>(open: &impl Fn(String) -> O) {
    let ledger = open("inviters.db".into()).await;
    ledger.store(&story()).await.expect("stored");
    let rows = ledger.inviters(&InviterFilter::new()).await.expect("read");
    let summary: Vec<_> = rows
        .iter()
        .map(|row| {
            let inviter = row.inviter.map(|inviter| inviter.get() - 2_000);
            (
                inviter,
                row.confirmed,
                row.deduced,
                row.ambiguous,
                row.unknown,
                row.left,
                row.here,
            )
        })
        .collect();
    assert_eq!(
        summary,
        [
            (Some(9), 0, 2, 1, 0, 1, 1), // two codes behind one ambiguous join are one join
            (None, 2, 0, 0, 1, 0, 2),    // vanity, a bot, and nobody knows
            (Some(8), 1, 0, 1, 0, 0, 1), // adding a bot is not inviting
        ]
    );
    let expected: Vec<f64> = rows.iter().map(|row| row.expected).collect();
    assert_eq!(expected, [0.5, 0.0, 0.5]);
    assert_eq!(rows[0].name.as_deref(), Some("user-2009"));
    assert_eq!(rows[0].last_join, Some(at(20)));
    assert_eq!(rows[0].joins(), 2);

    let only = async |filter: InviterFilter| {
        ledger
            .inviters(&filter)
            .await
            .expect("read")
            .iter()
            .map(|row| (row.inviter, row.joins()))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        only(InviterFilter::new().guild(guild(2))).await,
        [(None, 1)]
    );
    assert_eq!(
        only(InviterFilter::new().inviter(user(9))).await,
        [(Some(user(9)), 2)]
    );
    assert_eq!(
        only(InviterFilter::new().inviter(user(9)).since(at(20))).await,
        [(Some(user(9)), 1)]
    );
    assert_eq!(
        only(InviterFilter::new().code(code("c"))).await,
        [(Some(user(9)), 1)]
    );
    assert_eq!(
        only(InviterFilter::new().until(at(5))).await,
        [(Some(user(8)), 1)]
    );
    assert_eq!(only(InviterFilter::new().limit(1)).await.len(), 1);
}

pub(super) async fn invites_count_their_own_life<L: Ledger, O: Future<Output = L>>(
    open: &impl Fn(String) -> O,
) {
    let ledger = open("invites.db".into()).await;
    ledger.store(&story()).await.expect("stored");
    // `a` was deleted and made again by somebody else.
    let again = [
        Record::Invite(invite(1, "a", Some(7), Some(200))),
        join(key(1, 20, 210)),
        deduced(key(1, 20, 210), by_invite("a", Some(7))),
        join(key(1, 21, 220)),
        deduced(key(1, 21, 220), by_invite("a", Some(7))),
        leave(1, 21, Some(220), 230),
    ];
    ledger.store(&Batch::of(again)).await.expect("stored");
    let rows = ledger.invites(&InviteFilter::new()).await.expect("read");
    let summary: Vec<_> = rows
        .iter()
        .map(|row| {
            let created = row.invite.created_at.expect("dated");
            (
                row.invite.code.as_str(),
                created,
                row.joins(),
                row.ambiguous,
                row.left,
                row.here,
            )
        })
        .collect();
    assert_eq!(
        summary,
        [
            ("a", at(200), 2, 0, 1, 1),
            ("a", at(-10), 1, 1, 0, 1),
            ("b", at(-20), 1, 1, 1, 0),
            ("c", at(-30), 1, 1, 0, 1),
        ]
    );
    assert_eq!(rows[0].last_join, Some(at(220)));
    assert_eq!(rows[0].guild_name.as_deref(), Some("Home"));
    assert_eq!(rows[1].invite.inviter_name.as_deref(), Some("user-2008"));

    let codes = async |filter: InviteFilter| {
        let rows = ledger.invites(&filter).await.expect("read");
        rows.iter()
            .map(|row| row.invite.code.as_str().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(codes(InviteFilter::new().active(false)).await, ["c"]);
    assert_eq!(
        codes(InviteFilter::new().active(true)).await,
        ["a", "a", "b"]
    );
    assert_eq!(
        codes(InviteFilter::new().inviter(user(9))).await,
        ["b", "c"]
    );
    // Its time ran out, and nobody has told.
    let mut over = invite(1, "over", Some(7), Some(300));
    over.expires_at = Some(at(400));
    let over = Batch::of([Record::Invite(over)]);
    ledger.store(&over).await.expect("stored");
    assert_eq!(
        codes(InviteFilter::new().active(false)).await,
        ["c", "over"]
    );
    assert_eq!(
        codes(InviteFilter::new().active(true)).await,
        ["a", "a", "b"]
    );
    assert_eq!(codes(InviteFilter::new().code(code("b"))).await, ["b"]);
    assert_eq!(
        codes(InviteFilter::new().since(at(-20)).until(at(0))).await,
        ["a", "b"]
    );
    assert_eq!(codes(InviteFilter::new().guild(guild(2))).await, [""; 0]);
    assert_eq!(codes(InviteFilter::new().limit(3)).await.len(), 3);
}
