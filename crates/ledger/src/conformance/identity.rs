//! What makes a join one.

use guestlist_model::Timestamp;
use guestlist_tracker::{Attribution, Certainty, Join, JoinKey, Leave, Observation, Record};

use super::{
    Stores, Write,
    facts::{at, by_invite, guild, user},
    joins,
};
use crate::{Batch, Reports, Scope};

/// The gateway tells microseconds, a search perhaps only milliseconds.
pub async fn a_join_is_one_by_milliseconds(stores: &impl Stores) {
    let exact = Timestamp::from_micros(at(10).as_micros() + 123_456);
    let cut = Timestamp::from_millis(exact.as_millis());
    let seen = |user_number, joined_at: Timestamp, by| {
        let key = JoinKey::new(guild(1), user(user_number), joined_at);
        let mut join = Join::new(key, at(12));
        join.joined_at = joined_at;
        join.observed_by = by;
        Record::Join(join)
    };
    for (name, order) in [
        ("gateway-first", [exact, cut]),
        ("search-first", [cut, exact]),
    ] {
        let ledger = stores.open(name).await;
        for joined_at in order {
            let by = if joined_at == exact {
                Observation::Gateway
            } else {
                Observation::CatchUp
            };
            let batch = Batch::of([seen(1, joined_at, by)]);
            ledger.store(&batch).await.expect("stored");
        }
        // Answers and leaves find it by either time.
        let key = JoinKey::new(guild(1), user(1), exact);
        let answer = Certainty::Deduced(by_invite("abc", Some(9)));
        let leave = Leave::new(guild(1), user(1), Some(exact), at(20));
        let batch = Batch::of([
            Record::Attribution(Attribution::new(key, answer, at(13))),
            Record::Leave(leave),
        ]);
        ledger.store(&batch).await.expect("stored");
        let rows = joins(&ledger, &Scope::new()).await;
        let [row] = &rows[..] else {
            panic!("{name}: it is one join: {rows:?}");
        };
        assert_eq!(row.join.joined_at, exact, "{name}: the better time is kept");
        assert_eq!(row.join.key.joined_at, cut);
        assert_eq!(row.join.observed_by, Observation::Gateway);
        assert!(row.attribution.is_some());
        assert_eq!((row.left_at, row.here), (Some(at(20)), false));
        let totals = ledger.totals(&Scope::new()).await.expect("read");
        assert_eq!((totals.joins, totals.leaves), (1, 1));
        // Another member within the same millisecond, and the same one a millisecond
        // later, are others.
        let later = Timestamp::from_micros(exact.as_micros() + 1_000);
        let others = Batch::of([
            seen(2, exact, Observation::Gateway),
            seen(1, later, Observation::Gateway),
        ]);
        assert_eq!(ledger.store(&others).await.expect("stored").news(), 2);
        assert_eq!(joins(&ledger, &Scope::new()).await.len(), 3);
    }
}
