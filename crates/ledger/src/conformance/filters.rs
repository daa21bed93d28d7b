//! Every filter of a scope means the same to every question.

use std::{collections::BTreeMap, time::Duration};

use guestlist_model::{Id, InviteCode};
use guestlist_testkit::Random;
use guestlist_tracker::{Certainty, JoinKey, Origin, Record};

use super::{
    Stores, Write,
    facts::{at, by_invite, code, confirmed, guild, invite, join, key, leave, user},
    joins, seeds, shuffled_records,
};
use crate::{
    Batch, Bucket, CertaintyKind, JoinRow, Label, Labels, Page, Privacy, Reports, Scope,
    is_forgotten,
};

fn labels() -> BTreeMap<(u64, String), Label> {
    [
        (0, "code0", "May"),
        (0, "code1", "May"),
        (1, "code1", "June"),
    ]
    .map(|(guild, code, label)| ((guild, code.to_owned()), label.parse().expect("a label")))
    .into()
}

/// How old an account was when it joined.
fn age(key: &JoinKey) -> Option<Duration> {
    let created = (key.user.get() >> 22) + 1_420_070_400_000;
    let joined = u64::try_from(key.joined_at.as_millis()).ok()?;
    (!is_forgotten(key.user)).then(|| Duration::from_millis(joined.saturating_sub(created)))
}

/// Whether a join is in a scope, told from its row alone.
fn is_in(scope: &Scope, row: &JoinRow) -> bool {
    let key = row.join.key;
    let certainty = row.attribution.as_ref().map(|told| &told.certainty);
    let origin = certainty.and_then(Certainty::origin);
    let labels = labels();
    let label = origin
        .and_then(Origin::code)
        .and_then(|code| labels.get(&(key.guild.get() - 1_000, code.to_string())));
    let name = row.join.name.as_deref().unwrap_or_default().to_lowercase();
    scope.guild.is_none_or(|guild| guild == key.guild)
        && scope.user.is_none_or(|user| user == key.user)
        && (scope.inviter).is_none_or(|it| origin.and_then(Origin::inviter) == Some(it))
        && (scope.code.as_ref()).is_none_or(|it| origin.and_then(Origin::code) == Some(it))
        && scope.since.is_none_or(|since| key.joined_at >= since)
        && scope.until.is_none_or(|until| key.joined_at < until)
        && (scope.certainty).is_none_or(|it| certainty.map(CertaintyKind::of) == Some(it))
        && scope.label.as_ref().is_none_or(|it| label == Some(it))
        && (scope.origin.as_deref()).is_none_or(|it| origin.map(Origin::label) == Some(it))
        && scope.here.is_none_or(|here| row.here == here)
        && (scope.account_younger_than).is_none_or(|limit| age(&key).is_some_and(|age| age < limit))
        && scope.name.as_ref().is_none_or(|text| {
            (!text.is_empty() && name.contains(&text.to_lowercase()))
                || *text == key.user.to_string()
        })
}

fn random_scope(random: &mut Random) -> Scope {
    let mut scope = Scope::new();
    for _ in 0..=random.below(3) {
        scope = match random.below(12) {
            0 => scope.guild(guild(random.below(2))),
            1 => scope.user(user(random.below(5))),
            2 => scope.inviter(user(random.below(4))),
            3 => scope.code(code(&format!("code{}", random.below(4)))),
            4 => scope.since(at(100)),
            5 => scope.until(at(400)),
            6 => {
                let kinds = CertaintyKind::ALL.into_iter();
                let nth = usize::try_from(random.below(5)).unwrap_or(0);
                scope.certainty(kinds.cycle().nth(nth).unwrap_or(CertaintyKind::Confirmed))
            }
            7 => scope.label(
                if random.below(2) == 0 { "May" } else { "June" }
                    .parse()
                    .expect("a label"),
            ),
            8 => scope.origin(if random.below(2) == 0 {
                "invite"
            } else {
                "bot"
            }),
            9 => scope.here(random.below(2) == 0),
            // Every account of these stories is of the beginning of 2015.
            10 => scope
                .account_younger_than(Duration::from_secs((8 + random.below(2)) * 365 * 86_400)),
            _ => scope.name(
                ["USER", "ser-2003", "2004", "nobody"]
                    [usize::try_from(random.below(4)).unwrap_or(0)],
            ),
        };
    }
    scope
}

