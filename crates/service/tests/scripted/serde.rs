//! What a service says, through serde.

use std::sync::Arc;

use guestlist_ledger::{ChangeFilter, Cursor, Page, Reports, Scope, SqliteLedger};
use guestlist_model::Timestamp;
use guestlist_service::Attributed;

use crate::{
    fake::{Fake, guild},
    support::{all_attributed, service, start, until},
};

#[tokio::test]
async fn what_a_service_says_can_be_stored_by_serde() {
    fn through<T: serde::Serialize + serde::de::DeserializeOwned>(value: &T) -> T {
        serde_json::from_str(&serde_json::to_string(value).unwrap()).unwrap()
    }
    let fake = Fake::new(1);
    let ledger = Arc::new(SqliteLedger::in_memory().await.unwrap());
    let service = service(&fake, Arc::clone(&ledger));
    let status = service.status();
    let running = start(service);
    running.counted(1).await;
    fake.join(0, "alpha");
    until("an answer", || all_attributed(&ledger, 1)).await;

    let status = status.borrow().clone();
    assert_eq!(status.connected(), 1);
    assert_eq!(through(&status), status);
    for row in ledger.joins(&Scope::new(), Page::ALL).await.unwrap() {
        assert_eq!(through(&row), row);
        let answer = Attributed::new(row).unwrap();
        assert_eq!(through(&answer), answer);
    }
    for row in ledger.inviters(&Scope::new(), None).await.unwrap() {
        assert_eq!(through(&row), row);
    }
    let totals = ledger.totals(&Scope::new()).await.unwrap();
    assert_eq!(through(&totals), totals);
    let scope = Scope::new().guild(guild(0)).since(Timestamp::from_secs(5));
    assert_eq!(through(&scope), scope);
    let changes = ledger
        .changes(Cursor::START, &ChangeFilter::new(), 10)
        .await
        .unwrap();
    assert_eq!(through(&changes.entries), changes.entries);
    assert!(!changes.entries.is_empty());
    running.stop().await.unwrap();
}
