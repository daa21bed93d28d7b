//! How long the reports take in a large ledger.
//!
//! `cargo bench -p guestlist-ledger` makes one of a million joins and asks it. These
//! environment variables change that:
//!
//! - `GUESTLIST_BENCH_JOINS`: how many joins, such as 10000000.
//! - `GUESTLIST_BENCH_GUILDS`: in how many guilds, with 250 invites each; 200 by default.
//! - `GUESTLIST_BENCH_DB`: a file that is kept, and used again if it is there.
//! - `GUESTLIST_BENCH_COMMITS`: how many joins are committed as a tracker does, to see how
//!   fast that is; 20,000 by default. Their ledger is another one.

#![expect(clippy::unwrap_used, reason = "a benchmark may panic")]

mod commits;
mod generate;

use std::{
    env,
    future::Future,
    path::PathBuf,
    time::{Duration, Instant},
};

use guestlist_ledger::{
    Bucket, BurstLimits, ChangeFilter, ChangeKind, CohortBy, Cursor, InviteStatus, Page,
    ProfileLimits, Reports, RetentionQuestion, Scope, SqliteLedger, TreeQuestion,
};
use guestlist_model::Timestamp;

use crate::generate::{INVITES, Plan, code, generate, guild};

/// The guild that is asked about.
const OF: u64 = 7;
/// The last join, in seconds after 1970.
const END: u64 = 1_763_072_000;

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

/// Every question of one guild, with every filter that slows one down.
async fn one_guild(ledger: &SqliteLedger) {
    let one = Scope::new().guild(guild(OF));
    let now = Timestamp::from_secs(i64::try_from(END).unwrap());
    let later = Timestamp::from_secs(now.as_secs() - 30 * 86_400);
    let scopes = [
        ("everything", one.clone()),
        ("30 days", one.clone().since(later)),
        ("a label", one.clone().label("campaign 1".parse().unwrap())),
        ("an invite", one.clone().code(code(OF, 3).parse().unwrap())),
        ("gone", one.clone().here(false)),
        (
            "young",
            one.clone()
                .account_younger_than(Duration::from_secs(86_400)),
        ),
        ("a name", one.clone().name("wolfs_77")),
        ("no such name", one.clone().name("nobody")),
    ];
    for (of, scope) in &scopes {
        let page = Page::first(50);
        time(&format!("joins, {of}, a page of 50"), Vec::len, || async {
            ledger.joins(scope, page).await.unwrap()
        })
        .await;
        time(
            &format!("totals, {of}"),
            |_| 1,
            || async { ledger.totals(scope).await.unwrap() },
        )
        .await;
        time(&format!("series, {of}, by day"), Vec::len, || async {
            ledger.series(scope, Bucket::DAY).await.unwrap()
        })
        .await;
        time(&format!("inviters, {of}"), Vec::len, || async {
            ledger.inviters(scope, None).await.unwrap()
        })
        .await;
        time(&format!("invites, {of}"), Vec::len, || async {
            let status = InviteStatus::Any;
            ledger.invites(scope, status, None).await.unwrap()
        })
        .await;
    }
    for (of, scope) in &scopes[..2] {
        for by in [
            CohortBy::Everyone,
            CohortBy::Invite,
            CohortBy::Label,
            CohortBy::Inviter,
        ] {
            let question = RetentionQuestion::new(now).by(by);
            time(&format!("retention by {by:?}, {of}"), Vec::len, || async {
                ledger.retention(scope, &question).await.unwrap()
            })
            .await;
        }
        let weekly = RetentionQuestion::new(now).by(CohortBy::Invite).weekly();
        time(
            &format!("retention by invite and week, {of}"),
            Vec::len,
            || async { ledger.retention(scope, &weekly).await.unwrap() },
        )
        .await;
        let limits = ProfileLimits::new(now);
        time(&format!("inviter profiles, {of}"), Vec::len, || async {
            ledger.inviter_profiles(scope, &limits).await.unwrap()
        })
        .await;
        let limits = BurstLimits::new(now);
        time(&format!("bursts, {of}"), Vec::len, || async {
            ledger.bursts(scope, &limits).await.unwrap()
        })
        .await;
    }
    let roots = TreeQuestion::roots(guild(OF), 50);
    time(
        "the tree's roots",
        |page: &guestlist_ledger::TreePage| page.nodes.len(),
        || async { ledger.tree(&roots).await.unwrap() },
    )
    .await;
}

/// What is asked about all guilds at once.
async fn all_guilds(ledger: &SqliteLedger) {
    let all = &Scope::new();
    time("joins of all guilds, a page of 50", Vec::len, || async {
        ledger.joins(all, Page::first(50)).await.unwrap()
    })
    .await;
    time(
        "totals of all guilds",
        |_| 1,
        || async { ledger.totals(all).await.unwrap() },
    )
    .await;
    time("guilds", Vec::len, || async {
        ledger.guilds().await.unwrap()
    })
    .await;
    let end = ledger.latest().await.unwrap();
    let middle = Cursor::new(end.get() / 2);
    let answers = ChangeFilter::new().kind(ChangeKind::Attribution);
    let gaps = ChangeFilter::new().kind(ChangeKind::Gap);
    for filter in [&ChangeFilter::new(), &answers, &gaps] {
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
    let number = |name, otherwise| env::var(name).map_or(otherwise, |text| text.parse().unwrap());
    let joins: u64 = number("GUESTLIST_BENCH_JOINS", 1_000_000);
    let guilds: u64 = number("GUESTLIST_BENCH_GUILDS", 200);
    let committed: u64 = number("GUESTLIST_BENCH_COMMITS", 20_000);
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
            let started = Instant::now();
            let plan = Plan {
                joins,
                guilds,
                large: 0,
                end: END,
            };
            generate(&path, plan, |_| ()).await;
            println!(
                "{:>8.1} s   {joins} joins and {} invites made",
                started.elapsed().as_secs_f64(),
                guilds * INVITES
            );
        }
        let size = std::fs::metadata(&path).unwrap().len();
        println!("{:>8} B   a join", size / joins);
        let ledger = SqliteLedger::open_read_only(&path).await.unwrap();
        one_guild(&ledger).await;
        all_guilds(&ledger).await;
        commits::commit(&temporary.path().join("commits.db"), committed).await;
    });
}
