//! Questions and their answers.

use std::collections::BTreeMap;

use guestlist_model::UserId;
use guestlist_testkit::Random;
use guestlist_tracker::{Certainty, InviteState, Origin, Record};

use super::facts::{
    ambiguous, at, by_invite, code, confirmed, deduced, ended, guild, invite, join, key, leave,
    unknown, user,
};
use super::{Stores, Write, dump, joins, seeds, shuffled_records};
use crate::{
    Batch, CertaintyKind, GuildInfo, InviteRow, InviteStatus, InviterRow, JoinRow, Page, Privacy,
    Reports, Scope,
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

pub async fn joins_by_every_filter(stores: &impl Stores) {
    let ledger = stores.open("filters").await;
    ledger.store(&story()).await.expect("stored");
    let ask = async |scope: Scope| joins(&ledger, &scope).await;

    let names = ledger.guild_names().await.expect("read");
    assert_eq!(
        names,
        [(guild(1), Some("Home".to_owned())), (guild(2), None)]
    );
    let all = ask(Scope::new()).await;
    assert_eq!(users(&all), [7, 1, 6, 5, 4, 3, 2, 1], "newest first");
    assert!(all[0].attribution.is_none(), "still waiting");
    assert_eq!(all[0].guild_name.as_deref(), Some("Home"));
    assert_eq!(all[1].guild_name, None);
    assert_eq!(users(&ask(Scope::new().guild(guild(2))).await), [1]);
    assert_eq!(users(&ask(Scope::new().user(user(1))).await), [1, 1]);
    assert_eq!(users(&ask(Scope::new().inviter(user(9))).await), [3, 2]);
    assert_eq!(
        users(&ask(Scope::new().code(code("a"))).await),
        [1],
        "an ambiguous join is not a join by `a`"
    );
    assert_eq!(
        users(&ask(Scope::new().code(code("A"))).await),
        [0_u64; 0],
        "codes differ by case"
    );
    assert_eq!(users(&ask(Scope::new().code(code("town"))).await), [1]);
    assert_eq!(
        users(&ask(Scope::new().since(at(40)).until(at(60))).await),
        [6, 5]
    );
    for (certainty, expected) in CertaintyKind::ALL.into_iter().zip([
        &[1, 6, 1][..],
        &[3, 2][..],
        &[4][..],
        &[5][..],
        &[][..],
    ]) {
        assert_eq!(
            users(&ask(Scope::new().certainty(certainty)).await),
            expected,
            "{certainty}"
        );
    }
    let first = async |limit| ledger.joins(&Scope::new(), Page::first(limit)).await;
    assert_eq!(users(&first(2).await.expect("read")), [7, 1]);
    assert!(first(0).await.expect("read").is_empty());
    let one = ledger.join(&key(1, 4, 30)).await.expect("read");
    assert_eq!(one.as_ref(), Some(&all[4]));
    assert_eq!(ledger.join(&key(1, 4, 31)).await.expect("read"), None);
    let none = Scope::new().guild(guild(1)).user(user(3)).inviter(user(8));
    assert!(ask(none).await.is_empty(), "filters narrow each other");

    let totals = ledger.totals(&Scope::new()).await.expect("read");
    assert_eq!(
        (totals.joins, totals.by_certainty, totals.waiting),
        (8, [3, 2, 1, 1, 0], 1)
    );
    assert_eq!((totals.leaves, totals.invites, totals.guilds), (1, 3, 2));
    let of = async |scope: Scope| {
        let totals = ledger.totals(&scope).await.expect("read");
        (totals.joins, totals.leaves, totals.invites, totals.guilds)
    };
    assert_eq!(of(Scope::new().guild(guild(2))).await, (1, 0, 0, 1));
    assert_eq!(of(Scope::new().inviter(user(9))).await, (2, 1, 2, 2));
    assert_eq!(of(Scope::new().code(code("a"))).await, (1, 0, 1, 2));
    assert_eq!(of(Scope::new().since(at(60))).await, (2, 1, 0, 2));
    assert_eq!(of(Scope::new().user(user(2))).await, (1, 1, 3, 2));
    let deduced = Scope::new().certainty(CertaintyKind::Deduced);
    assert_eq!(of(deduced).await, (2, 1, 3, 2));
}

pub async fn joins_in_pages(stores: &impl Stores) {
    let ledger = stores.open("pages").await;
    // Many at one moment: the order must be total, or pages repeat and skip.
    let batch = (0..25).map(|n| join(key(1 + n % 2, n, i64::try_from(n / 10).expect("small"))));
    ledger.store(&Batch::of(batch)).await.expect("stored");
    let whole = joins(&ledger, &Scope::new()).await;
    let mut pages = Vec::new();
    let mut page = Page::first(4);
    loop {
        let rows = ledger.joins(&Scope::new(), page).await.expect("read");
        let Some(last) = rows.last() else { break };
        page = page.after(last.join.key);
        pages.extend(rows);
    }
    assert_eq!(pages, whole);
    assert_eq!(whole.len(), 25);
}

pub async fn inviters_add_up(stores: &impl Stores) {
    let ledger = stores.open("inviters").await;
    ledger.store(&story()).await.expect("stored");
    let rows = ledger.inviters(&Scope::new(), None).await.expect("read");
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

    let only = async |filter: Scope| {
        ledger
            .inviters(&filter, None)
            .await
            .expect("read")
            .iter()
            .map(|row| (row.inviter, row.joins()))
            .collect::<Vec<_>>()
    };
    assert_eq!(only(Scope::new().guild(guild(2))).await, [(None, 1)]);
    assert_eq!(
        only(Scope::new().inviter(user(9))).await,
        [(Some(user(9)), 2)]
    );
    assert_eq!(
        only(Scope::new().inviter(user(9)).since(at(20))).await,
        [(Some(user(9)), 1)]
    );
    assert_eq!(
        only(Scope::new().code(code("c"))).await,
        [(Some(user(9)), 1)]
    );
    assert_eq!(only(Scope::new().until(at(5))).await, [(Some(user(8)), 1)]);
    assert_eq!(only(Scope::new().user(user(3))).await, [(Some(user(9)), 1)]);
    assert_eq!(
        only(Scope::new().certainty(CertaintyKind::Confirmed)).await,
        [(None, 2), (Some(user(8)), 1)]
    );
    let maybe = Scope::new().certainty(CertaintyKind::Ambiguous);
    let maybe = ledger.inviters(&maybe, None).await.expect("read");
    let maybe: Vec<_> = maybe
        .iter()
        .map(|row| (row.ambiguous, row.joins()))
        .collect();
    assert_eq!(maybe, [(1, 0), (1, 0)]);
    let first = ledger.inviters(&Scope::new(), Some(1)).await;
    assert_eq!(first.expect("read").len(), 1);
}

pub async fn invites_count_their_own_life(stores: &impl Stores) {
    let ledger = stores.open("invites").await;
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
    let rows = ledger
        .invites(&Scope::new(), InviteStatus::Any, None)
        .await
        .expect("read");
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

    let codes = async |scope: Scope, status: InviteStatus| {
        let rows = ledger.invites(&scope, status, None).await.expect("read");
        rows.iter()
            .map(|row| row.invite.code.as_str().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        codes(Scope::new(), InviteStatus::EndedAt(at(500))).await,
        ["c"]
    );
    assert_eq!(
        codes(Scope::new(), InviteStatus::ActiveAt(at(500))).await,
        ["a", "a", "b"]
    );
    assert_eq!(
        codes(Scope::new().inviter(user(9)), InviteStatus::Any).await,
        ["b", "c"]
    );
    // Its time ran out, and nobody has told.
    let mut over = invite(1, "over", Some(7), Some(300));
    over.expires_at = Some(at(400));
    let over = Batch::of([Record::Invite(over)]);
    ledger.store(&over).await.expect("stored");
    assert_eq!(
        codes(Scope::new(), InviteStatus::EndedAt(at(500))).await,
        ["c", "over"]
    );
    assert_eq!(
        codes(Scope::new(), InviteStatus::ActiveAt(at(500))).await,
        ["a", "a", "b"]
    );
    assert_eq!(
        codes(Scope::new().code(code("b")), InviteStatus::Any).await,
        ["b"]
    );
    assert_eq!(
        codes(Scope::new().since(at(-20)).until(at(0)), InviteStatus::Any).await,
        ["a", "b"]
    );
    assert_eq!(
        codes(Scope::new().guild(guild(2)), InviteStatus::Any).await,
        [""; 0]
    );
    assert_eq!(
        codes(
            Scope::new().code(code("over")),
            InviteStatus::ActiveAt(at(350))
        )
        .await,
        ["over"],
        "it had not run out then"
    );
    let first = ledger
        .invites(&Scope::new(), InviteStatus::Any, Some(3))
        .await;
    assert_eq!(first.expect("read").len(), 3);
    let of_one = Scope::new().code(code("a")).user(user(20));
    let of_one = ledger.invites(&of_one, InviteStatus::Any, None).await;
    let of_one: Vec<u64> = of_one.expect("read").iter().map(InviteRow::joins).collect();
    assert_eq!(of_one, [1, 0], "counted for one member");
}

/// The reports of random ledgers are what counting the joins one by one gives.
pub async fn reports_agree_with_a_recount(stores: &impl Stores) {
    for seed in seeds(6) {
        let ledger = stores.open(&format!("recount-{seed}")).await;
        let mut random = Random::new(seed);
        let records = shuffled_records(&mut random, 150);
        for part in records.chunks(40) {
            ledger
                .store(&Batch::of(part.to_vec()))
                .await
                .expect("stored");
        }
        if seed % 2 == 1 {
            let who = user(random.below(5));
            ledger.forget_user(who, at(300)).await.expect("forgotten");
            for part in records.chunks(50).rev() {
                ledger
                    .store(&Batch::of(part.to_vec()))
                    .await
                    .expect("stored");
            }
        }
        recount(&dump(&ledger).await);
    }
}

fn of(
    inviters: &mut BTreeMap<Option<UserId>, InviterRow>,
    inviter: Option<UserId>,
) -> &mut InviterRow {
    let row = inviters.entry(inviter).or_default();
    row.inviter = inviter;
    row
}

fn recount(dump: &super::Dump) {
    let mut inviters: BTreeMap<Option<UserId>, InviterRow> = BTreeMap::new();
    for row in &dump.joins {
        let Some(attribution) = &row.attribution else {
            continue;
        };
        let by = |origin: &Origin| match origin {
            Origin::Invite { inviter, .. } => *inviter,
            _ => None,
        };
        match &attribution.certainty {
            Certainty::Confirmed(origin) | Certainty::Deduced(origin) => {
                let confirmed = matches!(attribution.certainty, Certainty::Confirmed(_));
                let counts = of(&mut inviters, by(origin));
                counts.confirmed += u64::from(confirmed);
                counts.deduced += u64::from(!confirmed);
                counts.here += u64::from(row.here);
                counts.left += u64::from(!row.here);
                counts.last_join = counts.last_join.max(Some(row.join.key.joined_at));
            }
            Certainty::Ambiguous(candidates) => {
                let mut weights: BTreeMap<Option<UserId>, f64> = BTreeMap::new();
                for candidate in candidates {
                    *weights.entry(by(&candidate.origin)).or_default() += candidate.weight;
                }
                for (inviter, weight) in weights {
                    let counts = of(&mut inviters, inviter);
                    counts.ambiguous += 1;
                    counts.expected += weight;
                }
            }
            Certainty::Unknown(_) => of(&mut inviters, None).unknown += 1,
            // What is not final is not counted.
            Certainty::Provisional(_) => {}
        }
    }
    let told: BTreeMap<_, _> = (dump.inviters.iter())
        .map(|row| {
            let mut row = row.clone();
            row.name = None;
            (row.inviter, row)
        })
        .collect();
    assert_eq!(told, inviters);
    for row in &dump.invites {
        let lives: Vec<_> = (dump.invites.iter())
            .filter(|other| {
                (other.invite.guild, &other.invite.code) == (row.invite.guild, &row.invite.code)
            })
            .filter_map(|other| other.invite.created_at)
            .collect();
        let began = row.invite.created_at;
        let is_first = lives.iter().all(|other| Some(*other) >= began);
        let next = lives.iter().filter(|other| Some(**other) > began).min();
        let is_of_it = |join: &&JoinRow| {
            let (at, origin) = (
                join.join.key.joined_at,
                (join.attribution.as_ref()).and_then(|told| told.certainty.origin()),
            );
            join.join.key.guild == row.invite.guild
                && origin.and_then(Origin::code) == Some(&row.invite.code)
                && (is_first || Some(at) >= began)
                && next.is_none_or(|next| at < *next)
        };
        let of_it: Vec<_> = dump.joins.iter().filter(is_of_it).collect();
        let here = of_it.iter().filter(|join| join.here).count() as u64;
        assert_eq!(
            (row.joins(), row.here, row.left),
            (of_it.len() as u64, here, of_it.len() as u64 - here),
            "{row:?}"
        );
    }
}
