//! What is counted equals a recount, after any history.

#![expect(clippy::unwrap_used, reason = "a test's helpers may panic")]

mod recount;

use std::{collections::BTreeMap, time::Duration};

use guestlist_ledger::{
    Batch, Bucket, InviteStatus, Labels, Partition, Privacy, Reports, Scope, SqliteLedger, Store,
    TreeQuestion, hand_through,
};
use guestlist_model::{GuildId, Id, InviteCode, Timestamp, UserId};
use guestlist_testkit::{Random, number, seed};
use guestlist_tracker::{
    Attribution, Candidate, Certainty, Gap, InviteRecord, Join, JoinKey, Leave, Origin, Reason,
    Record,
};
use tempfile::tempdir;

const GUILDS: u64 = 3;
const USERS: u64 = 7;
const CODES: u64 = 4;
/// Steps of a history.
const STEPS: usize = 80;

fn guild(number: u64) -> GuildId {
    Id::new_checked(1_000 + number).unwrap()
}

fn user(number: u64) -> UserId {
    Id::new_checked((700_000_000_000 << 22) + number).unwrap()
}

fn code(number: u64) -> InviteCode {
    format!("code{number}").parse().unwrap()
}

/// A moment of some that are within an hour, a day, or more of each other.
fn moment(random: &mut Random) -> Timestamp {
    const SECONDS: [i64; 6] = [0, 1_800, 5_400, 40_000, 90_000, 800_000];
    Timestamp::from_millis(1_700_000_000_123 + random.of(SECONDS) * 1_000)
}

fn some_key(random: &mut Random) -> JoinKey {
    JoinKey::new(
        guild(random.below(GUILDS)),
        user(random.below(USERS)),
        moment(random),
    )
}

/// Of a code there are several ways in: by whom it is said to be, and to where.
fn some_way(random: &mut Random) -> Origin {
    let by = random.below(CODES);
    match random.below(8) {
        0 => Origin::Vanity {
            code: Some(code(by)),
        },
        1 => Origin::Bot {
            added_by: Some(user(by)),
        },
        2 => Origin::Discovery,
        kind => Origin::Invite {
            code: code(by),
            inviter: (kind > 3).then(|| user(by)),
            channel: (kind > 6).then(|| Id::new_checked(5).unwrap()),
        },
    }
}

fn candidates(random: &mut Random) -> Vec<Candidate> {
    let mut ways = vec![some_way(random), some_way(random), some_way(random)];
    ways.dedup();
    let weight = 1.0 / f64::from(u8::try_from(ways.len()).unwrap());
    (ways.into_iter())
        .map(|way| Candidate::new(way, weight))
        .collect()
}

/// Somebody who comes once, by a known way.
fn somebody(random: &mut Random) -> [Record; 2] {
    let at = moment(random);
    let member = user(1_000 + random.below(1_000_000));
    let key = JoinKey::new(guild(random.below(GUILDS)), member, at);
    let certainty = match random.chance(500) {
        true => Certainty::Confirmed(some_way(random)),
        false => Certainty::Deduced(some_way(random)),
    };
    let join = Record::Join(Join::new(key, at));
    [
        join,
        Record::Attribution(Attribution::new(key, certainty, at)),
    ]
}

fn some_join(random: &mut Random) -> Record {
    const NAMES: [&str; 5] = [
        "Ada Lovelace",
        "ZOË 100%",
        "x",
        "a\0b",
        "forty letters are too long for all marks",
    ];
    let key = some_key(random);
    let late = Duration::from_secs(random.below(100_000));
    let mut join = Join::new(key, key.joined_at.saturating_add(late));
    join.name = random.chance(700).then(|| random.of(NAMES).to_owned());
    join.bot = random.chance(100);
    Record::Join(join)
}

