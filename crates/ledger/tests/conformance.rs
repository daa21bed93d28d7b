//! SQLite keeps the rules that every ledger keeps.

use guestlist_ledger::{SqliteLedger, conformance};

#[tokio::test(flavor = "multi_thread")]
async fn a_file_keeps_the_rules() {
    let directory = tempfile::tempdir().unwrap();
    conformance::run(|store| {
        let path = directory.path().join(store);
        async move { SqliteLedger::open(path).await.unwrap() }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_keeps_the_rules() {
    conformance::run_volatile(|_| async { SqliteLedger::in_memory().await.unwrap() }).await;
}
