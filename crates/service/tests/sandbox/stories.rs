//! What happens between a service and a Discord.

use std::time::Duration;

use guestlist_ledger::{Batch, Page, Partition, Reports, Resume, Scope, SqliteLedger, Store};
use guestlist_sandbox::world::Via;
use guestlist_sandbox::{FaultRule, world::Entry};
use guestlist_service::GatewaySession;
use guestlist_testkit::Random;
use guestlist_tracker::{Certainty, Reason};
use tempfile::tempdir;
use tokio::{
    net::TcpListener,
    time::{sleep, timeout},
};

use crate::setup::{Setup, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn joins_flow_into_the_ledger_from_two_shards() {
    let directory = tempdir().unwrap();
    let setup = Setup::new(1, 2).await;
    let running = setup.start(directory.path()).await;
    running.listed(2, 3).await;
    for n in 0..12 {
        setup.join(n);
        sleep(Duration::from_millis(60)).await;
    }
    let guild = setup.codes[0].0;
    setup
        .server
        .world()
        .join(guild, Entry::new(Via::Bot))
        .unwrap();
    setup.attributed(directory.path()).await;
    until("a certain answer for each", || async {
        setup.agrees(directory.path()).await == 13
    })
    .await;
    let report = running.stop().await;
    assert_eq!(report.stats.joins, 13);
    assert_eq!(setup.agrees(directory.path()).await, 13, "{report:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dropped_connection_is_resumed() {
    let directory = tempdir().unwrap();
    let setup = Setup::new(2, 1).await;
    let running = setup.start(directory.path()).await;
    running.listed(1, 3).await;
    for n in 0..4 {
        setup.join(n);
        assert!(setup.server.world().drop_gateway(None, true) <= 1);
        setup.join(n + 1);
        sleep(Duration::from_millis(150)).await;
    }
    setup.attributed(directory.path()).await;
    let report = running.stop().await;
    assert!(report.resumed >= 1 && report.lost == 0, "{report:?}");
    setup.agrees(directory.path()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_session_is_caught_up_with() {
    let directory = tempdir().unwrap();
    let setup = Setup::new(3, 1).await;
    let running = setup.start(directory.path()).await;
    running.connected(1, 3).await;
    setup.join(0);
    setup.attributed(directory.path()).await;
    running.stop().await;
    // Nobody watches, and Discord forgets the session.
    for n in 0..6 {
        setup.join(n);
    }
    setup.server.world().drop_gateway(None, false);
    let running = setup.start(directory.path()).await;
    setup.attributed(directory.path()).await;
    until("a certain answer for each", || async {
        setup.agrees(directory.path()).await == 7
    })
    .await;
    let report = running.stop().await;
    assert_eq!((report.lost, report.resumed), (1, 0), "{report:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_of_somebody_else_is_not_resumed_and_sees_no_token() {
    let directory = tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let elsewhere = format!("ws://{}", listener.local_addr().unwrap());
    let mut batch = Batch::new();
    batch.positions = vec![
        GatewaySession::new(0, 1, "a session", &elsewhere, 7)
            .owned_by(Some(format!("1 at {elsewhere}")))
            .position(),
    ];
    let path = directory.path().join("guestlist.db");
    let ledger = SqliteLedger::open(&path).await.unwrap();
    let claim = ledger.claim(Partition::ALL, "a test").await.unwrap();
    ledger.commit(claim, &batch).await.unwrap();
    drop(ledger);

    let setup = Setup::new(4, 1).await;
    let running = setup.start(directory.path()).await;
    running.connected(1, 3).await;
    setup.join(0);
    setup.attributed(directory.path()).await;
    let report = running.stop().await;
    assert_eq!((report.lost, report.resumed), (1, 0), "{report:?}");
    let nobody = timeout(Duration::from_millis(50), listener.accept()).await;
    assert!(nobody.is_err(), "{nobody:?} came");
    let ledger = SqliteLedger::open_read_only(&path).await.unwrap();
    let point = ledger.resume_point(Partition::ALL).await.unwrap();
    let [position] = &point.positions[..] else {
        panic!("one session is stored");
    };
    let session = GatewaySession::of(position).unwrap();
    let owner = session.owner.as_deref().unwrap();
    assert!(
        owner.ends_with(&format!(" at {}", setup.server.api_url())),
        "{owner}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_service_goes_on_in_the_same_session() {
    let directory = tempdir().unwrap();
    let setup = Setup::new(4, 1).await;
    for round in 0..3 {
        let running = setup.start(directory.path()).await;
        until("a connection", || async {
            running.status.borrow().connected() == 1
        })
        .await;
        setup.join(round);
        setup.attributed(directory.path()).await;
        let report = running.stop().await;
        assert_eq!(report.lost, 0, "round {round}: {report:?}");
        assert_eq!(
            report.resumed,
            u64::from(round > 0),
            "round {round}: {report:?}"
        );
        setup.join(round + 1);
    }
    let running = setup.start(directory.path()).await;
    setup.attributed(directory.path()).await;
    running.stop().await;
    setup.agrees(directory.path()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_permission_the_answer_is_why() {
    let directory = tempdir().unwrap();
    let setup = Setup::new(5, 1).await;
    let mut refusal = FaultRule::fail(403, u32::MAX);
    refusal.code = 50013;
    refusal.path = Some("/guilds/".into());
    setup.server.world().fault(refusal);
    let running = setup.start(directory.path()).await;
    running.connected(1, 3).await;
    setup.join(0);
    setup.attributed(directory.path()).await;
    running.stop().await;
    let ledger = SqliteLedger::open_read_only(directory.path().join("guestlist.db"))
        .await
        .unwrap();
    let rows = ledger.joins(&Scope::new(), Page::ALL).await.unwrap();
    let certainty = &rows[0].attribution.as_ref().unwrap().certainty;
    assert_eq!(*certainty, Certainty::Unknown(Reason::MissingPermission));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn aborted_at_random_it_loses_and_doubles_nothing() {
    let seed = 6;
    let mut seeds = Random::new(seed);
    let directory = tempdir().unwrap();
    let setup = Setup::new(seed, 2).await;
    let running = setup.start(directory.path()).await;
    running.listed(2, 3).await;
    running.stop().await;
    for _ in 0..15 {
        let running = setup.start(directory.path()).await;
        for _ in 0..seeds.below(5) {
            setup.join(usize::try_from(seeds.below(6)).unwrap());
            sleep(Duration::from_micros(seeds.below(60_000))).await;
        }
        sleep(Duration::from_micros(seeds.below(150_000))).await;
        running.abort().await;
        // Now and then Discord forgets the session too.
        if seeds.below(4) == 0 {
            setup.server.world().drop_gateway(None, false);
        }
    }
    let running = setup.start(directory.path()).await;
    setup.attributed(directory.path()).await;
    running.stop().await;
    let known = setup.agrees(directory.path()).await;
    println!("{} joins, {known} known how", setup.truth().len());
}
