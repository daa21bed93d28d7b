//! One story a test.

use std::{
    collections::BTreeSet,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use guestlist_ledger::{
    Batch, ChangeFilter, ChangeKind, Cursor, LedgerError, News, Page, Partition, Reports, Resume,
    Scope, SqliteLedger, Store,
};
use guestlist_model::ShardId;
use guestlist_service::{GatewaySession, Service, ServiceError, ShardState, SignalKind, Status};
use guestlist_tracker::{
    Certainty, ConfirmPolicy, Failure, GuildChange, JoinKey, PartChange, Reason, Record,
};
use tempfile::tempdir;

use crate::{
    fake::{Broken, Fake, guild},
    support::{Moody, agrees, all_attributed, file, quick, service, start, until},
};

#[tokio::test]
async fn joins_flow_from_the_gateway_to_the_ledger() {
    let fake = Fake::new(1);
    let ledger = Arc::new(SqliteLedger::in_memory().await.unwrap());
    let service = service(&fake, Arc::clone(&ledger));
    let joins = ChangeFilter::new().kind(ChangeKind::Join);
    let mut news = service.subscribe(joins).await.unwrap();
    let status = service.status();
    let running = start(service);
    running.counted(1).await;
    for (joined, code) in ["alpha", "beta", "alpha"].into_iter().enumerate() {
        fake.join(0, code);
        until("an answer", || all_attributed(&ledger, joined + 1)).await;
    }
    assert_eq!(
        status.borrow().shards[&ShardId::ONE].state,
        ShardState::Connected
    );
    assert_eq!(
        (status.borrow().connected(), status.borrow().guilds),
        (1, 1)
    );
    let report = running.stop().await.unwrap();
    assert_eq!(agrees(&ledger, &fake).await, 3);
    assert_eq!(report.stats.joins, 3);
    assert!(report.records >= 6 && report.commits >= 2, "{report:?}");
    assert_eq!(
        fake.closed.load(Ordering::Relaxed),
        1,
        "the connection was closed to be resumed"
    );

    let mut joins = 0;
    while let Some(change) = news.next().await.unwrap() {
        assert_eq!(change.news.kind(), ChangeKind::Join);
        joins += 1;
    }
    assert_eq!(joins, 3, "each join is told once");
    let rows = ledger.joins(&Scope::new(), Page::ALL).await.unwrap();
    assert_eq!(rows[0].guild_name.as_deref(), Some("Guild 0"));
    let inviters = ledger.inviters(&Scope::new(), None).await.unwrap();
    assert_eq!(inviters[0].joins(), 2);
}

/// Whatever is stored as seen, its outcome is stored with it.
#[tokio::test]
async fn a_stored_sequence_never_runs_ahead_of_the_records() {
    let fake = Fake::new(2);
    let ledger = Arc::new(Moody::new().await);
    let running = start(service(&fake, Arc::clone(&ledger)));
    until("a connection", || async { fake.is_connected() }).await;
    for n in 0..60_u64 {
        fake.join(
            usize::from(n % 3 == 0),
            ["alpha", "beta"][usize::from(n % 2 == 0)],
        );
        fake.noise(0);
        ledger.slow.store(n % 7, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(n % 5)).await;
    }
    until("all joins", || async {
        ledger.totals(&Scope::new()).await.unwrap().joins == 60
    })
    .await;
    running.stop().await.unwrap();
    // Shard 0 has an event of noise after every join of either shard, so an event's
    // number tells which joins are before it.
    let truth = fake.truth();
    let order = |shard: usize| {
        truth
            .iter()
            .filter(move |(of, _)| *of == guild(shard))
            .map(|(_, member)| member.user)
    };
    let mut stored = BTreeSet::new();
    let mut sequences = 0;
    for batch in ledger.batches.lock().unwrap().iter() {
        stored.extend(batch.records.iter().filter_map(|record| match record {
            Record::Join(join) => Some(join.key.user),
            _ => None,
        }));
        for session in batch.positions.iter().filter_map(GatewaySession::of) {
            sequences += 1;
            if session.shard == 1 {
                let seen = usize::try_from(session.sequence).unwrap() - 2;
                let missing: Vec<_> = order(1)
                    .take(seen)
                    .filter(|user| !stored.contains(user))
                    .collect();
                assert!(
                    missing.is_empty(),
                    "sequence {} is stored without {missing:?}",
                    session.sequence
                );
            }
        }
    }
    assert!(sequences > 3, "sequences were stored: {sequences}");
}

#[tokio::test]
async fn a_full_disk_is_waited_for() {
    let fake = Fake::new(1);
    let ledger = Arc::new(Moody::new().await);
    let running = start(service(&fake, Arc::clone(&ledger)));
    until("a connection", || async { fake.is_connected() }).await;
    ledger.full.store(true, Ordering::Relaxed);
    fake.join(0, "alpha");
    let is_blocked = |status: &Status| {
        let reason = status.blocked.as_deref();
        reason.is_some_and(|reason| reason.contains("no space is left"))
    };
    running.status("the reason", is_blocked).await;
    fake.join(0, "beta");
    ledger.full.store(false, Ordering::Relaxed);
    until("all answers", || all_attributed(&ledger, 2)).await;
    let is_over = |status: &Status| status.blocked.is_none();
    running.status("the end of it", is_over).await;
    agrees(&ledger, &fake).await;
    assert_eq!(running.stop().await.unwrap().lost, 0);
}

#[tokio::test]
async fn what_cannot_be_stored_before_the_end_comes_again() {
    let fake = Fake::new(1);
    let ledger = Arc::new(Moody::new().await);
    let watched = service(&fake, Arc::clone(&ledger));
    let joins = ChangeFilter::new().kind(ChangeKind::Join);
    let mut news = watched.subscribe(joins).await.unwrap();
    let running = start(watched);
    until("a connection", || async { fake.is_connected() }).await;
    fake.join(0, "alpha");
    until("an answer", || all_attributed(&ledger, 1)).await;
    ledger.full.store(true, Ordering::Relaxed);
    fake.join(0, "beta");
    let is_blocked = |status: &Status| status.blocked.is_some();
    running.status("the full disk", is_blocked).await;
    let error = running.stop().await.unwrap_err();
    assert!(
        matches!(&error, ServiceError::Ledger(LedgerError::DiskFull { .. })),
        "{error:?}"
    );
    assert_eq!(
        fake.closed.load(Ordering::Relaxed),
        1,
        "the session is closed so that it can be resumed"
    );
    let mut told = Vec::new();
    while let Some(change) = news.next().await.unwrap() {
        told.push(change);
    }
    assert_eq!(told.len(), 1, "what was not stored was not told");

    ledger.full.store(false, Ordering::Relaxed);
    fake.join(0, "beta");
    let running = start(service(&fake, Arc::clone(&ledger)));
    until("all answers", || all_attributed(&ledger, 3)).await;
    let report = running.stop().await.unwrap();
    assert_eq!((report.resumed, report.lost), (1, 0));
    agrees(&ledger, &fake).await;
}

#[tokio::test]
async fn a_locked_ledger_is_waited_for() {
    let fake = Fake::new(1);
    let ledger = Arc::new(Moody::new().await);
    ledger.busy_for.store(2, Ordering::Relaxed);
    let running = start(service(&fake, Arc::clone(&ledger)));
    until("a connection", || async { fake.is_connected() }).await;
    fake.join(0, "alpha");
    until("an answer", || all_attributed(&ledger, 1)).await;
    running.stop().await.unwrap();
}

/// Two events have arrived, and a timer is due: both go in first. Otherwise the count
/// would be put down to the one of them that came another way.
#[tokio::test]
async fn events_that_have_arrived_go_in_before_a_timer_that_is_due() {
    let fake = Fake::new(1);
    let ledger = Arc::new(SqliteLedger::in_memory().await.unwrap());
    let mut config = quick();
    config.confirm = ConfirmPolicy::Never;
    config.settle = Duration::from_millis(150);
    let service = Service::builder(fake.clone(), fake.clone(), Arc::clone(&ledger))
        .config(config)
        .build();
    let running = start(service);
    until("the baseline", || async {
        fake.requests.load(Ordering::Relaxed) >= 2
    })
    .await;
    // The count rises for a member whose event is on its way.
    fake.use_up("alpha");
    let asked = fake.requests.load(Ordering::Relaxed);
    fake.join_unseen(0);
    until("the list that shows it", || async {
        fake.requests.load(Ordering::Relaxed) > asked
    })
    .await;
    // While the first of these is read, the time to settle runs out.
    fake.stall(Duration::from_millis(250));
    fake.noise(0);
    fake.join_counted(0, "alpha");
    until("two answers", || all_attributed(&ledger, 2)).await;
    running.stop().await.unwrap();
    for row in ledger.joins(&Scope::new(), Page::ALL).await.unwrap() {
        let certainty = row.attribution.unwrap().certainty;
        assert!(
            matches!(certainty, Certainty::Ambiguous(_)),
            "it may have been either: {certainty:?}"
        );
    }
}

/// As many invites as the start lists, and as many answers as come meanwhile, reach
/// whoever reads only afterwards: nothing is missed, nothing comes twice.
#[tokio::test]
async fn whoever_listens_slowly_misses_nothing() {
    const SHARDS: usize = 8;
    let fake = Fake::new(SHARDS);
    fake.add_invites(1000);
    let ledger = Arc::new(SqliteLedger::in_memory().await.unwrap());
    let service = service(&fake, Arc::clone(&ledger));
    let kind = ChangeFilter::new().kind(ChangeKind::Attribution);
    let mut answers = service.subscribe(kind).await.unwrap();
    let mut everything = service.subscribe_after(Cursor::START, ChangeFilter::new());
    let running = start(service);
    until("the baseline", || async {
        ledger.totals(&Scope::new()).await.unwrap().invites >= 8 * 1000
    })
    .await;
    for number in 0..40 {
        fake.join(number % SHARDS, "alpha");
    }
    until("all answers", || all_attributed(&ledger, 40)).await;
    running.stop().await.unwrap();

    let mut stated = BTreeSet::new();
    let mut last = Cursor::START;
    while let Some(change) = answers.next().await.unwrap() {
        assert!(change.cursor > last, "in the order of the feed");
        last = change.cursor;
        assert_eq!(answers.cursor(), last);
        let News::Attribution(row) = change.news else {
            panic!("only answers were asked for");
        };
        let revision = row.attribution.map(|attribution| attribution.revision);
        assert!(stated.insert((row.join.key, revision)), "each once");
    }
    let joins: BTreeSet<JoinKey> = stated.iter().map(|(key, _)| *key).collect();
    assert_eq!(joins.len(), 40);

    let mut all = 0;
    while everything.next().await.unwrap().is_some() {
        all += 1;
    }
    assert!(all >= 8 * 1000 + 40 + stated.len(), "{all}");
}

#[tokio::test]
async fn a_shard_that_fails_ends_it_after_storing() {
    let fake = Fake::new(2);
    let ledger = Arc::new(SqliteLedger::in_memory().await.unwrap());
    let running = start(service(&fake, Arc::clone(&ledger)));
    until("a connection", || async { fake.is_connected() }).await;
    fake.join(0, "alpha");
    fake.tell(1, SignalKind::Fatal(Broken));
    let error = running.task.await.unwrap().unwrap_err();
    assert!(
        matches!(
            error,
            ServiceError::Shard { shard, error: Broken } if shard.number() == 1
        ),
        "{error:?}"
    );
    assert_eq!(ledger.totals(&Scope::new()).await.unwrap().joins, 1);
}

#[tokio::test]
async fn requests_under_way_are_finished_before_it_stops() {
    let fake = Fake::new(1);
    fake.delay(Duration::from_millis(300));
    let ledger = Arc::new(SqliteLedger::in_memory().await.unwrap());
    let running = start(service(&fake, Arc::clone(&ledger)));
    until("a request", || async {
        fake.requests.load(Ordering::Relaxed) > 0
    })
    .await;
    let report = running.stop().await.unwrap();
    assert_eq!(report.abandoned, 0);
    assert!(report.elapsed >= Duration::from_millis(250), "{report:?}");
    assert!(
        ledger
            .invites(&Scope::new(), guestlist_ledger::InviteStatus::Any, None)
            .await
            .unwrap()
            .len()
            == 3,
        "the answer counted"
    );

    fake.delay(Duration::from_secs(60));
    let running = start(service(&fake, Arc::clone(&ledger)));
    until("a connection", || async { fake.is_connected() }).await;
    fake.join(0, "alpha");
    let before = fake.requests.load(Ordering::Relaxed);
    until("a request", || async {
        fake.requests.load(Ordering::Relaxed) > before
    })
    .await;
    let report = running.stop().await.unwrap();
    assert!(report.abandoned > 0, "but not for ever: {report:?}");
    assert!(report.elapsed < Duration::from_secs(10));
}

#[tokio::test]
async fn without_permission_joins_are_kept_and_unknown() {
    let fake = Fake::new(1);
    fake.refuse(Some(Failure::MissingPermission));
    let ledger = Arc::new(SqliteLedger::in_memory().await.unwrap());
    let running = start(service(&fake, Arc::clone(&ledger)));
    until("a connection", || async { fake.is_connected() }).await;
    fake.join(0, "alpha");
    until("an answer", || all_attributed(&ledger, 1)).await;
    running.stop().await.unwrap();
    let rows = ledger.joins(&Scope::new(), Page::ALL).await.unwrap();
    let certainty = &rows[0].attribution.as_ref().unwrap().certainty;
    assert_eq!(*certainty, Certainty::Unknown(Reason::MissingPermission));
}

#[tokio::test]
async fn a_restart_resumes_where_the_ledger_is() {
    let directory = tempdir().unwrap();
    let fake = Fake::new(2);
    let mut joined = 0;
    for round in 0..4 {
        // Somebody comes while nobody watches; the session remembers.
        for shard in 0..2 {
            fake.join(shard, "beta");
            joined += 1;
        }
        let ledger = Arc::new(file(directory.path()).await);
        let running = start(service(&fake, Arc::clone(&ledger)));
        if round == 0 {
            // There was no session yet: who was there before is no join we saw.
            joined -= 2;
        }
        running.connected(2, 2).await;
        fake.join(0, "alpha");
        joined += 1;
        until("all joins", || async {
            ledger.totals(&Scope::new()).await.unwrap().joins == joined
        })
        .await;
        let report = running.stop().await.unwrap();
        let expected = if round == 0 { (0, 0) } else { (2, 0) };
        assert_eq!((report.resumed, report.lost), expected, "round {round}");
        Arc::into_inner(ledger).unwrap().close().await;
    }
}

#[tokio::test]
async fn a_lost_session_is_caught_up_with() {
    let directory = tempdir().unwrap();
    let fake = Fake::new(1);
    let ledger = Arc::new(file(directory.path()).await);
    let running = start(service(&fake, Arc::clone(&ledger)));
    until("a connection", || async { fake.is_connected() }).await;
    fake.join(0, "alpha");
    until("an answer", || all_attributed(&ledger, 1)).await;
    running.stop().await.unwrap();

    fake.join(0, "beta");
    fake.join(0, "gamma");
    fake.forget_session(0);
    let running = start(service(&fake, Arc::clone(&ledger)));
    until("the missed joins", || all_attributed(&ledger, 3)).await;
    let report = running.stop().await.unwrap();
    assert_eq!(report.lost, 1);
    assert_eq!(
        agrees(&ledger, &fake).await,
        3,
        "members-search tells how they came"
    );
}

/// Nothing is deduced in the guilds of a shard because another shard has resumed.
#[tokio::test]
async fn each_shard_speaks_for_its_own_guilds() {
    let directory = tempdir().unwrap();
    let fake = Fake::new(2);
    let counting = |ledger: &Arc<SqliteLedger>| {
        let mut config = quick();
        config.confirm = ConfirmPolicy::Never;
        let service = Service::builder(fake.clone(), fake.clone(), Arc::clone(ledger));
        service.config(config).build()
    };
    let ledger = Arc::new(file(directory.path()).await);
    let running = start(counting(&ledger));
    running.counted(2).await;
    running.stop().await.unwrap();
    ledger.close().await;
    drop(ledger);

    fake.keep(1);
    let ledger = Arc::new(file(directory.path()).await);
    let running = start(counting(&ledger));
    until("a connection", || async { fake.is_connected() }).await;
    for shard in [0, 1] {
        fake.join(shard, "alpha");
    }
    let all_deduced = |shard: usize, joins: usize| {
        let filter = Scope::new().guild(guild(shard));
        let ledger = Arc::clone(&ledger);
        async move {
            let rows = ledger.joins(&filter, Page::ALL).await.unwrap();
            let said = rows.iter().filter_map(|row| row.attribution.as_ref());
            let deduced = said.filter(|said| matches!(said.certainty, Certainty::Deduced(_)));
            deduced.count() >= joins
        }
    };
    let deduced = |shard| all_deduced(shard, 1);
    until("an answer on the first shard", || deduced(0)).await;
    // Somebody else comes and is answered: time enough for the second shard as well.
    fake.join(0, "beta");
    until("another answer on the first shard", || all_deduced(0, 2)).await;
    assert!(!deduced(1).await, "events may be missing still");
    fake.let_resume();
    until("an answer on the second shard", || deduced(1)).await;
    running.stop().await.unwrap();
    agrees(&ledger, &fake).await;
}

#[tokio::test]
async fn a_state_of_another_version_is_made_up_for_by_a_new_session() {
    let directory = tempdir().unwrap();
    let fake = Fake::new(1);
    let ledger = Arc::new(file(directory.path()).await);
    let running = start(service(&fake, Arc::clone(&ledger)));
    running.counted(1).await;
    fake.join(0, "alpha");
    until("an answer", || all_attributed(&ledger, 1)).await;
    running.stop().await.unwrap();
    let mut batch = Batch::new();
    let point = ledger.resume_point(Partition::ALL).await.unwrap();
    for (guild, state) in point.guild_states {
        let (_, head) = state.parts().find(|(name, _)| *name == "head").unwrap();
        let mut head: serde_json::Value = serde_json::from_str(head).unwrap();
        head["v"] = 999.into();
        let head = PartChange::new("head", head.to_string());
        batch
            .guild_states
            .push(GuildChange::new(guild, false, vec![head]));
    }
    assert_eq!(batch.guild_states.len(), 1);
    let claim = ledger.claim(Partition::ALL, "a test").await.unwrap();
    ledger.commit(claim, &batch).await.unwrap();

    fake.join(0, "beta");
    let running = start(service(&fake, Arc::clone(&ledger)));
    until("both answers", || all_attributed(&ledger, 2)).await;
    let report = running.stop().await.unwrap();
    assert_eq!(report.resumed, 0, "{report:?}");
    assert_eq!(agrees(&ledger, &fake).await, 2);
}
