//! How long the reports take in a large ledger, and how fast it was filled.
//!
//! `cargo bench -p guestlist-ledger` makes one of a million joins, which takes minutes.
//! `GUESTLIST_BENCH_JOINS` sets another number. `GUESTLIST_BENCH_DB` names a file that is
//! kept, and used again if it is there.

#![expect(clippy::unwrap_used, reason = "a benchmark may panic")]

use std::{
    env,
    future::Future,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use guestlist_ledger::{
    Batch, Bucket, ChangeFilter, ChangeKind, Cursor, InviteStatus, Page, Partition, Reports, Scope,
    SqliteLedger, Store,
};
use guestlist_model::{GuildId, Id, InviteCode, Timestamp, UserId};
use guestlist_testkit::Random;
use guestlist_tracker::{
    Attribution, Candidate, Certainty, Evidence, InviteRecord, Join, JoinKey, Leave, Origin,
    Reason, Record,
};

const GUILDS: u64 = 200;
/// In each guild.
const INVITES: u64 = 250;
/// In each guild.
const INVITERS: u64 = 50;
/// Joins of one commit.
const TOGETHER: u64 = 2_000;
const BEGINNING: i64 = 1_700_000_000;

fn guild(number: u64) -> GuildId {
    Id::new_checked((100_000_000_000 + number) << 22).unwrap()
}

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

async fn fill(path: &Path, joins: u64) {
    let ledger = SqliteLedger::open(path).await.unwrap();
    let claim = ledger.claim(Partition::ALL, "a benchmark").await.unwrap();
    let started = Instant::now();
    for of in 0..GUILDS {
        ledger.commit(claim, &invites(of)).await.unwrap();
    }
    println!(
        "{:>8.1} s   {} invites stored",
        started.elapsed().as_secs_f64(),
        GUILDS * INVITES
    );
    let mut seeds = Random::new(1);
    let started = Instant::now();
    for from in (0..joins).step_by(usize::try_from(TOGETHER).unwrap()) {
        let numbers = from..joins.min(from + TOGETHER);
        let batch = Batch::of(numbers.flat_map(|number| joined(&mut seeds, number)));
        ledger.commit(claim, &batch).await.unwrap();
    }
    println!(
        "{:>8.1} s   {joins} joins stored",
        started.elapsed().as_secs_f64()
    );
    ledger.close().await;
}

/// Asks five times, and prints the best: the others share the machine.
async fn time<T, F: Future<Output = T>>(
    what: &str,
    rows: impl Fn(&T) -> usize,
    ask: impl Fn() -> F,
) {
    let mut best = Duration::MAX;
    let mut number = 0;
    for _ in 0..5 {
        let started = Instant::now();
        let answer = ask().await;
        best = best.min(started.elapsed());
        number = rows(&answer);
    }
    println!(
        "{:>8.1} ms  {what} ({number} rows)",
        best.as_secs_f64() * 1_000.0
    );
}

async fn ask(path: &Path) {
    let ledger = &SqliteLedger::open_read_only(path).await.unwrap();
    let one = Scope::new().guild(guild(77));
    let scopes = [("one guild", &one), ("all guilds", &Scope::new())];
    for (of, scope) in scopes {
        time(&format!("inviters of {of}"), Vec::len, || async {
            ledger.inviters(scope, None).await.unwrap()
        })
        .await;
        time(&format!("invites of {of}"), Vec::len, || async {
            ledger
                .invites(scope, InviteStatus::Any, None)
                .await
                .unwrap()
        })
        .await;
        time(
            &format!("joins of {of}, a page of 50"),
            Vec::len,
            || async { ledger.joins(scope, Page::first(50)).await.unwrap() },
        )
        .await;
        time(
            &format!("totals of {of}"),
            |_| 1,
            || async { ledger.totals(scope).await.unwrap() },
        )
        .await;
        time(&format!("series of {of}, by day"), Vec::len, || async {
            ledger.series(scope, Bucket::DAY).await.unwrap()
        })
        .await;
    }
    time("guilds", Vec::len, || async {
        ledger.guilds().await.unwrap()
    })
    .await;
    let end = ledger.latest().await.unwrap();
    let middle = Cursor::new(end.get() / 2);
    let answers = ChangeFilter::new().kind(ChangeKind::Attribution);
    for filter in [&ChangeFilter::new(), &answers] {
        let kinds = filter.kinds().count();
        time(
            &format!("the feed from its middle, {kinds} kinds, a page of 100"),
            |changes: &guestlist_ledger::Changes| changes.entries.len(),
            || async { ledger.changes(middle, filter, 100).await.unwrap() },
        )
        .await;
    }
}

fn main() {
    let joins = env::var("GUESTLIST_BENCH_JOINS").map_or(1_000_000, |text| text.parse().unwrap());
    let temporary = tempfile::tempdir().unwrap();
    let path = env::var_os("GUESTLIST_BENCH_DB")
        .map_or_else(|| temporary.path().join("bench.db"), PathBuf::from);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        if !path.exists() {
            fill(&path, joins).await;
        }
        ask(&path).await;
    });
}