fn some_answer(random: &mut Random) -> Record {
    let key = some_key(random);
    let certainty = match random.below(6) {
        0 | 1 => Certainty::Confirmed(some_way(random)),
        2 => Certainty::Deduced(some_way(random)),
        3 => Certainty::Ambiguous(candidates(random)),
        4 => Certainty::Provisional(candidates(random)),
        _ => Certainty::Unknown(Reason::NoCountMoved),
    };
    let decided = key.joined_at.saturating_add(Duration::from_secs(3));
    let revision = u32::try_from(random.below(4)).unwrap();
    Record::Attribution(Attribution::new(key, certainty, decided).with_revision(revision))
}

fn some_leave(random: &mut Random) -> Record {
    let key = some_key(random);
    let told = random.chance(500).then_some(key.joined_at);
    let leave = Leave::new(key.guild, key.user, told, moment(random));
    // Of some, no event told.
    let since = random.chance(400).then(|| moment(random));
    Record::Leave(leave.since(since))
}

/// A time in which events were missed, with joins that nobody saw.
fn some_gap(random: &mut Random) -> Record {
    let from = moment(random);
    let until = from.saturating_add(Duration::from_secs(random.below(90_000)));
    let mut gap = Gap::new(guild(random.below(GUILDS)), from, until);
    gap.joins_found = random.below(5);
    gap.joins_missing = random.below(5);
    gap.joins_missing_at_most = random
        .chance(800)
        .then(|| gap.joins_missing + random.below(5));
    gap.leaves_found = random.below(5);
    gap.caught_up = gap.joins_missing == 0;
    gap.compared = random.chance(500);
    Record::Gap(gap)
}

fn some_invite(random: &mut Random) -> Record {
    let number = random.below(CODES);
    let mut invite = InviteRecord::new(guild(random.below(GUILDS)), code(number), moment(random));
    invite.inviter = Some(user(number));
    invite.inviter_name = random.chance(500).then(|| format!("inviter {number}"));
    invite.created_at = random.chance(700).then(|| moment(random));
    Record::Invite(invite)
}

fn some_record(random: &mut Random) -> Record {
    match random.below(11) {
        0..=3 => some_join(random),
        4..=6 => some_answer(random),
        7..=8 => some_leave(random),
        9 => some_invite(random),
        _ => some_gap(random),
    }
}

/// A ledger whose answers are worked out join by join, as far as the contract knows how.
struct JoinByJoin<'l>(&'l SqliteLedger);

impl Reports for JoinByJoin<'_> {
    hand_through!(self => self.0;
        joins, join, attribution_history, inviters, invites, guilds, guild_names, totals, series, gaps,
        changes, labels, facts, names, latest);
}

/// Answers that are looked up and answers that are worked out join by join.
async fn assert_worked_out(ledger: &SqliteLedger, random: &mut Random, when: &str) {
    let plain = JoinByJoin(ledger);
    let mut scope = Scope::new();
    if random.chance(500) {
        scope = scope.guild(guild(random.below(GUILDS)));
    }
    if random.chance(500) {
        scope = scope.since(moment(random));
    }
    if random.chance(500) {
        scope = scope.until(moment(random));
    }
    if random.chance(200) {
        scope = scope.here(random.chance(500));
    }
    let (looked_up, worked_out) = (ledger.accuracy(&scope), plain.accuracy(&scope));
    let (looked_up, worked_out) = (looked_up.await.unwrap(), worked_out.await.unwrap());
    assert_eq!(looked_up, worked_out, "{when}: {scope:?}");
    let of = guild(random.below(GUILDS));
    let everybody = Scope::new().guild(of);
    let facts = ledger.facts(&everybody, guestlist_ledger::Page::ALL).await;
    let members = facts.unwrap().into_iter().map(|it| it.key.user);
    let members: std::collections::BTreeSet<UserId> = members.chain((0..USERS).map(user)).collect();
    let parents = members.into_iter().map(Some);
    for parent in std::iter::once(None).chain(parents) {
        let limit = u32::try_from(1 + random.below(3)).unwrap();
        let mut question = match parent {
            Some(parent) => TreeQuestion::children(of, parent, limit),
            None => TreeQuestion::roots(of, limit),
        };
        loop {
            let looked_up = ledger.tree(&question).await.unwrap();
            let worked_out = plain.tree(&question).await.unwrap();
            assert_eq!(looked_up, worked_out, "{when}: {question:?}");
            let Some(next) = looked_up.next else { break };
            question = question.after(next);
        }
    }
}

