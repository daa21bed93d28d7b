//! The service is cut off at random moments.

use std::{sync::Arc, time::Duration};

use guestlist_ledger::{Reports, Scope};
use guestlist_testkit::Random;
use tempfile::tempdir;

use crate::{
    fake::Fake,
    support::{agrees, all_attributed, file, service, sessions, start, until},
};

/// Fifty times: people join, the service dies without a word, more people join,
/// it starts again on what the ledger has.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_deaths_lose_no_join_and_double_none() {
    let seed = 20;
    println!("seed {seed}");
    let mut seeds = Random::new(seed);
    let directory = tempdir().unwrap();
    let fake = Fake::new(2);
    // The first session has to be in the ledger, or there is nothing to resume.
    let ledger = Arc::new(file(directory.path()).await);
    let running = start(service(&fake, Arc::clone(&ledger)));
    until("a stored session", || async {
        sessions(&ledger).await.len() == 2
    })
    .await;
    running.stop().await.unwrap();
    drop(ledger);

    for _ in 0..50 {
        let ledger = Arc::new(file(directory.path()).await);
        let running = start(service(&fake, ledger));
        for _ in 0..seeds.below(6) {
            let shard = usize::from(seeds.below(2) == 0);
            fake.join(
                shard,
                ["alpha", "beta", "gamma"][usize::try_from(seeds.below(3)).unwrap()],
            );
            fake.noise(shard);
            tokio::time::sleep(Duration::from_micros(seeds.below(20_000))).await;
        }
        tokio::time::sleep(Duration::from_micros(seeds.below(60_000))).await;
        running.task.abort();
        assert!(running.task.await.unwrap_err().is_cancelled());
        if seeds.below(5) == 0 {
            fake.join(0, "beta");
        }
    }
    let joins = fake.truth().len();
    let ledger = Arc::new(file(directory.path()).await);
    let running = start(service(&fake, Arc::clone(&ledger)));
    until("every join", || async {
        ledger.totals(&Scope::new()).await.unwrap().joins >= joins as u64
    })
    .await;
    until("every answer", || all_attributed(&ledger, joins)).await;
    running.stop().await.unwrap();
    let known = agrees(&ledger, &fake).await;
    println!("{joins} joins, {known} known how");
}
