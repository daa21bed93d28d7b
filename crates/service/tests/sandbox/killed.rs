//! The service is a process of its own here, and is killed with SIGKILL.

use std::{
    process::{Child, Command, Stdio},
    time::Duration,
};

use guestlist_ledger::{Partition, Resume, SqliteLedger};
use guestlist_testkit::Random;
use tempfile::tempdir;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::setup::{Setup, service, until};

const DATABASE: &str = "GUESTLIST_TEST_DATABASE";
const API: &str = "GUESTLIST_TEST_API";
const TOKEN: &str = "GUESTLIST_TEST_TOKEN";

/// Not a story: the process that the next one kills. Run by itself it does nothing.
#[tokio::test]
async fn the_victim() {
    let (Ok(database), Ok(api), Ok(token)) = (
        std::env::var(DATABASE),
        std::env::var(API),
        std::env::var(TOKEN),
    ) else {
        return;
    };
    // The one before may just be dying.
    let ledger = loop {
        match SqliteLedger::open(&database).await {
            Ok(ledger) => break ledger,
            Err(guestlist_ledger::LedgerError::InUse { .. }) => {
                sleep(Duration::from_millis(5)).await
            }
            Err(error) => panic!("{error}"),
        }
    };
    service(&api, &token, ledger)
        .run(CancellationToken::new())
        .await
        .unwrap();
}

fn victim(setup: &Setup, database: &std::path::Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed::the_victim"])
        .env(DATABASE, database)
        .env(API, setup.server.api_url())
        .env(TOKEN, setup.server.token())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_fifty_times_it_loses_and_doubles_nothing() {
    let seed = 7;
    let mut seeds = Random::new(seed);
    let directory = tempdir().unwrap();
    let database = directory.path().join("guestlist.db");
    let setup = Setup::new(seed, 1).await;
    let mut process = victim(&setup, &database);
    until("a stored session", || async {
        match SqliteLedger::open_read_only(&database).await {
            Ok(ledger) => ledger
                .resume_point(Partition::ALL)
                .await
                .is_ok_and(|point| !point.positions.is_empty()),
            Err(_) => false,
        }
    })
    .await;
    for round in 0..50 {
        // Long enough to start, now and then too short even for that.
        let life = seeds.below(300_000);
        let joins = seeds.below(5);
        for _ in 0..joins {
            setup.join(usize::try_from(seeds.below(6)).unwrap());
            sleep(Duration::from_micros(life / 5)).await;
        }
        sleep(Duration::from_micros(life / 5)).await;
        process.kill().unwrap();
        process.wait().unwrap();
        if seeds.below(10) == 0 {
            setup.server.world().drop_gateway(None, false);
        }
        if round % 3 == 0 {
            setup.join(round);
        }
        process = victim(&setup, &database);
    }
    setup.attributed(directory.path()).await;
    process.kill().unwrap();
    process.wait().unwrap();
    let known = setup.agrees(directory.path()).await;
    println!("{} joins, {known} known how", setup.truth().len());
}