/// What two ways of asking have to agree on, by the numbers of joins and leaves.
type Flow = BTreeMap<(Timestamp, String, String), (u64, u64)>;

async fn flow(ledger: &SqliteLedger, scope: &Scope, bucket: Bucket) -> Flow {
    let mut flow = Flow::new();
    for row in ledger.series(scope, bucket).await.unwrap() {
        let certainty = row.certainty.map(|kind| kind.to_string());
        let key = (
            row.from,
            certainty.unwrap_or_default(),
            row.origin.unwrap_or_default(),
        );
        let counts = flow.entry(key).or_default();
        counts.0 += row.joins;
        counts.1 += row.leaves;
    }
    flow
}

/// Asks the same in a way that counts do not know, and adds up.
async fn assert_answers(ledger: &SqliteLedger, random: &mut Random, when: &str) {
    let mut scope = Scope::new();
    if random.chance(500) {
        scope = scope.guild(guild(random.below(GUILDS)));
    }
    if random.chance(500) {
        let before = Duration::from_secs(random.below(40_000));
        scope = scope.since(moment(random).saturating_sub(before));
    }
    if random.chance(300) {
        scope = scope.until(moment(random));
    }
    if random.chance(300) {
        scope = scope.origin(random.of(["invite", "vanity", "bot"]));
    }
    let members: Vec<UserId> = {
        let mut everybody = Scope::new();
        everybody.guild = scope.guild;
        let joins = ledger.facts(&everybody, guestlist_ledger::Page::ALL).await;
        let mut members: Vec<UserId> = joins.unwrap().iter().map(|it| it.key.user).collect();
        members.sort_unstable();
        members.dedup();
        members
    };
    // Who left and of whom there is no join is asked for by number.
    let everybody = (0..USERS).map(user).chain(members);
    let everybody: std::collections::BTreeSet<UserId> = everybody.collect();
    for bucket in [Bucket::HOUR, Bucket::DAY, Bucket::WEEK] {
        let mut sum = Flow::new();
        for member in &everybody {
            for (key, (joins, leaves)) in flow(ledger, &scope.clone().user(*member), bucket).await {
                let counts = sum.entry(key).or_default();
                counts.0 += joins;
                counts.1 += leaves;
            }
        }
        let all = flow(ledger, &scope, bucket).await;
        // Somebody who is forgotten and of whom there is no join may have left: nobody here
        // can ask for them by number, so of those without a way in only joins are compared.
        let compared = |flow: Flow| -> Flow {
            let leaves = |key: &(Timestamp, String, String), leaves| match key.2.is_empty() {
                true => 0,
                false => leaves,
            };
            (flow.into_iter())
                .map(|(key, counts)| {
                    let left = leaves(&key, counts.1);
                    (key, (counts.0, left))
                })
                .filter(|(_, counts)| *counts != (0, 0))
                .collect()
        };
        assert_eq!(
            compared(all),
            compared(sum),
            "{when}: {scope:?}, {bucket:?}"
        );
    }
    let missing = ledger.gaps(&scope).await.unwrap().into_iter();
    let missing: u64 = missing.map(|it| it.gap.joins_missing).sum();
    let totals = ledger.totals(&scope).await.unwrap();
    assert_eq!(totals.missing, missing, "{when}: {scope:?}");
    for row in ledger.guilds().await.unwrap() {
        let of_one = Scope::new().guild(row.guild);
        let totals = ledger.totals(&of_one).await.unwrap();
        assert_eq!(row.totals, totals, "{when}: {of_one:?}");
    }
    let ever = Timestamp::from_micros(i64::MIN);
    (scope.since, scope.until) = (None, None);
    let counted = ledger.inviters(&scope, None).await.unwrap();
    let looked = ledger.inviters(&scope.clone().since(ever), None).await;
    assert_eq!(counted, looked.unwrap(), "{when}: {scope:?}");
    scope.origin = None;
    let brought = async |scope: &Scope| {
        let rows = ledger
            .invites(scope, InviteStatus::Any, None)
            .await
            .unwrap();
        let rows = rows.into_iter().map(|row| {
            let life = (row.invite.guild, row.invite.code, row.invite.created_at);
            (life, (row.confirmed, row.deduced, row.here, row.left))
        });
        rows.collect::<BTreeMap<_, _>>()
    };
    let here = brought(&scope.clone().here(true)).await;
    let gone = brought(&scope.clone().here(false)).await;
    for (life, (confirmed, deduced, stayed, left)) in brought(&scope).await {
        let (here, gone) = (here.get(&life).unwrap(), gone.get(&life).unwrap());
        assert_eq!(confirmed, here.0 + gone.0, "{when}: {life:?}");
        assert_eq!(deduced, here.1 + gone.1, "{when}: {life:?}");
        assert_eq!((stayed, left), (here.2, gone.3), "{when}: {life:?}");
    }
}

