//! Frames: those that others hear, and those that are not understood.

use std::sync::Arc;

use guestlist_ledger::SqliteLedger;
use guestlist_model::ShardId;
use guestlist_service::Heard;
use serde_json::json;

use crate::{
    fake::{Fake, frame},
    support::{all_attributed, service, sessions, start, until},
};

#[tokio::test]
async fn others_hear_the_same_frames_and_slow_nothing() {
    let fake = Fake::new(1);
    let ledger = Arc::new(SqliteLedger::in_memory().await.unwrap());
    let service = service(&fake, Arc::clone(&ledger));
    let mut frames = service.frames();
    // Nobody reads this one until the end.
    let mut slow = service.frames();
    let running = start(service);
    until("a connection", || async { fake.is_connected() }).await;
    fake.join(0, "alpha");
    let mut heard = Vec::new();
    while heard.last().map(String::as_str) != Some("GUILD_MEMBER_ADD") {
        let Some(Heard::Frame(frame)) = frames.next().await else {
            panic!("no frame after {heard:?}")
        };
        assert_eq!(frame.shard, ShardId::ONE);
        assert_eq!(frame.sequence, u64::try_from(heard.len() + 1).ok());
        heard.push(frame.name.unwrap());
    }
    assert_eq!(heard, ["READY", "GUILD_CREATE", "GUILD_MEMBER_ADD"]);
    for _ in 0..3000 {
        fake.noise(0);
    }
    fake.join(0, "beta");
    until("both answers", || all_attributed(&ledger, 2)).await;
    running.stop().await.unwrap();
    let Some(Heard::Missed(missed)) = slow.next().await else {
        panic!("it was not told what it missed")
    };
    let mut rest = 0;
    while let Some(Heard::Frame(_)) = slow.next().await {
        rest += 1;
    }
    assert_eq!(missed + rest, 3004);
}

#[tokio::test]
async fn what_is_not_understood_is_left_out_and_counted() {
    let fake = Fake::new(1);
    let ledger = Arc::new(SqliteLedger::in_memory().await.unwrap());
    let running = start(service(&fake, Arc::clone(&ledger)));
    until("a connection", || async { fake.is_connected() }).await;
    fake.tell(
        0,
        frame(ShardId::ONE, 3, "GUILD_MEMBER_ADD", &json!({"user": 1})),
    );
    fake.noise(0);
    fake.join(0, "alpha");
    until("an answer", || all_attributed(&ledger, 1)).await;
    let report = running.stop().await.unwrap();
    assert_eq!(report.undecodable, 1);
    assert_eq!(sessions(&ledger).await[0].sequence, 4);
}
