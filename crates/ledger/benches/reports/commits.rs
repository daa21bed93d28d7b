//! How fast joins are committed, as a tracker does.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use guestlist_ledger::{Batch, Partition, SqliteLedger, Store};
use guestlist_model::{Id, InviteCode, Timestamp, UserId};
use guestlist_testkit::Random;
use guestlist_tracker::{
    Attribution, Candidate, Certainty, Evidence, InviteRecord, Join, JoinKey, Leave, Origin,
    Reason, Record,
};

use crate::generate::guild;

const GUILDS: u64 = 20;
/// In each guild.
const INVITES: u64 = 250;
/// In each guild.
const INVITERS: u64 = 50;
/// Joins of one commit.
const TOGETHER: u64 = 100;
const BEGINNING: i64 = 1_700_000_000;

fn inviter(guild: u64, number: u64) -> UserId {
    Id::new_checked(200_000_000_000_000_000 + guild * INVITERS + number % INVITERS).unwrap()
}

fn code(guild: u64, number: u64) -> InviteCode {
    format!("g{guild:03}n{number:03}x").parse().unwrap()
}

fn invites(of: u64) -> Batch {
    Batch::of((0..INVITES).map(|number| {
        let created = Timestamp::from_secs(BEGINNING + i64::try_from(number).unwrap());
        let mut invite = InviteRecord::new(guild(of), code(of, number), created);
        invite.created_at = Some(created);
        invite.inviter = Some(inviter(of, number));
        invite.inviter_name = Some(format!("inviter {of} {number}"));
        invite.max_age = Some(0);
        Record::Invite(invite)
    }))
}

/// A join, its attribution, and for three in ten a leave.
fn joined(seeds: &mut Random, number: u64) -> Vec<Record> {
    let (of, by) = (seeds.below(GUILDS), seeds.below(INVITES));
    let user = Id::new_checked(300_000_000_000_000_000 + number * 5).unwrap();
    let at = Timestamp::from_millis(
        (BEGINNING + 1_000) * 1_000 + i64::try_from(number * 9_000 + seeds.below(1_000)).unwrap(),
    );
    let key = JoinKey::new(guild(of), user, at);
    let mut join = Join::new(key, at);
    join.name = Some(format!("member {number}"));
    let origin = |by: u64| Origin::Invite {
        code: code(of, by % INVITES),
        inviter: Some(inviter(of, by % INVITES)),
        channel: None,
    };
    let certainty = match seeds.below(100) {
        0..60 => Certainty::Confirmed(origin(by)),
        60..85 => Certainty::Deduced(origin(by)),
        85..93 => {
            let candidates = (0..3).map(|more| Candidate::new(origin(by + more), 1.0 / 3.0));
            Certainty::Ambiguous(candidates.collect())
        }
        _ => Certainty::Unknown(Reason::NoCountMoved),
    };
    let evidence = Evidence::UsesRose {
        code: code(of, by),
        from: 1,
        to: 2,
        between: (at, at),
    };
    let attribution = Attribution::new(key, certainty, at).with_evidence(vec![evidence]);
    let mut records = vec![Record::Join(join), Record::Attribution(attribution)];
    if seeds.below(10) < 3 {
        let left = at.saturating_add(Duration::from_secs(3_600));
        records.push(Record::Leave(Leave::new(key.guild, user, Some(at), left)));
    }
    records
}

pub(crate) async fn commit(path: &Path, joins: u64) {
    let ledger = SqliteLedger::open(path).await.unwrap();
    let claim = ledger.claim(Partition::ALL, "a benchmark").await.unwrap();
    for of in 0..GUILDS {
        ledger.commit(claim, &invites(of)).await.unwrap();
    }
    let mut seeds = Random::new(1);
    let started = Instant::now();
    for from in (0..joins).step_by(usize::try_from(TOGETHER).unwrap()) {
        let numbers = from..joins.min(from + TOGETHER);
        let batch = Batch::of(numbers.flat_map(|number| joined(&mut seeds, number)));
        ledger.commit(claim, &batch).await.unwrap();
    }
    println!(
        "{:>8.0} /s  joins committed, {TOGETHER} at once",
        f64::from(u32::try_from(joins).unwrap()) / started.elapsed().as_secs_f64()
    );
    ledger.close().await;
    println!(
        "{:>8} B   a join of those",
        std::fs::metadata(path).unwrap().len() / joins.max(1)
    );
}
