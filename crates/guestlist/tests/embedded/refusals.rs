//! What Discord refuses.

use std::time::Duration;

use guestlist::tracker::Reason;
use guestlist::{Certainty, Config, Embedded, Record, ShardId, Timestamp};

#[test]
fn a_403_without_a_code_is_a_missing_permission() {
    let mut tracker = Embedded::new(Config::default());
    let mut now = Timestamp::parse("2026-03-01T12:00:00Z").unwrap();
    let guild = br#"{"id":"4194304","name":"g","features":[]}"#;
    let join = br#"{"guild_id":"4194304","user":{"id":"7","username":"ferris"},
        "joined_at":"2026-03-01T12:00:00Z","roles":[],"flags":0}"#;
    tracker
        .event(now, ShardId::ONE, "GUILD_CREATE", guild)
        .unwrap();
    tracker
        .event(now, ShardId::ONE, "GUILD_MEMBER_ADD", join)
        .unwrap();
    let mut said = Vec::new();
    for _ in 0..600 {
        while let Some(call) = tracker.next_call() {
            tracker.answer(now, call.id, 403, b"{}");
        }
        while let Some(record) = tracker.next_record() {
            if let Record::Attribution(attribution) = record {
                said.push(attribution.certainty);
            }
        }
        now = now.saturating_add(Duration::from_millis(100));
        tracker.wake(now);
    }
    let expected = Certainty::Unknown(Reason::MissingPermission);
    assert_eq!(said.last(), Some(&expected), "{said:?}");
}