#[tokio::test]
async fn counts_equal_a_recount_after_any_history() {
    let first = seed("GUESTLIST_LEDGER_SEED", 0);
    let histories = number("GUESTLIST_LEDGER_HISTORIES", 8);
    for seed in first..first + histories {
        println!("GUESTLIST_LEDGER_SEED={seed}");
        let directory = tempdir().unwrap();
        let path = directory.path().join("guestlist.db");
        let ledger = SqliteLedger::open(&path).await.unwrap();
        let claim = ledger.claim(Partition::ALL, "a test").await.unwrap();
        let mut beside = recount::beside(&path).await;
        let mut random = Random::new(seed);
        let mut records: Vec<Record> = Vec::new();
        for step in 0..STEPS {
            let what = random.below(12);
            match what {
                0 => {
                    let (of, now) = (user(random.below(USERS)), moment(&mut random));
                    ledger.forget_user(of, now).await.unwrap();
                }
                1 => {
                    let (of, by) = (guild(random.below(GUILDS)), code(random.below(CODES)));
                    if random.chance(600) {
                        let label = random.of(["May", "June"]).parse().unwrap();
                        let now = moment(&mut random);
                        ledger.set_label(of, &by, &label, now).await.unwrap();
                    } else {
                        ledger.remove_label(of, &by).await.unwrap();
                    }
                }
                // What was told comes again.
                2 => {
                    let again: Vec<Record> = (0..5).filter_map(|_| random.pick(&records)).collect();
                    ledger.commit(claim, &Batch::of(again)).await.unwrap();
                }
                _ => {
                    let new: Vec<Record> = (0..=random.below(8))
                        .map(|_| some_record(&mut random))
                        .collect();
                    let new: Vec<Record> = match random.chance(300) {
                        true => new.into_iter().chain(somebody(&mut random)).collect(),
                        false => new,
                    };
                    records.extend(new.iter().cloned());
                    ledger.commit(claim, &Batch::of(new)).await.unwrap();
                }
            }
            let when = format!("seed {seed}, step {step}, which was {what}");
            recount::assert_counted(&mut beside, &when).await;
            if step % 5 == 4 {
                assert_worked_out(&ledger, &mut random, &when).await;
            }
            if step % 10 == 9 {
                assert_answers(&ledger, &mut random, &when).await;
            }
        }
    }
}
