//! What can be seen of a join from outside.

use std::{sync::Arc, thread};

use guestlist_ledger::SqliteLedger;
use guestlist_testkit::Log;
use tracing_subscriber::fmt::{format::FmtSpan, writer::MakeWriterExt as _};

use crate::{
    fake::Fake,
    support::{all_attributed, service, start, until},
};

#[tokio::test]
async fn a_join_has_a_span_from_its_frame_to_the_ledger() {
    let log = Log::default();
    // The other tests of this process have threads of their own. A collector for this thread
    // alone would not do: what is first met on another thread would never be collected.
    let own = thread::current().id();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::DEBUG)
        .with_span_events(FmtSpan::NEW | FmtSpan::CLOSE)
        .with_ansi(false)
        .with_writer(
            log.clone()
                .with_filter(move |_| thread::current().id() == own),
        )
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let fake = Fake::new(1);
    let ledger = Arc::new(SqliteLedger::in_memory().await.unwrap());
    let running = start(service(&fake, Arc::clone(&ledger)));
    running.counted(1).await;
    let user = fake.join(0, "alpha");
    until("an answer", || all_attributed(&ledger, 1)).await;
    running.stop().await.unwrap();

    let log = log.text();
    let about: Vec<&str> = log
        .lines()
        .filter(|line| line.contains("guestlist::join") && line.contains(&user.to_string()))
        .collect();
    let place = |what: &str| {
        about
            .iter()
            .position(|line| line.contains(what))
            .unwrap_or_else(|| panic!("no {what} in {about:#?}"))
    };
    let story = [
        place("new"),
        place("answered"),
        place("stored"),
        place("close"),
    ];
    assert!(story.is_sorted(), "{about:#?}");
    assert!(
        about[place("close")].contains("certainty=\"confirmed\"")
            || about[place("close")].contains("certainty=\"deduced\"")
    );
}
