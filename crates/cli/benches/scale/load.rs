//! Requests while joins are written.

use std::{
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::{Duration, Instant, SystemTime},
};

use guestlist::{
    Timestamp,
    ledger::{Batch, Partition, SqliteLedger, Store as _},
    model::Id,
    tracker::{Attribution, Certainty, Evidence, Join, JoinKey, Leave, Origin, Record},
};
use guestlist_testkit::{Random, http::Request};

use crate::{
    Args, addresses,
    generate::{INVITES, Plan, code, guild},
    serving::Serving,
    timing::Times,
};

/// Whoever asks at once.
const ASKING: u64 = 16;
/// Commits a second.
const COMMITS: u64 = 10;

pub(crate) struct Load {
    pub(crate) written: u64,
    pub(crate) seconds: f64,
    pub(crate) times: Times,
    /// How long each commit took.
    pub(crate) commits: Times,
}

/// A join, its first and its final answer, and for three in ten a leave.
fn joined(random: &mut Random, plan: Plan, number: u64) -> Vec<Record> {
    let of = random.below(plan.guilds);
    let now = Timestamp::from(SystemTime::now());
    let user = Id::new_checked((now.as_millis().unsigned_abs() - 1_420_070_400_000) << 22 | number)
        .unwrap();
    let key = JoinKey::new(guild(of), user, now);
    let mut join = Join::new(key, now);
    join.name = Some(format!("newcomer {number}"));
    let code: guestlist::model::InviteCode = code(of, random.below(INVITES)).parse().unwrap();
    let origin = Origin::Invite {
        code: code.clone(),
        inviter: Id::new_checked(200_000_000_000_000_000 + of * 50 + random.below(50)),
        channel: None,
    };
    let evidence = vec![Evidence::UsesRose {
        code,
        from: 1,
        to: 2,
        between: (now, now),
    }];
    let deduced = Attribution::new(key, Certainty::Deduced(origin.clone()), now)
        .with_evidence(evidence.clone());
    let confirmed = Attribution::new(key, Certainty::Confirmed(origin), now)
        .with_evidence(evidence)
        .with_revision(1);
    let mut records = vec![Record::Join(join), Record::Attribution(deduced)];
    if random.below(10) < 6 {
        records.push(Record::Attribution(confirmed));
    }
    if random.below(10) < 3 {
        let left = now.saturating_add(Duration::from_secs(1));
        records.push(Record::Leave(Leave::new(
            key.guild,
            user,
            Some(key.joined_at),
            left,
        )));
    }
    records
}

/// Writes as a tracker does, until the time is over; gives how many joins, and
/// how long each commit took.
fn write(path: &Path, plan: Plan, per_second: u64, until: Instant) -> (u64, Vec<Duration>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let ledger = SqliteLedger::open(path).await.unwrap();
        let claim = ledger.claim(Partition::ALL, "a benchmark").await.unwrap();
        let mut random = Random::new(1);
        let (mut written, together) = (0, per_second / COMMITS);
        let mut took = Vec::new();
        let mut next = Instant::now();
        while Instant::now() < until {
            let numbers = written..written + together;
            let batch = Batch::of(numbers.flat_map(|number| joined(&mut random, plan, number)));
            let started = Instant::now();
            ledger.commit(claim, &batch).await.unwrap();
            took.push(started.elapsed());
            written += together;
            next += Duration::from_secs(1) / u32::try_from(COMMITS).unwrap();
            tokio::time::sleep_until(next.into()).await;
        }
        ledger.close().await;
        (written, took)
    })
}

/// Sends each request when it is due, whether or not others are answered.
pub(crate) fn run(server: &Serving, path: &Path, plan: Plan, args: &Args) -> Load {
    let started = Instant::now();
    let until = started + Duration::from_secs(args.seconds);
    let number = AtomicU64::new(0);
    let ask = || {
        let mut times = Vec::new();
        loop {
            let number = number.fetch_add(1, Ordering::Relaxed);
            let due = started + Duration::from_secs_f64(number as f64 / args.requests as f64);
            if due >= until {
                return times;
            }
            thread::sleep(due.saturating_duration_since(Instant::now()));
            let target = addresses::usual(plan, number);
            let answer = Request::new("GET", &target).send(server.address());
            assert_eq!(answer.status, 200, "{target}");
            // From when it was due, so that waiting for a free place is part of it.
            times.push(due.elapsed());
        }
    };
    let (times, (written, commits)) = thread::scope(|scope| {
        let writing = scope.spawn(|| write(path, plan, args.writes, until));
        let asking: Vec<_> = (0..ASKING).map(|_| scope.spawn(ask)).collect();
        let times = asking.into_iter().flat_map(|it| it.join().unwrap());
        (times.collect::<Vec<_>>(), writing.join().unwrap())
    });
    Load {
        written,
        seconds: started.elapsed().as_secs_f64(),
        times: Times::of(times),
        commits: Times::of(commits),
    }
}