pub async fn filters_agree_with_a_recount(stores: &impl Stores) {
    for seed in seeds(6) {
        let ledger = stores.open(&format!("filters-{seed}")).await;
        let mut random = Random::new(seed);
        let records = shuffled_records(&mut random, 150);
        ledger.store(&Batch::of(records)).await.expect("stored");
        for ((number, of), label) in labels() {
            let of: InviteCode = code(&of);
            let set = ledger.set_label(guild(number), &of, &label, at(0));
            set.await.expect("set");
        }
        if seed % 2 == 1 {
            let who = user(random.below(5));
            ledger.forget_user(who, at(300)).await.expect("forgotten");
        }
        let all = joins(&ledger, &Scope::new()).await;
        for _ in 0..60 {
            let scope = random_scope(&mut random);
            let expected: Vec<_> = all
                .iter()
                .filter(|row| is_in(&scope, row))
                .cloned()
                .collect();
            assert_eq!(joins(&ledger, &scope).await, expected, "{scope:?}");
            let totals = ledger.totals(&scope).await.expect("read");
            assert_eq!(totals.joins, expected.len() as u64, "{scope:?}");
            for bucket in [Bucket::HOUR, Bucket::DAY] {
                let series = ledger.series(&scope, bucket).await.expect("read");
                let sum: u64 = series.iter().map(|row| row.joins).sum();
                assert_eq!(sum, expected.len() as u64, "{scope:?}");
                let leaves: u64 = series.iter().map(|row| row.leaves).sum();
                assert_eq!(leaves, totals.leaves, "{scope:?}");
            }
            let first = ledger.joins(&scope, Page::first(2)).await.expect("read");
            assert!(expected.starts_with(&first), "{scope:?}");
            if scope.certainty.is_none() || scope.certainty == Some(CertaintyKind::Confirmed) {
                let inviters = ledger.inviters(&scope, None).await.expect("read");
                let confirmed: u64 = inviters.iter().map(|row| row.confirmed).sum();
                let is_confirmed = |row: &&JoinRow| {
                    let told = row.attribution.as_ref().map(|told| &told.certainty);
                    // Whom somebody added is nobody's guest.
                    let is_bot = told.and_then(Certainty::origin).map(Origin::label) == Some("bot");
                    matches!(told, Some(Certainty::Confirmed(_)))
                        && !(is_bot && scope.inviter.is_some())
                };
                let expected = expected.iter().filter(is_confirmed).count() as u64;
                assert_eq!(confirmed, expected, "{scope:?}");
            }
        }
    }
}

pub async fn accounts_are_as_old_as_their_ids_say(stores: &impl Stores) {
    let ledger = stores.open("ages").await;
    let joined = at(0);
    let made = |before: u64| {
        let millis = u64::try_from(joined.as_millis()).expect("after 1970") - before * 1_000;
        Id::new_checked((millis - 1_420_070_400_000) << 22 | 7).expect("not zero")
    };
    let (young, older) = (made(3_600), made(30 * 86_400));
    let young = JoinKey::new(guild(1), young, joined);
    let older = JoinKey::new(guild(1), older, joined);
    let batch = Batch::of([
        join(young),
        confirmed(young, by_invite("a", Some(8))),
        join(older),
        confirmed(older, by_invite("a", Some(8))),
        Record::Invite(invite(1, "a", Some(8), Some(-10))),
    ]);
    ledger.store(&batch).await.expect("stored");
    let younger = |seconds| Scope::new().account_younger_than(Duration::from_secs(seconds));
    let who = async |scope: Scope| {
        let rows = joins(&ledger, &scope).await;
        rows.iter().map(|row| row.join.key).collect::<Vec<_>>()
    };
    assert_eq!(who(younger(3_600)).await, []);
    assert_eq!(who(younger(3_601)).await, [young]);
    assert_eq!(who(younger(31 * 86_400)).await, [young, older]);
    let of_week = younger(7 * 86_400);
    let inviters = ledger.inviters(&of_week, None).await.expect("read");
    assert_eq!(inviters[0].joins(), 1);
    let invites = ledger.invites(&of_week, crate::InviteStatus::Any, None);
    assert_eq!(invites.await.expect("read")[0].joins(), 1);
    // Of somebody forgotten, nobody knows.
    ledger
        .forget_user(young.user, at(100))
        .await
        .expect("forgotten");
    assert_eq!(who(younger(31 * 86_400)).await, [older]);
}

pub async fn names_are_found_in_whatever_case(stores: &impl Stores) {
    let ledger = stores.open("names-found").await;
    let named = |number, name: &str| {
        let Record::Join(mut told) = join(key(1, number, 0)) else {
            unreachable!("join makes a join")
        };
        told.name = Some(name.to_owned());
        Record::Join(told)
    };
    let batch = Batch::of([
        named(1, "Ada_Lovelace"),
        named(2, "ZOË 100%"),
        named(3, "zoe"),
        leave(1, 1, None, 20),
    ]);
    ledger.store(&batch).await.expect("stored");
    let who = async |text: &str| {
        let rows = joins(&ledger, &Scope::new().name(text)).await;
        let mut numbers: Vec<_> = (rows.iter())
            .map(|row| row.join.key.user.get() - 2_000)
            .collect();
        numbers.sort_unstable();
        numbers
    };
    assert_eq!(who("LOVE").await, [1]);
    assert_eq!(who("zoë").await, [2]);
    assert_eq!(who("zo").await, [2, 3]);
    assert_eq!(who("%").await, [2], "it is text, not a pattern");
    assert_eq!(who("_").await, [1]);
    assert_eq!(who("2003").await, [3], "an id");
    assert_eq!(who("200").await, [0_u64; 0], "and not a part of one");
    let totals = ledger
        .totals(&Scope::new().name("ada"))
        .await
        .expect("read");
    assert_eq!((totals.joins, totals.leaves), (1, 1));
}
